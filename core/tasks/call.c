#include "tasks/call.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "order/show/render.h"
#include "script/value/order_json.h"

enum { ORDER_MAX = 64 << 20 };

void od_script_call_init(struct od_script_call *c)
{
    *c = (struct od_script_call){0};
    od_arena_init(&c->arena);
}

void od_script_call_fini(struct od_script_call *c)
{
    od_arena_fini(&c->arena);
}

static void set_error(struct od_script_call *c, struct od_str code, struct od_str text,
                      struct od_str policy, int status)
{
    c->answer = (struct od_task_answer){
        .error_code = od_arena_str(&c->arena, code),
        .error = od_arena_str(&c->arena, text),
        .error_policy = od_arena_str(&c->arena, policy),
        .error_status = status,
    };
}

static void set_failure(struct od_script_call *c, const struct od_err *err)
{
    if (err->code == OD_ERR_UNAVAILABLE)
        set_error(c, OD_STR("unavailable"),
                  OD_STR("The database cannot be reached or did not answer, so whether this took "
                         "effect is not known."),
                  OD_STR_NONE, 503);
    else if (err->code == OD_ERR_LIMIT)
        set_error(c, OD_STR("overloaded"), OD_STR("Too many commands are waiting."), OD_STR_NONE,
                  503);
    else if (err->code == OD_ERR_AMBIGUOUS || err->code == OD_ERR_NOT_FOUND)
        set_error(c,
                  err->code == OD_ERR_AMBIGUOUS ? OD_STR("ambiguous_order")
                                                : OD_STR("order_not_found"),
                  od_str_of(err->message), OD_STR_NONE, err->code == OD_ERR_AMBIGUOUS ? 409 : 404);
    else
        set_error(c, OD_STR("internal_error"),
                  OD_STR("The database refused the command. Nothing was changed."), OD_STR_NONE,
                  500);
}

static void finish(struct od_script_call *c)
{
    struct od_task_answer answer = c->answer;
    c->done(c->ctx, &answer); /* the call may be started again, or be gone */
}

