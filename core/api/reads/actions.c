#include "order/show/actions.h"

#include "api/auth.h"
#include "api/handler.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "script/bundle/bundle.h"

/* GET /api/orders/:id/actions: every command with what would come of it now. */

struct asked {
    struct od_http_request *req;
    const struct od_principal *who;
    struct od_read read;
};

static const struct od_command_kind *kind_of(const struct od_action *a)
{
    for (unsigned t = 0; t < OD_COMMAND_TYPES && !a->is_composite; t++) {
        const struct od_command_kind *kind = od_command_kinds[t];
        const char *call = od_command_call(kind);
        if (od_str_is(a->command, kind->name) || (call && od_str_is(a->command, call)))
            return kind;
    }
    return od_command_kinds[OD_COMMAND_COMPOSITE];
}

/* What the caller may not do is refused, whatever would come of it. */
static void hold_to_permissions(const struct asked *q, struct od_action *a)
{
    enum od_permission needed = od_auth_of_command(kind_of(a));
    if (od_principal_may(q->who, needed))
        return;
    a->allowed = false;
    a->code = OD_STR("forbidden");
    a->reason = od_auth_lacks(q->who, needed, &q->req->arena);
    a->policy = a->status = a->payment_status = a->shipment_status = OD_STR_NONE;
}

static void write_actions(struct asked *q, const struct od_outcome *outcome)
{
    const struct od_rules *rules = outcome->rules;
    struct od_arena *arena = &q->req->arena;
    struct od_decide_env env = {
        .policies = &rules->policies,
        .statuses = &rules->statuses,
        .stock = outcome->item_stock,
        .track = rules->track,
        .shop = rules->shop,
        .arena = arena,
        .now = od_clock_us(),
    };
    uint32_t offered, count;
    const struct od_offer *offers = od_bundle_offers(rules->bundle, OD_OFFER_COMMAND, &offered);
    struct od_str *composites = OD_NEW_ARRAY(arena, struct od_str, offered);
    for (uint32_t i = 0; i < offered; i++)
        composites[i] = offers[i].name;
    struct od_action *actions =
        od_order_actions(&env, outcome->order, q->who->name, composites, offered, &count);
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(q->req));
    od_jw_object(&w);
    od_jw_key(&w, "bundle");
    od_jw_cstr(&w, rules->hash);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (uint32_t i = 0; i < count; i++) {
        hold_to_permissions(q, &actions[i]);
        od_action_write(&w, &actions[i]);
    }
    od_jw_array_end(&w);
    od_jw_object_end(&w);
}

static void on_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct asked *q = ctx;
    if (err) {
        od_api_send_err(q->req, err);
    } else if (od_api_sees_order(q->req, q->who, outcome->order)) {
        write_actions(q, outcome);
        od_api_set_etag(q->req, outcome->order->version);
        od_http_send(q->req, 200);
    }
}

static void get_actions(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    static const char *const none[] = {NULL};
    struct asked *q = OD_NEW(&req->arena, struct asked);
    if (!od_api_query_known(req, none) || !od_api_order_ref(req, &q->read.ref))
        return;
    q->req = req;
    q->who = who;
    q->read.stock = true;
    q->read.ctx = q;
    q->read.done = on_read;
    od_engine_read(api->engine, &q->read);
}

OD_EMBED(od_api_actions_text, "api/reads/actions.json");

static const struct od_api_route routes[] = {
    {"get_actions", OD_HTTP_GET, "/api/orders/:id/actions", OD_API_HIDES, OD_MAY_ORDERS_VIEW,
     get_actions},
};

const struct od_api_chapter od_api_actions = OD_API_CHAPTER(routes, od_api_actions_text);
