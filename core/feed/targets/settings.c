#include "feed/targets/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json/json.h"
#include "conf/value.h"
#include "feed/targets/conf.h"
#include "pg/conn.h"

enum { DEPTH = 4, TEXT_MAX = 64 << 10 };

size_t od_stored_targets_read(const struct od_pg_result *r, struct od_stored_target **out,
                              struct od_arena *a)
{
    size_t n = 0;
    *out = OD_NEW_ARRAY(a, struct od_stored_target, (size_t)r->rows);
    for (int i = 0; i < r->rows && !od_pg_is_null(r, i, 1); i++)
        (*out)[n++] = (struct od_stored_target){
            .name = od_arena_str(a, od_pg_get_text(r, i, 1)),
            .settings = od_arena_str(a, od_pg_get_text(r, i, 2)),
        };
    return n;
}

/* "maxAttempts" -> "max_attempts" */
static struct od_str snake(struct od_str key, struct od_arena *a)
{
    char *out = od_arena_alloc(a, 2 * key.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (c >= 'A' && c <= 'Z') {
            out[n++] = '_';
            c = (char)(c - 'A' + 'a');
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return od_str_n(out, n);
}

static void put_camel(struct od_buf *b, struct od_str key)
{
    bool upper = false;
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (c == '_') {
            upper = true;
            continue;
        }
        od_buf_char(b, upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
        upper = false;
    }
}

/* A list with blanks between its texts; absent: it has something else, or is too long. */
static struct od_str list_text(const struct od_json *list, struct od_arena *a)
{
    struct od_str text = OD_STR_NONE;
    struct od_buf all;
    bool texts = true;
    od_buf_init(&all, TEXT_MAX);
    for (const struct od_json *e = list->child; e && texts && !all.overflow; e = e->next) {
        texts = e->type == OD_JSON_STRING;
        od_buf_printf(&all, "%s", all.len ? " " : "");
        od_buf_str(&all, e->text);
    }
    if (texts && !all.overflow)
        text = od_arena_str(a, od_buf_view(&all));
    od_buf_fini(&all);
    return text;
}

/* A value as it would stand in a file; absent: it cannot. */
static struct od_str text_of(const struct od_json *v, struct od_arena *a)
{
    switch (v->type) {
    case OD_JSON_STRING:
        return od_arena_str(a, v->text);
    case OD_JSON_NUMBER:
        return od_arena_str(a, v->raw);
    case OD_JSON_BOOL:
        return v->boolean ? OD_STR("yes") : OD_STR("no");
    case OD_JSON_ARRAY:
        return list_text(v, a);
    case OD_JSON_NULL:
    case OD_JSON_OBJECT:
        break;
    }
    return OD_STR_NONE;
}

static bool printable(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
            return false;
    }
    return true;
}

int od_target_entries(const struct od_stored_target *t, struct od_conf_entry **out, size_t *count,
                      struct od_arena *a, struct od_err *err)
{
    struct od_json *all;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (od_json_parse(a, t->settings, DEPTH, &all, err))
        return -1;
    if (all->type != OD_JSON_OBJECT)
        return od_err_set(err, OD_ERR_CONFIG, "the settings of a target are an object");
    for (const struct od_json *m = all->child; m; m = m->next) {
        struct od_str value = memchr(m->key.ptr, '_', m->key.len) ? OD_STR_NONE : text_of(m, a);
        *out = od_arena_grow(a, *out, *count, &cap, sizeof **out);
        struct od_conf_entry *e = &(*out)[(*count)++];
        *e = (struct od_conf_entry){
            .section = od_arena_printf(a, "target.%.*s", OD_STR_ARG(t->name)),
            .key = snake(m->key, a),
            .value = value,
            .origin = od_arena_printf(a, "/%.*s", OD_STR_ARG(m->key)),
        };
        if (value.ptr && value.len <= TEXT_MAX && printable(value))
            continue;
        (void)od_err_set(
            err, OD_ERR_CONFIG,
            "is a text in one line, a number, a list of texts, true or false, and its name "
            "is in camel case");
        snprintf(err->origin, sizeof err->origin, "/%.*s", OD_STR_ARG(m->key));
        return -1;
    }
    return 0;
}

static int refuse(const struct od_target_setting *s, const char *message, struct od_err *err)
{
    (void)od_err_set(err, OD_ERR_CONFIG, "%s", message);
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(s->origin));
    return -1;
}

