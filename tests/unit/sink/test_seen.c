/* The index of what was seen: answers, repeats, crashes, expiry, damage. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "sink/seen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t NOW = 1768712940000000, DAY = 86400000000;

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31, x *= 0x9e3779b97f4a7c15u, x ^= x >> 29, x *= 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

/* A text by number; of its bins the first `changed` (in a shuffled order) are of another text. */
struct text {
    struct minhash minhash;
    struct seen_document document;
    char url[64];
};

static void make_text(struct text *t, uint64_t number, unsigned changed, uint64_t spool, uint64_t seq, uint64_t floor)
{
    memset(t, 0, sizeof *t);
    for (unsigned i = 0; i < MINHASH_BINS; i++) {
        unsigned place = (i * 211 + 17) % MINHASH_BINS;
        uint64_t from = i < changed ? number + 7777777 : number;
        t->minhash.bins[place] = (uint8_t)(mix(from * 1000003 + place) % 255 + 1);
    }
    t->document = (struct seen_document){.spool = spool, .seq = seq, .floor = floor, .has_text = true};
    uint64_t print[2] = {mix(number), mix(number) + changed};
    memcpy(t->document.fingerprint, print, sizeof print);
}

static void look(struct seen *s, struct text *t, const char *url, int64_t now, struct seen_answer *ret)
{
    t->document.minhash = &t->minhash;
    if (url) {
        snprintf(t->url, sizeof t->url, "%s", url);
        t->document.url = t->url;
        t->document.url_size = strlen(url);
    }
    assert_int_equal(seen_look(s, &t->document, now, ret), 0);
}

static struct seen *open_index(const char *dir, bool drop)
{
    struct seen *s = NULL;
    bool anew = true;
    assert_int_equal(seen_open(dir, 30 * DAY, drop, &s, &anew), 0);
    assert_false(anew);
    return s;
}

static void copies_versions_and_near_copies_are_told_apart(void **state)
{
    (void)state;
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, false);
    make_text(&t, 1, 0, 5, 10, 0);
    look(s, &t, "https://a.example/1", NOW, &a);
    assert_true(a.kind == SEEN_NEW && a.story_spool == 5 && a.story_seq == 10 && a.version == 1);
    make_text(&t, 1, 0, 5, 11, 0);
    look(s, &t, "https://b.example/copy", NOW, &a);
    assert_true(a.kind == SEEN_EXACT && a.of_spool == 5 && a.of_seq == 10 && a.story_seq == 10 && a.similarity == 1);
    make_text(&t, 1, 40, 5, 12, 0);
    look(s, &t, "https://c.example/near", NOW, &a);
    assert_true(a.kind == SEEN_NEAR && a.of_seq == 10 && a.story_seq == 10);
    assert_true(a.similarity > 0.9 && a.similarity < 0.94);
    make_text(&t, 1, 90, 5, 13, 0);
    look(s, &t, "https://a.example/1", NOW, &a);
    assert_true(a.kind == SEEN_VERSION && a.version == 2 && a.of_seq == 10 && a.story_seq == 10);
    assert_true(a.similarity > 0.8 && a.similarity < 0.85);
    make_text(&t, 1, 120, 5, 14, 0);
    look(s, &t, "https://a.example/1", NOW, &a);
    assert_true(a.kind == SEEN_VERSION && a.version == 3 && a.of_seq == 13);
    make_text(&t, 2, 0, 6, 10, 0);
    look(s, &t, NULL, NOW, &a);
    assert_true(a.kind == SEEN_NEW && a.story_spool == 6 && a.version == 0);
    make_text(&t, 2, 250, 6, 11, 0);
    look(s, &t, NULL, NOW, &a);
    assert_int_equal(a.kind, SEEN_NEW);
    assert_int_equal(seen_count(s), 7);
    seen_close(s);
    output_folder_remove(&f);
}

static void a_page_that_began_as_a_copy_has_versions(void **state)
{
    (void)state;
    for (int drop = 0; drop < 2; drop++) {
        struct output_folder f;
        struct text t;
        struct seen_answer a;
        output_folder_make(&f);
        struct seen *s = open_index(f.dir, drop);
        make_text(&t, 1, 0, 5, 1, 0);
        look(s, &t, "https://a.example/1", NOW, &a);
        make_text(&t, 1, 0, 5, 2, 0);
        look(s, &t, "https://b.example/copy", NOW, &a);
        assert_true(a.kind == SEEN_EXACT && a.of_seq == 1 && a.version == 1);
        make_text(&t, 2, 0, 5, 3, 0);
        look(s, &t, "https://b.example/copy", NOW, &a);
        if (drop) { /* nothing that is in no file may be repeated */
            assert_true(a.kind == SEEN_NEW && a.version == 1);
        } else {
            assert_true(a.kind == SEEN_VERSION && a.version == 2 && a.of_seq == 2 && a.story_seq == 1);
        }
        seen_close(s);
        output_folder_remove(&f);
    }
}

