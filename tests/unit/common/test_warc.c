/* WARC: records of every kind, forms of bodies, digests, damage; each read whole and in pieces of
 * one byte. */
#include "tests/unit/unit.h"
#include "libcommon/buffer.h"
#include "libcommon/warc.h"
#include "libcommon/warc_digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct source {
    const char *data;
    size_t size, at, piece;
    size_t damaged_at, resume_at; /* 0: nowhere */
};

static int read_source(void *user, void *data, size_t size, size_t *ret_size)
{
    struct source *s = user;
    size_t end = s->damaged_at && s->at <= s->damaged_at ? s->damaged_at : s->size;
    if (s->damaged_at && s->at == s->damaged_at)
        return 1;
    size = size < s->piece ? size : s->piece;
    *ret_size = end - s->at < size ? end - s->at : size;
    memcpy(data, s->data + s->at, *ret_size);
    s->at += *ret_size;
    return 0;
}

static int resume_source(void *user)
{
    struct source *s = user;
    s->damaged_at = 0;
    s->at = s->resume_at ? s->resume_at : s->size;
    return s->resume_at != 0;
}

/* Appends a record; the block's length is counted here. */
static void add(struct buffer *b, const char *type, const char *fields, const char *block)
{
    buffer_append_format(b,
                         "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: "
                         "<urn:uuid:%zu>\r\n%sContent-Length: %zu\r\n\r\n%s\r\n\r\n",
                         type, b->size, fields, strlen(block), block);
}

#define URL "WARC-Target-URI: https://e.org/1\r\n"
#define PAGE "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>one</p>"

struct told {
    int code;
    const char *text; /* body, or the beginning of why */
};

static void expect(const struct buffer *file, const struct told *told)
{
    for (size_t piece = 1; piece <= file->size; piece = piece == 1   ? 7
                                                        : piece == 7 ? file->size
                                                                     : file->size + 1) {
        struct source s = {file->data, file->size, 0, piece, 0, 0};
        struct warc_source source = {read_source, resume_source, &s};
        struct warc *w;
        struct warc_document *d = malloc(sizeof *d);
        assert_int_equal(warc_new(&source, 1000, &w), 0);
        for (size_t i = 0;; i++) {
            int r = warc_next(w, d);
            assert_int_equal(r, told[i].code);
            if (r == WARC_END)
                break;
            if (r == WARC_DOCUMENT) {
                assert_int_equal(d->body_size, strlen(told[i].text));
                assert_memory_equal(d->body, told[i].text, d->body_size);
            } else if (strncmp(d->why, told[i].text, strlen(told[i].text)) != 0) {
                fail_msg("%s is not %s", d->why, told[i].text);
            }
        }
        assert_int_equal(warc_next(w, d), WARC_END);
        free(d);
        assert_null(warc_free(w));
    }
}

