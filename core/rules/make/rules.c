#include "rules/make/rules.h"

#include <stdlib.h>

#include "rules/make/shop.h"
#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/load/load.h"

static bool kind_of(struct od_str name, enum od_status_kind *kind)
{
    for (enum od_status_kind k = OD_STATUS_ORDER; k < OD_STATUS_KINDS; k++) {
        if (od_str_is(name, od_status_kind_name(k))) {
            *kind = k;
            return true;
        }
    }
    return false;
}

static int read_move(struct od_rules *r, const struct od_conf_entry *e, struct od_err *err)
{
    struct od_str code = e->key, kind_name;
    struct od_status_move *m = &r->moves[r->move_count];
    if (!od_str_cut(&code, '.', &kind_name) || !code.len || !kind_of(kind_name, &m->kind))
        return od_err_set_at(err, OD_ERR_CONFIG, e->origin.ptr,
                             "\"%.*s\" is not order_status.CODE, payment_status.CODE or "
                             "shipment_status.CODE",
                             OD_STR_ARG(e->key));
    if (od_status_find(&r->statuses.of[m->kind], code))
        return od_err_set_at(err, OD_ERR_CONFIG, e->origin.ptr,
                             "%.*s is configured; orders are moved only out of a status that is "
                             "not",
                             OD_STR_ARG(e->key));
    if (!od_status_find(&r->statuses.of[m->kind], e->value))
        return od_err_set_at(err, OD_ERR_CONFIG, e->origin.ptr,
                             "there is no %.*s \"%.*s\" to move orders to", OD_STR_ARG(kind_name),
                             OD_STR_ARG(e->value));
    m->from = od_arena_str(&r->arena, code);
    m->to = od_arena_str(&r->arena, e->value);
    r->move_count++;
    return 0;
}

static int read_moves(struct od_rules *r, struct od_err *err)
{
    const struct od_conf *c = r->conf;
    r->moves = OD_NEW_ARRAY(&r->arena, struct od_status_move, c->entry_count + 1);
    for (size_t i = 0; i < c->entry_count; i++) {
        if (od_str_is(c->entries[i].section, "migrate") && read_move(r, &c->entries[i], err))
            return -1;
    }
    return 0;
}

int od_rules_make(struct od_rules_source *s, struct od_rules **out, struct od_err *err)
{
    struct od_rules *r = calloc(1, sizeof *r);
    struct od_bundle *bundle;
    if (!r)
        abort();
    r->refs = 1;
    r->conf = od_conf_ref(s->conf);
    od_arena_init(&r->arena);
    r->statuses = *od_status_sets_copy(&r->arena, &s->statuses);
    struct od_bundle_source source = s->bundle;
    source.statuses = &r->statuses;
    if (read_moves(r, err) ||
        od_rules_shop_build(r->conf, &r->statuses, &r->arena, &r->shop, err)) {
        od_rules_unref(r);
        return -1;
    }
    source.shop = r->shop;
    if (od_bundle_load(&source, &s->limits, &bundle, err)) {
        od_rules_unref(r);
        return -1;
    }
    od_rules_use_bundle(r, bundle);
    memcpy(r->hash, od_bundle_hash(r->bundle), sizeof r->hash);
    r->track = (enum od_stock_track)r->conf->stock.track;
    r->default_currency = r->conf->order.default_currency;
    *out = r;
    return 0;
}

int od_rules_build(struct od_conf *conf, struct od_rules **out, struct od_err *err)
{
    struct od_rules_source source;
    if (od_rules_source_read(conf, &source, err))
        return -1;
    int failed = od_rules_make(&source, out, err);
    od_rules_source_fini(&source);
    return failed;
}

struct od_stored_source *od_rules_sources(const struct od_rules *r, struct od_arena *a,
                                          size_t *count)
{
    uint32_t n;
    const struct od_bundle_file *files = od_bundle_files(r->bundle, &n);
    struct od_stored_source *sources = OD_NEW_ARRAY(a, struct od_stored_source, n + 1);
    for (uint32_t i = 0; i < n; i++)
        sources[i] = (struct od_stored_source){files[i].plugin, files[i].file, files[i].text};
    *count = n;
    return sources;
}