static int find_lead(struct seen *s, uint64_t seq, const char *url, const char *title, struct seen_answer *ret)
{
    struct seen_document d = {.spool = 5, .seq = seq};
    struct seen_lead lead = {url, url ? strlen(url) : 0, title, title ? strlen(title) : 0};
    return seen_find_lead(s, &d, &lead, ret);
}

static void leads_find_their_articles(void **state)
{
    (void)state;
    static const char headline[] = "a headline of some length";
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, false);
    make_text(&t, 1, 0, 5, 1, 0);
    t.document.title = headline;
    t.document.title_size = strlen(headline);
    look(s, &t, "https://a.example/1", NOW, &a);
    make_text(&t, 1, 90, 5, 2, 0);
    look(s, &t, "https://a.example/1", NOW, &a);
    make_text(&t, 3, 0, 5, 3, 0);
    t.document.title = "breaking";
    t.document.title_size = strlen("breaking");
    look(s, &t, NULL, NOW, &a);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(find_lead(s, 9, "https://a.example/1", "another headline, much longer", &a), 1);
        assert_true(a.of_spool == 5 && a.of_seq == 2 && a.story_seq == 1);
        assert_int_equal(find_lead(s, 9, NULL, headline, &a), 1);
        assert_true(a.of_seq == 1 && a.story_seq == 1);
        assert_int_equal(find_lead(s, 1, NULL, headline, &a), 0); /* itself */
        assert_int_equal(find_lead(s, 9, "https://a.example/2", headline, &a), 0);
        assert_int_equal(find_lead(s, 9, NULL, "breaking", &a), 0); /* too short to mean one article */
        assert_int_equal(find_lead(s, 9, NULL, NULL, &a), 0);
        seen_close(s);
        s = open_index(f.dir, false);
    }
    seen_close(s);
    output_folder_remove(&f);
}

static void a_repeat_gets_the_answer_that_it_got_before(void **state)
{
    (void)state;
    struct output_folder f;
    struct text t;
    struct seen_answer first[60], again;
    output_folder_make(&f);
    for (int round = 0; round < 3; round++) {
        struct seen *s = open_index(f.dir, round == 1);
        memset(&again, 0, sizeof again);
        for (uint64_t i = 0; i < 60; i++) {
            make_text(&t, i % 20, i / 20 * 30, 5, 100 + i, 90);
            look(s, &t, i % 3 ? NULL : "https://a.example/page", NOW + (int64_t)i, round ? &again : &first[i]);
            assert_true(round == 0 || !memcmp(&again, &first[i], sizeof again));
        }
        seen_close(s);
    }
    struct seen *s = open_index(f.dir, false);
    uint64_t count = seen_count(s);
    /* settled answers go, a few a document */
    for (uint64_t i = 0; i < 60; i++) {
        make_text(&t, 1000 + i, 0, 5, 200 + i, 160);
        look(s, &t, NULL, NOW, &again);
    }
    assert_int_equal(seen_count(s), count + 60);
    make_text(&t, 0, 0, 5, 100, 90);
    look(s, &t, NULL, NOW, &again); /* its answer is gone, it is in the index itself: never its own duplicate */
    assert_true(again.kind != SEEN_EXACT || again.of_seq != 100);
    seen_close(s);
    output_folder_remove(&f);
}

static void a_killed_process_leaves_a_whole_index(void **state)
{
    (void)state;
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    for (uint64_t round = 0; round < 12; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct seen *s;
            bool anew;
            if (seen_open(f.dir, 30 * DAY, false, &s, &anew) < 0 || anew)
                _exit(1);
            for (uint64_t i = 0; i < 50 + round * 30; i++) {
                make_text(&t, round * 10000 + i, 0, 5, round * 1000 + i, round * 1000);
                t.document.minhash = &t.minhash;
                if (seen_look(s, &t.document, NOW, &a) < 0)
                    _exit(2);
                if (i == 40 && seen_commit(s) < 0)
                    _exit(3);
            }
            kill(getpid(), SIGKILL);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        struct seen *s = open_index(f.dir, false);
        for (uint64_t i = 0; i < 60; i++) { /* what came before the commit is there, what came after may be */
            make_text(&t, round * 10000 + i, 0, 5, round * 1000 + i, round * 1000);
            look(s, &t, NULL, NOW, &a);
            assert_int_equal(a.kind, SEEN_NEW);
            make_text(&t, round * 10000 + i, 0, 5, round * 1000 + 500 + i, round * 1000);
            look(s, &t, NULL, NOW, &a);
            assert_true(a.kind == SEEN_EXACT && a.of_seq == round * 1000 + i);
        }
        seen_close(s);
    }
    output_folder_remove(&f);
}

