#include "api/reads/filters.h"

#include "api/reach.h"
#include "engine/engine.h"
#include "script/bundle/bundle.h"
#include "store/search/search.h"
#include "store/search/trail.h"

static void add(struct od_trail_values *v, struct od_str *names, struct od_str name)
{
    names[v->serving_count++] = name;
    v->serving = names;
}

/* What may decide now: policies, composite commands, and the plugins by themselves. */
static void note_serving(struct od_trail_values *v, const struct od_rules *rules)
{
    static const enum od_offer_kind kinds[] = {OD_OFFER_POLICY, OD_OFFER_COMMAND};
    uint32_t plugin_count, counts[2];
    const struct od_plugin *plugins = od_bundle_plugins(rules->bundle, &plugin_count);
    const struct od_offer *offers[2];
    for (int k = 0; k < 2; k++)
        offers[k] = od_bundle_offers(rules->bundle, kinds[k], &counts[k]);
    struct od_str *names =
        OD_NEW_ARRAY(v->arena, struct od_str, plugin_count + counts[0] + counts[1] + 1);
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < counts[k]; i++)
            add(v, names, od_arena_str(v->arena, offers[k][i].label));
    }
    for (uint32_t i = 0; i < plugin_count; i++)
        add(v, names, od_arena_printf(v->arena, "@%.*s", OD_STR_ARG(plugins[i].name)));
    v->hash = od_arena_str(v->arena, od_str_of(rules->hash));
}

struct readying {
    struct od_api *api;
    struct od_trail_values values;
};

static void read_values(struct readying *r)
{
    struct od_trail_values *v = &r->values;
    if (!od_trail_is_asked(v->filters, v->count)) {
        v->done(v->ctx, NULL);
        return;
    }
    note_serving(v, od_engine_rules(r->api->engine));
    od_trail_values_read(v);
}

/* status: of od_api_await. */
static void on_documents(void *ctx, int status)
{
    struct readying *r = ctx;
    struct od_err err;
    if (!status) {
        read_values(r);
        return;
    }
    (void)od_err_set(&err, OD_ERR_UNAVAILABLE, "the documents of the search are behind");
    r->values.done(r->values.ctx, &err);
}

void od_api_filters_ready(struct od_api *api, struct od_http_request *req,
                          struct od_filter *filters, uint32_t count,
                          void (*done)(void *ctx, const struct od_err *err), void *ctx)
{
    if (!count) {
        done(ctx, NULL);
        return;
    }
    struct readying *r = OD_NEW(&req->arena, struct readying);
    r->api = api;
    r->values = (struct od_trail_values){.conn = api->query,
                                         .arena = &req->arena,
                                         .filters = filters,
                                         .count = count,
                                         .ctx = ctx,
                                         .done = done};
    if (od_search_reads_documents(filters, count))
        od_api_await(api, req, "search", on_documents, r);
    else
        read_values(r);
}
