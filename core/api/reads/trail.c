#include "api/reads/trail.h"

#include "engine/engine.h"
#include "script/bundle/bundle.h"
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

void od_api_trail(struct od_api *api, struct od_arena *arena, struct od_filter *filters,
                  uint32_t count, void (*done)(void *ctx, const struct od_err *err), void *ctx)
{
    if (!od_trail_is_asked(filters, count)) {
        done(ctx, NULL);
        return;
    }
    struct od_trail_values *v = OD_NEW(arena, struct od_trail_values);
    *v = (struct od_trail_values){.conn = api->query,
                                  .arena = arena,
                                  .filters = filters,
                                  .count = count,
                                  .ctx = ctx,
                                  .done = done};
    note_serving(v, od_engine_rules(api->engine));
    od_trail_values_read(v);
}
