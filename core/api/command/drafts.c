#include "order/machine/parse.h"
#include "base/embed.h"
#include "store/drafts.h"

#include "api/command/answer.h"
#include "api/command/call.h"
#include "api/outcome.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "order/model/shop.h"
#include "pg/conn.h"
#include "pg/transaction.h"

/*
 * Drafts: any JSON object is kept as it is and told what is missing of an order. Placing one gives
 * the PLACE command with the draft's uuid, which orders are unique by: however often and from
 * wherever it is repeated, there is one order.
 */

enum { MAX_DEPTH = 32, MAX_PAGE = 100, DEFAULT_PAGE = 20 };

struct draft_call {
    struct od_call call; /* of the placing; else only api and req */
    struct od_uuid uuid;
    struct od_draft draft; /* found: strings in the request's arena */
    bool found;
    bool taken; /* the order is there already */
    int64_t affected;
    struct od_read read;
    int32_t limit;
};

/* ---- bodies */

/* The command of a draft's body; what is wrong with it goes to *problems. */
static void parse(const struct draft_call *d, struct od_str text, const struct od_uuid *uuid,
                  struct od_command *c, struct od_problem_list *problems)
{
    const struct od_rules *rules = od_engine_rules(d->call.api->engine);
    struct od_json *body;
    struct od_err err;
    problems->arena = &d->call.req->arena;
    if (od_json_parse(problems->arena, text, MAX_DEPTH, &body, &err)) {
        od_problem_add(problems, "", "%s", err.message);
        return;
    }
    struct od_str currency = od_shop_currency(rules->shop, body, rules->default_currency);
    if (od_command_parse(OD_COMMAND_PLACE, body, problems->arena, currency, c, problems))
        return;
    if (!od_uuid_is_zero(&c->draft->uuid) && memcmp(&c->draft->uuid, uuid, sizeof *uuid) != 0)
        od_problem_add(problems, "/uuid", "must be left out: the order gets the draft's");
    c->draft->uuid = *uuid;
    od_shop_check_metadata(rules->shop, c->draft->metadata, true, "/metadata", problems);
}

