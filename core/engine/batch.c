#include "engine/batch.h"

#include <assert.h>

#include "base/clock.h"
#include "order/event.h"
#include "pg/sqlstate.h"

void od_batch_init(struct od_batch *b)
{
    *b = (struct od_batch){0};
    od_arena_init(&b->arena);
    od_list_init(&b->submissions);
}

void od_batch_fini(struct od_batch *b)
{
    assert(od_list_empty(&b->submissions));
    od_arena_fini(&b->arena);
}

void od_batch_begin(struct od_batch *b, struct od_rules *rules, const struct od_row_types *types,
                    struct od_engine_stats *stats)
{
    b->rules = od_rules_ref(rules);
    b->stats = stats;
    b->count = 0;
    b->numbers_used = 0;
    b->writes = false;
    b->now = od_clock_us();
    od_set_init(&b->set, &b->arena);
    od_write_init(&b->write, &b->arena, &b->set, types);
}

void od_batch_end(struct od_batch *b)
{
    assert(od_list_empty(&b->submissions));
    od_set_fini(&b->set);
    od_arena_reset(&b->arena);
    od_rules_unref(b->rules);
    b->rules = NULL;
}

static bool key_in_batch(const struct od_batch *b, const struct od_submission *s)
{
    if (!s->key.ptr)
        return false;
    for (size_t i = 0; i < b->set.key_count; i++) {
        if (od_str_eq(b->set.keys[i], s->key) && od_str_eq(b->set.principals[i], s->principal))
            return true;
    }
    return false;
}

static void want_command(struct od_batch *b, const struct od_submission *s)
{
    for (const struct od_command *c = s->command; c; c = c->next) {
        switch (c->type) {
        case OD_COMMAND_PLACE:
            b->set.number_count++;
            for (uint32_t i = 0; !c->historical && i < c->draft->item_count; i++)
                od_set_want_sku(&b->set, c->draft->items[i].sku);
            break;
        case OD_COMMAND_SET_INVENTORY:
            od_set_want_sku(&b->set, c->sku);
            b->set.lock_stock = true;
            break;
        case OD_COMMAND_CANCEL:
        case OD_COMMAND_CREATE_SHIPMENT:
        case OD_COMMAND_UPDATE_SHIPMENT:
            b->set.stock_of_orders = true;
            break;
        case OD_COMMAND_PATCH:
        case OD_COMMAND_PAYMENT:
        case OD_COMMAND_HOLD:
        case OD_COMMAND_RELEASE:
        case OD_COMMAND_ADD_ACTIVITY:
        case OD_COMMAND_TYPES:
            break;
        }
    }
    if (s->order_id)
        od_set_want_order(&b->set, s->order_id);
    if (s->key.ptr)
        od_set_want_key(&b->set, s->principal, s->key);
}

uint32_t od_batch_take(struct od_batch *b, struct od_list *queue, uint32_t max)
{
    while (!od_list_empty(queue) && b->count < max) {
        struct od_submission *s = OD_LIST_ENTRY(queue->next, struct od_submission, node);
        if (b->count > 0 && (s->alone || key_in_batch(b, s)))
            break;
        od_list_remove(&s->node);
        od_list_push(&b->submissions, &s->node);
        b->count++;
        want_command(b, s);
        if (s->alone) {
            b->set.lock_stock = true;
            break;
        }
    }
    return b->count;
}

void od_batch_lock_stock(struct od_batch *b)
{
    b->set.lock_stock = true;
}

void od_batch_load(struct od_batch *b, struct od_pg_conn *conn)
{
    od_set_send(&b->set, conn, true);
}

static void answer(struct od_batch *b, struct od_submission *s, struct od_outcome *outcome)
{
    outcome->rules = b->rules;
    s->decided(s->ctx, outcome);
}

/* The key was used before: the earlier answer, or a refusal when it was for another request. */
static bool answer_from_key(struct od_batch *b, struct od_submission *s)
{
    const struct od_key_row *row = s->key.ptr ? od_set_key(&b->set, s->principal, s->key) : NULL;
    if (!row)
        return false;
    struct od_outcome outcome = {.kind = OD_OUTCOME_KEY_REUSED};
    struct od_replayed replayed = {
        .order_id = row->order_id,
        .version = row->version,
        .command = OD_COMMAND_TYPES,
        .ref_id = row->ref_id,
        .stock = {.sku = row->sku, .on_hand = row->on_hand, .reserved = row->reserved},
    };
    for (enum od_command_type t = 0; t < OD_COMMAND_TYPES; t++) {
        if (od_str_is(row->command, od_command_name(t)))
            replayed.command = t;
    }
    if (od_str_eq(row->request_hash, od_str_n((const char *)s->request_hash, OD_SHA256))) {
        outcome.kind = OD_OUTCOME_REPLAYED;
        outcome.replayed = &replayed;
        b->stats->replays++;
    }
    answer(b, s, &outcome);
    return true;
}

