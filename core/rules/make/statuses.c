#include "rules/make/statuses.h"

#include <stdio.h>

#include "conf/conf.h"
#include "conf/value.h"

struct building {
    struct od_arena *arena;
    struct od_status_sets *sets;
    size_t cap[OD_STATUS_KINDS];
};

static const char *const badges[] = {"default", "success",  "warning", "destructive",
                                     "outline", "critical", NULL};
static const char *const progresses[] = {"incomplete", "partially complete", "complete", NULL};

/* The kind and code that a section is about; false when it is about something else. */
static bool section_kind(struct od_str section, enum od_status_kind *kind, struct od_str *code)
{
    struct od_str name;

    *code = section;
    if (!od_str_cut(code, '.', &name) || !code->ptr)
        return false;
    for (int k = 0; k < OD_STATUS_KINDS; k++) {
        *kind = (enum od_status_kind)k;
        if (od_str_is(name, od_status_kind_name(*kind)))
            return true;
    }
    return false;
}

static struct od_status *status_of(struct building *b, enum od_status_kind kind, struct od_str code)
{
    struct od_status_set *set = &b->sets->of[kind];

    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_eq(set->statuses[i].code, code))
            return &set->statuses[i];
    }
    set->statuses =
        od_arena_grow(b->arena, set->statuses, set->count, &b->cap[kind], sizeof *set->statuses);
    struct od_status *s = &set->statuses[set->count++];
    code = od_arena_str(b->arena, code);
    *s = (struct od_status){
        .code = code,
        .name = code,
        .badge = OD_STR("default"),
        .progress = OD_STR("incomplete"),
        .phase = OD_STR(""),
        .cancelable = true,
        .any_next = true,
    };
    return s;
}

static int read_word(struct od_arena *a, const struct od_conf_entry *e, const char *const *words,
                     struct od_str *out, struct od_err *err)
{
    for (size_t i = 0; words[i]; i++) {
        if (od_str_is(e->value, words[i])) {
            *out = od_arena_str(a, e->value);
            return 0;
        }
    }
    return od_err_set(err, OD_ERR_CONFIG, "unknown %.*s \"%.*s\"", OD_STR_ARG(e->key),
                      OD_STR_ARG(e->value));
}

static int read_flag(const struct od_conf_entry *e, bool *out, struct od_err *err)
{
    if (od_conf_bool(e->value, out))
        return 0;
    return od_err_set(err, OD_ERR_CONFIG, "%.*s is yes or no, not \"%.*s\"", OD_STR_ARG(e->key),
                      OD_STR_ARG(e->value));
}

static void read_next(struct od_arena *a, struct od_str list, struct od_status *s)
{
    struct od_str rest = od_arena_str(a, list), code;
    size_t cap = 0;

    s->any_next = false;
    s->next_count = 0;
    while (od_str_cut(&rest, ',', &code)) {
        code = od_str_trim(code);
        if (code.len == 0)
            continue;
        s->next = od_arena_grow(a, s->next, s->next_count, &cap, sizeof *s->next);
        s->next[s->next_count++] = code;
    }
}

static int read_entry(struct od_arena *a, const struct od_conf_entry *e, struct od_status *s,
                      struct od_err *err)
{
    if (od_str_is(e->key, "badge"))
        return read_word(a, e, badges, &s->badge, err);
    if (od_str_is(e->key, "progress"))
        return read_word(a, e, progresses, &s->progress, err);
    if (od_str_is(e->key, "default"))
        return read_flag(e, &s->is_default, err);
    if (od_str_is(e->key, "cancelable"))
        return read_flag(e, &s->cancelable, err);
    if (od_str_is(e->key, "next"))
        read_next(a, e->value, s);
    else if (od_str_is(e->key, "phase"))
        s->phase = od_arena_str(a, e->value);
    else
        s->name = od_arena_str(a, e->value);
    return 0;
}

/* The check knows sections; people look for lines. */
static void place(const struct od_conf *conf, struct od_err *err)
{
    struct od_str section = od_str_of(err->origin);
    size_t i = 0;

    while (i < conf->entry_count && !od_str_starts_with(conf->entries[i].section, section))
        i++;
    od_err_wrap(err, "[%.*s]", OD_STR_ARG(section));
    if (i < conf->entry_count)
        snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(conf->entries[i].origin));
}

int od_statuses_build(const struct od_conf *conf, struct od_arena *a, struct od_status_sets *out,
                      struct od_err *err)
{
    struct building b = {.arena = a, .sets = out};

    *out = (struct od_status_sets){0};
    for (size_t i = 0; i < conf->entry_count; i++) {
        const struct od_conf_entry *e = &conf->entries[i];
        enum od_status_kind kind;
        struct od_str code;
        if (!section_kind(e->section, &kind, &code))
            continue;
        if (read_entry(a, e, status_of(&b, kind, code), err) < 0) {
            snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(e->origin));
            return -1;
        }
    }
    if (od_status_sets_check(out, err) == 0)
        return 0;
    place(conf, err);
    return -1;
}
