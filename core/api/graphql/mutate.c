#include "api/command/exchange.h"
#include "api/documents/mails.h"
#include "api/graphql/ask.h"
#include "api/outcome.h"
#include "base/idempotency_key.h"
#include "base/json/value.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/shop.h"
#include "order/show/render.h"
#include "read/graphql/types.h"

/*
 * Mutations: each root field is one command, given to the engine in the order in which they stand,
 * the next one when the one before is committed (section 6.2.2 of the specification). What refuses
 * a command is data. Only what could not be told, such as a lost database, is an error.
 */

enum { TREE_MAX = 1 << 20, TREE_DEPTH = 16, BODIES_EXTRA = 1 << 20 };

struct mutation {
    struct od_ask *ask;
    struct od_gql_plan_field *field;
    const struct od_service *service;
    void (*done)(struct od_ask *ask);
    struct od_command command;
    struct od_submission submission;
    struct od_gql_loaded loaded;
    struct od_gql_payload payload;
    struct od_gql_order order;
    struct od_api_changed changed;

    /* Of an exchange, whose command is to place the new order. */
    struct od_exchange exchange;
    struct od_json *body;
    struct od_read original;
};

static void begin(struct od_ask *ask, struct od_gql_plan_field *f, void (*done)(struct od_ask *));

static void end(struct mutation *m)
{
    m->ask->req->gone = NULL;
    begin(m->ask, m->field->next, m->done);
}

static struct od_json *parse(struct mutation *m, struct od_buf *text)
{
    struct od_arena *a = &m->ask->req->arena;
    struct od_json *tree = NULL;
    struct od_err err;

    if (text->overflow ||
        od_json_parse(a, od_arena_str(a, od_buf_view(text)), TREE_DEPTH, &tree, &err))
        tree = NULL;
    od_buf_fini(text);
    return tree;
}

/* "/items/0/qty" → ["items", "0", "qty"] */
static void write_field(struct od_json_writer *w, struct od_str pointer)
{
    struct od_str piece;

    od_jw_key(w, "field");
    if (!pointer.len) {
        od_jw_null(w);
        return;
    }
    pointer = od_str_slice(pointer, 1, pointer.len);
    od_jw_array(w);
    while (od_str_cut(&pointer, '/', &piece))
        od_jw_str(w, piece);
    od_jw_array_end(w);
}

static void write_error(struct od_json_writer *w, const struct od_problem *p,
                        const struct od_problem_error *e)
{
    struct od_str message = e ? e->detail : p->detail;

    od_jw_object(w);
    od_jw_key(w, "code");
    od_jw_cstr(w, p->code);
    od_jw_key(w, "message");
    od_jw_str(w, message.ptr ? message : od_str_of(p->code));
    write_field(w, e ? e->pointer : OD_STR_NONE);
    od_jw_key(w, "policy");
    od_jw_str(w, p->policy);
    od_jw_key(w, "reason");
    od_jw_str(w, p->policy.ptr ? p->detail : OD_STR_NONE);
    od_jw_object_end(w);
}

/* Makes the payload that of a refusal; NULL: that of a success. */
static void refuse(struct mutation *m, const struct od_problem *p)
{
    struct od_json_writer w;
    struct od_buf b;

    od_buf_init(&b, TREE_MAX);
    od_jw_init(&w, &b);
    od_jw_array(&w);
    for (size_t i = 0; p && i < p->error_count; i++)
        write_error(&w, p, &p->errors[i]);
    if (p && !p->error_count)
        write_error(&w, p, NULL);
    od_jw_array_end(&w);
    m->payload = (struct od_gql_payload){.errors = parse(m, &b)};
    m->loaded = (struct od_gql_loaded){.payload = &m->payload};
}

static void fail(struct mutation *m, const char *code, struct od_str why)
{
    m->loaded = (struct od_gql_loaded){.failed = why, .code = od_str_of(code)};
}

static void show_order(struct mutation *m, const struct od_outcome *outcome)
{
    struct od_arena *a = &m->ask->req->arena;

    m->order = (struct od_gql_order){
        .root = &m->ask->root,
        .order = od_order_keep(a, outcome->order),
        .activities = od_arena_str(a, outcome->activities),
    };
    m->payload.order = &m->order;
    m->payload.part = outcome->ref_id;
}

