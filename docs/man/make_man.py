"""Writes the man pages from what the programs and tables say of themselves, so that they can't disagree.

make_man.py VERSION SOURCE OUT KHABAR DAEMON…: pages go to the folder OUT."""
import json
import os
import re
import subprocess
import sys

version, source, out, khabar, *daemons = sys.argv[1:]


def text(line):
    """A line of text as roff has it."""
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in ".'" else line


def page(name, section, title, parts):
    head = f'.TH {name.upper()} {section} "" "khabar {version}"\n.SH NAME\n{text(name)} \\- {text(title)}\n'
    with open(os.path.join(out, f"{name}.{section}"), "w", encoding="utf-8") as file:
        file.write(head + "".join(parts))


def section(title, *lines):
    return f".SH {title}\n" + "\n".join(lines) + "\n"


def item(head, body):
    return f".TP\n.B {text(head)}\n{text(body)}"


def help_of(program, *arguments):
    return subprocess.run([program, *arguments, "--help"], capture_output=True, check=True, text=True).stdout


def options_in(help_text):
    """(option with its argument, meaning) of each line that names one."""
    return re.findall(r"^ +((?:-\w, )?--[\w-]+(?: [A-Z…|]+)?) {2,}(.+)$", help_text, re.M)


def command_page():
    about = help_of(khabar)
    names = re.findall(r"^  ([a-z]+) +(\S.+)$", about, re.M)
    assert names
    parts = [section("SYNOPSIS", ".B khabar", ".I COMMAND", text("[OPTION…] [ARGUMENT…]")),
             section("DESCRIPTION", text("Runs, feeds, watches and checks lanes: each turns news pages into records, by four daemons. "
                                         "Without --dir and --config, the environment variable KHABAR_DIR names the lane's folder."))]
    for name, _ in names:
        lines = help_of(khabar, name).splitlines()
        usage = lines[0].removeprefix("usage: ")
        parts.append(section("KHABAR " + name.upper(), f".B {text(usage)}", ".PP", text(lines[2]),
                             *[item(*option) for option in options_in("\n".join(lines))]))
    parts.append(section("EXIT STATUS",
                         item("0", "Done; with feed: all were accepted; with process: all became records."),
                         item("1", "It ran, but something was refused, rejected, unreadable or found to be wrong."),
                         item("2", "The command line or the configuration is wrong."),
                         item("3", "It could not run: a file, a socket, the memory.")))
    parts.append(section("FILES", text("Of a lane under DIR: incoming/ takes documents as files, done/ has those that were accepted, spool/ what is "
                                       "accepted and not yet written, records/ and rejects/ the output by day of acceptance, run/ the sockets, and for "
                                       "each daemon a .pid, a .status and a .metrics file.")))
    parts.append(section("SEE ALSO", text("khabar-ingest(8), khabar-parse(8), khabar-classify(8), khabar-sink(8), khabar.json(5), khabar-record(5), khabar-operation(7), khabar-metrics(7), "
                                 "khabar-log(7)")))
    page("khabar", 1, "the command for people of the news pipeline khabar", parts)


def daemon_page(program):
    name = os.path.basename(program)
    lines = help_of(program).splitlines()
    usage = lines[0].split(": ", 1)[1]
    page(name, 8, lines[1].rstrip("."), [
        section("SYNOPSIS", f".B {text(usage)}"),
        section("DESCRIPTION", text(lines[1]), ".PP",
                text("One of the four daemons of a lane. SIGTERM and SIGINT end it in order: it finishes what it holds, for at most "
                     "limits.drain_seconds. SIGHUP reads the settings again: those that can change at once do, the others are named in the log. "
                     "It tells READY=1 to the service manager (sd_notify(3)) once it has recovered and listens, its STATUS, and WATCHDOG=1 while it makes progress.")),
        section("OPTIONS", *[item(*option) for option in options_in("\n".join(lines))]),
        section("EXIT STATUS", item("0", "It ended in order."), item("1", "It failed; the last line of its log says why."),
                item("2", "The command line or the configuration is wrong.")),
        section("SEE ALSO", text("khabar(1), khabar.json(5), khabar-operation(7), khabar-log(7)"))])