static void what_is_too_old_is_forgotten(void **state)
{
    (void)state;
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, false);
    uint64_t seq = 0;
    for (int day = 0; day < 100; day++) {
        for (uint64_t i = 0; i < 20; i++, seq++) {
            make_text(&t, seq, 0, 5, seq, seq > 100 ? seq - 100 : 0);
            look(s, &t, i ? NULL : "https://a.example/daily", NOW + day * DAY, &a);
            assert_int_equal(a.kind, i || !day ? SEEN_NEW : SEEN_VERSION);
        }
        assert_true(seen_count(s) <= 20 * 31);
    }
    make_text(&t, seq - 1, 0, 5, seq, seq - 100);
    look(s, &t, NULL, NOW + 99 * DAY, &a);
    assert_int_equal(a.kind, SEEN_EXACT);
    make_text(&t, 5, 0, 5, seq + 1, seq - 100);
    look(s, &t, NULL, NOW + 99 * DAY, &a);
    assert_int_equal(a.kind, SEEN_NEW);
    /* a clock that goes back forgets nothing */
    uint64_t count = seen_count(s);
    make_text(&t, 1u << 20, 0, 5, seq + 2, seq - 100);
    look(s, &t, NULL, NOW, &a);
    assert_int_equal(seen_count(s), count + 1);
    seen_close(s);
    output_folder_remove(&f);
}

static void dropped_near_copies_do_not_become_originals(void **state)
{
    (void)state;
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, true);
    for (unsigned i = 0; i < 8; i++) { /* drifts away from the first */
        make_text(&t, 1, i * 40, 5, i, 0);
        look(s, &t, NULL, NOW, &a);
        if (a.kind == SEEN_NEAR)
            assert_int_equal(a.of_seq % 3, 0);
    }
    assert_true(seen_count(s) < 8);
    seen_close(s);
    output_folder_remove(&f);
}

static void texts_without_words_are_never_copies(void **state)
{
    (void)state;
    struct output_folder f;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, false);
    for (uint64_t i = 0; i < 3; i++) {
        struct seen_document d = {.spool = 1, .seq = i};
        assert_int_equal(seen_look(s, &d, NOW, &a), 0);
        assert_true(a.kind == SEEN_NEW && a.story_seq == i);
    }
    struct text t;
    for (uint64_t i = 0; i < 3; i++) { /* a short text: a fingerprint, but no shingles */
        make_text(&t, i, 0, 5, 10 + i, 0);
        memset(&t.minhash, 0, sizeof t.minhash);
        look(s, &t, NULL, NOW, &a);
        assert_int_equal(a.kind, SEEN_NEW);
    }
    seen_close(s);
    output_folder_remove(&f);
}

static void a_damaged_index_is_put_aside(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "truncate -s 5000 data.mdb", "dd if=/dev/zero of=data.mdb bs=4096 count=2 conv=notrunc status=none",
        "echo nonsense >data.mdb"};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct output_folder f;
        struct text t;
        struct seen_answer a;
        bool anew;
        output_folder_make(&f);
        struct seen *s = open_index(f.dir, false);
        for (uint64_t n = 0; n < 300; n++) {
            make_text(&t, n, 0, 5, n, 0);
            look(s, &t, NULL, NOW, &a);
        }
        seen_close(s);
        assert_int_equal(run_shell("cd '%s' && %s", f.dir, damages[i]), 0);
        assert_int_equal(seen_open(f.dir, DAY, false, &s, &anew), 0);
        assert_true(anew);
        look(s, &t, NULL, NOW, &a);
        assert_int_equal(a.kind, SEEN_NEW);
        seen_close(s);
        assert_int_equal(run_shell("test -e '%s/data.mdb.bad'", f.dir), 0);
        output_folder_remove(&f);
    }
}

