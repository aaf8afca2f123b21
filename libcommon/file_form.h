/* What the name of a file says of what is in it, for every way that files come in by. */
#pragma once

enum file_form {
    FILE_UNTOLD, /* the name does not say */
    FILE_TEXT,   /* one page, as are the next */
    FILE_HTML,
    FILE_LINES, /* NDJSON: a document a line */
    FILE_WARC   /* pages of a crawl */
};

/* By the ending, without regard to case; one that says how the file is packed (.gz, .zst, .br) is
 * passed over. *ret_content_type, unless NULL is given, is the media type of a page, a literal, or
 * NULL. */
enum file_form file_form_of(const char *name, const char **ret_content_type);