static void show_stock(struct mutation *m, const struct od_outcome *outcome)
{
    struct od_json_writer w;
    struct od_buf b;

    od_buf_init(&b, TREE_MAX);
    od_jw_init(&w, &b);
    od_stock_write(&w, outcome->stocks, outcome->stock);
    m->payload.stock = parse(m, &b);
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct mutation *m = ctx;
    struct od_problem problem;

    if (od_outcome_problem(outcome, &m->ask->req->arena, &problem)) {
        refuse(m, &problem);
        return;
    }
    refuse(m, NULL);
    m->changed = (struct od_api_changed){0};
    od_api_add_changed(&m->changed, &m->submission, outcome);
    m->payload.replayed = outcome->kind == OD_OUTCOME_REPLAYED;
    if (outcome->stock)
        show_stock(m, outcome);
    else if (outcome->order)
        show_order(m, outcome);
}

static void on_events(void *ctx, bool failed)
{
    struct mutation *m = ctx;

    if (failed)
        fail(m, "unavailable", OD_STR("It was done, but its events cannot be read now."));
    end(m);
}

static int32_t events_wanted(const struct od_gql_plan *payload)
{
    int32_t most = 0;

    for (const struct od_gql_plan_field *f = payload->fields; f; f = f->next) {
        int32_t n = od_str_is(f->field->name, "order") ? od_ask_events_wanted(f->below) : 0;
        most = n > most ? n : most;
    }
    return most;
}

static void refuse_err(struct mutation *m, const struct od_err *err)
{
    struct od_problem problem = od_err_problem(err, false, &m->ask->req->arena);

    if (problem.status < 500)
        refuse(m, &problem);
    else
        fail(m, problem.code, problem.detail);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct mutation *m = ctx;
    int32_t events = events_wanted(m->field->below);

    if (err) {
        refuse_err(m, err);
    } else {
        od_api_join_changed(&m->ask->changed, &m->changed);
        if (m->payload.order && events) {
            od_ask_events(m->ask, &m->order, 1, events, on_events, m);
            return;
        }
    }
    end(m);
}

static void on_gone(void *ctx)
{
    struct mutation *m = ctx;

    m->ask->left = true;
    od_engine_withdraw(m->ask->api->engine, &m->submission);
}

static const struct od_json *argument(const struct mutation *m, const char *name)
{
    const struct od_json *v = od_json_get(m->field->arguments, name);

    return v && v->type != OD_JSON_NULL ? v : NULL;
}

static bool refuse_with(struct mutation *m, const char *code, const char *why)
{
    const struct od_problem problem = {.code = code, .detail = od_str_of(why)};

    refuse(m, &problem);
    return false;
}

/* The body: `input`, with the argument that is a member of it. False: it is no object. */
static bool gather_body(struct mutation *m, struct od_json *body)
{
    struct od_arena *a = &m->ask->req->arena;
    const struct od_json *input = argument(m, "input");
    struct od_str lead = od_gql_lead(a, m->service);
    struct od_json **last = &body->child;

    *body = (struct od_json){.type = OD_JSON_OBJECT};
    if (input && input->type != OD_JSON_OBJECT)
        return refuse_with(m, "invalid", "input must be an object.");
    for (const struct od_json *v = input ? input->child : NULL; v; v = v->next) {
        if (lead.ptr && od_str_eq(v->key, lead))
            continue;
        *last = OD_NEW(a, struct od_json);
        **last = *v;
        (*last)->next = NULL;
        last = &(*last)->next;
        body->count++;
    }
    const struct od_json *given = lead.ptr ? od_json_get_str(m->field->arguments, lead) : NULL;
    if (!given || given->type == OD_JSON_NULL)
        given = lead.ptr && input ? od_json_get_str(input, lead) : NULL;
    if (given) {
        *last = OD_NEW(a, struct od_json);
        **last = *given;
        (*last)->next = NULL;
        (*last)->key = lead;
        body->count++;
    }
    return true;
}

