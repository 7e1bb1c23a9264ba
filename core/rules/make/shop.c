#include "rules/make/shop.h"

#include "rules/make/ini.h"
#include "base/money.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/shop.h"
#include "conf/value.h"
#include "order/model/limits.h"

enum { STORE_NAME_MAX = 40, PREFIX_MAX = 20, METADATA_KEY_MAX = 100, CHOICES_MAX = 100 };

struct building {
    const struct od_conf *conf;
    const struct od_status_sets *sets;
    struct od_arena *arena;
    struct od_shop *shop;
    size_t store_cap, metadata_cap;
    size_t *status_caps; /* [store_count], of each store's names of statuses */
    struct od_err *err;
};

static int fail(struct building *b, const struct od_conf_entry *e, const char *what)
{
    return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr, "%.*s: %s", OD_STR_ARG(e->key),
                         what);
}

/* Cuts off what stands behind "family." in a section's name; false: it is of another family. */
static bool section_name(struct od_str section, const char *family, struct od_str *name)
{
    struct od_str head;
    *name = section;
    return od_str_cut(name, '.', &head) && od_str_is(head, family) && name->len > 0;
}

/* a-z, A-Z, 0-9, _ and -: what needs no quoting anywhere. */
static bool is_plain(struct od_str s, size_t max)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i], low = (char)(c | 0x20);
        if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return s.len > 0 && s.len <= max;
}

/* The pieces of a list, commas between them. */
static struct od_str *pieces(struct od_arena *a, struct od_str list, uint32_t *count)
{
    struct od_str rest = od_arena_str(a, list), piece, *all = NULL;
    size_t cap = 0;
    *count = 0;
    while (od_str_cut(&rest, ',', &piece)) {
        piece = od_str_trim(piece);
        if (!piece.len)
            continue;
        all = od_arena_grow(a, all, *count, &cap, sizeof *all);
        all[(*count)++] = piece;
    }
    return all;
}

static bool repeats(const struct od_str *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t n = 0; n < i; n++) {
            if (od_str_eq(all[i], all[n]))
                return true;
        }
    }
    return false;
}

/* ---- stores */

static struct od_store *store_of(struct building *b, struct od_str name)
{
    struct od_shop *t = b->shop;
    for (uint32_t i = 0; i < t->store_count; i++) {
        if (od_str_eq(t->stores[i].name, name))
            return &t->stores[i];
    }
    t->stores =
        od_arena_grow(b->arena, t->stores, t->store_count, &b->store_cap, sizeof *t->stores);
    struct od_store *s = &t->stores[t->store_count++];
    name = od_arena_str(b->arena, name);
    *s = (struct od_store){.name = name, .title = name};
    return s;
}

static int read_currencies(struct building *b, const struct od_conf_entry *e, struct od_store *s)
{
    s->currencies = pieces(b->arena, e->value, &s->currency_count);
    for (uint32_t i = 0; i < s->currency_count; i++) {
        if (od_currency_digits(s->currencies[i]) < 0)
            return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr,
                                 "\"%.*s\" is no currency of ISO 4217",
                                 OD_STR_ARG(s->currencies[i]));
    }
    return repeats(s->currencies, s->currency_count) ? fail(b, e, "a currency is there twice") : 0;
}

/* order_status.CODE = Name */
static int read_status_name(struct building *b, const struct od_conf_entry *e, struct od_store *s)
{
    struct od_str code = e->key, kind_name;
    int kind = 0;
    od_str_cut(&code, '.', &kind_name);
    while (!od_str_is(kind_name, od_status_kind_name((enum od_status_kind)kind)))
        kind++;
    if (!od_status_find(&b->sets->of[kind], code))
        return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr, "there is no %.*s \"%.*s\"",
                             OD_STR_ARG(kind_name), OD_STR_ARG(code));
    if (!e->value.len)
        return fail(b, e, "a status needs a name");
    s->statuses = od_arena_grow(b->arena, s->statuses, s->status_count,
                                &b->status_caps[s - b->shop->stores], sizeof *s->statuses);
    s->statuses[s->status_count++] = (struct od_store_status){
        (enum od_status_kind)kind, od_arena_str(b->arena, code), od_arena_str(b->arena, e->value)};
    return 0;
}