/* As after an upgrade from a version whose keys lay elsewhere, and when the file of keys is lost. */
static void keys_are_made_anew_from_the_articles(void **state)
{
    (void)state;
    static const char headline[] = "a headline of some length";
    struct output_folder f;
    struct text t;
    struct seen_answer a;
    output_folder_make(&f);
    struct seen *s = open_index(f.dir, false);
    for (uint64_t n = 0; n < 400; n++) {
        make_text(&t, n, 0, 5, n, 0);
        t.document.title = n == 7 ? headline : NULL;
        t.document.title_size = strlen(headline);
        look(s, &t, n == 7 ? "https://a.example/7" : NULL, NOW + (int64_t)n, &a);
    }
    make_text(&t, 8, 0, 5, 400, 0);
    look(s, &t, "https://b.example/copy", NOW + 400, &a); /* known by its page, not by its text */
    assert_int_equal(a.kind, SEEN_EXACT);
    seen_close(s);
    assert_int_equal(run_shell("cd '%s' && rm hints && touch hints-00000000000000000001", f.dir), 0);
    s = open_index(f.dir, false);
    for (uint64_t n = 0; n < 60; n++) { /* the newest come first */
        make_text(&t, 1000 + n, 0, 5, 1000 + n, 0);
        look(s, &t, NULL, NOW + 1000, &a);
        assert_int_equal(a.kind, SEEN_NEW);
    }
    make_text(&t, 391, 40, 5, 1060, 0);
    look(s, &t, NULL, NOW + 1000, &a);
    assert_true(a.kind == SEEN_NEAR && a.of_seq == 391);
    seen_close(s);
    s = open_index(f.dir, false);
    for (uint64_t n = 60; n < 120; n++) {
        make_text(&t, 1000 + n, 0, 5, 1001 + n, 0);
        look(s, &t, NULL, NOW + 1000, &a);
    }
    for (uint64_t n = 0; n < 400; n += 3) {
        make_text(&t, n, 40, 5, 2000 + n, 0);
        look(s, &t, NULL, NOW + 1000, &a);
        assert_true(a.kind == SEEN_NEAR && a.of_seq == n);
    }
    make_text(&t, 8, 0, 5, 3000, 0);
    look(s, &t, NULL, NOW + 1000, &a);
    assert_true(a.kind == SEEN_EXACT && a.of_seq == 8);
    assert_int_equal(find_lead(s, 9, "https://a.example/7", NULL, &a), 1);
    assert_int_equal(a.of_seq, 7);
    assert_int_equal(find_lead(s, 9, NULL, headline, &a), 1);
    assert_int_equal(a.of_seq, 7);
    assert_int_equal(find_lead(s, 9, "https://b.example/copy", NULL, &a), 1);
    assert_int_equal(a.of_seq, 400);
    seen_close(s);
    output_folder_remove(&f);
}

static void answers_become_fields(void **state)
{
    (void)state;
    struct seen_answer a = {.kind = SEEN_NEAR, .of_spool = 0xab, .of_seq = 3, .story_spool = 0xab, .story_seq = 1,
                            .version = 1, .similarity = 0.91234};
    struct buffer b = {0};
    struct field_value v;
    seen_answer_write(&a, &b);
    assert_int_equal(fields_find(b.data, b.size, FIELD_DUPLICATE_OF, &v), 1);
    assert_memory_equal(v.data, "00000000000000ab-3", v.size);
    assert_int_equal(fields_find(b.data, b.size, FIELD_SIMILARITY, &v), 1);
    assert_true(v.real == 0.912);
    assert_int_equal(fields_find(b.data, b.size, FIELD_CHANGED, &v), 0);
    buffer_clear(&b);
    a.kind = SEEN_VERSION;
    seen_answer_write(&a, &b);
    assert_int_equal(fields_find(b.data, b.size, FIELD_DUPLICATE_OF, &v), 0);
    assert_int_equal(fields_find(b.data, b.size, FIELD_CHANGED, &v), 1);
    assert_true(v.real == 0.088);
    for (int i = 0; i < SEEN_KINDS; i++)
        assert_non_null(seen_kind_name(i));
    assert_null(seen_kind_name(SEEN_KINDS));
    buffer_clear(&b);
    fields_put_string(&b, FIELD_FINGERPRINT, "00112233445566778899aabbccddeeff");
    fields_put_text(&b, FIELD_MINHASH, (const char[MINHASH_BINS]){1}, MINHASH_BINS);
    struct seen_document d;
    struct record record = {.spool = 7, .seq = 8, .labels = {b.data, b.size}};
    assert_int_equal(seen_document_read(&record, 4, &d), 0);
    assert_true(d.has_text && d.fingerprint[15] == 0xff && d.minhash && d.minhash->bins[0] == 1 && d.floor == 4);
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_versions_and_near_copies_are_told_apart),
        cmocka_unit_test(a_page_that_began_as_a_copy_has_versions),
        cmocka_unit_test(leads_find_their_articles),
        cmocka_unit_test(a_repeat_gets_the_answer_that_it_got_before),
        cmocka_unit_test(a_killed_process_leaves_a_whole_index),
        cmocka_unit_test(what_is_too_old_is_forgotten),
        cmocka_unit_test(dropped_near_copies_do_not_become_originals),
        cmocka_unit_test(texts_without_words_are_never_copies),
        cmocka_unit_test(a_damaged_index_is_put_aside),
        cmocka_unit_test(keys_are_made_anew_from_the_articles),
        cmocka_unit_test(answers_become_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