int od_target_allowed(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    for (size_t i = 0; i < t->setting_count; i++) {
        const struct od_target_setting *s = &t->settings[i];
        bool yes;
        if (s->key->type == OD_CONF_PATH)
            return refuse(s, "a path is set in the file alone", err);
        if (od_str_is(od_str_of(s->key->name), "allow_private") && !c->feed.private_targets &&
            od_conf_bool(s->value, &yes) && yes)
            return refuse(s, "needs private_targets = yes in [feed] of the file", err);
    }
    return 0;
}

struct od_str od_target_merge(struct od_str settings, const struct od_json *patch,
                              struct od_arena *a)
{
    struct od_json_writer w;
    struct od_buf out;
    struct od_json *old;
    struct od_err err;
    od_buf_init(&out, TEXT_MAX * 4);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    if (od_json_parse(a, settings, DEPTH, &old, &err)) {
        od_buf_fini(&out);
        return OD_STR_NONE;
    }
    for (const struct od_json *m = old->child; m; m = m->next) {
        if (od_json_get_str(patch, m->key))
            continue;
        od_jw_key_str(&w, m->key);
        od_jw_raw(&w, m->raw);
    }
    for (const struct od_json *m = patch->child; m; m = m->next) {
        if (m->type == OD_JSON_NULL)
            continue;
        od_jw_key_str(&w, m->key);
        od_jw_raw(&w, m->raw);
    }
    od_jw_object_end(&w);
    struct od_str text = out.overflow ? OD_STR_NONE : od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return text;
}

struct od_str od_target_text(struct od_str settings, const char *key, struct od_arena *a)
{
    struct od_json *all;
    struct od_err err;
    if (od_json_parse(a, settings, DEPTH, &all, &err))
        return OD_STR_NONE;
    const struct od_json *v = od_json_get(all, key);
    return v ? text_of(v, a) : OD_STR_NONE;
}

/* "whsec_***" and, for one that is on its way out, "@" and until when. */
static void put_masked(struct od_buf *b, struct od_str value)
{
    static const char *const sorts[] = {"whsec_", "whsk_"};
    struct od_str word;
    bool first = true;
    while (od_target_next_word(&value, &word)) {
        size_t at = 0;
        od_buf_printf(b, "%s", first ? "" : " ");
        for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
            if (od_str_starts_with(word, od_str_of(sorts[i])))
                od_buf_printf(b, "%s", sorts[i]);
        }
        od_buf_printf(b, "***");
        while (at < word.len && word.ptr[at] != '@')
            at++;
        if (od_str_starts_with(word, OD_STR("wh")))
            od_buf_str(b, od_str_slice(word, at, word.len));
        first = false;
    }
}

static void write_list(struct od_json_writer *w, struct od_str list)
{
    struct od_str word;
    od_jw_array(w);
    while (od_target_next_word(&list, &word))
        od_jw_str(w, word);
    od_jw_array_end(w);
}

static void write_value(struct od_json_writer *w, const struct od_target_setting *s)
{
    struct od_str name = od_str_of(s->key->name);
    struct od_buf masked;
    bool yes;
    if (od_conf_key_secret(name)) {
        od_buf_init(&masked, TEXT_MAX);
        put_masked(&masked, s->value);
        od_jw_str(w, od_buf_view(&masked));
        od_buf_fini(&masked);
    } else if (od_str_is(name, "events") || od_str_is(name, "fields")) {
        write_list(w, s->value);
    } else if (s->key->type == OD_CONF_BOOL && od_conf_bool(s->value, &yes)) {
        od_jw_bool(w, yes);
    } else if (s->key->type == OD_CONF_INT) {
        od_jw_raw(w, s->value);
    } else {
        od_jw_str(w, s->value);
    }
}

void od_target_settings_write(struct od_json_writer *w, const struct od_target_conf *t)
{
    struct od_buf key;
    od_buf_init(&key, TEXT_MAX);
    od_jw_object(w);
    for (size_t i = 0; i < t->setting_count; i++) {
        if (t->settings[i].key->type == OD_CONF_PATH)
            continue; /* where this machine keeps its files is nobody's business */
        od_buf_reset(&key);
        put_camel(&key, od_str_of(t->settings[i].key->name));
        od_jw_key_str(w, od_buf_view(&key));
        write_value(w, &t->settings[i]);
    }
    od_jw_object_end(w);
    od_buf_fini(&key);
}
