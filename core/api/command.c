#include "api/answer.h"
#include "base/json.h"
#include "order/command.h"

/*
 * Commands over HTTP: body to od_command, headers to the submission's terms, outcome to answer. The
 * answer is rendered when the batch is decided and sent when it is committed.
 */

enum { MAX_DEPTH = 32, MAX_KEY = 255 };

static bool is_created(enum od_command_type type)
{
    return type == OD_COMMAND_PLACE || type == OD_COMMAND_PAYMENT ||
           type == OD_COMMAND_CREATE_SHIPMENT || type == OD_COMMAND_HOLD ||
           type == OD_COMMAND_ADD_ACTIVITY;
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct od_call *c = ctx;
    c->replay = false;
    switch (outcome->kind) {
    case OD_OUTCOME_DECIDED:
        if (outcome->decision->verdict != OD_VERDICT_DONE) {
            od_answer_refusal(c, outcome->decision);
            return;
        }
        c->status = is_created(c->command.type) && !c->submission.dry_run ? 201 : 200;
        if (outcome->decision->stock)
            od_answer_stock(c, outcome->decision->stock);
        else
            od_answer_order(c, outcome->rules, outcome->order, outcome->activities,
                            od_decision_answer_id(outcome->decision));
        return;
    case OD_OUTCOME_REPLAYED:
        c->replay = true;
        c->replayed = *outcome->replayed;
        c->replayed.stock.sku = od_arena_str(&c->req->arena, c->replayed.stock.sku);
        return;
    case OD_OUTCOME_KEY_REUSED:
        od_answer_problem(c, 422, "idempotency_key_reused",
                          "This Idempotency-Key was used before for another request.");
        return;
    case OD_OUTCOME_NUMBER_TAKEN:
        od_answer_problem(
            c, 409, "order_number_taken",
            "An order with this number or uuid exists already. If the number came from "
            "the order.number policy, it must use seq.value.");
        return;
    }
}

static void send(struct od_call *c)
{
    struct od_http_request *req = c->req;
    if (c->version)
        od_api_set_etag(req, c->version);
    if (c->status >= 400) {
        od_http_set_type(req, "application/problem+json");
    } else if (c->command.type == OD_COMMAND_PLACE && !c->submission.dry_run) {
        char location[sizeof "/api/orders/" + OD_UUID_TEXT] = "/api/orders/";
        od_uuid_format(&c->uuid, location + sizeof "/api/orders/" - 1);
        od_http_set_header(req, "Location", od_str_of(location));
    }
    if (c->replay)
        od_http_set_header(req, "Idempotency-Replayed", OD_STR("true"));
    od_http_send(req, c->status);
}

static void on_replay_read(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_call *c = ctx;
    if (err || !outcome->order) {
        od_api_send_err(c->req, err);
        return;
    }
    od_answer_order(c, outcome->rules, outcome->order, outcome->activities, c->replayed.ref_id);
    send(c);
}

static void replay(struct od_call *c)
{
    c->status = is_created(c->command.type) ? 201 : 200;
    if (!c->replayed.order_id) {
        od_answer_stock(c, &c->replayed.stock);
        send(c);
        return;
    }
    c->read = (struct od_read){
        .ref = {.order_id = c->replayed.order_id},
        .version = c->replayed.version,
        .ctx = c,
        .done = on_replay_read,
    };
    od_engine_read(c->api->engine, &c->read);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct od_call *c = ctx;
    if (err)
        od_api_send_err(c->req, err);
    else if (c->replay)
        replay(c);
    else
        send(c);
}

/* If-Match: "3" (or 3); `*` asks only that the order exists. */
static bool read_if_match(struct od_call *c)
{
    struct od_str value = od_str_trim(od_http_header(c->req, "If-Match"));
    if (!value.ptr || od_str_is(value, "*"))
        return true;
    int64_t version;
    struct od_str digits = value;
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        digits = od_str_slice(value, 1, value.len - 1);
    if (!od_str_to_i64(digits, 1, INT32_MAX, &version)) {
        od_problem_sendf(c->req, 400, "bad_if_match", "If-Match must be a version, as \"3\".");
        return false;
    }
    c->submission.if_match = (int32_t)version;
    return true;
}

