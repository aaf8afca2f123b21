/* khabar, the command for people: finds the subcommand and reads its options. */
#include "khabar/command.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_process, &command_run, &command_feed, &command_tail, &command_status, &command_rejects,
    &command_spool, &command_check, &command_verify, &command_keygen,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(void)
{
    printf("usage: khabar COMMAND [OPTION…] [ARGUMENT…]\n\n"
           "Turns news pages into clean, enriched records, and loses none.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    printf("\n  --help     this text; after a command, that command's\n"
           "  --version  the version\n");
}

static void print_command_help(const struct command *c)
{
    printf("usage: khabar %s [OPTION…]%s%s\n\n%s\n\n", c->name, *c->arguments ? " " : "", c->arguments,
           c->summary);
    for (const struct command_option *o = c->options; o->name; o++) {
        char head[64];
        snprintf(head, sizeof head, "--%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        printf("  %-22s %s\n", head, o->meaning);
    }
    printf("  %-22s %s\n", "--help", "this text");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

/* Runs the command with its own name as argv[0]. */
static int run_command(const struct command *c, int argc, char **argv)
{
    struct option options[COMMAND_OPTIONS_MAX + 2] = {0};
    int count = 0;
    for (; c->options[count].name; count++)
        options[count] = (struct option){
            c->options[count].name, c->options[count].argument ? required_argument : no_argument, NULL, 0};
    options[count] = (struct option){"help", no_argument, NULL, 0};
    struct invocation invocation = {0};
    int row, r;
    optind = 1;
    while ((r = getopt_long(argc, argv, "", options, &row)) != -1) {
        if (r != 0) { /* getopt has complained */
            fprintf(stderr, "khabar %s --help tells more\n", c->name);
            return COMMAND_USAGE;
        }
        if (row == count) {
            print_command_help(c);
            return COMMAND_DONE;
        }
        invocation.values[row] = optarg ? optarg : "";
    }
    invocation.arguments = argv + optind;
    invocation.argument_count = argc - optind;
    return c->run(&invocation);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone shows as a failed write */
    if (argc < 2) {
        print_help();
        return COMMAND_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        const struct command *about = argc > 2 ? find_command(argv[2]) : NULL;
        if (about)
            print_command_help(about);
        else
            print_help();
        return COMMAND_DONE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("khabar %s\n", KHABAR_VERSION);
        return COMMAND_DONE;
    }
    const struct command *c = find_command(argv[1]);
    if (!c) {
        command_complain("no command %s; khabar --help lists them", argv[1]);
        return COMMAND_USAGE;
    }
    return run_command(c, argc - 1, argv + 1);
}