static int read_short(struct building *b, const struct od_conf_entry *e, size_t max,
                      struct od_str *out)
{
    if (e->value.len > max)
        return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr, "%.*s is at most %zu bytes",
                             OD_STR_ARG(e->key), max);
    *out = e->value.len ? od_arena_str(b->arena, e->value) : OD_STR_NONE;
    return 0;
}

static int read_store(struct building *b, const struct od_conf_entry *e, struct od_str name)
{
    if (!is_plain(name, STORE_NAME_MAX))
        return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr,
                             "[%.*s]: a store's name is 1 to %d of a-z, A-Z, 0-9, _ and -",
                             OD_STR_ARG(e->section), STORE_NAME_MAX);
    struct od_store *s = store_of(b, name);
    if (od_conf_shop_has_key(e->key))
        return 0;
    if (od_str_is(e->key, "title")) {
        s->title = e->value.len ? od_arena_str(b->arena, e->value) : s->name;
        return 0;
    }
    if (od_str_is(e->key, "currencies"))
        return read_currencies(b, e, s);
    if (od_str_is(e->key, "series"))
        return read_short(b, e, OD_SERIES_MAX, &s->series);
    if (od_str_is(e->key, "prefix"))
        return read_short(b, e, PREFIX_MAX, &s->prefix);
    if (!od_str_is(e->key, "currency"))
        return read_status_name(b, e, s);
    s->currency = od_arena_str(b->arena, e->value);
    return od_currency_digits(s->currency) < 0 ? fail(b, e, "is a currency of ISO 4217 like EUR")
                                               : 0;
}

/* A store's currency is among those it sells in; without one it is the first of them. */
static int settle_currency(struct building *b, struct od_store *s)
{
    struct od_str section = od_arena_printf(b->arena, "store.%.*s", OD_STR_ARG(s->name)), origin;
    if (!s->currency.ptr && s->currency_count)
        s->currency = s->currencies[0];
    for (uint32_t i = 0; i < s->currency_count; i++) {
        if (od_str_eq(s->currencies[i], s->currency))
            return 0;
    }
    if (!s->currency_count)
        return 0;
    (void)od_conf_entry_find(b->conf, section, OD_STR("currency"), &origin);
    return od_err_set_at(b->err, OD_ERR_CONFIG, origin.ptr, "currency %.*s is not among currencies",
                         OD_STR_ARG(s->currency));
}

/* ---- metadata */

static struct od_metadata_type *metadata_of(struct building *b, struct od_str key)
{
    struct od_shop *t = b->shop;
    for (uint32_t i = 0; i < t->metadata_count; i++) {
        if (od_str_eq(t->metadata[i].key, key))
            return &t->metadata[i];
    }
    t->metadata = od_arena_grow(b->arena, t->metadata, t->metadata_count, &b->metadata_cap,
                                sizeof *t->metadata);
    struct od_metadata_type *m = &t->metadata[t->metadata_count++];
    *m = (struct od_metadata_type){.key = od_arena_str(b->arena, key)};
    return m;
}

static int read_type(struct building *b, const struct od_conf_entry *e, struct od_metadata_type *m)
{
    struct od_str all = OD_STR("");
    const char *name;
    for (int k = 0; (name = od_metadata_kind_name((enum od_metadata_kind)k)); k++) {
        all = od_arena_printf(b->arena, "%.*s%s%s", OD_STR_ARG(all), k ? ", " : "", name);
        if (od_str_is(e->value, name)) {
            m->kind = (enum od_metadata_kind)k;
            return 0;
        }
    }
    return od_err_set_at(b->err, OD_ERR_CONFIG, e->origin.ptr, "type is one of %.*s, not \"%.*s\"",
                         OD_STR_ARG(all), OD_STR_ARG(e->value));
}

static int read_metadata(struct building *b, const struct od_conf_entry *e, struct od_str key)
{
    struct od_metadata_type *m = metadata_of(b, key);
    if (od_str_is(e->key, "type"))
        return read_type(b, e, m);
    if (od_str_is(e->key, "choices")) {
        m->choices = pieces(b->arena, e->value, &m->choice_count);
        if (m->choice_count > CHOICES_MAX)
            return fail(b, e, "more than 100");
        return repeats(m->choices, m->choice_count) ? fail(b, e, "one is there twice") : 0;
    }
    return od_conf_bool(e->value, &m->required) ? 0 : fail(b, e, "is yes or no");
}

