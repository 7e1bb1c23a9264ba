#include "rules/make/ini.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/shop.h"
#include "rules/make/secrets.h"

enum {
    TEXT_MAX = 1 << 20,
    LINE_MAX_BYTES = 197, /* of a configuration file: conf/ini.h */
    SECTION_MAX_BYTES = 49,
};

/* The fixed keys that rules follow; all others are the process's own. */
static bool is_rules_key(const struct od_conf_key *key)
{
    static const char *const keys[][2] = {
        {"plugins", "load"},           {"stock", "track"},          {"stock", "locations"},
        {"order", "default_currency"}, {"order", "refund_methods"}, {"metadata", "strict"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(key->section, keys[i][0]) == 0 && strcmp(key->name, keys[i][1]) == 0)
            return true;
    }
    return false;
}

/* Whether a key of [store.NAME] is for documents, which no decision follows. */
static bool is_shop_entry(const struct od_conf_entry *e)
{
    return od_str_starts_with(e->section, OD_STR("store.")) && od_conf_shop_has_key(e->key);
}

bool od_rules_next_plugin(struct od_str *rest, struct od_str *name)
{
    static const char separators[] = ", \t";
    size_t from = 0, to;
    while (from < rest->len && strchr(separators, rest->ptr[from]))
        from++;
    for (to = from; to < rest->len && !strchr(separators, rest->ptr[to]);)
        to++;
    *name = od_str_slice(*rest, from, to);
    *rest = od_str_slice(*rest, to, rest->len);
    return name->len > 0;
}

/* However the list was written. */
static void print_list(const char *key, struct od_str rest, struct od_buf *out)
{
    struct od_str name;
    const char *between = " ";
    od_buf_printf(out, "%s =", key);
    while (od_rules_next_plugin(&rest, &name)) {
        od_buf_printf(out, "%s%.*s", between, OD_STR_ARG(name));
        between = ", ";
    }
    od_buf_char(out, '\n');
}

static void print_entry(const struct od_conf_entry *e, struct od_buf *out)
{
    char digest[OD_RULES_DIGEST];

    if (e->secret && e->value.len) {
        od_rules_secret_digest(e, digest);
        od_buf_printf(out, "%.*s = %s\n", OD_STR_ARG(e->key), digest);
        return;
    }
    od_buf_printf(out, "%.*s =%s%.*s\n", OD_STR_ARG(e->key), e->value.len ? " " : "",
                  OD_STR_ARG(e->value));
}

static int by_section_and_key(const void *a, const void *b)
{
    const struct od_conf_entry *const *x = a, *const *y = b;
    int c = od_str_cmp((*x)->section, (*y)->section);
    return c ? c : od_str_cmp((*x)->key, (*y)->key);
}

/* Sections in which the order of lines means nothing. */
static void print_sorted(const struct od_conf *conf, const char *section, struct od_arena *a,
                         struct od_buf *out)
{
    const struct od_conf_entry **found =
        OD_NEW_ARRAY(a, const struct od_conf_entry *, conf->entry_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < conf->entry_count; i++) {
        if (od_str_is(conf->entries[i].section, section))
            found[n++] = &conf->entries[i];
    }
    qsort(found, n, sizeof *found, by_section_and_key);
    if (n)
        od_buf_printf(out, "[%s]\n", section);
    for (size_t i = 0; i < n; i++)
        print_entry(found[i], out);
}

static bool is_first_of_section(const struct od_conf *conf, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (od_str_eq(conf->entries[i].section, conf->entries[at].section))
            return false;
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    const struct od_str *x = a, *y = b;
    return od_str_cmp(*x, *y);
}

/* Sections "family.NAME". The order of lines within one may mean something (patterns, first match),
 * and so does the order of statuses; that of plugins, stores and metadata does not. */
static struct od_str *family_sections(const struct od_conf *conf, const char *family, bool sorted,
                                      struct od_arena *a, uint32_t *count)
{
    struct od_str *sections = OD_NEW_ARRAY(a, struct od_str, conf->entry_count + 1);
    struct od_str prefix = od_arena_printf(a, "%s.", family);
    uint32_t n = 0;
    for (size_t i = 0; i < conf->entry_count; i++) {
        if (od_str_starts_with(conf->entries[i].section, prefix) && is_first_of_section(conf, i))
            sections[n++] = conf->entries[i].section;
    }
    if (sorted)
        qsort(sections, n, sizeof *sections, by_text);
    *count = n;
    return sections;
}

