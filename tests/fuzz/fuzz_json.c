/*
 * od_json_parse against jansson: both accept or both refuse, and what they accept is the same tree.
 * They differ on purpose in numbers (jansson refuses what fits neither int64 nor double) and in how
 * deep they go, and jansson takes a NUL byte behind the value for the end of the text; such texts
 * are not compared.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/json/json.h"

#define DEPTH 256

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void compare(const struct od_json *v, const json_t *j);

static void compare_number(const struct od_json *v, const json_t *j)
{
    int64_t n;
    char text[64];

    if (json_is_integer(j)) {
        MUST(od_json_i64(v, INT64_MIN, INT64_MAX, &n));
        MUST(n == json_integer_value(j));
    } else if (v->text.len < sizeof text) {
        memcpy(text, v->text.ptr, v->text.len);
        text[v->text.len] = '\0';
        double d = strtod(text, NULL);
        MUST(d >= json_real_value(j) && d <= json_real_value(j));
    }
}

static void compare_children(const struct od_json *v, const json_t *j)
{
    size_t n = 0;

    for (const struct od_json *c = v->child; c; c = c->next, n++) {
        MUST(c->raw.ptr >= v->raw.ptr && c->raw.ptr + c->raw.len <= v->raw.ptr + v->raw.len);
        if (v->type == OD_JSON_ARRAY) {
            compare(c, json_array_get(j, n));
        } else {
            MUST(od_json_get_str(v, c->key) == c);
            compare(c, json_object_getn(j, c->key.ptr, c->key.len));
        }
    }
    MUST(n == v->count);
    MUST(n == (v->type == OD_JSON_ARRAY ? json_array_size(j) : json_object_size(j)));
}

static void compare(const struct od_json *v, const json_t *j)
{
    MUST(j);
    switch (v->type) {
    case OD_JSON_NULL:
        MUST(json_is_null(j));
        break;
    case OD_JSON_BOOL:
        MUST(json_is_boolean(j) && json_is_true(j) == v->boolean);
        break;
    case OD_JSON_NUMBER:
        MUST(json_is_number(j));
        compare_number(v, j);
        break;
    case OD_JSON_STRING:
        MUST(json_is_string(j));
        MUST(od_str_eq(v->text, od_str_n(json_string_value(j), json_string_length(j))));
        break;
    case OD_JSON_ARRAY:
        MUST(json_is_array(j));
        compare_children(v, j);
        break;
    case OD_JSON_OBJECT:
        MUST(json_is_object(j));
        compare_children(v, j);
        break;
    }
}

static void write_tree(struct od_json_writer *w, const struct od_json *v)
{
    switch (v->type) {
    case OD_JSON_NULL:
        od_jw_null(w);
        break;
    case OD_JSON_BOOL:
        od_jw_bool(w, v->boolean);
        break;
    case OD_JSON_NUMBER:
        od_jw_raw(w, v->text);
        break;
    case OD_JSON_STRING:
        od_jw_str(w, v->text);
        break;
    case OD_JSON_ARRAY:
        od_jw_array(w);
        for (const struct od_json *c = v->child; c; c = c->next)
            write_tree(w, c);
        od_jw_array_end(w);
        break;
    case OD_JSON_OBJECT:
        od_jw_object(w);
        for (const struct od_json *c = v->child; c; c = c->next) {
            od_jw_key_str(w, c->key);
            write_tree(w, c);
        }
        od_jw_object_end(w);
        break;
    }
}

/* What the writer makes of a tree reads as the same tree again. */
static void check_writer(struct od_arena *a, const struct od_json *root, const json_t *j)
{
    struct od_json_writer w;
    struct od_json *again;
    struct od_buf b;

    od_buf_init(&b, 1 << 24);
    od_jw_init(&w, &b);
    write_tree(&w, root);
    MUST(!b.overflow);
    MUST(od_json_parse(a, od_buf_view(&b), DEPTH, &again, NULL) == 0);
    compare(again, j);
    od_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str text = od_str_n((const char *)data, size);
    struct od_json *root;
    struct od_arena arena;
    struct od_err err;
    json_error_t error;
    json_t *j;
    int rc;

    od_arena_init(&arena);
    rc = od_json_parse(&arena, text, DEPTH, &root, &err);
    if (rc != 0) {
        MUST(err.code == OD_ERR_MALFORMED && err.message[0] != '\0');
        if (strstr(err.message, "nested too deeply"))
            goto out;
    }
    j = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (j && rc == 0) {
        compare(root, j);
        check_writer(&arena, root, j);
    } else {
        MUST(!j || od_str_has_nul(text));
        MUST(rc != 0 || json_error_code(&error) == json_error_numeric_overflow);
    }
    json_decref(j);
out:
    od_arena_fini(&arena);
    return 0;
}