/* The body as REST reads one: commands keep some of its values as they were written, which a value
 * of a document has not (od_json.raw). A variable may stand in many places, so what is written for
 * one request is bounded by what it sent. False: it is refused. */
static bool make_body(struct mutation *m, struct od_json **body)
{
    struct od_ask *ask = m->ask;
    struct od_arena *a = &ask->req->arena;
    size_t most = 2 * ask->req->body.len + BODIES_EXTRA;
    struct od_json gathered;
    struct od_json_writer w;
    struct od_buf b;
    struct od_err err;

    if (!gather_body(m, &gathered))
        return false;
    od_buf_init(&b, most - ask->bodies);
    od_jw_init(&w, &b);
    od_jw_value(&w, &gathered);
    bool fits = !b.overflow;
    struct od_str text = fits ? od_arena_str(a, od_buf_view(&b)) : OD_STR("");
    od_buf_fini(&b);
    ask->bodies += text.len;
    if (!fits)
        return refuse_with(m, "invalid", "input is too large.");
    if (od_json_parse(a, text, OD_API_BODY_DEPTH, body, &err) == 0)
        return true;
    return refuse_with(m, "invalid",
                       od_arena_printf(a, "input cannot be read: %s.", err.message).ptr);
}

static bool is_allowed(struct mutation *m)
{
    enum od_permission needed = od_auth_of_command(od_command_kinds[m->service->type]);
    const struct od_principal *who = m->ask->who;

    return od_principal_may(who, needed) ||
           refuse_with(m, "forbidden", od_auth_lacks(who, needed, &m->ask->req->arena).ptr);
}

static bool is_exchange(const struct mutation *m)
{
    return m->service->type == OD_COMMAND_EXCHANGE;
}

static bool parse_command(struct mutation *m, enum od_command_type type, struct od_str currency)
{
    struct od_arena *a = &m->ask->req->arena;
    struct od_problem_list problems = {.arena = a};

    if (od_command_parse(type, m->body, a, currency, &m->command, &problems)) {
        struct od_problem problem = od_findings_problem(&problems);
        refuse(m, &problem);
        return false;
    }
    m->command.type = type;
    m->command.actor = m->submission.principal;
    m->command.refund_below = od_principal_refund_below(m->ask->who);
    return true;
}

/* The body of an exchange is read when its currency is known. */
static bool read_command(struct mutation *m)
{
    const struct od_rules *rules = m->ask->rules;

    if (!make_body(m, &m->body))
        return false;
    return is_exchange(m) ||
           parse_command(m, m->service->type,
                         od_shop_currency(rules->shop, m->body, rules->default_currency));
}

/* The value that stands beside the body. */
static bool read_beside(struct mutation *m)
{
    const struct od_command_member *beside = od_gql_beside(m->service);
    const struct od_json *v = beside ? argument(m, beside->name) : NULL;
    struct od_command *c = is_exchange(m) ? &m->exchange.exchanged : &m->command;
    int64_t id;

    if (!v)
        return true;
    if (!beside->part) {
        od_command_set_text(c, beside, v->text);
        return true;
    }
    if (!od_json_i64(v, 1, INT32_MAX, &id))
        return refuse_with(m, "invalid", "A part is numbered from 1.");
    od_command_set_id(c, beside, (int32_t)id);
    return true;
}

/* The hash of what the command says, without its key. */
static void hash(struct mutation *m)
{
    struct od_sha256 *digest = od_sha256_new();
    struct od_json_writer w;
    struct od_buf b;

    od_sha256_update(digest, OD_STR("graphql "));
    od_sha256_update(digest, m->field->field->name);
    for (const struct od_json *v = m->field->arguments->child; v; v = v->next) {
        if (od_str_is(v->key, "idempotencyKey"))
            continue;
        od_buf_init(&b, TREE_MAX * 16);
        od_jw_init(&w, &b);
        od_jw_str(&w, v->key);
        od_jw_value(&w, v);
        od_sha256_update(digest, od_buf_view(&b));
        od_buf_fini(&b);
    }
    od_sha256_free(digest, m->submission.request_hash);
}