static void write_problems(struct od_json_writer *w, const struct draft_call *d,
                           const struct od_draft *draft)
{
    struct od_problem_list problems = {0};
    struct od_command command;
    parse(d, draft->body, &draft->uuid, &command, &problems);
    od_jw_array(w);
    for (size_t i = 0; i < problems.count; i++) {
        od_jw_object(w);
        od_jw_key(w, "pointer");
        od_jw_str(w, problems.items[i].pointer);
        od_jw_key(w, "detail");
        od_jw_str(w, problems.items[i].detail);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_draft(struct od_json_writer *w, const struct draft_call *d,
                        const struct od_draft *draft)
{
    char uuid[OD_UUID_TEXT + 1];
    od_uuid_format(&draft->uuid, uuid);
    od_jw_object(w);
    od_jw_key(w, "uuid");
    od_jw_cstr(w, uuid);
    od_jw_key(w, "body");
    od_jw_raw(w, draft->body);
    od_jw_key(w, "problems");
    write_problems(w, d, draft);
    od_jw_key(w, "actor");
    od_jw_str(w, draft->actor);
    od_jw_key(w, "createdAt");
    od_jw_time(w, draft->created_at);
    od_jw_key(w, "updatedAt");
    od_jw_time(w, draft->updated_at);
    od_jw_key(w, "placed");
    od_jw_bool(w, draft->order_id != 0);
    od_jw_key(w, "orderId");
    if (draft->order_id)
        od_jw_i64(w, draft->order_id);
    else
        od_jw_null(w);
    od_jw_key(w, "orderNumber");
    od_jw_str(w, draft->order_number);
    od_jw_object_end(w);
}

/* ---- what all have in common */

static struct draft_call *begin(void *ctx, struct od_http_request *req,
                                const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct draft_call *d = OD_NEW(&req->arena, struct draft_call);
    struct od_str uuid = od_http_param(req, "uuid");
    d->call.api = api;
    d->call.req = req;
    d->call.who = who;
    d->call.command.actor = who->name;
    if (!uuid.ptr || od_uuid_parse(uuid, &d->uuid))
        return d;
    od_problem_sendf(req, 404, "draft_not_found", "There is no such draft.");
    return NULL;
}

static bool no_query(struct od_http_request *req)
{
    static const char *const none[] = {NULL};
    return od_api_query_known(req, none);
}

static void on_draft(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct draft_call *d = ctx;
    struct od_arena *a = &d->call.req->arena;
    if (err || !r->rows)
        return;
    d->found = true;
    od_draft_read(r, 0, &d->draft);
    d->draft.body = od_arena_str(a, d->draft.body);
    d->draft.actor = od_arena_str(a, d->draft.actor);
    d->draft.order_number = od_arena_str(a, d->draft.order_number);
}

static void on_changed(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct draft_call *d = ctx;
    d->affected = err ? 0 : r->affected;
}

/* False: answered, because the database failed or there is no such draft. */
static bool is_there(struct draft_call *d, bool failed)
{
    bool found = !failed && d->found; /* *d goes with the answer */
    if (failed) {
        od_api_send_unavailable(d->call.req);
    } else if (!found) {
        od_problem_sendf(d->call.req, 404, "draft_not_found", "There is no such draft.");
    }
    return found;
}

static void send_draft(struct draft_call *d, int status)
{
    struct od_json_writer w;
    od_jw_init(&w, od_http_body(d->call.req));
    write_draft(&w, d, &d->draft);
    od_http_send(d->call.req, status);
}

static void send_unchanged(struct draft_call *d)
{
    if (d->draft.order_id)
        od_problem_sendf(d->call.req, 409, "draft_placed", "The draft is order %.*s by now.",
                         OD_STR_ARG(d->draft.order_number));
    else
        od_problem_sendf(d->call.req, 409, "draft_being_placed",
                         "The draft is just being placed. Retry in a moment.");
}

/* ---- POST, GET, PUT, DELETE */

static void on_created(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    char location[sizeof "/api/drafts/" + OD_UUID_TEXT] = "/api/drafts/";
    if (!is_there(d, failed))
        return;
    od_uuid_format(&d->draft.uuid, location + sizeof "/api/drafts/" - 1);
    od_http_set_header(d->call.req, "Location", od_str_of(location));
    send_draft(d, 201);
}

static void create(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct draft_call *d = begin(ctx, req, who);
    struct od_json *body;
    if (!d || !no_query(req) || !od_api_object(req, &body))
        return;
    struct od_pg_conn *conn = d->call.api->query;
    d->uuid = od_uuid_v7(od_clock_us());
    od_draft_insert_send(conn, &d->uuid, req->body, d->call.command.actor, on_draft, d);
    od_pg_sync(conn, on_created, d);
}

static void on_got(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    if (is_there(d, failed))
        send_draft(d, 200);
}

static void get_draft(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct draft_call *d = begin(ctx, req, who);
    if (!d || !no_query(req))
        return;
    od_draft_select_send(d->call.api->query, &d->uuid, on_draft, d);
    od_pg_sync(d->call.api->query, on_got, d);
}

static void on_replaced(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    if (!is_there(d, failed))
        return;
    if (d->affected)
        send_draft(d, 200);
    else
        send_unchanged(d);
}

static void replace(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct draft_call *d = begin(ctx, req, who);
    struct od_json *body;
    if (!d || !no_query(req) || !od_api_object(req, &body))
        return;
    od_draft_update_send(d->call.api->query, &d->uuid, req->body, on_changed, d);
    od_draft_select_send(d->call.api->query, &d->uuid, on_draft, d);
    od_pg_sync(d->call.api->query, on_replaced, d);
}

static void on_deleted(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    if (!is_there(d, failed))
        return;
    if (d->affected)
        od_http_send(d->call.req, 204);
    else
        send_unchanged(d);
}

static void delete_draft(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct draft_call *d = begin(ctx, req, who);
    if (!d || !no_query(req))
        return;
    od_draft_select_send(d->call.api->query, &d->uuid, on_draft, d);
    od_draft_delete_send(d->call.api->query, &d->uuid, on_changed, d);
    od_pg_sync(d->call.api->query, on_deleted, d);
}

/* ---- the list */

static void on_list(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct draft_call *d = ctx;
    struct od_json_writer w;
    struct od_draft draft = {0};
    char uuid[OD_UUID_TEXT + 1];
    if (err)
        return;
    od_jw_init(&w, od_http_body(d->call.req));
    od_jw_object(&w);
    od_jw_key(&w, "items");
    od_jw_array(&w);
    for (int i = 0; i < r->rows && i < d->limit; i++) {
        od_draft_read(r, i, &draft);
        write_draft(&w, d, &draft);
    }
    od_jw_array_end(&w);
    od_jw_key(&w, "next");
    od_uuid_format(&draft.uuid, uuid);
    od_jw_str(&w, r->rows > d->limit ? od_str_of(uuid) : OD_STR_NONE);
    od_jw_object_end(&w);
}

static void on_listed(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    d->found = true;
    if (is_there(d, failed))
        od_http_send(d->call.req, 200);
}

static void list(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const names[] = {"after", "limit", "open", NULL};
    struct draft_call *d = begin(ctx, req, who);
    if (!d || !od_api_query_known(req, names))
        return;
    struct od_str after = od_http_query(req, "after"), limit = od_http_query(req, "limit");
    struct od_str open = od_http_query(req, "open");
    bool open_only = od_str_is(open, "true");
    int64_t n = DEFAULT_PAGE;
    if ((after.ptr && !od_uuid_parse(after, &d->uuid)) ||
        (limit.ptr && !od_str_to_i64(limit, 1, MAX_PAGE, &n)) ||
        (open.ptr && !open_only && !od_str_is(open, "false"))) {
        od_problem_sendf(req, 422, "bad_query",
                         "after must be a draft's uuid, limit 1 to %d, open true or false.",
                         MAX_PAGE);
        return;
    }
    d->limit = (int32_t)n;
    od_draft_list_send(d->call.api->query, after.ptr ? &d->uuid : NULL, open_only, d->limit + 1,
                       on_list, d);
    od_pg_sync(d->call.api->query, on_listed, d);
}

/* ---- placing */

static void send_order(struct draft_call *d)
{
    struct od_http_request *req = d->call.req;
    char location[sizeof "/api/orders/" + OD_UUID_TEXT] = "/api/orders/";
    if (d->call.status >= 400)
        od_http_set_type(req, "application/problem+json");
    if (d->call.version)
        od_api_set_etag(req, d->call.version);
    od_api_set_position(req, &d->call.changed);
    if (d->call.status == 201) {
        od_uuid_format(&d->uuid, location + sizeof "/api/orders/" - 1);
        od_http_set_header(req, "Location", od_str_of(location));
    }
    od_http_send(req, d->call.status);
}

/* Also when that failed: the claim ends by itself. */
static void on_released(void *ctx, bool failed)
{
    (void)failed;
    send_order(ctx);
}

/* The draft may be changed again before the caller knows that he has to. */
static void refuse(struct draft_call *d)
{
    if (d->call.submission.dry_run) {
        send_order(d);
        return;
    }
    od_draft_release_send(d->call.api->query, &d->draft);
    od_pg_sync(d->call.api->query, on_released, d);
}

/* The order that is there; none of the draft's uuid: its number was another order's. */
static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct draft_call *d = ctx;
    if (err) {
        od_api_send_err(d->call.req, err);
        return;
    }
    if (!outcome->order) {
        refuse(d);
        return;
    }
    d->call.status = 200;
    od_answer_order(&d->call, outcome);
    send_order(d);
}

/* The order that another call placed. */
static void read_order(struct draft_call *d)
{
    d->read = (struct od_read){.ref = {.uuid = d->uuid}, .ctx = d, .done = on_order};
    od_engine_read(d->call.api->engine, &d->read);
}

static void on_witnessed(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    if (is_there(d, failed)) /* and it is replicated */
        read_order(d);
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct draft_call *d = ctx;
    bool done =
        outcome->kind == OD_OUTCOME_DECIDED && outcome->decision->verdict == OD_VERDICT_DONE;
    d->taken = outcome->kind == OD_OUTCOME_NUMBER_TAKEN;
    if (!done) {
        od_answer_problem(&d->call, outcome);
        return;
    }
    d->call.changed = (struct od_api_changed){0};
    od_api_add_changed(&d->call.changed, &d->call.submission, outcome);
    d->call.status = d->call.submission.dry_run ? 200 : 201;
    od_answer_order(&d->call, outcome);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct draft_call *d = ctx;
    struct od_pg_conn *query = d->call.api->query;
    if (err) {
        od_api_send_err(d->call.req, err);
    } else if (d->taken) {
        od_pg_send(query, &od_pg_witness, NULL, NULL, NULL);
        od_pg_sync(query, on_witnessed, d);
    } else if (d->call.status >= 400) {
        refuse(d);
    } else {
        send_order(d);
    }
}

static void submit(struct draft_call *d)
{
    struct od_problem_list problems = {0};
    struct od_str actor = d->call.command.actor;
    parse(d, d->draft.body, &d->uuid, &d->call.command, &problems);
    if (problems.count) {
        struct od_problem problem = od_findings_problem(&problems);
        d->call.status = problem.status;
        od_problem_write(od_http_body(d->call.req), &problem);
        refuse(d);
        return;
    }
    struct od_submission *s = &d->call.submission;
    d->call.command.actor = s->principal = actor;
    s->command = &d->call.command;
    s->ctx = d;
    s->decided = on_decided;
    s->done = on_done;
    od_call_hand_over(&d->call);
}

static void on_to_place(void *ctx, bool failed)
{
    struct draft_call *d = ctx;
    if (!is_there(d, failed))
        return;
    d->call.command.type = OD_COMMAND_PLACE;
    if (d->draft.order_id)
        read_order(d);
    else
        submit(d);
}

static void place(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct draft_call *d = begin(ctx, req, who);
    if (!d || !od_api_dry_run(req, &d->call.submission.dry_run))
        return;
    if (d->call.submission.dry_run)
        od_draft_select_send(d->call.api->query, &d->uuid, on_draft, d);
    else
        od_draft_claim_send(d->call.api->query, &d->uuid, on_draft, d);
    od_pg_sync(d->call.api->query, on_to_place, d);
}

OD_EMBED(od_api_drafts_text, "api/command/drafts.json");

static const struct od_api_route routes[] = {
    {"draft_create", OD_HTTP_POST, "/api/drafts", OD_HTTP_JSON, OD_MAY_DRAFTS_MANAGE, create},
    {"draft_list", OD_HTTP_GET, "/api/drafts", 0, OD_MAY_DRAFTS_VIEW, list},
    {"draft_get", OD_HTTP_GET, "/api/drafts/:uuid", 0, OD_MAY_DRAFTS_VIEW, get_draft},
    {"draft_replace", OD_HTTP_PUT, "/api/drafts/:uuid", OD_HTTP_JSON, OD_MAY_DRAFTS_MANAGE,
     replace},
    {"draft_delete", OD_HTTP_DELETE, "/api/drafts/:uuid", 0, OD_MAY_DRAFTS_MANAGE, delete_draft},
    {"draft_place", OD_HTTP_POST, "/api/drafts/:uuid/place", OD_HTTP_JSON, OD_MAY_DRAFTS_MANAGE,
     place},
};

const struct od_api_chapter od_api_drafts = OD_API_CHAPTER(routes, od_api_drafts_text);
