#include <string.h>

#include "script/coverage/map.h"

/*
 * The form in which Lua 5.4 dumps a function (ldump.c and lundump.c of 5.4.4): header,
 * then the main function, which holds the others. It is copied through, except for the lines: the
 * first is the number of the function's first instruction, and each instruction is one line
 * further.
 */

enum { /* tags of constants that have bytes behind them (lobject.h) */
       INTEGER = 0x03,
       FLOAT = 0x13,
       SHORT_STRING = 0x04,
       LONG_STRING = 0x14,
};

#define ABSOLUTE   (-0x80) /* in lineinfo: the line is in abslineinfo (ldebug.h) */
#define DEPTH_MAX  200     /* as of LUAI_MAXCCALLS, how deep functions nest */
#define HEADER_LEN (sizeof header - 1 + 8 + 8)

static const char header[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";

struct rewrite {
    struct od_coverage_map *map;
    const unsigned char *at, *end;
    struct od_buf *out;
    bool broken; /* the dump ended early, or holds what it cannot */
};

struct function {
    uint32_t first, count; /* numbers of its instructions */
    uint32_t line;         /* linedefined */
    const unsigned char *code;
};

/* The next n bytes; NULL, and broken for good, when there are fewer. */
static const unsigned char *take(struct rewrite *r, size_t n)
{
    const unsigned char *at = r->at;

    if (r->broken || (size_t)(r->end - r->at) < n) {
        r->broken = true;
        return NULL;
    }
    r->at += n;
    return at;
}

static const unsigned char *copy(struct rewrite *r, size_t n)
{
    const unsigned char *at = take(r, n);

    if (at)
        od_buf_append(r->out, at, n);
    return at;
}

static unsigned copy_byte(struct rewrite *r)
{
    const unsigned char *at = copy(r, 1);

    return at ? *at : 0;
}

/* Seven bits a byte, the highest first, the last one marked. */
static uint32_t take_size(struct rewrite *r)
{
    uint64_t value = 0;
    const unsigned char *at;

    do {
        at = take(r, 1);
        value = at ? value << 7 | (*at & 0x7f) : 0;
        if (value > UINT32_MAX)
            r->broken = true;
    } while (at && !r->broken && !(*at & 0x80));
    return r->broken ? 0 : (uint32_t)value;
}

static void put_size(struct rewrite *r, uint32_t value)
{
    unsigned char bytes[5];
    size_t n = 0;

    do {
        bytes[sizeof bytes - ++n] = value & 0x7f;
        value >>= 7;
    } while (value != 0);
    bytes[sizeof bytes - 1] |= 0x80;
    od_buf_append(r->out, bytes + sizeof bytes - n, n);
}

static uint32_t copy_size(struct rewrite *r)
{
    uint32_t value = take_size(r);

    put_size(r, value);
    return value;
}

/* Zero: none; else the length plus one. */
static void copy_string(struct rewrite *r)
{
    uint32_t size = copy_size(r);

    if (size > 1)
        copy(r, size - 1);
}

static void copy_code(struct rewrite *r, struct function *f)
{
    uint32_t count = copy_size(r);

    f->code = copy(r, (size_t)count * sizeof(uint32_t));
    if (!f->code)
        return;
    f->count = count;
    od_coverage_add_function(r->map, count);
    od_coverage_describe(f->code, count, f->first, &r->map->all[f->first - 1]);
}

static void copy_constants(struct rewrite *r)
{
    for (uint32_t n = copy_size(r); n > 0 && !r->broken; n--) {
        switch (copy_byte(r)) {
        case INTEGER:
        case FLOAT:
            copy(r, 8);
            break;
        case SHORT_STRING:
        case LONG_STRING:
            copy_string(r);
            break;
        }
    }
}

static void copy_function(struct rewrite *r, int depth);

static void copy_protos(struct rewrite *r, int depth)
{
    for (uint32_t n = copy_size(r); n > 0 && !r->broken; n--)
        copy_function(r, depth + 1);
}

/* Each instruction's line is a difference to the one before, or stands in the list behind. */
static void replace_lines(struct rewrite *r, const struct function *f)
{
    uint32_t count = take_size(r), line = f->line, absolutes;
    const unsigned char *lines = take(r, count);
    struct od_instruction *all = &r->map->all[f->first - 1];

    r->broken = r->broken || count != f->count;
    put_size(r, count);
    for (uint32_t i = 0; i < count; i++)
        od_buf_char(r->out, 1);
    absolutes = take_size(r);
    put_size(r, 0);
    for (uint32_t pc = 0; pc < count && !r->broken; pc++) {
        int delta = (signed char)lines[pc];
        if (delta != ABSOLUTE) {
            line += (uint32_t)delta;
        } else {
            r->broken = absolutes == 0 || take_size(r) != pc;
            line = take_size(r);
            absolutes--;
        }
        all[pc].line = line;
    }
    r->broken = r->broken || absolutes != 0;
}

static void copy_names(struct rewrite *r)
{
    for (uint32_t n = copy_size(r); n > 0 && !r->broken; n--) { /* local variables */
        copy_string(r);
        copy_size(r);
        copy_size(r);
    }
    for (uint32_t n = copy_size(r); n > 0 && !r->broken; n--) /* upvalues */
        copy_string(r);
}

static void copy_function(struct rewrite *r, int depth)
{
    struct function f = {.first = r->map->count + 1};

    if (depth > DEPTH_MAX) {
        r->broken = true;
        return;
    }
    copy_string(r); /* the source's name */
    f.line = take_size(r);
    put_size(r, f.first - 1);
    copy_size(r); /* the last line */
    copy(r, 3);   /* parameters, vararg, stack */
    copy_code(r, &f);
    copy_constants(r);
    copy(r, 3 * (size_t)copy_size(r)); /* upvalues */
    copy_protos(r, depth);
    if (!r->broken)
        replace_lines(r, &f);
    copy_names(r);
}

int od_coverage_rewrite(struct od_coverage_map *m, struct od_err *err)
{
    struct rewrite r = {
        .map = m,
        .at = (const unsigned char *)m->dump.ptr,
        .end = (const unsigned char *)m->dump.ptr + m->dump.len,
        .out = &m->result,
    };

    od_buf_reset(&m->result);
    if (m->dump.len < HEADER_LEN || memcmp(m->dump.ptr, header, sizeof header - 1) != 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "this Lua library does not dump functions as Lua 5.4 does; without "
                          "--coverage the tests run");
    copy(&r, HEADER_LEN + 1); /* and how many upvalues the main function has */
    copy_function(&r, 0);
    if (r.broken || r.at != r.end || m->result.overflow)
        return od_err_set(err, OD_ERR_INVALID,
                          "a dumped function is not of the form of Lua 5.4.4; without --coverage "
                          "the tests run");
    return 0;
}
