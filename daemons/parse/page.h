/* A page on its way to an article: what the readers of HTML and of text dumps know of it.
 *
 * The way of a document through parse, file by file:
 *   decode.c - bytes + content type -> UTF-8, NFC, clean (charset, hygiene, repairs, warnings)
 *   html.c - UTF-8 HTML -> claims and lines with their roles, by way of
 *     html_strip.c, html_tree.c - what the parser sees; a compact tree of it
 *     html_lines.c - lines as a reader sees them
 *     html_boxes.c - what boxes are for, by their classes
 *     html_content.c - which lines are the article
 *     html_appeals.c - which lines ask something of the reader
 *     html_claims.c - JSON-LD (html_json.c, html_json_ld.c), OpenGraph, meta, microdata
 *     html_script_dates.c - dates in the data of scripts, where nothing else states one
 *     html_authors.c - names of authors, made bare
 *     html_title.c, html_dates.c - title and day of publication, checked against the page
 *     html_entries.c - entries of a live blog
 *   dump.c - a text dump -> lines
 *   roles.c - the parts that lines play on their page where the reader told none, by way of
 *     line_look.c - what a line shows alone; by its words: furniture.c, asides.c, line_words.c
 *     roles_hints.c - which lines the page itself calls its headline
 *     roles_body.c, entries.c - where the body begins and ends; whether it is a live blog
 *     roles_title.c, title_signs.c - the title
 *     roles_date.c - when it was published
 *   dates.c - dates and times in any line
 *   article.c - lines and claims -> the article: title, times, section, body, leads
 *   keywords.c - tags below the article
 *   quotes.c - quotations with speaker and verb
 *   parse.c - the funnel: parse_document(), document in, ARTICLE section or reject reason out */
#pragma once

#include "parse/article.h"

struct site; /* libcommon/site.h */

/* What is known of a document before its bytes are looked at. */
struct page_source {
    const char *url;          /* NULL: not known */
    const char *content_type; /* media type with parameters; NULL: to be seen from the content */
    const struct site *site;  /* NULL: no site file matches */
    int64_t fetched_at;       /* microseconds since 1970 UTC; 0: not known, received_at stands in */
    int64_t received_at;
};
