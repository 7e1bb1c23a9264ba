#ifndef OD_SCRIPT_TEMPLATE_HTML_H
#define OD_SCRIPT_TEMPLATE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Finds where in an HTML document a value would land, by reading a template's static text before
 * there are any values. It is the tokenizer of HTML (13.2.5 of the standard), as far as a document
 * for print needs it. Values are let in where escaping makes them safe: in text and in quoted
 * attributes. A template with a value anywhere else is refused when it is loaded.
 */

enum od_html_state {
    OD_HTML_TEXT = 0,
    OD_HTML_TAG_OPEN, /* after "<" */
    OD_HTML_TAG_NAME,
    OD_HTML_TAG, /* between attributes */
    OD_HTML_ATTRIBUTE_NAME,
    OD_HTML_BEFORE_VALUE, /* after "=" */
    OD_HTML_DOUBLE_QUOTED,
    OD_HTML_SINGLE_QUOTED,
    OD_HTML_UNQUOTED,
    OD_HTML_DECLARATION, /* <!DOCTYPE …> */
    OD_HTML_COMMENT,
    OD_HTML_RAW, /* within <script> or <style>, up to the end tag */
};

/* Longer names of tags and attributes are cut; none that matters is longer. */
#define OD_HTML_NAME_MAX 16

struct od_html {
    enum od_html_state state;
    char tag[OD_HTML_NAME_MAX + 1], attribute[OD_HTML_NAME_MAX + 1]; /* in lower case */
    size_t tag_len, attribute_len;
    bool closing;   /* the tag is an end tag */
    size_t seen;    /* bytes and values of the attribute's value so far */
    bool settled;   /* the URL has begun so that it cannot be a javascript: URL any more */
    bool uncertain; /* code follows the attribute's name, so that it may be another name */
    size_t dashes;  /* dashes just before, in a comment or in the <!-- that begins it */
    char raw[OD_HTML_NAME_MAX + 1]; /* the element whose raw text this is */
};

/* Reads more static text. */
void od_html_feed(struct od_html *h, struct od_str text);

enum od_html_slot { OD_HTML_ESCAPED = 0, OD_HTML_URL };

/* A value comes here. *out says how it must be written. Returns -1 when no value may stand here,
 * and fills err's message only. */
int od_html_value(struct od_html *h, enum od_html_slot *out, struct od_err *err) OD_MUST_CHECK;

/*
 * Code comes here. Whatever it decides, the text after it is read as if all of it were written. So
 * code may not stand where that would change what a value is, such as whether it is a URL, or in
 * which attribute.
 */
int od_html_code(struct od_html *h, struct od_err *err) OD_MUST_CHECK;

/* Returns the place for messages: "inside of a tag". */
const char *od_html_place(const struct od_html *h);

#endif
