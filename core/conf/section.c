#include "conf/section.h"

#include <stdio.h>
#include <string.h>

#include "conf/value.h"

static const struct od_conf_key *key_of(const struct od_conf_table *tables, size_t count,
                                        struct od_str name)
{
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            if (od_str_is(name, tables[t].keys[i].name))
                return &tables[t].keys[i];
        }
    }
    return NULL;
}

static const struct od_conf_table *table_of_prefix(const struct od_conf_table *tables, size_t count,
                                                   struct od_str name)
{
    for (size_t t = 0; t < count; t++) {
        struct od_str prefix = od_str_of(tables[t].prefix);
        if (prefix.ptr && name.len > prefix.len && od_str_starts_with(name, prefix))
            return &tables[t];
    }
    return NULL;
}

static int refuse_key(const struct od_conf_entry *e, const struct od_conf_table *tables,
                      size_t count, struct od_arena *arena, struct od_err *err)
{
    struct od_str known = OD_STR("");
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++)
            known = od_arena_printf(arena, "%.*s%s%s", OD_STR_ARG(known), known.len ? ", " : "",
                                    tables[t].keys[i].name);
        if (tables[t].prefix)
            known = od_arena_printf(arena, "%.*s%s%s*", OD_STR_ARG(known), known.len ? ", " : "",
                                    tables[t].prefix);
    }
    od_err_set(err, OD_ERR_CONFIG, "unknown key \"%.*s\"; known here are %.*s", OD_STR_ARG(e->key),
               OD_STR_ARG(known));
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(e->origin));
    return -1;
}

static int read_key(const struct od_conf *c, struct od_str section, const struct od_conf_key *key,
                    void *base, struct od_arena *arena, struct od_err *err)
{
    struct od_str origin;
    struct od_str text = od_conf_entry_find(c, section, od_str_of(key->name), &origin);
    struct od_conf_reader reader = {.arena = arena, .data_dir = c->database.data_dir};
    if (!text.ptr)
        text = od_str_of(key->fallback);
    for (size_t i = 0; i < c->entry_count; i++) {
        if (od_str_eq(c->entries[i].section, section) && od_str_is(c->entries[i].key, key->name))
            reader.directory = c->entries[i].directory;
    }
    if (od_conf_value_read(&reader, base, key, text, err) == 0)
        return 0;
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(origin));
    return -1;
}

static void take_pair(const struct od_conf_entry *e, const struct od_conf_table *table,
                      struct od_arena *arena)
{
    struct od_conf_pairs *p = table->pairs;
    p->items = od_arena_grow(arena, p->items, p->count, &p->cap, sizeof *p->items);
    struct od_str key = od_arena_str(arena, e->key);
    p->items[p->count++] = (struct od_conf_pair){
        .name = od_str_slice(key, strlen(table->prefix), key.len),
        .value = od_arena_str(arena, e->value),
        .key = key,
    };
}

int od_conf_section_read(const struct od_conf *c, struct od_str section,
                         const struct od_conf_table *tables, size_t count, struct od_arena *arena,
                         struct od_err *err)
{
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        if (!od_str_eq(e->section, section) || key_of(tables, count, e->key))
            continue;
        const struct od_conf_table *table = table_of_prefix(tables, count, e->key);
        if (!table)
            return refuse_key(e, tables, count, arena, err);
        take_pair(e, table, arena);
    }
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            if (read_key(c, section, &tables[t].keys[i], tables[t].base, arena, err))
                return -1;
        }
    }
    return 0;
}

int od_conf_section_refuse(const struct od_conf *c, struct od_str section, const char *key,
                           const char *message, struct od_err *err)
{
    struct od_str origin;
    (void)od_conf_entry_find(c, section, od_str_of(key), &origin);
    od_err_set(err, OD_ERR_CONFIG, "[%.*s] %s: %s", OD_STR_ARG(section), key, message);
    snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(origin));
    return -1;
}

int od_conf_sections(const struct od_conf *c, const char *family,
                     int (*next)(void *ctx, struct od_str section, struct od_str name), void *ctx)
{
    size_t prefix = strlen(family) + 1;
    for (size_t i = 0; i < c->entry_count; i++) {
        struct od_str section = c->entries[i].section;
        const struct od_conf_family *f = od_conf_family_of(section);
        bool first = f && strcmp(f->name, family) == 0;
        for (size_t n = 0; first && n < i; n++)
            first = !od_str_eq(c->entries[n].section, section);
        if (first && next(ctx, section, od_str_slice(section, prefix, section.len)))
            return -1;
    }
    return 0;
}

bool od_conf_key_secret(struct od_str key)
{
    static const char *const words[] = {"password", "secret", "token", "key.pem"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(key.ptr, key.len, words[i], strlen(words[i])))
            return true;
    }
    return false;
}
