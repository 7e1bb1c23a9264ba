#include "api/bulk/bulk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/auth.h"
#include "api/command/answer.h"
#include "api/documents/mails.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/idempotency_key.h"
#include "order/machine/command_kind.h"
#include "order/machine/parse.h"
#include "order/model/shop.h"

enum {
    WINDOW = 512,          /* lines with the engine: enough for full batches on every lane */
    WAITING_MAX = 4096,    /* behind others of their order: bounds their memory */
    ANSWER_MAX = 1 << 20,  /* bytes of one line's answer */
    ANSWER_USUAL = 2048,   /* what is kept free for a line that is under way: most take a fifth */
    TURN_LINES = 512,      /* read before the loop sees to others, which … */
    TURN_BYTES = 64 << 10, /* … wrong lines would keep waiting */
};

bool od_bulk_refuse(struct od_bulk_line *l, int status, const char *code, const char *fmt, ...)
{
    char text[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    l->problem = (struct od_problem){
        .status = status, .code = code, .detail = od_arena_str(&l->arena, od_str_of(text))};
    return false;
}

bool od_bulk_read_body(struct od_bulk_line *l, enum od_command_type type,
                       const struct od_json *body)
{
    const struct od_rules *rules = od_engine_rules(l->bulk->api->engine);
    struct od_str currency = od_shop_currency(rules->shop, body, rules->default_currency);
    struct od_problem_list problems = {.arena = &l->arena};
    if (od_command_parse(type, body, &l->arena, currency, &l->command, &problems) == 0)
        return od_api_knows_mail(l->bulk->api, &l->command, &l->arena, &l->problem);
    l->problem = od_findings_problem(&problems);
    return false;
}

bool od_bulk_read_order(struct od_bulk_line *l, struct od_str name)
{
    l->name = name;
    if (od_order_ref_parse(name, &l->submission.ref))
        return true;
    return od_bulk_refuse(l, 404, "order_not_found", "There is no such order.");
}

/* ---- answers */

static void drop(struct od_bulk_line *l)
{
    od_arena_fini(&l->arena);
    free(l);
}

static void answer(struct od_bulk *b)
{
    struct od_http_request *req = b->req;
    for (size_t i = 0; i < b->count; i++)
        od_buf_str(od_http_body(req), b->answers[i]);
    od_deferred_cancel(&b->turn);
    od_map_fini(&b->busy);
    od_buf_fini(&b->scratch);
    od_http_set_type(req, b->format->type);
    od_api_set_position(req, &b->changed);
    od_http_send(req, 200);
}

static void keep(struct od_bulk *b, const struct od_bulk_line *l)
{
    b->answers[l->index] = od_arena_str(&b->req->arena, l->answer);
    b->answered += l->answer.len;
}

static void submit(struct od_bulk_line *l);
static void go_on(struct od_bulk *b);

static void drop_behind(struct od_bulk *b, struct od_bulk_line *l)
{
    while (l) {
        struct od_bulk_line *behind = l->behind;
        b->waiting--;
        drop(l);
        l = behind;
    }
}

/* The line has its answer: the next of its order goes on, or a new one. Nothing is begun once
 * nobody is there to be told of it. */
void od_bulk_finish(struct od_bulk_line *l)
{
    struct od_bulk *b = l->bulk;
    struct od_bulk_line *behind = l->behind;
    keep(b, l);
    if (l->key.ptr && !behind)
        (void)od_map_remove(&b->busy, l->key);
    od_list_remove(&l->node);
    drop(l);
    b->in_flight--;
    if (!b->req->conn) {
        drop_behind(b, behind);
    } else if (behind) {
        b->waiting--;
        submit(behind);
    }
    go_on(b);
}

/* ---- lines */

static void submit(struct od_bulk_line *l)
{
    l->bulk->in_flight++;
    od_list_push(&l->bulk->lines, &l->node);
    od_engine_submit(l->bulk->api->engine, &l->submission);
}

/* Lines with the same are taken in turn: the name of the order, in one spelling, or the SKU. */
static struct od_str key_of(struct od_bulk_line *l)
{
    const struct od_order *draft = l->command.type == OD_COMMAND_PLACE ? l->command.draft : NULL;
    const struct od_order_ref *ref = &l->submission.ref;
    struct od_str number = draft ? draft->order_number : ref->order_number;
    struct od_uuid uuid = draft ? draft->uuid : ref->uuid;
    char text[OD_UUID_TEXT + 1];
    if (l->command.sku.ptr)
        return od_arena_printf(&l->arena, "s%.*s", OD_STR_ARG(l->command.sku));
    if (!od_uuid_is_zero(&uuid)) {
        od_uuid_format(&uuid, text);
        return od_arena_printf(&l->arena, "u%s", text);
    }
    if (number.ptr)
        return od_arena_printf(&l->arena, "n%.*s", OD_STR_ARG(number));
    return ref->order_id ? od_arena_printf(&l->arena, "i%lld", (long long)ref->order_id)
                         : OD_STR_NONE;
}

/* The request's key stands for each of its lines, with the line's number behind it. */
static void hash_request(struct od_bulk_line *l, struct od_str text)
{
    struct od_submission *s = &l->submission;
    if (!s->key.ptr && l->bulk->key.ptr)
        s->key = od_arena_printf(&l->arena, "%.*s:%zu", OD_STR_ARG(l->bulk->key), l->number);
    if (!s->key.ptr)
        return;
    text = od_str_trim(text); /* a line's end is not part of it: the last one may have none */
    struct od_sha256 *digest = od_sha256_new();
    od_sha256_update(digest, OD_STR("batch\n"));
    od_sha256_update(digest, text);
    od_sha256_free(digest, s->request_hash);
}

/* In turn behind the line before it on the same order, if that is under way. */
static void dispatch(struct od_bulk_line *l)
{
    struct od_bulk *b = l->bulk;
    struct od_submission *s = &l->submission;
    l->command.actor = s->principal = b->who->name;
    l->command.refund_below = od_principal_refund_below(b->who);
    s->command = &l->command;
    s->dry_run = s->dry_run || b->dry_run;
    s->ctx = l;
    s->decided = od_bulk_decided;
    s->done = od_bulk_done;
    l->key = key_of(l);
    struct od_bulk_line *before = l->key.ptr ? od_map_remove(&b->busy, l->key) : NULL;
    if (l->key.ptr)
        od_map_put(&b->busy, l->key, l);
    if (before) {
        before->behind = l;
        b->waiting++;
    } else {
        submit(l);
    }
}

static struct od_str rest_of(const struct od_bulk *b)
{
    return b->format == &od_bulk_csv ? b->csv.rest : b->rest;
}

/* Whether one more answer may not fit any more, beside those that are yet to come. */
static bool is_full(const struct od_bulk *b)
{
    size_t room = od_http_body(b->req)->max;
    return b->answered + (b->in_flight + b->waiting + 1) * ANSWER_USUAL + ANSWER_MAX > room;
}

/* The line instead of which the batch ends. */
static void refuse_rest(struct od_bulk_line *l)
{
    l->bulk->ended = true;
    (void)od_bulk_refuse(l, 413, "answer_too_large",
                         "From here on nothing was done: the answers before are as long as one "
                         "response may be. Send the rest in another batch.");
}

static void check_permission(struct od_bulk_line *l)
{
    enum od_permission needed = od_auth_of_command(od_command_kinds[l->command.type]);
    const struct od_principal *who = l->bulk->who;
    if (!od_principal_may(who, needed))
        (void)od_bulk_refuse(l, 403, "forbidden", "%s", od_auth_lacks(who, needed, &l->arena).ptr);
}

/* Takes one line; false: there is none. */
static bool take_line(struct od_bulk *b)
{
    struct od_bulk_line *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->bulk = b;
    od_arena_init(&l->arena);
    struct od_str before = rest_of(b);
    if (!b->format->next(b, l)) {
        drop(l);
        return false;
    }
    struct od_str text = od_str_n(before.ptr, before.len - rest_of(b).len);
    b->answers = od_arena_grow(&b->req->arena, b->answers, b->count, &b->cap, sizeof *b->answers);
    l->index = b->count++;
    if (!l->problem.status)
        check_permission(l);
    if (is_full(b))
        refuse_rest(l);
    if (l->problem.status) {
        od_bulk_write_problem(l);
        keep(b, l);
        drop(l);
        return true;
    }
    hash_request(l, text);
    dispatch(l);
    return true;
}

static void go_on(struct od_bulk *b)
{
    size_t left = rest_of(b).len;
    b->ended = b->ended || !b->req->conn;
    for (int n = 0; !b->ended && b->in_flight < WINDOW && b->waiting < WAITING_MAX; n++) {
        if (n == TURN_LINES || left - rest_of(b).len > TURN_BYTES) {
            od_deferred_arm(&b->turn);
            return;
        }
        if (!take_line(b))
            b->ended = true;
    }
    if (b->ended && b->in_flight == 0)
        answer(b);
}

static void on_turn(void *ctx)
{
    go_on(ctx);
}

/* What the database does not know of yet is taken back; `done` of each follows. */
static void on_gone(void *ctx)
{
    struct od_bulk *b = ctx;
    for (struct od_list *n = b->lines.next; n != &b->lines; n = n->next)
        od_engine_withdraw(b->api->engine,
                           &OD_LIST_ENTRY(n, struct od_bulk_line, node)->submission);
}

/* ---- the request */

static bool read_key(struct od_bulk *b)
{
    struct od_str key = od_http_header(b->req, "Idempotency-Key");
    enum { ROOM = 21 }; /* ":" and a line's number */
    if (!key.ptr)
        return true;
    b->key = key;
    bool valid = od_idempotency_key_valid(key, ROOM);
    if (!valid)
        od_problem_sendf(b->req, 400, "bad_idempotency_key",
                         "Idempotency-Key must be 1 to %d printable ASCII characters here.",
                         OD_IDEMPOTENCY_KEY_MAX - ROOM);
    return valid;
}

static void handle(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    struct od_api *api = ctx;
    struct od_bulk *b = OD_NEW(&req->arena, struct od_bulk);
    b->api = api;
    b->req = req;
    b->who = who;
    b->format = od_http_type_is(req, OD_STR("text/csv")) ? &od_bulk_csv : &od_bulk_ndjson;
    if (!read_key(b) || !od_api_dry_run(req, &b->dry_run) || !b->format->begin(b))
        return;
    od_map_init(&b->busy);
    od_buf_init(&b->scratch, ANSWER_MAX);
    od_deferred_init(&b->turn, api->loop, on_turn, b);
    od_list_init(&b->lines);
    req->gone = on_gone;
    req->gone_ctx = b;
    go_on(b);
}

OD_EMBED(od_api_bulk_text, "api/bulk/bulk.json");

static const struct od_api_route routes[] = {
    {"batch", OD_HTTP_POST, "/api/batch", OD_HTTP_NDJSON | OD_HTTP_CSV | OD_HTTP_LARGE,
     OD_MAY_ORDERS_VIEW, handle},
};

const struct od_api_chapter od_api_bulk = OD_API_CHAPTER(routes, od_api_bulk_text);
