#include "feed/targets/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "feed/targets/settings.h"

#define SECOND INT64_C(1000)
#define DAY    (86400 * SECOND)

enum { NAME_MAX_LEN = 40, ATTEMPTS_MAX = 1000, CONCURRENCY_MAX = 1000, RATE_MAX = 1000000 };

static const char *const bodies[] = {"thin", "full", NULL}; /* in the order of od_target_body */

#define AT(member) offsetof(struct od_target_conf, member)
/* clang-format off */
static const struct od_conf_key common[] = {
    {"target", "kind", OD_CONF_STR, AT(kind_name), "", 0, 0, NULL, true, "What it is: a row of core/feed/targets/table.c."},
    {"target", "events", OD_CONF_STR, AT(events), "", 0, 0, NULL, true, "Topics that are sent to it without any hook: order.placed, shipment.*, or *; blanks or commas between them. Empty: only what hooks send."},
    {"target", "filter", OD_CONF_STR, AT(filter), "", 0, 0, NULL, true, "Of these events only those after which its order is found by filters as a list of orders has them: paymentStatus=paid&grandTotal.gte=100. Empty: all."},
    {"target", "body", OD_CONF_ENUM, AT(body), "thin", 0, 0, bodies, true, "thin: what happened, to which order. full: the order as it was then as well."},
    {"target", "fields", OD_CONF_STR, AT(fields), "", 0, 0, NULL, true, "With body = full: the order's members that are sent. Empty: all."},
    {"target", "enabled", OD_CONF_BOOL, AT(enabled), "yes", 0, 0, NULL, true, "no: what is for it waits."},
    {"target", "ordered", OD_CONF_BOOL, AT(ordered), "no", 0, 0, NULL, true, "yes: a delivery that failed and will be repeated holds back the later ones of its order. Without it, the kind's."},
    {"target", "max_attempts", OD_CONF_INT, AT(max_attempts), "0", 0, ATTEMPTS_MAX, NULL, true, "Attempts of one delivery before it is given up. 0: as many as its schedule has, else [feed] max_attempts."},
    {"target", "concurrency", OD_CONF_INT, AT(concurrency), "0", 0, CONCURRENCY_MAX, NULL, true, "Deliveries under way at once. 0: the kind's."},
    {"target", "rate", OD_CONF_INT, AT(rate), "0", 0, RATE_MAX, NULL, true, "Attempts a second at most. 0: no limit."},
    {"target", "disable_after", OD_CONF_DURATION, AT(disable_after_ms), "0ms", 0, 365 * DAY, NULL, true, "Disabled when every attempt has failed for so long; someone resumes it. 0ms: the kind's."},
};
/* clang-format on */

bool od_target_next_word(struct od_str *list, struct od_str *word)
{
    size_t from = 0, to;
    while (from < list->len && (list->ptr[from] == ' ' || list->ptr[from] == ','))
        from++;
    for (to = from; to < list->len && list->ptr[to] != ' ' && list->ptr[to] != ',';)
        to++;
    *word = od_str_slice(*list, from, to);
    *list = od_str_slice(*list, to, list->len);
    return word->len > 0;
}

static bool matches(struct od_str pattern, struct od_str topic)
{
    if (pattern.ptr[pattern.len - 1] != '*')
        return od_str_eq(pattern, topic);
    return od_str_starts_with(topic, od_str_slice(pattern, 0, pattern.len - 1));
}

bool od_target_wants(const struct od_target_conf *t, const struct od_str *topics, uint32_t n)
{
    struct od_str rest = t->events, pattern;
    while (t->enabled && od_target_next_word(&rest, &pattern)) {
        for (uint32_t i = 0; i < n; i++) {
            if (matches(pattern, topics[i]))
                return true;
        }
    }
    return false;
}

const struct od_target_conf *od_targets_find(const struct od_targets *t, struct od_str name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (od_str_eq(t->items[i].name, name))
            return &t->items[i];
    }
    return NULL;
}

const struct od_target_conf *od_targets_for_mail(const struct od_targets *t)
{
    const struct od_target_conf *first = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct od_target_conf *c = &t->items[i];
        if (c->kind->mails && (!first || od_str_is(c->name, "mail")))
            first = c;
    }
    return first;
}

/* A pattern is a topic as they are written, perhaps with a * at its end. */
static bool valid_pattern(struct od_str p)
{
    for (size_t i = 0; i < p.len; i++) {
        char c = p.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        if (!word && !(c == '*' && i == p.len - 1))
            return false;
    }
    return true;
}

