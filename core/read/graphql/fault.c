#include "read/graphql/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json/json.h"

void od_gql_faults_init(struct od_gql_faults *f, struct od_arena *arena, uint32_t most)
{
    *f = (struct od_gql_faults){.arena = arena, .most = most};
    f->last = &f->first;
}

static struct od_gql_fault *add(struct od_gql_faults *f, enum od_gql_rule rule, const char *fmt,
                                va_list args)
{
    struct od_gql_fault *fault = OD_NEW(f->arena, struct od_gql_fault);
    char text[400];

    fault->rule = rule;
    if (++f->count > f->most)
        return fault;
    (void)vsnprintf(text, sizeof text, fmt, args);
    fault->message = od_arena_str(f->arena, od_str_of(text));
    /* A name that was cut in the middle of a character would make the answer no JSON. */
    while (fault->message.len && !od_utf8_valid(fault->message))
        fault->message.len--;
    *f->last = fault;
    f->last = &fault->next;
    return fault;
}

struct od_gql_fault *od_gql_fault(struct od_gql_faults *f, enum od_gql_rule rule, uint32_t place,
                                  const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    struct od_gql_fault *fault = add(f, rule, fmt, args);
    va_end(args);
    fault->places[0] = place;
    fault->place_count = 1;
    return fault;
}

struct od_gql_fault *od_gql_fault_at_two(struct od_gql_faults *f, enum od_gql_rule rule,
                                         uint32_t place, uint32_t other, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    struct od_gql_fault *fault = add(f, rule, fmt, args);
    va_end(args);
    fault->places[0] = place;
    fault->places[1] = other;
    fault->place_count = 2;
    return fault;
}

const char *od_gql_rule_name(enum od_gql_rule rule)
{
    static const char *const names[OD_GQL_RULE_COUNT] = {
#define OD_GQL_RULE(NAME, text) [OD_GQL_##NAME] = text,
        OD_GQL_RULES(OD_GQL_RULE)
#undef OD_GQL_RULE
    };

    return names[rule];
}

struct od_gql_place od_gql_place_of(struct od_str source, uint32_t offset)
{
    struct od_gql_place at = {1, 1};

    for (size_t i = 0; i < offset && i < source.len; i++) {
        unsigned char c = (unsigned char)source.ptr[i];
        bool ends = c == '\n' || (c == '\r' && (i + 1 >= source.len || source.ptr[i + 1] != '\n'));
        if (ends) {
            at.line++;
            at.column = 1;
        } else if (c != '\r' && (c & 0xc0) != 0x80) {
            at.column += c >= 0xf0 ? 2 : 1; /* four bytes are a surrogate pair in UTF-16 */
        }
    }
    return at;
}

static void write_path(struct od_json_writer *w, const struct od_gql_path *path)
{
    if (path->above)
        write_path(w, path->above);
    if (path->key.ptr)
        od_jw_str(w, path->key);
    else
        od_jw_i64(w, path->index);
}

static void write_fault(struct od_json_writer *w, const struct od_gql_fault *f,
                        struct od_str source)
{
    od_jw_object(w);
    od_jw_key(w, "message");
    od_jw_str(w, f->message);
    if (f->place_count) {
        od_jw_key(w, "locations");
        od_jw_array(w);
        for (uint32_t i = 0; i < f->place_count; i++) {
            struct od_gql_place at = od_gql_place_of(source, f->places[i]);
            od_jw_object(w);
            od_jw_key(w, "line");
            od_jw_i64(w, at.line);
            od_jw_key(w, "column");
            od_jw_i64(w, at.column);
            od_jw_object_end(w);
        }
        od_jw_array_end(w);
    }
    if (f->path) {
        od_jw_key(w, "path");
        od_jw_array(w);
        write_path(w, f->path);
        od_jw_array_end(w);
    }
    od_jw_key(w, "extensions");
    od_jw_object(w);
    od_jw_key(w, "code");
    if (f->code.ptr)
        od_jw_str(w, f->code);
    else
        od_jw_cstr(w, od_gql_rule_name(f->rule));
    od_jw_object_end(w);
    od_jw_object_end(w);
}

void od_gql_faults_write(struct od_json_writer *w, const struct od_gql_faults *f,
                         struct od_str source)
{
    od_jw_array(w);
    for (const struct od_gql_fault *fault = f->first; fault; fault = fault->next)
        write_fault(w, fault, source);
    od_jw_array_end(w);
}