static bool read_key(struct od_call *c)
{
    struct od_str key = od_http_header(c->req, "Idempotency-Key");
    if (!key.ptr)
        return true;
    bool printable = key.len > 0 && key.len <= MAX_KEY;
    for (size_t i = 0; printable && i < key.len; i++)
        printable = key.ptr[i] > ' ' && key.ptr[i] <= '~';
    if (!printable) {
        od_problem_sendf(c->req, 400, "bad_idempotency_key",
                         "Idempotency-Key must be 1 to %d printable ASCII characters.", MAX_KEY);
        return false;
    }
    c->submission.key = key;
    struct od_sha256 *digest = od_sha256_new();
    od_sha256_update(digest, od_str_of(od_http_method_name(c->req->method)));
    od_sha256_update(digest, c->req->path);
    od_sha256_update(digest, OD_STR("\n"));
    od_sha256_update(digest, c->req->body);
    od_sha256_free(digest, c->submission.request_hash);
    return true;
}

static void send_problems(struct od_http_request *req, const struct od_problem_list *list)
{
    struct od_problem_error *errors =
        OD_NEW_ARRAY(&req->arena, struct od_problem_error, list->count);
    for (size_t i = 0; i < list->count; i++)
        errors[i] = (struct od_problem_error){list->items[i].pointer, list->items[i].detail};
    struct od_problem problem = {
        .status = 422,
        .code = "invalid",
        .detail = list->items[0].detail,
        .errors = errors,
        .error_count = list->count,
    };
    od_problem_send(req, &problem);
}

/* Most commands need a body; these mean something without one. */
static bool body_optional(enum od_command_type type)
{
    return type == OD_COMMAND_CANCEL || type == OD_COMMAND_CREATE_SHIPMENT ||
           type == OD_COMMAND_RELEASE || type == OD_COMMAND_HOLD || type == OD_COMMAND_COMPOSITE;
}

static bool read_body(struct od_call *c, enum od_command_type type)
{
    struct od_http_request *req = c->req;
    struct od_str text = req->body;
    struct od_json *body = NULL;
    struct od_err err;
    if (od_str_trim(text).len == 0 && body_optional(type))
        text = OD_STR("{}");
    if (od_json_parse(&req->arena, text, MAX_DEPTH, &body, &err)) {
        od_problem_sendf(req, 400, "malformed_json", "The body is not JSON: %s", err.message);
        return false;
    }
    struct od_problem_list problems = {.arena = &req->arena};
    struct od_str currency = od_engine_rules(c->api->engine)->default_currency;
    if (od_command_parse(type, body, &req->arena, currency, &c->command, &problems)) {
        send_problems(req, &problems);
        return false;
    }
    return true;
}

/* The parts of the path that belong to the command. */
static bool read_path(struct od_call *c)
{
    struct od_http_request *req = c->req;
    struct od_str sku = od_http_param(req, "sku");
    struct od_str shipment = od_http_param(req, "shipmentId");
    struct od_str handle = od_http_param(req, "handle");
    struct od_str name = od_http_param(req, "name");
    int64_t id = 0;
    if (sku.ptr)
        c->command.sku = sku;
    if (handle.ptr)
        c->command.hold.handle = handle;
    if (name.ptr)
        c->command.name = name;
    if (shipment.ptr && !od_str_to_i64(shipment, 1, INT32_MAX, &id)) {
        od_problem_sendf(req, 404, "shipment_not_found", "The order has no such shipment.");
        return false;
    }
    if (shipment.ptr)
        c->command.shipment.shipment_id = (int32_t)id;
    return !od_http_param(req, "id").ptr || od_api_order_ref(req, &c->submission.ref);
}