static bool knows_mail(struct mutation *m)
{
    struct od_problem problem;

    if (od_api_knows_mail(m->ask->api, &m->command, &m->ask->req->arena, &problem))
        return true;
    refuse(m, &problem);
    return false;
}

static bool read_terms(struct mutation *m)
{
    const struct od_json *key = argument(m, "idempotencyKey"), *dry = argument(m, "dryRun"),
                         *version = argument(m, "ifMatch"), *order = argument(m, "order");
    int64_t n;

    if (order && !od_order_ref_parse(order->text, &m->submission.ref))
        return refuse_with(m, "order_not_found", "There is no such order.");
    if (version && !od_json_i64(version, 1, INT32_MAX, &n))
        return refuse_with(m, "invalid", "ifMatch must be a version.");
    m->submission.if_match = version ? (int32_t)n : 0;
    m->submission.dry_run = dry && dry->boolean;
    if (!key)
        return true;
    if (!od_idempotency_key_valid(key->text, 0))
        return refuse_with(m, "bad_idempotency_key",
                           "idempotencyKey must be 1 to 255 printable ASCII characters.");
    m->submission.key = key->text;
    hash(m);
    return true;
}

static void submit(struct mutation *m)
{
    m->submission.command = &m->command;
    m->submission.ctx = m;
    m->submission.decided = on_decided;
    m->submission.done = on_done;
    m->ask->req->gone = on_gone;
    m->ask->req->gone_ctx = m;
    od_engine_submit(m->ask->api->engine, &m->submission);
}

/* False: it has been refused. */
static bool join_original(struct mutation *m, const struct od_order *original)
{
    if (!original)
        return refuse_with(m, "order_not_found", "There is no such order.");
    if (!od_order_return(original, m->exchange.exchanged.ret.return_id))
        return refuse_with(m, "return_not_found", "The order has no such return.");
    if (!parse_command(m, OD_COMMAND_PLACE, original->currency))
        return false;
    od_exchange_join(&m->exchange, &m->submission, &m->command, m->body, original,
                     &m->ask->req->arena);
    return true;
}

static void on_original(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct mutation *m = ctx;

    if (!m->ask->req->conn) /* the client has left before anything was submitted */
        m->ask->left = true;
    else if (err)
        refuse_err(m, err);
    else if (join_original(m, outcome->order)) {
        submit(m);
        return;
    }
    end(m);
}

/* The new order takes from the returned one, which is therefore read first. */
static void exchange(struct mutation *m)
{
    m->original.ref = m->submission.ref;
    m->original.ctx = m;
    m->original.done = on_original;
    od_engine_read(m->ask->api->engine, &m->original);
}

/* Nobody waits for the rest any more, and what may be withdrawn must not be followed by what stands
 * behind it. */
static void stop(struct od_ask *ask, void (*done)(struct od_ask *))
{
    (void)od_err_set(&ask->failed, OD_ERR_UNAVAILABLE, "the client has left");
    done(ask);
}

/* Begins with the first field from f on that is a command; behind the last one it is done. A loop
 * and no recursion, because all of a thousand may be refused at once. */
static void begin(struct od_ask *ask, struct od_gql_plan_field *f, void (*done)(struct od_ask *))
{
    if (ask->left) {
        stop(ask, done);
        return;
    }
    for (; f; f = f->next) {
        const struct od_service *service = f->field->bound;
        if (!service || !f->arguments)
            continue;
        struct mutation *m = OD_NEW(&ask->req->arena, struct mutation);
        m->ask = ask;
        m->field = f;
        m->service = service;
        m->done = done;
        m->submission.principal = ask->who->name;
        f->loaded = &m->loaded;
        if (is_allowed(m) && read_command(m) && read_beside(m) && knows_mail(m) && read_terms(m)) {
            is_exchange(m) ? exchange(m) : submit(m);
            return;
        }
    }
    done(ask);
}

void od_ask_mutate(struct od_ask *ask, void (*done)(struct od_ask *ask))
{
    begin(ask, ask->plan->fields, done);
}