/* Choices belong to the type choice, which they imply where no type is said. */
static int settle_metadata(struct building *b, struct od_metadata_type *m)
{
    struct od_str section = od_arena_printf(b->arena, "metadata.%.*s", OD_STR_ARG(m->key));
    struct od_str type_at, choices_at;
    struct od_str type = od_conf_entry_find(b->conf, section, OD_STR("type"), &type_at);
    (void)od_conf_entry_find(b->conf, section, OD_STR("choices"), &choices_at);
    if (!type.ptr && m->choice_count)
        m->kind = OD_METADATA_CHOICE;
    if (m->kind == OD_METADATA_CHOICE && !m->choice_count)
        return od_err_set_at(b->err, OD_ERR_CONFIG, type_at.ptr,
                             "type = choice needs choices = a, b, …");
    if (m->kind != OD_METADATA_CHOICE && m->choice_count)
        return od_err_set_at(b->err, OD_ERR_CONFIG, choices_at.ptr,
                             "choices are for type = choice, not %s",
                             od_metadata_kind_name(m->kind));
    return 0;
}

/* ---- locations */

static int read_locations(struct building *b)
{
    const struct od_conf_key *key = od_conf_key_find(OD_STR("stock"), OD_STR("locations"));
    const char *origin = b->conf->origins[key - od_conf_keys].ptr;
    struct od_shop *t = b->shop;
    t->locations = pieces(b->arena, b->conf->stock.locations, &t->location_count);
    if (!t->location_count)
        return od_err_set_at(b->err, OD_ERR_CONFIG, origin,
                             "locations: names, commas between them; not empty");
    for (uint32_t i = 0; i < t->location_count; i++) {
        if (!is_plain(t->locations[i], OD_LOCATION_MAX))
            return od_err_set_at(b->err, OD_ERR_CONFIG, origin,
                                 "locations: \"%.*s\" is not 1 to %d of a-z, A-Z, 0-9, _ and -",
                                 OD_STR_ARG(t->locations[i]), OD_LOCATION_MAX);
    }
    if (repeats(t->locations, t->location_count))
        return od_err_set_at(b->err, OD_ERR_CONFIG, origin, "locations: one is there twice");
    return 0;
}

/* ---- refund methods: payment methods are named freely, so any text is one */

static int read_refund_methods(struct building *b)
{
    const struct od_conf_key *key = od_conf_key_find(OD_STR("order"), OD_STR("refund_methods"));
    const char *origin = b->conf->origins[key - od_conf_keys].ptr;
    struct od_shop *t = b->shop;
    t->refund_methods = pieces(b->arena, b->conf->order.refund_methods, &t->refund_method_count);
    if (repeats(t->refund_methods, t->refund_method_count))
        return od_err_set_at(b->err, OD_ERR_CONFIG, origin, "refund_methods: one is there twice");
    return 0;
}

static int read_entry(struct building *b, const struct od_conf_entry *e)
{
    struct od_str name;
    if (section_name(e->section, "store", &name))
        return read_store(b, e, name);
    if (section_name(e->section, "metadata", &name))
        return name.len > METADATA_KEY_MAX ? fail(b, e, "the metadata's key is too long")
                                           : read_metadata(b, e, name);
    return 0;
}

int od_rules_shop_build(const struct od_conf *conf, const struct od_status_sets *sets,
                        struct od_arena *a, struct od_shop **out, struct od_err *err)
{
    struct building b = {.conf = conf, .sets = sets, .arena = a, .err = err};
    b.shop = *out = OD_NEW(a, struct od_shop);
    b.status_caps = OD_NEW_ARRAY(a, size_t, conf->entry_count + 1);
    b.shop->metadata_strict = conf->metadata.strict;
    if (read_locations(&b) != 0 || read_refund_methods(&b) != 0)
        return -1;
    for (size_t i = 0; i < conf->entry_count; i++) {
        if (read_entry(&b, &conf->entries[i]) != 0)
            return -1;
    }
    for (uint32_t i = 0; i < b.shop->store_count; i++) {
        if (settle_currency(&b, &b.shop->stores[i]) != 0)
            return -1;
    }
    for (uint32_t i = 0; i < b.shop->metadata_count; i++) {
        if (settle_metadata(&b, &b.shop->metadata[i]) != 0)
            return -1;
    }
    return 0;
}
