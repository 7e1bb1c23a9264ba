#include "api/command/call.h"
#include "api/documents/mails.h"
#include "api/outcome.h"
#include "base/idempotency_key.h"
#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/command.h"
#include "order/model/shop.h"

/*
 * Commands over HTTP: body to od_command, headers to the submission's terms, outcome to answer. The
 * answer is rendered when the batch is decided and sent when it is committed.
 */

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct od_call *c = ctx;
    c->changed = (struct od_api_changed){0};
    if (od_answer_problem(c, outcome) || od_answer_unseen(c, outcome))
        return;
    od_api_add_changed(&c->changed, &c->submission, outcome);
    c->replayed = outcome->kind == OD_OUTCOME_REPLAYED;
    c->status = od_command_kinds[c->command.type]->creates && !c->submission.dry_run ? 201 : 200;
    if (outcome->stock)
        od_answer_stock(c, outcome->stocks, outcome->stock);
    else
        od_answer_order(c, outcome);
}

static bool answers_new_order(const struct od_command_kind *kind)
{
    return kind->subject == OD_SUBJECT_NEW_ORDER || kind->makes_order;
}

static void send(struct od_call *c)
{
    struct od_http_request *req = c->req;
    if (c->version)
        od_api_set_etag(req, c->version);
    od_api_set_position(req, &c->changed);
    if (c->status >= 400) {
        od_http_set_type(req, "application/problem+json");
    } else if (answers_new_order(od_command_kinds[c->command.type]) && !c->submission.dry_run) {
        char location[sizeof "/api/orders/" + OD_UUID_TEXT] = "/api/orders/";
        od_uuid_format(&c->uuid, location + sizeof "/api/orders/" - 1);
        od_http_set_header(req, "Location", od_str_of(location));
    }
    if (c->replayed)
        od_http_set_header(req, "Idempotency-Replayed", OD_STR("true"));
    od_http_send(req, c->status);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct od_call *c = ctx;
    if (err)
        od_api_send_err(c->req, err);
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
    if (!od_idempotency_key_valid(key, 0)) {
        od_problem_sendf(c->req, 400, "bad_idempotency_key",
                         "Idempotency-Key must be 1 to %d printable ASCII characters.",
                         OD_IDEMPOTENCY_KEY_MAX);
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

void od_call_begin(struct od_call *c, struct od_api *api, struct od_http_request *req,
                   const struct od_principal *who)
{
    c->api = api;
    c->req = req;
    c->who = who;
    c->submission.principal = who->name;
    c->submission.stores = who->stores;
    c->submission.store_count = who->store_count;
}

bool od_call_body(struct od_call *c, bool optional, struct od_json **body)
{
    struct od_str text = c->req->body;
    struct od_err err;
    if (od_str_trim(text).len == 0 && optional)
        text = OD_STR("{}");
    if (od_json_parse(&c->req->arena, text, OD_API_BODY_DEPTH, body, &err) == 0)
        return true;
    od_problem_sendf(c->req, 400, "malformed_json", "The body is not JSON: %s", err.message);
    return false;
}

bool od_call_parse(struct od_call *c, enum od_command_type type, const struct od_json *body,
                   struct od_str currency)
{
    struct od_problem_list list = {.arena = &c->req->arena};
    if (od_command_parse(type, body, &c->req->arena, currency, &c->command, &list)) {
        struct od_problem problem = od_findings_problem(&list);
        od_problem_send(c->req, &problem);
        return false;
    }
    c->command.type = type;
    c->command.actor = c->submission.principal;
    c->command.refund_below = od_principal_refund_below(c->who);
    if (od_command_kinds[type]->subject != OD_SUBJECT_NEW_ORDER ||
        od_principal_sees_store(c->who, c->command.draft->store))
        return true;
    od_problem_sendf(c->req, 403, "stores_hidden",
                     "The role %.*s places orders of its stores alone; name one of them as store.",
                     OD_STR_ARG(c->who->role));
    return false;
}

bool od_call_part(struct od_call *c, const char *param, const char *what, int32_t *id)
{
    struct od_str text = od_http_param(c->req, param);
    int64_t value;
    if (!text.ptr)
        return true;
    if (od_str_to_i64(text, 1, INT32_MAX, &value)) {
        *id = (int32_t)value;
        return true;
    }
    struct od_str code = od_arena_printf(&c->req->arena, "%s_not_found", what);
    od_problem_sendf(c->req, 404, code.ptr, "The order has no such %s.", what);
    return false;
}

bool od_call_terms(struct od_call *c)
{
    if (od_http_param(c->req, "id").ptr && !od_api_order_ref(c->req, &c->submission.ref))
        return false;
    return read_if_match(c) && read_key(c) && od_api_dry_run(c->req, &c->submission.dry_run);
}

static void on_gone(void *ctx)
{
    struct od_call *c = ctx;
    od_engine_withdraw(c->api->engine, &c->submission);
}

void od_call_hand_over(struct od_call *c)
{
    c->req->gone = on_gone;
    c->req->gone_ctx = c;
    od_engine_submit(c->api->engine, &c->submission);
}

void od_call_submit(struct od_call *c)
{
    c->submission.command = &c->command;
    c->submission.ctx = c;
    c->submission.decided = on_decided;
    c->submission.done = on_done;
    od_call_hand_over(c);
}

static bool read_body(struct od_call *c, enum od_command_type type)
{
    const struct od_rules *rules = od_engine_rules(c->api->engine);
    struct od_json *body;
    return od_call_body(c, od_command_kinds[type]->body_optional, &body) &&
           od_call_parse(c, type, body,
                         od_shop_currency(rules->shop, body, rules->default_currency));
}

/* Reads the value that the path has beside the order. */
static bool read_path(struct od_call *c)
{
    const struct od_command_member *m = od_command_kinds[c->command.type]->member;
    int32_t id = 0;
    if (!m)
        return true;
    if (!m->part) {
        od_command_set_text(&c->command, m, od_http_param(c->req, m->name));
        return true;
    }
    if (!od_call_part(c, m->name, m->part, &id))
        return false;
    od_command_set_id(&c->command, m, id);
    return true;
}

static bool knows_mail(struct od_call *c)
{
    struct od_problem problem;
    if (od_api_knows_mail(c->api, &c->command, &c->req->arena, &problem))
        return true;
    od_problem_send(c->req, &problem);
    return false;
}

void od_api_command(struct od_api *api, struct od_http_request *req, const struct od_principal *who,
                    enum od_command_type type)
{
    struct od_call *c = OD_NEW(&req->arena, struct od_call);
    od_call_begin(c, api, req, who);
    if (read_body(c, type) && read_path(c) && knows_mail(c) && od_call_terms(c))
        od_call_submit(c);
}