static void gives_pages_and_passes_over_the_rest(void **state)
{
    (void)state;
    struct buffer b = {0};
    add(&b, "warcinfo", "", "software: x\r\n");
    add(&b, "request", URL, "GET / HTTP/1.1\r\n\r\n");
    add(&b, "response", URL, PAGE);
    add(&b, "metadata", URL, "a: b");
    add(&b, "resource", URL "Content-Type: text/plain\r\n", "a text");
    add(&b, "conversion", URL "Content-Type: text/plain\r\n", "another");
    add(&b, "resource", "WARC-Target-URI: metadata://x/log\r\nContent-Type: text/plain\r\n",
        "a log");
    add(&b, "response", URL, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nno");
    add(&b, "response", URL, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG");
    add(&b, "revisit", URL, "HTTP/1.1 200 OK\r\n\r\n");
    expect(&b, (struct told[]){
                   {WARC_DOCUMENT, "<p>one</p>"           },
                   {WARC_DOCUMENT, "a text"               },
                   {WARC_DOCUMENT, "another"              },
                   {WARC_NO_PAGE,  "of no site"           },
                   {WARC_NO_PAGE,  "HTTP status 404"      },
                   {WARC_NO_PAGE,  "neither text nor HTML"},
                   {WARC_END,      NULL                   }
    });
    buffer_free(&b);
}

static void tells_what_is_known_of_a_page(void **state)
{
    (void)state;
    struct buffer b = {0};
    add(&b, "response", "WARC-Target-URI: <https://e.org/1>\r\nwarc-date: 2026-01-18T04:49:00Z\r\n",
        PAGE);
    struct source s = {b.data, b.size, 0, b.size, 0, 0};
    struct warc_source source = {read_source, NULL, &s};
    struct warc *w;
    struct warc_document d;
    assert_int_equal(warc_new(&source, 1000, &w), 0);
    assert_int_equal(warc_next(w, &d), WARC_DOCUMENT);
    assert_string_equal(d.id, "urn:uuid:0");
    assert_string_equal(d.url, "https://e.org/1");
    assert_string_equal(d.content_type, "text/html; charset=utf-8");
    assert_true(d.fetched_at == 1768711740000000);
    warc_free(w);
    buffer_free(&b);
}

static void joins_chunks_and_undoes_codings(void **state)
{
    (void)state;
    struct buffer b = {0};
    add(&b, "response", URL,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3;x=y\r\n<p>\r\n4\r\ntwo!\r\n0\r\n\r\n");
    /* the field was left, the chunks were joined */
    add(&b, "response", URL, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>three");
    add(&b, "response", URL, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n<p>undone already");
    add(&b, "response", URL, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xff\xff\xff");
    add(&b, "response", URL, "HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\nx");
    add(&b, "response", URL, "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>bare feeds");
    add(&b, "response", URL, "no message");
    expect(&b, (struct told[]){
                   {WARC_DOCUMENT, "<p>two!"                             },
                   {WARC_DOCUMENT, "<p>three"                            },
                   {WARC_DOCUMENT, "<p>undone already"                   },
                   {WARC_REFUSED,  "damaged: the body can't be unpacked" },
                   {WARC_REFUSED,  "a Content-Encoding that is not known"},
                   {WARC_DOCUMENT, "<p>bare feeds"                       },
                   {WARC_REFUSED,  "damaged: no HTTP response"           },
                   {WARC_END,      NULL                                  }
    });
    buffer_free(&b);
}

static void checks_digests(void **state)
{
    (void)state;
    /* printf '<p>one</p>' | sha1sum */
    static const char hex[] = "sha1:fd5f1cbf61c8f0e3d5d4ec7ed9c7eb5e0b6b6c3e";
    struct buffer b = {0};
    add(&b, "response", URL "WARC-Payload-Digest: md5:abcd\r\n", PAGE);
    add(&b, "response", URL "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", PAGE);
    add(&b, "response", URL "WARC-Payload-Digest: crc32:abcd\r\n", PAGE);
    expect(&b, (struct told[]){
                   {WARC_REFUSED,  "damaged: the payload has another digest"},
                   {WARC_REFUSED,  "damaged: the block has another digest"  },
                   {WARC_DOCUMENT, "<p>one</p>"                             },
                   {WARC_END,      NULL                                     }
    });
    buffer_free(&b);
    assert_int_equal(warc_digest_check(hex, "<p>one</p>", 10), WARC_DIGEST_OTHER);
    /* the digests of nothing (FIPS 180-4, RFC 1321), and of "abc" */
    assert_int_equal(warc_digest_check("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "", 0),
                     WARC_DIGEST_SAME);
    assert_int_equal(warc_digest_check("SHA1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "", 0),
                     WARC_DIGEST_SAME);
    assert_int_equal(warc_digest_check("md5:d41d8cd98f00b204e9800998ecf8427e", "", 0),
                     WARC_DIGEST_SAME);
    assert_int_equal(
        warc_digest_check("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                          "abc", 3),
        WARC_DIGEST_SAME);
    assert_int_equal(warc_digest_check("sha1:da39a3ee5e6b4b0d3255bfef95601890afd8070", "", 0),
                     WARC_DIGEST_OTHER);
    assert_int_equal(warc_digest_check("nonsense", "", 0), WARC_DIGEST_UNKNOWN);
}

static void goes_on_after_damage(void **state)
{
    (void)state;
    struct buffer b = {0};
    add(&b, "response", URL, PAGE);
    buffer_append_string(&b, "noise of some length\r\n");
    add(&b, "resource", URL "Content-Type: text/plain\r\n", "after noise");
    buffer_append_string(&b, "WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n");
    add(&b, "resource", URL "Content-Type: text/plain\r\n", "after that");
    char large[2000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    add(&b, "resource", URL "Content-Type: text/plain\r\n", large);
    buffer_append_string(&b, "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 100\r\n\r\nshort");
    expect(&b, (struct told[]){
                   {WARC_DOCUMENT, "<p>one</p>"                },
                   {WARC_REFUSED,  "damaged: no record begins" },
                   {WARC_DOCUMENT, "after noise"               },
                   {WARC_REFUSED,  "damaged: no Content-Length"},
                   {WARC_DOCUMENT, "after that"                },
                   {WARC_REFUSED,  "too large"                 },
                   {WARC_REFUSED,  "cut short"                 },
                   {WARC_END,      NULL                        }
    });
    buffer_free(&b);
}

static void goes_on_where_the_source_can(void **state)
{
    (void)state;
    struct buffer b = {0};
    add(&b, "response", URL, PAGE);
    size_t second = b.size;
    add(&b, "response", URL, PAGE);
    size_t third = b.size;
    add(&b, "resource", URL "Content-Type: text/plain\r\n", "third");
    for (int can = 0; can < 2; can++) {
        struct source s = {b.data, b.size, 0, 5, second + 20, can ? third : 0};
        struct warc_source source = {read_source, resume_source, &s};
        struct warc *w;
        struct warc_document d;
        assert_int_equal(warc_new(&source, 1000, &w), 0);
        assert_int_equal(warc_next(w, &d), WARC_DOCUMENT);
        assert_int_equal(warc_next(w, &d), WARC_REFUSED);
        if (can) {
            assert_int_equal(warc_next(w, &d), WARC_DOCUMENT);
            assert_memory_equal(d.body, "third", 5);
        }
        assert_int_equal(warc_next(w, &d), WARC_END);
        warc_free(w);
    }
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_pages_and_passes_over_the_rest),
        cmocka_unit_test(tells_what_is_known_of_a_page),
        cmocka_unit_test(joins_chunks_and_undoes_codings),
        cmocka_unit_test(checks_digests),
        cmocka_unit_test(goes_on_after_damage),
        cmocka_unit_test(goes_on_where_the_source_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
