#include "order/machine/decide.h"
#include "order/model/shop.h"
#include "script/bundle/loaded.h"
#include "script/call/ask.h"
#include "script/task/composite.h"
#include "script/testing/test.h"

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

static struct od_stock *new_stock(struct od_test *t, struct od_str sku, struct od_str location)
{
    struct od_stock *stock = OD_NEW(&t->arena, struct od_stock);

    stock->sku = sku;
    stock->location = location;
    return stock;
}

struct od_stock *od_test_stock(struct od_test *t, struct od_str sku)
{
    const struct od_shop *shop = t->bundle->shop;
    struct od_stock *first = od_map_get(&t->stock, sku), *last;

    if (first)
        return first;
    sku = od_arena_str(&t->arena, sku);
    last = first = new_stock(t, sku, od_shop_first_location(shop));
    for (uint32_t i = 1; shop && i < shop->location_count; i++, last = last->next)
        last->next = new_stock(t, sku, shop->locations[i]);
    od_map_put(&t->stock, sku, first);
    return first;
}

/* Where the series of that name stands, 0 before its first number. */
static int64_t *series_of(struct od_test *t, struct od_str name)
{
    uint32_t i = 0;

    while (i < t->series_count && !od_str_eq(t->series[i].name, name))
        i++;
    if (i == t->series_count) {
        t->series =
            od_arena_grow(&t->arena, t->series, t->series_count, &t->series_cap, sizeof *t->series);
        t->series[t->series_count++] = (struct od_test_series){.name = name};
    }
    return &t->series[i].value;
}

/* The series of an order's numbers and those of its documents may have one name. */
static int64_t *series_of_document(struct od_test *t, const struct od_document_number *n)
{
    struct od_str kind = od_document_name(n->kind);

    return series_of(
        t, od_arena_printf(&t->arena, "%.*s:%.*s", OD_STR_ARG(kind), OD_STR_ARG(n->series)));
}

/* Takes the numbers that LOAD would have taken for a new order. */
static void prepare_place(struct od_test *t, struct od_decision *d)
{
    const struct od_order *draft = t->command->draft;

    for (uint32_t i = 0; i < draft->item_count; i++)
        od_test_stock(t, draft->items[i].sku);
    if (od_decide_series(d->env, t->command, &d->new_series) != 0)
        d->new_series = OD_STR_NONE;
    d->new_number_value = ++*series_of(t, d->new_series);
    t->subject = od_test_add_order(t, OD_NEW(&t->arena, struct od_order));
    d->order = t->subject->order;
    d->new_order_id = t->order_count;
}

/* Makes the stock of lines that a change adds known, for when it is confirmed. */
static void read_stock(struct od_test *t, const struct od_json *items)
{
    for (const struct od_json *v = items ? items->child : NULL; v; v = v->next) {
        const struct od_json *sku = od_json_get(v, "sku");
        if (sku && sku->type == OD_JSON_STRING)
            od_test_stock(t, sku->text);
    }
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

/* So many of each kind, from the next value of their series on. */
static void take_documents(struct od_test *t, struct od_decision *d,
                           const uint32_t wanted[OD_DOCUMENTS])
{
    d->document_count = 0;
    for (int kind = 0; kind < OD_DOCUMENTS; kind++)
        d->document_count += wanted[kind];
    d->documents = OD_NEW_ARRAY(&t->arena, struct od_document_number, d->document_count);
    for (uint32_t i = 0, of_kind = 0, kind = 0; i < d->document_count; i++, of_kind++) {
        struct od_document_number *n = &d->documents[i];

        for (; of_kind == wanted[kind]; of_kind = 0)
            kind++;
        n->kind = (enum od_document)kind;
        if (od_decide_document_series(d->env, d->order, t->command, n) == 0)
            n->value = *series_of_document(t, n) + 1 + of_kind;
    }
}

/* Again with one number more for as long as one is missing, as the engine does. */
static void decide_numbered(struct od_test *t, struct od_decision *d)
{
    uint32_t wanted[OD_DOCUMENTS];

    for (int kind = 0; kind < OD_DOCUMENTS; kind++)
        wanted[kind] = od_command_documents(t->command, (enum od_document)kind);
    do {
        if (d->order)
            take_documents(t, d, wanted);
        od_decide(d, t->command, false);
        wanted[d->wanted] += d->verdict == OD_VERDICT_UNNUMBERED;
    } while (d->verdict == OD_VERDICT_UNNUMBERED);
    for (uint32_t i = 0; d->verdict == OD_VERDICT_DONE && i < d->document_count; i++)
        if (d->documents[i].used)
            ++*series_of_document(t, &d->documents[i]);
}

/* The order that the command has made is placed, too, as the engine does. */
static void place_made(struct od_test *t, struct od_decision *first)
{
    const struct od_command *command = t->command;
    struct od_test_order *origin = t->subject;
    struct od_command place = {
        .type = OD_COMMAND_PLACE, .actor = command->actor, .at = command->at, .draft = first->made};
    struct od_decision d = {.env = first->env};

    t->command = &place;
    prepare_place(t, &d);
    decide_numbered(t, &d);
    t->command = command;
    t->verdict = d.verdict;
    t->refusal = d.refusal;
    if (d.verdict == OD_VERDICT_DONE) {
        keep_events(t, t->subject, &d);
        return;
    }
    t->order_count--;
    t->subject = origin;
}

void od_test_decide(struct od_test *t)
{
    struct od_policies policies = {.ctx = t, .ask = ask, .answers = answers, .run = run};
    struct od_decide_env env = {
        .policies = &policies,
        .statuses = t->bundle->statuses,
        .stock = &t->stock,
        .track = t->options->track == OD_STOCK_NONE ? OD_STOCK_NONE : OD_STOCK_KNOWN,
        .shop = t->bundle->shop,
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
    if (t->command->change)
        read_stock(t, t->command->change->add);
    decide_numbered(t, &d);
    t->refusal = d.refusal;
    t->verdict = d.verdict;
    t->answered = d.stock;
    if (d.verdict == OD_VERDICT_DONE && t->subject)
        keep_events(t, t->subject, &d);
    if (d.verdict == OD_VERDICT_DONE && d.made)
        place_made(t, &d);
    if (d.verdict != OD_VERDICT_DONE && t->command->type == OD_COMMAND_PLACE)
        t->order_count--; /* it never came to be */
}
