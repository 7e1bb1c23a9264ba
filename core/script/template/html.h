#ifndef OD_SCRIPT_TEMPLATE_HTML_H
#define OD_SCRIPT_TEMPLATE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Where in an HTML document a value would land, for a template's static text is read ahead of any
 * value: the tokenizer of HTML (the standard's 13.2.5), as far as a document for print needs it.
 * Values are let in where escaping makes them safe, text and quoted attributes; everywhere else a
 * template is refused when it is loaded.
 */

enum od_html_state {
    OD_HTML_TEXT = 0,
    OD_HTML_TAG_OPEN, /* behind "<" */
    OD_HTML_TAG_NAME,
    OD_HTML_TAG, /* between attributes */
    OD_HTML_ATTRIBUTE_NAME,
    OD_HTML_BEFORE_VALUE, /* behind "=" */
    OD_HTML_DOUBLE_QUOTED,
    OD_HTML_SINGLE_QUOTED,
    OD_HTML_UNQUOTED,
    OD_HTML_DECLARATION, /* <!DOCTYPE …> */
    OD_HTML_COMMENT,
    OD_HTML_RAW, /* inside of <script> or <style>, up to its end tag */
};

#define OD_HTML_NAME_MAX                                                                           \
    16 /* longer names of tags and attributes are cut: none that matters is                        \
        */

struct od_html {
    enum od_html_state state;
    char tag[OD_HTML_NAME_MAX + 1], attribute[OD_HTML_NAME_MAX + 1]; /* in lower case */
    size_t tag_len, attribute_len;
    bool closing;   /* the tag is an end tag */
    size_t seen;    /* of the value: bytes and values so far */
    bool settled;   /* of a URL: what stands there says already that it is no javascript: */
    bool uncertain; /* code stands behind the attribute's name, which is another one perhaps */
    size_t dashes;  /* of a comment, just before; of <!-- at its begin */
    char raw[OD_HTML_NAME_MAX + 1]; /* the element whose raw text it is */
};

/* Reads static text on. */
void od_html_feed(struct od_html *h, struct od_str text);

enum od_html_slot { OD_HTML_ESCAPED = 0, OD_HTML_URL };

/* A value comes here: how it must be written. Errors' messages alone: no value may stand here. */
int od_html_value(struct od_html *h, enum od_html_slot *out, struct od_err *err) OD_MUST_CHECK;

/*
 * Code comes here. Whatever it decides, the text behind it is read on as if none of it were left
 * out, so it may not stand where that would change what a value is: no URL, or another attribute.
 */
int od_html_code(struct od_html *h, struct od_err *err) OD_MUST_CHECK;

/* "inside of a tag", for messages. */
const char *od_html_place(const struct od_html *h);

#endif