static void print_section(const struct od_conf *conf, struct od_str section, struct od_buf *out)
{
    od_buf_printf(out, "[%.*s]\n", OD_STR_ARG(section));
    for (size_t i = 0; i < conf->entry_count; i++) {
        const struct od_conf_entry *e = &conf->entries[i];
        if (od_str_eq(e->section, section) && !is_shop_entry(e))
            print_entry(e, out);
    }
}

/* A store is there by its section alone, of which INI tells nothing without a key. */
static void print_stores(const struct od_conf *conf, struct od_arena *a, struct od_buf *out)
{
    static const char prefix[] = "store.";
    uint32_t n;
    struct od_str *sections = family_sections(conf, "store", true, a, &n);
    for (uint32_t i = 0; i < n; i++) {
        print_section(conf, sections[i], out);
        if (!od_conf_entry_find(conf, sections[i], OD_STR("title"), NULL).ptr)
            od_buf_printf(
                out, "title = %.*s\n",
                OD_STR_ARG(od_str_slice(sections[i], sizeof prefix - 1, sections[i].len)));
    }
}

static void print_family(const struct od_conf *conf, const char *family, bool sorted,
                         struct od_arena *a, struct od_buf *out)
{
    uint32_t n;
    struct od_str *sections = family_sections(conf, family, sorted, a, &n);
    for (uint32_t i = 0; i < n; i++)
        print_section(conf, sections[i], out);
}

static void print(const struct od_conf *conf, struct od_buf *out)
{
    static const char *const tracks[] = {"all", "known", "none"};
    struct od_arena a;
    od_arena_init(&a);
    od_buf_printf(out, "[plugins]\n");
    print_list("load", conf->plugins.load, out);
    od_buf_printf(out, "[stock]\ntrack = %s\n", tracks[conf->stock.track]);
    print_list("locations", conf->stock.locations, out);
    od_buf_printf(out, "[metadata]\nstrict = %s\n", conf->metadata.strict ? "yes" : "no");
    od_buf_printf(out, "[order]\ndefault_currency = %.*s\n",
                  OD_STR_ARG(conf->order.default_currency));
    if (conf->order.refund_methods.len > 0) /* rules from before it was there stay what they are */
        print_list("refund_methods", conf->order.refund_methods, out);
    print_sorted(conf, "policy", &a, out);
    print_sorted(conf, "grant", &a, out);
    print_sorted(conf, "migrate", &a, out);
    print_family(conf, "plugin", true, &a, out);
    print_family(conf, "metadata", true, &a, out);
    print_stores(conf, &a, out);
    print_family(conf, "order_status", false, &a, out);
    print_family(conf, "payment_status", false, &a, out);
    print_family(conf, "shipment_status", false, &a, out);
    od_arena_fini(&a);
}

static int check_entries(const struct od_conf *conf, struct od_err *err)
{
    for (size_t i = 0; i < conf->entry_count; i++) {
        const struct od_conf_entry *e = &conf->entries[i];
        if (memchr(e->value.ptr, '\n', e->value.len))
            return od_err_set_at(err, OD_ERR_CONFIG, e->origin.ptr,
                                 "the value has a line break, which a bundle cannot keep");
    }
    return 0;
}

int od_rules_ini_print(const struct od_conf *conf, struct od_buf *out, struct od_err *err)
{
    struct od_conf *back;
    struct od_buf again;
    if (check_entries(conf, err))
        return -1;
    print(conf, out);
    od_buf_init(&again, TEXT_MAX);
    int failed = od_rules_ini_parse(conf, od_buf_view(out), &back, err);
    if (failed) {
        od_err_wrap(err, "this configuration cannot be kept with its bundle");
    } else {
        print(back, &again);
        od_conf_unref(back);
        if (out->overflow || !od_str_eq(od_buf_view(out), od_buf_view(&again)))
            failed = od_err_set(err, OD_ERR_CONFIG,
                                "this configuration cannot be kept with its bundle: it is longer "
                                "than %d bytes, or has a key that does not read back",
                                TEXT_MAX);
    }
    od_buf_fini(&again);
    return failed ? -1 : 0;
}

