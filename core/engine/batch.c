#include "engine/batch.h"

#include "base/assert.h"
#include "base/clock.h"
#include "engine/batch_parts.h"
#include "engine/repeat.h"
#include "order/machine/command_kind.h"
#include "pg/transaction.h"

void od_batch_init(struct od_batch *b)
{
    *b = (struct od_batch){0};
    od_arena_init(&b->arena);
    od_list_init(&b->submissions);
    od_list_init(&b->unnumbered);
}

void od_batch_fini(struct od_batch *b)
{
    OD_ASSERT(od_list_empty(&b->submissions));
    od_arena_fini(&b->arena);
}

void od_batch_begin(struct od_batch *b, struct od_rules *rules, const struct od_row_types *types,
                    struct od_shadow **shadow, struct od_engine_stats *stats)
{
    b->rules = od_rules_ref(rules);
    b->shadow = shadow;
    b->stats = stats;
    b->count = 0;
    b->writes = b->repeats = false;
    od_set_init(&b->set, &b->arena);
    b->set.shop = b->rules->shop;
    od_write_init(&b->write, &b->arena, &b->set, types);
    b->env = (struct od_decide_env){
        .policies = &b->rules->policies,
        .statuses = &b->rules->statuses,
        .stock = &b->set.stock,
        .track = b->rules->track,
        .shop = b->rules->shop,
        .arena = &b->arena,
        .now = od_clock_us(),
    };
}

void od_batch_end(struct od_batch *b)
{
    OD_ASSERT(od_list_empty(&b->submissions));
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

static void want_sku(void *ctx, struct od_str sku)
{
    od_set_want_sku(ctx, sku);
}

static void want_command(struct od_batch *b, const struct od_command *c)
{
    struct od_wants w = {.ctx = &b->set, .sku = want_sku};
    const struct od_command_kind *kind = od_command_kinds[c->type];
    if (kind->want)
        kind->want(c, &w);
    b->set.stock_of_orders = b->set.stock_of_orders || w.stock_of_order;
    b->set.stock_of_changes = b->set.stock_of_changes || w.stock_of_changes;
    b->set.lock_stock = b->set.lock_stock || w.lock_stock;
}

/* A number for the order that the command makes: of the series that an earlier try found, else of
 * the common one. */
static struct od_made *want_made(struct od_batch *b, const struct od_command *c,
                                 const struct od_extra_numbers *extra, bool dry_run)
{
    struct od_made *made = OD_NEW(&b->arena, struct od_made);
    made->decision = OD_NEW(&b->arena, struct od_decision);
    made->decision->env = &b->env;
    if (extra->series[0])
        made->decision->new_series = od_arena_str(&b->arena, od_str_of(extra->series));
    made->place = (struct od_command){
        .type = OD_COMMAND_PLACE, .actor = c->actor, .at = c->at, .historical = c->historical};
    od_numbers_want(&b->set.numbers, made->decision->new_series, dry_run);
    return made;
}

/* One order's commands. The decision begins here, for it keeps what order.series answered. */
static struct od_decision *want_part(struct od_batch *b, const struct od_command *c,
                                     int64_t order_id, struct od_extra_numbers *extra, bool dry_run)
{
    struct od_decision *d = OD_NEW(&b->arena, struct od_decision);
    d->env = &b->env;
    extra->made = NULL;
    if (od_command_kinds[c->type]->subject == OD_SUBJECT_NEW_ORDER) {
        /* When it fails, decide finds out and refuses. */
        (void)!od_decide_series(&b->env, c, &d->new_series);
        od_numbers_want(&b->set.numbers, d->new_series, dry_run);
    }
    b->set.documents = b->set.documents || od_batch_has_documents(c, extra);
    for (; c; c = c->next) {
        want_command(b, c);
        if (od_command_kinds[c->type]->makes_order)
            extra->made = want_made(b, c, extra, dry_run);
    }
    if (order_id)
        od_set_want_order(&b->set, order_id);
    return d;
}

static void want_submission(struct od_batch *b, struct od_submission *s)
{
    s->decision = want_part(b, s->command, s->order_id, &s->extra, s->dry_run);
    for (uint32_t i = 0; i < s->more_count; i++) {
        struct od_part *part = &s->more[i];
        part->decision = want_part(b, part->command, part->order_id, &part->extra, s->dry_run);
    }
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
        s->waiting = NULL;
        b->count++;
        want_submission(b, s);
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

bool od_batch_load_documents(struct od_batch *b, struct od_pg_conn *conn)
{
    if (!b->set.documents)
        return false;
    od_batch_want_documents(b);
    od_set_send_documents(&b->set, conn);
    return true;
}

void od_batch_answer(struct od_batch *b, struct od_submission *s, struct od_outcome *outcome)
{
    outcome->rules = b->rules;
    s->decided(s->ctx, outcome);
}

/* The location that was set is told as it was then; the SKU's others as they are now. */
static void answer_stock(struct od_batch *b, struct od_submission *s, const struct od_key_row *row)
{
    struct od_outcome outcome = {.kind = OD_OUTCOME_REPLAYED};
    struct od_stock then = {
        .sku = row->sku,
        .location = row->location,
        .on_hand = row->on_hand,
        .reserved = row->reserved,
        .exists = true,
    };
    const struct od_stock *first = od_map_get(b->env.stock, row->sku);
    for (const struct od_stock *now = first; now; now = now->next) {
        if (!od_str_eq(now->location, then.location))
            continue;
        then.backorder = now->backorder;
        then.oversold = now->oversold;
    }
    outcome.stocks = first ? first : &then;
    outcome.stock = &then;
    od_batch_answer(b, s, &outcome);
}

/* The key was used before: the earlier answer, or a refusal when it was for another request. */
static bool answer_from_key(struct od_batch *b, struct od_submission *s)
{
    const struct od_key_row *row = s->key.ptr ? od_set_key(&b->set, s->principal, s->key) : NULL;
    od_repeat_drop(s);
    if (!row)
        return false;
    if (!od_str_eq(row->request_hash, od_str_n((const char *)s->request_hash, OD_SHA256))) {
        od_batch_answer(b, s, &(struct od_outcome){.kind = OD_OUTCOME_KEY_REUSED});
        return true;
    }
    b->repeats = true;
    b->stats->replays++;
    if (row->order_id)
        od_repeat_begin(s, row);
    else
        answer_stock(b, s, row);
    return true;
}

void od_batch_decide(struct od_batch *b)
{
    for (struct od_list *n = b->submissions.next, *next; n != &b->submissions; n = next) {
        struct od_submission *s = OD_LIST_ENTRY(n, struct od_submission, node);
        next = n->next;
        if (answer_from_key(b, s) || od_batch_decide_submission(b, s))
            continue;
        od_list_remove(n);
        od_list_push(&b->unnumbered, n);
        b->count--;
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
    if (!b->writes && b->repeats) {
        od_pg_send(conn, &od_pg_witness, NULL, NULL, NULL);
        b->writes = true;
    }
    return b->writes;
}
