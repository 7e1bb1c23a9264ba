#include "script/template/html.h"

#include <ctype.h>
#include <string.h>

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void add(char *name, size_t *len, char c)
{
    if (*len < OD_HTML_NAME_MAX)
        name[(*len)++] = (char)tolower((unsigned char)c);
    name[*len] = '\0';
}

static void begin_tag(struct od_html *h, bool closing)
{
    h->state = OD_HTML_TAG_NAME;
    h->closing = closing;
    h->tag_len = h->attribute_len = 0;
    h->tag[0] = h->attribute[0] = '\0';
}

static void end_tag(struct od_html *h)
{
    static const char *const raw[] = {"script", "style", NULL};

    h->state = OD_HTML_TEXT;
    if (h->closing || !is_one_of(h->tag, raw))
        return;
    memcpy(h->raw, h->tag, sizeof h->raw);
    h->tag_len = 0;
    h->state = OD_HTML_RAW;
}

static void begin_value(struct od_html *h, enum od_html_state state)
{
    h->state = state;
    h->seen = 0;
    h->settled = false;
}

static void on_tag_open(struct od_html *h, char c)
{
    if (c == '!') {
        h->state = OD_HTML_DECLARATION;
        h->dashes = 0;
    } else if (c == '/') {
        begin_tag(h, true);
    } else if (isalpha((unsigned char)c)) {
        begin_tag(h, false);
        add(h->tag, &h->tag_len, c);
    } else {
        h->state = OD_HTML_TEXT;
    }
}

static void on_tag(struct od_html *h, char c)
{
    if (c == '>') {
        end_tag(h);
    } else if (c == '=' && h->attribute_len > 0) {
        h->state = OD_HTML_BEFORE_VALUE;
    } else if (!is_blank(c) && c != '/') {
        h->state = OD_HTML_ATTRIBUTE_NAME;
        h->attribute_len = 0;
        h->uncertain = false;
        add(h->attribute, &h->attribute_len, c);
    }
}

static void on_attribute_name(struct od_html *h, char c)
{
    if (is_blank(c) || c == '/' || c == '=' || c == '>') {
        h->state = OD_HTML_TAG;
        on_tag(h, c);
    } else {
        add(h->attribute, &h->attribute_len, c);
    }
}

static void on_before_value(struct od_html *h, char c)
{
    if (c == '"')
        begin_value(h, OD_HTML_DOUBLE_QUOTED);
    else if (c == '\'')
        begin_value(h, OD_HTML_SINGLE_QUOTED);
    else if (c == '>')
        end_tag(h);
    else if (!is_blank(c))
        begin_value(h, OD_HTML_UNQUOTED);
}

static void end_value(struct od_html *h)
{
    h->state = OD_HTML_TAG;
    h->attribute_len = 0;
}

static void on_value(struct od_html *h, char c, char quote)
{
    if (c == quote) {
        end_value(h);
        return;
    }
    h->seen++;
    h->settled = h->settled || strchr(":/?#", c) != NULL;
}

static void on_unquoted(struct od_html *h, char c)
{
    if (c == '>')
        end_tag(h);
    else if (is_blank(c))
        end_value(h);
}

static void on_declaration(struct od_html *h, char c)
{
    if (c == '-' && ++h->dashes == 2) {
        h->state = OD_HTML_COMMENT;
        h->dashes = 0;
    } else if (c == '>') {
        h->state = OD_HTML_TEXT;
    } else if (c != '-') {
        h->dashes = 2; /* it is no comment any more */
    }
}

static void on_comment(struct od_html *h, char c)
{
    if (c == '>' && h->dashes >= 2)
        h->state = OD_HTML_TEXT;
    h->dashes = c == '-' ? h->dashes + 1 : 0;
}

/* tag collects "</name" as far as it goes. */
static void on_raw(struct od_html *h, char c)
{
    size_t n = h->tag_len, name = strlen(h->raw);

    if (n >= 2 && n - 2 == name && (is_blank(c) || c == '/' || c == '>')) {
        begin_tag(h, true);
        h->state = OD_HTML_TAG;
        on_tag(h, c);
    } else if (c == '<') {
        h->tag_len = 1;
    } else if (n == 1 && c == '/') {
        h->tag_len = 2;
    } else if (n >= 2 && n - 2 < name && tolower((unsigned char)c) == h->raw[n - 2]) {
        h->tag_len++;
    } else {
        h->tag_len = 0;
    }
}