/* Keeps what a decision wants written. */
static void keep(struct od_batch *b, const struct od_submission *s, const struct od_decision *d)
{
    if (s->command->type == OD_COMMAND_PLACE)
        od_write_placed(&b->write, d->order);
    od_write_events(&b->write, d->events, d->event_count);
    b->stats->events += d->event_count;
    if (!s->key.ptr)
        return;
    struct od_key_write key = {
        .principal = s->principal,
        .key = s->key,
        .request_hash = s->request_hash,
        .decision = d,
        .command = s->command->type,
        .version = d->order ? d->order->version : 0,
        .ref_id = od_decision_answer_id(d),
        .on_hand = d->stock ? d->stock->on_hand : 0,
        .reserved = d->stock ? d->stock->reserved : 0,
        .created_at = b->now,
    };
    od_write_key(&b->write, &key);
}

static struct od_str activities_after(struct od_batch *b, struct od_loaded *l,
                                      const struct od_decision *d, bool dry_run)
{
    struct od_loaded none = {.activities = OD_STR_INIT("[]")};
    struct od_loaded shown = l ? *l : none;
    for (uint32_t i = 0; i < d->event_count; i++) {
        if (d->events[i].type == OD_EVENT_ACTIVITY_ADDED)
            od_loaded_add_activity(&shown, &b->arena, &d->events[i]);
    }
    if (l && !dry_run)
        l->activities = shown.activities;
    return shown.activities;
}

static void decide_one(struct od_batch *b, const struct od_decide_env *env, struct od_submission *s)
{
    struct od_decision *d = OD_NEW(&b->arena, struct od_decision);
    struct od_loaded *l = s->order_id ? od_set_order(&b->set, s->order_id) : NULL;
    d->env = env;
    s->decision = d;
    if (s->command->type == OD_COMMAND_PLACE) {
        d->order = OD_NEW(&b->arena, struct od_order);
        d->new_order_id = b->set.order_ids[b->numbers_used];
        d->new_number_value = b->set.number_values[b->numbers_used++];
    } else if (l) {
        d->order = l->order;
    }
    if (d->order && s->if_match && d->order->version != s->if_match) {
        d->verdict = OD_VERDICT_STALE;
        d->refusal.code = OD_STR("version_mismatch");
        d->refusal.detail = od_arena_printf(&b->arena, "The order is at version %d, not %d.",
                                            d->order->version, s->if_match);
    } else {
        od_decide(d, s->command, s->dry_run);
    }
    b->stats->verdicts[s->command->type][d->verdict]++;
    if (d->verdict == OD_VERDICT_DONE && !s->dry_run)
        keep(b, s, d);
    struct od_outcome outcome = {
        .kind = OD_OUTCOME_DECIDED,
        .decision = d,
        .order = d->order,
        .activities = activities_after(b, l, d, s->dry_run),
    };
    answer(b, s, &outcome);
}

void od_batch_decide(struct od_batch *b)
{
    struct od_decide_env env = {
        .policies = &b->rules->policies,
        .statuses = &b->rules->statuses,
        .stock = &b->set.stock,
        .track = b->rules->track,
        .arena = &b->arena,
        .now = b->now,
    };
    for (struct od_list *n = b->submissions.next; n != &b->submissions; n = n->next) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        if (!answer_from_key(b, s))
            decide_one(b, &env, s);
    }
    b->stats->batches++;
    b->stats->commands += b->count;
    unsigned log2 = 0;
    while ((b->count >> (log2 + 1)) && log2 < 11)
        log2++;
    b->stats->batch_size[log2]++;
}

bool od_batch_write(struct od_batch *b, struct od_pg_conn *conn)
{
    b->writes = od_write_send(&b->write, conn);
    return b->writes;
}

bool od_batch_explain(struct od_batch *b, struct od_submission *s, struct od_err *err)
{
    if (!od_pg_is_duplicate(err, "orders_order_number") && !od_pg_is_duplicate(err, "orders_uuid"))
        return false;
    struct od_outcome outcome = {.kind = OD_OUTCOME_NUMBER_TAKEN, .decision = s->decision};
    answer(b, s, &outcome);
    return true;
}
