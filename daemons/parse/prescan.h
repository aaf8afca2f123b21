/* What a document declares its encoding to be, in the bytes of its page or in its content type. */
#pragma once

#include "parse/encoding.h"

/* The charset of a content type; NULL: none, or none of the table. */
const struct encoding *prescan_content_type(const char *value, size_t size);

/* The encoding that a page declares in its first 1024 bytes as the HTML standard's "prescan a byte
 * stream to determine its encoding" (13.2.3.2) finds it: <meta charset>, <meta http-equiv=
 * content-type content=…>, else that of an XML declaration. Comments and the attributes of other
 * elements are no place for it. UTF-16 so declared is UTF-8: the bytes could be read one by one.
 * NULL: none. */
const struct encoding *prescan_page(const char *bytes, size_t size);