static struct od_str order_text(struct od_script_call *c, const struct od_order *o)
{
    struct od_buf b;
    od_buf_init(&b, ORDER_MAX);
    od_order_script_json(o, &b);
    /* The limits of an order (order/model/limits.h) keep it to a fraction of this. */
    OD_ASSERT(!b.overflow);
    struct od_str text = od_arena_str(&c->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static struct od_str stock_text(struct od_script_call *c, const struct od_stock *first,
                                const struct od_stock *about)
{
    struct od_buf b;
    struct od_json_writer w;
    od_buf_init(&b, ORDER_MAX);
    od_jw_init(&w, &b);
    od_stock_write(&w, first, about);
    struct od_str text = od_arena_str(&c->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static void take_results(struct od_script_call *c, const struct od_outcome *outcome)
{
    const struct od_submission *s = &c->submission;
    c->texts = OD_NEW_ARRAY(&c->arena, struct od_str, s->more_count + 1);
    if (outcome->stock)
        c->texts[0] = stock_text(c, outcome->stocks, outcome->stock);
    else if (outcome->order)
        c->texts[0] = order_text(c, outcome->order);
    c->answer = (struct od_task_answer){.texts = c->texts, .count = s->more_count + 1};
}

static void take_more_results(struct od_script_call *c)
{
    const struct od_submission *s = &c->submission;
    for (uint32_t i = 0; i < s->more_count; i++) {
        const struct od_decision *d = od_part_answer(&s->more[i]);
        if (d->stock)
            c->texts[i + 1] = stock_text(c, od_map_get(d->env->stock, d->stock->sku), d->stock);
        else if (d->order)
            c->texts[i + 1] = order_text(c, d->order);
    }
}

static void on_decided(void *ctx, const struct od_outcome *outcome)
{
    struct od_script_call *c = ctx;
    c->repeated = false;
    switch (outcome->kind) {
    case OD_OUTCOME_DECIDED:
        if (outcome->decision->verdict == OD_VERDICT_DONE) {
            take_results(c, outcome);
            take_more_results(c);
            return;
        }
        set_error(c, outcome->decision->refusal.code, outcome->decision->refusal.detail,
                  outcome->decision->refusal.policy, od_verdict_status(outcome->decision->verdict));
        return;
    case OD_OUTCOME_REPLAYED:
        c->repeated = true;
        take_results(c, outcome);
        return;
    case OD_OUTCOME_KEY_REUSED:
        set_error(c, OD_STR("idempotency_key_reused"),
                  OD_STR("This key was used before for something else."), OD_STR_NONE, 422);
        return;
    case OD_OUTCOME_NUMBER_TAKEN:
        set_error(c, OD_STR("order_number_taken"),
                  OD_STR("An order with this number or uuid exists already."), OD_STR_NONE, 409);
        return;
    }
}

static void read_next(struct od_script_call *c);

static void on_repeated_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_script_call *c = ctx;
    if (err) {
        set_failure(c, err);
        finish(c);
        return;
    }
    c->texts[c->reading] = outcome->order ? order_text(c, outcome->order) : OD_STR_NONE;
    c->reading++;
    read_next(c);
}

/* The first part is answered as it was at that time, the others as they are now. A part that no
 * order can be found by (stock, an order placed along with another) stays absent. */
static void read_next(struct od_script_call *c)
{
    const struct od_submission *s = &c->submission;
    for (; c->reading <= s->more_count; c->reading++) {
        const struct od_order_ref *ref = &s->more[c->reading - 1].ref;
        c->read = (struct od_read){.ref = *ref, .ctx = c, .done = on_repeated_order};
        if (ref->order_id || ref->order_number.ptr || !od_uuid_is_zero(&ref->uuid)) {
            od_engine_read(c->engine, &c->read);
            return;
        }
    }
    finish(c);
}

static void on_done(void *ctx, const struct od_err *err)
{
    struct od_script_call *c = ctx;
    if (!err && c->repeated) {
        c->reading = 1;
        read_next(c);
        return;
    }
    if (err)
        set_failure(c, err);
    finish(c);
}

/* Its length first, so that no two lists of parts read alike. */
static void hash_text(struct od_sha256 *digest, struct od_str s)
{
    uint64_t len = s.len;
    od_sha256_update(digest, od_str_n((const char *)&len, sizeof len));
    od_sha256_update(digest, s);
}

static void hash_number(struct od_sha256 *digest, int64_t n)
{
    od_sha256_update(digest, od_str_n((const char *)&n, sizeof n));
}

/* Which commands on which orders: what the same key may be used for again. Not the version that is
 * required: it is another one once the first request was carried out. */
static void hash_request(struct od_script_call *c, struct od_str label)
{
    struct od_sha256 *digest = od_sha256_new();
    hash_text(digest, label);
    for (uint32_t i = 0; i < c->request->part_count; i++) {
        const struct od_task_part *part = &c->request->parts[i];
        const struct od_command *command = part->command;
        hash_text(digest, od_str_of(od_command_name(command->type)));
        hash_number(digest, part->ref.order_id);
        hash_text(digest, od_str_n((const char *)part->ref.uuid.bytes, sizeof part->ref.uuid));
        hash_text(digest, part->ref.order_number);
        hash_text(digest, command->name);
        hash_text(digest, command->sku);
        hash_number(digest, command->shipment.shipment_id);
        hash_number(digest, command->payment.amount);
        hash_number(digest, command->refund.amount);
        hash_number(digest, command->refund.shipping_amount);
        hash_number(digest, command->ret.return_id);
        hash_number(digest, command->change_id);
        hash_text(digest, part->body);
    }
    od_sha256_free(digest, c->submission.request_hash);
}

static void submit(struct od_script_call *c, struct od_str label)
{
    const struct od_task_request *r = c->request;
    struct od_submission *s = &c->submission;
    OD_ASSERT(r->part_count > 0);
    *s = (struct od_submission){
        .command = r->parts[0].command,
        .ref = r->parts[0].ref,
        .if_match = r->parts[0].if_match,
        .more_count = r->part_count - 1,
        .principal = r->parts[0].command->actor,
        .key = r->key,
        .cause = r->cause,
        .ctx = c,
        .decided = on_decided,
        .done = on_done,
    };
    s->more = OD_NEW_ARRAY(&c->arena, struct od_part, s->more_count);
    for (uint32_t i = 0; i < s->more_count; i++) {
        s->more[i].command = r->parts[i + 1].command;
        s->more[i].ref = r->parts[i + 1].ref;
        s->more[i].if_match = r->parts[i + 1].if_match;
    }
    if (r->key.ptr)
        hash_request(c, label);
    od_engine_submit(c->engine, s);
}

static void on_order(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct od_script_call *c = ctx;
    if (err) {
        set_failure(c, err);
    } else {
        c->texts = OD_NEW(&c->arena, struct od_str);
        *c->texts = outcome->order ? order_text(c, outcome->order) : OD_STR_NONE;
        c->answer = (struct od_task_answer){.texts = c->texts, .count = 1};
    }
    finish(c);
}

void od_script_call_start(struct od_script_call *c, struct od_str label)
{
    od_arena_reset(&c->arena);
    c->repeated = false;
    if (c->request->wait == OD_WAIT_COMMANDS) {
        submit(c, label);
        return;
    }
    c->read = (struct od_read){.ref = c->request->ref, .ctx = c, .done = on_order};
    od_engine_read(c->engine, &c->read);
}
