#include "conf/ini.h"

#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* inih copies a section's name into 50 bytes (MAX_SECTION in its ini.c). */
#define SECTION_MAX_BYTES 49

/* inih ends a key at `:` as well as at `=`; here `:` is part of it (`paid:shipped = shipped`). It
 * travels through inih as this control character, which no line may contain. */
#define COLON '\1'

struct reading {
    const char *file;
    const struct od_ini_handler *handler;
    struct od_str rest; /* text not read yet */
    int line;           /* of the one that inih works on */
    int failed_line;    /* 0: none */
    struct od_err *err;
};

static void fail(struct reading *r, const char *message)
{
    r->failed_line = r->line;
    r->rest = OD_STR_NONE;
    od_err_set(r->err, OD_ERR_CONFIG, "%s", message);
}

/* inih takes `;` behind a blank for the beginning of a comment. */
static bool has_inline_comment(struct od_str line)
{
    for (size_t i = 1; i < line.len; i++) {
        if (line.ptr[i] == ';' && (line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            return true;
    }
    return false;
}

/* Says what is wrong with a line that inih would misread; NULL: nothing is. */
static const char *objection(struct od_str line, size_t room)
{
    if (od_str_has_nul(line) || !od_utf8_valid(line) || memchr(line.ptr, COLON, line.len))
        return "not text in UTF-8";
    if (line.len > room)
        return "the line is longer than 197 bytes; a longer value can be given with -o";
    if (has_inline_comment(line))
        return "a comment must have a line of its own (\" ;\" would cut the value short)";
    if (line.ptr[0] != '[')
        return NULL;
    const char *end = memchr(line.ptr, ']', line.len);
    if (!end || end != line.ptr + line.len - 1)
        return "a section is a line [name] and nothing else";
    if (line.len - 2 > SECTION_MAX_BYTES)
        return "a section's name has at most 49 bytes";
    return NULL;
}

/* inih's fgets: the next line, without its surrounding blanks and without comments. */
static char *next_line(char *buffer, int size, void *stream)
{
    struct reading *r = stream;
    struct od_str line;

    if (!od_str_cut(&r->rest, '\n', &line))
        return NULL;
    r->line++;
    if (r->line == 1 && od_str_starts_with(line, OD_STR("\xEF\xBB\xBF")))
        line = od_str_slice(line, 3, line.len);
    line = od_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        line = OD_STR("");
    else {
        const char *message = objection(line, (size_t)size - 3);
        if (message) {
            fail(r, message);
            return NULL;
        }
    }
    memcpy(buffer, line.ptr, line.len);
    for (size_t i = 0; i < line.len && buffer[0] != '[' && buffer[i] != '='; i++) {
        if (buffer[i] == ':')
            buffer[i] = COLON;
    }
    buffer[line.len] = '\n';
    buffer[line.len + 1] = '\0';
    return buffer;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    char key[256]; /* longer than any line */
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        key[i] = name[i] == COLON ? ':' : name[i];

    /* inih reads on after an error; the first one is the one to tell. */
    if (r->failed_line > 0)
        return 0;
    if (r->handler->key(r->handler->ctx, od_str_of(section), od_str_n(key, len), od_str_of(value),
                        r->line, r->err) == 0)
        return 1;
    r->failed_line = r->line;
    r->rest = OD_STR_NONE;
    return 0;
}

int od_ini_read(const char *file, struct od_str text, const struct od_ini_handler *handler,
                struct od_err *err)
{
    struct reading r = {.file = file, .handler = handler, .rest = text, .err = err};
    int first = ini_parse_stream(next_line, &r, take_key, &r);

    if (first < 0)
        return od_err_set_at(err, OD_ERR_CONFIG, file, "not enough memory to read it");
    if (first > 0 && (r.failed_line == 0 || first < r.failed_line)) {
        r.failed_line = first;
        od_err_set(err, OD_ERR_CONFIG, "neither \"key = value\" nor \"[section]\"");
    }
    if (r.failed_line == 0)
        return 0;
    if (err)
        snprintf(err->origin, sizeof err->origin, "%s:%d", file, r.failed_line);
    return -1;
}