static bool valid_name(struct od_str name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

const struct od_target_kind *od_target_kind_find(struct od_str name)
{
    for (size_t i = 0; od_target_kinds[i]; i++) {
        if (od_str_is(name, od_target_kinds[i]->name))
            return od_target_kinds[i];
    }
    return NULL;
}

static int refuse_kind(const struct od_conf *c, struct od_str section, struct od_arena *a,
                       struct od_err *err)
{
    struct od_str known = OD_STR("");
    for (size_t i = 0; od_target_kinds[i]; i++)
        known = od_arena_printf(a, "%.*s%s%s", OD_STR_ARG(known), i ? ", " : "",
                                od_target_kinds[i]->name);
    struct od_str text = od_arena_printf(a, "must be one of %.*s", OD_STR_ARG(known));
    return od_conf_section_refuse(c, section, "kind", text.ptr, err);
}

static int check(const struct od_conf *c, struct od_target_conf *t, struct od_arena *a,
                 struct od_err *err)
{
    struct od_str rest = t->events, word;
    while (od_target_next_word(&rest, &word)) {
        if (!valid_pattern(word))
            return od_conf_section_refuse(c, t->section, "events",
                                          "topics are like order.placed, shipment.* or *", err);
    }
    struct od_err wrong;
    if (od_filters_read(t->filter, NULL, a, &t->filters, &wrong))
        return od_conf_section_refuse(c, t->section, "filter", wrong.message, err);
    if (t->kind->single && !od_str_is(t->name, t->kind->name))
        return od_conf_section_refuse(c, t->section, "kind", "there is one target of this kind",
                                      err);
    return t->kind->check ? t->kind->check(c, t, err) : 0;
}

/* What is set of it, for those who ask how it is set up. */
static void note_settings(const struct od_conf *c, struct od_target_conf *t,
                          const struct od_conf_table tables[2], struct od_arena *a)
{
    size_t cap = 0;
    for (int n = 0; n < 2; n++) {
        for (size_t i = 0; i < tables[n].count; i++) {
            struct od_target_setting s = {.key = &tables[n].keys[i]};
            s.value = od_conf_entry_find(c, t->section, od_str_of(s.key->name), &s.origin);
            if (!s.value.ptr)
                continue;
            s.value = od_arena_str(a, s.value);
            s.origin = od_arena_str(a, s.origin);
            t->settings =
                od_arena_grow(a, t->settings, t->setting_count, &cap, sizeof *t->settings);
            t->settings[t->setting_count++] = s;
        }
    }
}

struct reading {
    bool stored;
    const struct od_conf *conf;
    struct od_targets *out;
    struct od_err *err;
};

static int read_target(void *ctx, struct od_str section, struct od_str name)
{
    struct reading *r = ctx;
    struct od_targets *out = r->out;
    struct od_str kind_name = od_conf_entry_find(r->conf, section, OD_STR("kind"), NULL);
    const struct od_target_kind *kind = od_target_kind_find(kind_name.ptr ? kind_name : name);
    if (!valid_name(name))
        return od_conf_section_refuse(r->conf, section, "kind",
                                      "a target's name is 1 to 40 of a-z, 0-9, _ and -", r->err);
    if (!kind)
        return refuse_kind(r->conf, section, &out->arena, r->err);
    if (r->stored && kind->file_only) {
        (void)od_err_set(r->err, OD_ERR_CONFIG,
                         "a target of kind %s is set up in the file alone: %s", kind->name,
                         kind->file_only);
        snprintf(r->err->origin, sizeof r->err->origin, "/kind");
        return -1;
    }
    out->items = od_arena_grow(&out->arena, out->items, out->count, &out->cap, sizeof *out->items);
    struct od_target_conf *t = &out->items[out->count];
    *t = (struct od_target_conf){0};
    void *own = od_arena_alloc(&out->arena, kind->conf_size ? kind->conf_size : 1);
    memset(own, 0, kind->conf_size);
    const struct od_conf_table tables[] = {
        {common, sizeof common / sizeof *common, t, NULL, NULL},
        {kind->keys, kind->key_count, own, kind->prefix, own},
    };
    if (od_conf_section_read(r->conf, section, tables, 2, &out->arena, r->err))
        return -1;
    t->kind = kind;
    t->name = od_arena_str(&out->arena, name);
    t->section = od_arena_str(&out->arena, section);
    t->default_file = od_arena_str(&out->arena, r->conf->feed.log_file);
    t->own = own;
    if (!od_conf_entry_find(r->conf, section, OD_STR("ordered"), NULL).ptr)
        t->ordered = kind->ordered;
    if (!t->concurrency)
        t->concurrency = kind->concurrency;
    if (!t->disable_after_ms)
        t->disable_after_ms = kind->disable_after_ms;
    if (!t->max_attempts)
        t->max_attempts = kind->waits ? (int64_t)kind->wait_count + 1 : r->conf->feed.max_attempts;
    out->count++;
    t->stored = r->stored;
    note_settings(r->conf, t, tables, &out->arena);
    return check(r->conf, t, &out->arena, r->err);
}

static struct od_str text_of(const struct od_conf *c, struct od_arena *a)
{
    struct od_buf b;
    od_buf_init(&b, 8 << 20);
    od_buf_printf(&b, "%s %lld\n", c->feed.log_file.ptr, (long long)c->feed.max_attempts);
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct od_conf_entry *e = &c->entries[i];
        if (od_str_starts_with(e->section, OD_STR("target.")))
            od_buf_printf(&b, "%.*s %.*s=%.*s\n", OD_STR_ARG(e->section), OD_STR_ARG(e->key),
                          OD_STR_ARG(e->value));
    }
    struct od_str text = od_arena_str(a, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static bool there_is(const struct od_targets *t, struct od_str name)
{
    for (size_t i = 0; i < t->count; i++) {
        if (od_str_eq(t->items[i].name, name))
            return true;
    }
    return false;
}

static int read_configured(const struct od_conf *c, struct od_targets *out, struct od_err *err)
{
    struct reading r = {false, c, out, err};
    int failed = od_conf_sections(c, "target", read_target, &r);
    for (size_t i = 0; !failed && od_target_kinds[i]; i++) {
        struct od_str name = od_str_of(od_target_kinds[i]->name);
        if (od_target_kinds[i]->builtin && !there_is(out, name))
            failed = read_target(&r, od_arena_printf(&out->arena, "target.%.*s", OD_STR_ARG(name)),
                                 name);
    }
    return failed;
}

/* Reads one as if it stood in a file that has nothing else. */
static int read_stored(const struct od_conf *c, const struct od_stored_target *t,
                       struct od_targets *out, struct od_err *err)
{
    struct od_conf alone = *c;
    struct reading r = {true, &alone, out, err};
    size_t count = out->count;
    od_err_clear(err);
    if (!valid_name(t->name)) {
        (void)od_err_set(err, OD_ERR_CONFIG, "a target's name is 1 to %d of a-z, 0-9, _ and -",
                         NAME_MAX_LEN);
        snprintf(err->origin, sizeof err->origin, "/name");
        return -1;
    }
    if (there_is(out, t->name))
        return od_err_set(err, OD_ERR_CONFIG, "the configuration has a target of this name");
    if (od_target_entries(t, &alone.entries, &alone.entry_count, &out->arena, err) ||
        read_target(&r, od_arena_printf(&out->arena, "target.%.*s", OD_STR_ARG(t->name)),
                    t->name)) {
        out->count = count;
        return -1;
    }
    return 0;
}

static void note_trouble(struct od_targets *out, struct od_str name, const struct od_err *err)
{
    struct od_arena *a = &out->arena;
    out->troubles = od_arena_grow(a, out->troubles, out->trouble_count, &out->trouble_cap,
                                  sizeof *out->troubles);
    out->troubles[out->trouble_count++] = (struct od_target_trouble){
        .name = od_arena_str(a, name),
        .reason =
            od_arena_printf(a, "%s%s%s", err->origin, err->origin[0] ? ": " : "", err->message),
    };
}

int od_targets_read(const struct od_conf *c, const struct od_stored_target *stored,
                    size_t stored_count, struct od_targets *out, struct od_err *err)
{
    struct od_err wrong;
    *out = (struct od_targets){.version = -1};
    od_arena_init(&out->arena);
    if (read_configured(c, out, err)) {
        od_targets_fini(out);
        return -1;
    }
    out->text = text_of(c, &out->arena);
    for (size_t i = 0; i < stored_count; i++) {
        if (read_stored(c, &stored[i], out, &wrong))
            note_trouble(out, stored[i].name, &wrong);
        out->text = od_arena_printf(&out->arena, "%.*s%.*s %.*s\n", OD_STR_ARG(out->text),
                                    OD_STR_ARG(stored[i].name), OD_STR_ARG(stored[i].settings));
    }
    return 0;
}

int od_target_try(const struct od_conf *c, const struct od_stored_target *t,
                  struct od_json_writer *show, struct od_err *err)
{
    struct od_targets none;
    od_arena_init(&none.arena);
    none = (struct od_targets){.arena = none.arena};
    int failed = read_stored(c, t, &none, err) || od_target_allowed(c, &none.items[0], err);
    if (!failed)
        od_target_settings_write(show, &none.items[0]);
    od_targets_fini(&none);
    return failed ? -1 : 0;
}

void od_targets_fini(struct od_targets *t)
{
    od_arena_fini(&t->arena);
    *t = (struct od_targets){0};
}

int od_targets_check(const struct od_conf *c, struct od_err *err)
{
    struct od_targets t;
    int failed = 0;
    if (od_targets_read(c, NULL, 0, &t, err))
        return -1;
    for (size_t i = 0; !failed && i < t.count; i++) {
        const struct od_target_kind *kind = t.items[i].kind;
        failed = kind->try && kind->try(c, &t.items[i], err);
    }
    od_targets_fini(&t);
    return failed ? -1 : 0;
}