static void handle(void *ctx, struct od_http_request *req, enum od_command_type type)
{
    struct od_api *api = ctx;
    struct od_call *c = OD_NEW(&req->arena, struct od_call);
    c->api = api;
    c->req = req;
    struct od_str actor;
    if (!od_auth_allow(api->auth, req, OD_ROLE_STAFF, &actor))
        return;
    if (!read_body(c, type))
        return;
    c->command.type = type;
    c->command.actor = od_arena_str(&req->arena, actor);
    if (!read_path(c) || !read_if_match(c) || !read_key(c) ||
        !od_api_dry_run(c->req, &c->submission.dry_run))
        return;
    c->submission.command = &c->command;
    c->submission.principal = c->command.actor;
    c->submission.ctx = c;
    c->submission.decided = on_decided;
    c->submission.done = on_done;
    od_engine_submit(api->engine, &c->submission);
}

#define HANDLER(name, type)                                                                        \
    static void handle_##name(void *ctx, struct od_http_request *req)                              \
    {                                                                                              \
        handle(ctx, req, type);                                                                    \
    }
HANDLER(place, OD_COMMAND_PLACE)
HANDLER(patch, OD_COMMAND_PATCH)
HANDLER(cancel, OD_COMMAND_CANCEL)
HANDLER(payment, OD_COMMAND_PAYMENT)
HANDLER(create_shipment, OD_COMMAND_CREATE_SHIPMENT)
HANDLER(update_shipment, OD_COMMAND_UPDATE_SHIPMENT)
HANDLER(hold, OD_COMMAND_HOLD)
HANDLER(release, OD_COMMAND_RELEASE)
HANDLER(add_activity, OD_COMMAND_ADD_ACTIVITY)
HANDLER(composite, OD_COMMAND_COMPOSITE)
HANDLER(set_inventory, OD_COMMAND_SET_INVENTORY)
#undef HANDLER

void od_api_command_routes(struct od_api *api, struct od_http_router *router)
{
    static const struct od_http_route routes[] = {
        {"place", OD_HTTP_POST, "/api/orders", OD_HTTP_JSON, handle_place, NULL, {0}},
        {"patch", OD_HTTP_PATCH, "/api/orders/:id", OD_HTTP_JSON, handle_patch, NULL, {0}},
        {"cancel", OD_HTTP_POST, "/api/orders/:id/cancel", OD_HTTP_JSON, handle_cancel, NULL, {0}},
        {"payment",
         OD_HTTP_POST,
         "/api/orders/:id/payments",
         OD_HTTP_JSON,
         handle_payment,
         NULL,
         {0}},
        {"create_shipment",
         OD_HTTP_POST,
         "/api/orders/:id/shipments",
         OD_HTTP_JSON,
         handle_create_shipment,
         NULL,
         {0}},
        {"update_shipment",
         OD_HTTP_PATCH,
         "/api/orders/:id/shipments/:shipmentId",
         OD_HTTP_JSON,
         handle_update_shipment,
         NULL,
         {0}},
        {"hold", OD_HTTP_POST, "/api/orders/:id/holds", OD_HTTP_JSON, handle_hold, NULL, {0}},
        {"release",
         OD_HTTP_DELETE,
         "/api/orders/:id/holds/:handle",
         OD_HTTP_JSON,
         handle_release,
         NULL,
         {0}},
        {"add_activity",
         OD_HTTP_POST,
         "/api/orders/:id/activities",
         OD_HTTP_JSON,
         handle_add_activity,
         NULL,
         {0}},
        {"composite",
         OD_HTTP_POST,
         "/api/orders/:id/commands/:name",
         OD_HTTP_JSON,
         handle_composite,
         NULL,
         {0}},
        {"set_inventory",
         OD_HTTP_PUT,
         "/api/inventory/:sku",
         OD_HTTP_JSON,
         handle_set_inventory,
         NULL,
         {0}},
    };
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct od_http_route route = routes[i];
        route.ctx = api;
        od_http_router_add(router, &route);
    }
}