static void step(struct od_html *h, char c)
{
    switch (h->state) {
    case OD_HTML_TEXT:
        if (c == '<')
            h->state = OD_HTML_TAG_OPEN;
        break;
    case OD_HTML_TAG_OPEN:
        on_tag_open(h, c);
        break;
    case OD_HTML_TAG_NAME:
        if (is_blank(c) || c == '/' || c == '>') {
            h->state = OD_HTML_TAG;
            on_tag(h, c);
        } else {
            add(h->tag, &h->tag_len, c);
        }
        break;
    case OD_HTML_TAG:
        on_tag(h, c);
        break;
    case OD_HTML_ATTRIBUTE_NAME:
        on_attribute_name(h, c);
        break;
    case OD_HTML_BEFORE_VALUE:
        on_before_value(h, c);
        break;
    case OD_HTML_DOUBLE_QUOTED:
        on_value(h, c, '"');
        break;
    case OD_HTML_SINGLE_QUOTED:
        on_value(h, c, '\'');
        break;
    case OD_HTML_UNQUOTED:
        on_unquoted(h, c);
        break;
    case OD_HTML_DECLARATION:
        on_declaration(h, c);
        break;
    case OD_HTML_COMMENT:
        on_comment(h, c);
        break;
    case OD_HTML_RAW:
        on_raw(h, c);
        break;
    }
}

void od_html_feed(struct od_html *h, struct od_str text)
{
    for (size_t i = 0; i < text.len; i++)
        step(h, text.ptr[i]);
}

const char *od_html_place(const struct od_html *h)
{
    switch (h->state) {
    case OD_HTML_TEXT:
        return "in text";
    case OD_HTML_TAG_OPEN:
    case OD_HTML_TAG_NAME:
    case OD_HTML_TAG:
    case OD_HTML_ATTRIBUTE_NAME:
        return "inside of a tag";
    case OD_HTML_BEFORE_VALUE:
    case OD_HTML_UNQUOTED:
        return "in an attribute without quotes";
    case OD_HTML_DOUBLE_QUOTED:
    case OD_HTML_SINGLE_QUOTED:
        return "in an attribute";
    case OD_HTML_DECLARATION:
    case OD_HTML_COMMENT:
        return "inside of a comment";
    case OD_HTML_RAW:
        return "inside of <script> or <style>";
    }
    return "here";
}

/* Escaping does not make a value safe in attributes whose values are code or lists of URLs. Returns
 * for those what to write instead; NULL for others. */
static const char *instead(const char *attribute)
{
    static const char *const lists[] = {"srcset", "imagesrcset", NULL};

    if (strcmp(attribute, "style") == 0)
        return "write class=\"<%= … %>\", and in <style> how each class looks";
    if (is_one_of(attribute, lists))
        return "write src=\"<%= … %>\"";
    if (strcmp(attribute, "srcdoc") == 0)
        return "write the value as text of the document";
    if (strncmp(attribute, "on", 2) == 0)
        return "documents run nothing, leave the attribute out";
    return NULL;
}

static bool is_url(const char *attribute)
{
    static const char *const urls[] = {"href",       "src",        "action", "formaction",
                                       "cite",       "poster",     "data",   "longdesc",
                                       "background", "xlink:href", "ping",   NULL};

    return is_one_of(attribute, urls);
}

static int attribute_value(struct od_html *h, enum od_html_slot *out, struct od_err *err)
{
    if (h->uncertain)
        return od_err_set(err, OD_ERR_SCRIPT,
                          "code stands between this attribute's name and its value");
    if (instead(h->attribute))
        return od_err_set(err, OD_ERR_SCRIPT, "no value may stand in the attribute %s; %s",
                          h->attribute, instead(h->attribute));
    *out = OD_HTML_ESCAPED;
    if (!is_url(h->attribute) || h->settled) {
        h->seen++;
        return 0;
    }
    if (h->seen > 0)
        return od_err_set(err, OD_ERR_SCRIPT,
                          "in %s a value stands at the begin, or behind its \"https://…/\"",
                          h->attribute);
    h->seen++;
    h->settled = true; /* a URL that is no good is not written */
    *out = OD_HTML_URL;
    return 0;
}

int od_html_value(struct od_html *h, enum od_html_slot *out, struct od_err *err)
{
    *out = OD_HTML_ESCAPED;
    if (h->state == OD_HTML_TEXT)
        return 0;
    if (h->state == OD_HTML_DOUBLE_QUOTED || h->state == OD_HTML_SINGLE_QUOTED)
        return attribute_value(h, out, err);
    return od_err_set(err, OD_ERR_SCRIPT, "a value stands in text or in a quoted attribute, not %s",
                      od_html_place(h));
}

int od_html_code(struct od_html *h, struct od_err *err)
{
    bool quoted = h->state == OD_HTML_DOUBLE_QUOTED || h->state == OD_HTML_SINGLE_QUOTED;

    if (quoted && (is_url(h->attribute) || instead(h->attribute)))
        return od_err_set(err, OD_ERR_SCRIPT,
                          "no code stands in %s: make its value a local before the tag",
                          h->attribute);
    if (h->state == OD_HTML_ATTRIBUTE_NAME || h->state == OD_HTML_TAG ||
        h->state == OD_HTML_BEFORE_VALUE)
        h->uncertain = true;
    return 0;
}