def settings_in(node, before=""):
    for name, inner in node["properties"].items():
        if name == "$schema":
            continue
        if "properties" in inner:
            yield from settings_in(inner, before + name + ".")
        else:
            yield before + name, inner


def bounds_of(node):
    if "enum" in node:
        return "one of " + ", ".join(str(value) for value in node["enum"])
    if "minimum" in node and "maximum" in node:
        return f"from {node['minimum']} to {node['maximum']}"
    return {"boolean": "true or false", "string": "text", "array": "a list", "object": "an object"}.get(node.get("type"), "")


def settings_page():
    with open(os.path.join(source, "configs/khabar.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    rows = []
    for path, node in settings_in(schema):
        default = json.dumps(node["default"], ensure_ascii=False) if "default" in node else "none"
        rows.append(item(path, f"{node.get('description', '')}; {bounds_of(node)}; default {default}"))
    page("khabar.json", 5, "configuration of a lane of khabar", [
        section("DESCRIPTION", text("One JSON object; the dots below part nested keys. A key that is not listed, a value of another type or out of its "
                                    "range is an error that names file, line and path. Relative paths start at lane.dir. "
                                    "khabar check --defaults prints a file with every setting at its default.")),
        section("SETTINGS", *rows), section("SEE ALSO", text("khabar(1), khabar-ingest(8)"))])


def plain(line):
    """Markdown without its marks."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", line.strip()).replace("`", "").replace("**", "")


def blocks_of(lines):
    """(kind, lines) of each run: heading, code, row, point or paragraph."""
    run, kind = [], None
    for line in lines + [""]:
        new = ("heading" if line.startswith("#") else "code" if line.startswith("    ") or (kind == "code" and not line.strip())
               else "row" if line.startswith("|") else "point" if line.startswith("- ")
               else "note" if line.startswith("<!--") or not line.strip() else "paragraph")
        if kind == "point" and new == "paragraph":
            run.append(line)
            continue
        if run and (new != kind or new in ("heading", "row", "point")):
            yield kind, run
            run = []
        kind = new
        if new != "note":
            run.append(line)


def document_page(name, number, title, file):
    """A page made of one of the documents: headings, paragraphs, points, tables, examples."""
    with open(os.path.join(source, "docs", file), encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    parts = [".SH DESCRIPTION\n"]
    for kind, run in blocks_of(lines[1:]):
        if kind == "heading":
            level, _, words = run[0].partition(" ")
            parts.append(f".SH {text(words.upper())}\n" if level == "##" else f".SS {text(words)}\n")
        elif kind == "code":
            while run and not run[-1].strip():
                run.pop()
            parts.append(".PP\n.nf\n.RS\n" + "".join(text(line[4:]) + "\n" for line in run) + ".RE\n.fi\n")
        elif kind == "row":
            cells = [plain(cell) for cell in re.split(r"(?<!\\)\|", run[0].strip().strip("|"))]
            heads = not any(set(cell) - set("- ") for cell in cells)
            if heads:
                parts.pop()  # the row before it named the columns
            else:
                parts.append(item(cells[0], "; ".join(cell for cell in cells[1:] if cell)) + "\n")
        elif kind == "point":
            parts.append(".IP \\(bu 2\n" + text(plain(" ".join(line.strip() for line in run).removeprefix("- "))) + "\n")
        else:
            parts.append(".PP\n" + text(plain(" ".join(line.strip() for line in run))) + "\n")
    page(name, number, title, parts + [section("SEE ALSO", text("khabar(1), khabar.json(5)"))])


os.makedirs(out, exist_ok=True)
command_page()
for daemon in daemons:
    daemon_page(daemon)
settings_page()
document_page("khabar-record", 5, "a line of output of khabar", "record.md")
document_page("khabar-operation", 7, "running lanes of khabar, and what its alerts mean", "operation.md")
document_page("khabar-metrics", 7, "what a lane of khabar counts, and its health", "metrics.md")
document_page("khabar-log", 7, "events in the log of khabar", "log.md")
