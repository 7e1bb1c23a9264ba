#include "order/decide.h"

#include "script/test_parts.h"

/* Deciding on the orders of a test, by the code that decides for real and the test's own rules. */

struct od_test_order *od_test_add_order(struct od_test *t, struct od_order *o)
{
    struct od_test_order *added = OD_NEW(&t->arena, struct od_test_order);

    added->order = o;
    t->orders =
        od_arena_grow(&t->arena, t->orders, t->order_count, &t->order_cap, sizeof *t->orders);
    t->orders[t->order_count++] = added;
    return added;
}

struct od_stock *od_test_stock(struct od_test *t, struct od_str sku)
{
    struct od_stock *stock = od_map_get(&t->stock, sku);

    if (!stock) {
        stock = OD_NEW(&t->arena, struct od_stock);
        stock->sku = od_arena_str(&t->arena, sku);
        od_map_put(&t->stock, stock->sku, stock);
    }
    return stock;
}

static int64_t next_number(struct od_test *t, struct od_str series)
{
    uint32_t i = 0;

    while (i < t->series_count && !od_str_eq(t->series[i].name, series))
        i++;
    if (i == t->series_count) {
        t->series =
            od_arena_grow(&t->arena, t->series, t->series_count, &t->series_cap, sizeof *t->series);
        t->series[t->series_count++] = (struct od_test_series){.name = series};
    }
    return ++t->series[i].value;
}

/* What LOAD would have taken for a new order. */
static void prepare_place(struct od_test *t, struct od_decision *d)
{
    const struct od_order *draft = t->command->draft;

    for (uint32_t i = 0; i < draft->item_count; i++)
        od_test_stock(t, draft->items[i].sku);
    if (od_decide_series(d->env, t->command, &d->new_series) != 0)
        d->new_series = OD_STR_NONE;
    d->new_number_value = next_number(t, d->new_series);
    t->subject = od_test_add_order(t, OD_NEW(&t->arena, struct od_order));
    d->order = t->subject->order;
    d->new_order_id = t->order_count;
}

static void keep_events(struct od_test *t, struct od_test_order *o, const struct od_decision *d)
{
    for (uint32_t i = 0; i < d->event_count; i++) {
        o->events =
            od_arena_grow(&t->arena, o->events, o->event_count, &o->event_cap, sizeof *o->events);
        o->events[o->event_count++] = d->events[i];
    }
}

static int ask(void *ctx, enum od_question q, const struct od_order *o,
               const struct od_policy_request *request, struct od_arena *a,
               struct od_policy_answer *out, struct od_err *err)
{
    return od_ask_registration(od_test_provider(ctx, q), q, o, request, a, out, err);
}

static bool answers(void *ctx, enum od_question q)
{
    return od_test_provider(ctx, q) != NULL;
}

static enum od_run run(void *ctx, struct od_str name, struct od_str args, struct od_order *o,
                       const struct od_policy_request *request, struct od_arena *a,
                       const struct od_steps *steps, struct od_policy_answer *out,
                       struct od_err *err)
{
    const struct od_test *t = ctx;

    return od_bundle_run_command(t->bundle, name, args, o, request, a, steps, out, err);
}

void od_test_decide(struct od_test *t)
{
    struct od_policies policies = {.ctx = t, .ask = ask, .answers = answers, .run = run};
    struct od_decide_env env = {
        .policies = &policies,
        .statuses = t->bundle->statuses,
        .stock = &t->stock,
        .track = t->options->track == OD_STOCK_NONE ? OD_STOCK_NONE : OD_STOCK_KNOWN,
        .arena = &t->arena,
        .now = t->task.now,
    };
    struct od_decision d = {.env = &env};

    if (t->command->type == OD_COMMAND_PLACE)
        prepare_place(t, &d);
    else
        d.order = t->subject ? t->subject->order : NULL;
    if (t->command->type == OD_COMMAND_SET_INVENTORY)
        od_test_stock(t, t->command->sku);
    od_decide(&d, t->command, false);
    t->refusal = d.refusal;
    t->verdict = d.verdict;
    t->answered = d.stock;
    if (d.verdict == OD_VERDICT_DONE && t->subject)
        keep_events(t, t->subject, &d);
    if (d.verdict != OD_VERDICT_DONE && t->command->type == OD_COMMAND_PLACE)
        t->order_count--; /* it never came to be */
}