/* Refuses values that a file cannot hold but -o can; see conf/ini.h. */
static bool only_as_override(struct od_str section, struct od_str line)
{
    if (line.len > LINE_MAX_BYTES || section.len > SECTION_MAX_BYTES)
        return true;
    for (size_t i = 1; i < line.len; i++) {
        if (line.ptr[i] == ';' && (line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            return true;
    }
    return false;
}

struct split {
    struct od_arena *arena;
    struct od_buf text;
    const char **overrides;
    size_t count, cap;
};

static void add_override(struct split *s, struct od_str override)
{
    s->overrides = od_arena_grow(s->arena, s->overrides, s->count, &s->cap, sizeof *s->overrides);
    s->overrides[s->count++] = override.ptr;
}

static void split_line(struct split *s, struct od_str *section, struct od_str line)
{
    struct od_str value = line, key;
    if (line.len > 2 && line.ptr[0] == '[') {
        *section = od_str_slice(line, 1, line.len - 1);
        if (section->len > SECTION_MAX_BYTES)
            return;
    } else if (only_as_override(*section, line) && od_str_cut(&value, '=', &key)) {
        add_override(s,
                     od_arena_printf(s->arena, "%.*s.%.*s=%.*s", OD_STR_ARG(*section),
                                     OD_STR_ARG(od_str_trim(key)), OD_STR_ARG(od_str_trim(value))));
        return;
    }
    od_buf_str(&s->text, line);
    od_buf_char(&s->text, '\n');
}

static void copy_str(struct od_arena *a, struct od_str *to, const struct od_str *from)
{
    *to = od_arena_str(a, *from);
}

static void copy_value(struct od_conf *to, const struct od_conf *from,
                       const struct od_conf_key *key)
{
    void *t = (char *)to + key->offset;
    const void *f = (const char *)from + key->offset;
    switch (key->type) {
    case OD_CONF_STR:
    case OD_CONF_PATH:
    case OD_CONF_CURRENCY:
        copy_str(&to->arena, t, f);
        break;
    case OD_CONF_INT:
    case OD_CONF_DURATION:
    case OD_CONF_SIZE:
        memcpy(t, f, sizeof(int64_t));
        break;
    case OD_CONF_BOOL:
        memcpy(t, f, sizeof(bool));
        break;
    case OD_CONF_ENUM:
        memcpy(t, f, sizeof(int));
        break;
    case OD_CONF_ADDRESS: {
        struct od_conf_address *address = t;
        *address = *(const struct od_conf_address *)f;
        copy_str(&to->arena, &address->text, &address->text);
        copy_str(&to->arena, &address->host, &address->host);
        break;
    }
    }
}

static bool has_section(const struct od_conf *c, struct od_str section)
{
    for (size_t i = 0; i < c->entry_count; i++) {
        if (od_str_eq(c->entries[i].section, section))
            return true;
    }
    return false;
}

/* How stores present themselves now, as far as the rules have these stores. */
static void take_shops(struct od_conf *c, const struct od_conf *base)
{
    for (size_t i = 0; i < base->entry_count; i++) {
        const struct od_conf_entry *e = &base->entries[i];
        if (!is_shop_entry(e) || !has_section(c, e->section))
            continue;
        c->entries = od_arena_grow(&c->arena, c->entries, c->entry_count, &c->entry_cap, sizeof *e);
        struct od_conf_entry *own = &c->entries[c->entry_count++];
        copy_str(&c->arena, &own->section, &e->section);
        copy_str(&c->arena, &own->key, &e->key);
        copy_str(&c->arena, &own->value, &e->value);
        copy_str(&c->arena, &own->origin, &e->origin);
        copy_str(&c->arena, &own->directory, &e->directory);
    }
}

/* The process's own keys, and where its configuration came from, for a later reload. */
static void take_own(struct od_conf *c, const struct od_conf *base)
{
    take_shops(c, base);
    for (size_t i = 0; i < od_conf_key_count; i++) {
        if (is_rules_key(&od_conf_keys[i]))
            continue;
        copy_value(c, base, &od_conf_keys[i]);
        copy_str(&c->arena, &c->origins[i], &base->origins[i]);
    }
    copy_str(&c->arena, &c->file, &base->file);
    c->overrides = OD_NEW_ARRAY(&c->arena, const char *, base->override_count + 1);
    c->override_count = base->override_count;
    for (size_t i = 0; i < base->override_count; i++)
        c->overrides[i] = od_arena_str(&c->arena, od_str_of(base->overrides[i])).ptr;
}

int od_rules_ini_parse(const struct od_conf *base, struct od_str text, struct od_conf **out,
                       struct od_err *err)
{
    struct od_arena arena;
    struct od_str rest = text, line, section = OD_STR("");
    struct split s = {.arena = &arena};
    od_arena_init(&arena);
    od_buf_init(&s.text, TEXT_MAX);
    /* Its default may not be known to this user, and is replaced anyway. */
    add_override(&s, od_arena_printf(&arena, "database.data_dir=%s", base->database.data_dir.ptr));
    while (od_str_cut(&rest, '\n', &line))
        split_line(&s, &section, line);
    int failed = od_conf_parse("rules.ini", od_buf_view(&s.text), s.overrides, s.count, out, err);
    if (!failed)
        take_own(*out, base);
    od_buf_fini(&s.text);
    od_arena_fini(&arena);
    return failed ? -1 : 0;
}
