#ifndef OD_TEST_ORDER_FIXTURE_H
#define OD_TEST_ORDER_FIXTURE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json/json.h"
#include "base/map.h"
#include "order/ledger/event.h"
#include "order/machine/decide.h"
#include "order/machine/parse.h"
#include "order/model/event.h"
#include "order/model/fields.h"
#include "order/model/shop.h"

/*
 * One small shop for the tests of decide: status sets with a graph, policies written in C that a
 * test can make refuse, fail or answer what it likes, three SKUs, and commands given as JSON
 * bodies.
 */

#define NOW INT64_C(1700000000000000)

struct shop {
    struct od_arena arena;
    struct od_map stock;
    /* "a": 10, "b": 5, "none": has no row; then the same at "east", see shop_open_east */
    struct od_stock skus[6];
    struct od_shop shop;
    struct od_policies policies;
    struct od_decide_env env;
    struct od_decision d;
    struct od_order order;
    /* By question: what to answer instead of the default rule. */
    const char *value[OD_QUESTIONS], *refuse[OD_QUESTIONS], *fail[OD_QUESTIONS];
    const char *says[OD_QUESTIONS]; /* the reason given with an answer */
    int asked[OD_QUESTIONS];
    /* Optional questions are answered, with allow, once a test says so. */
    bool answers[OD_QUESTIONS];
    struct od_str hold, hold_reason;  /* what order.place answers */
    struct od_policy_request request; /* of the last question that was asked */
    struct od_str cancel_reason;      /* of the last order.cancel */
    /* What the composite command "script" does; NULL: there is none. */
    enum od_run (*script)(struct shop *s, struct od_order *o, struct od_str args,
                          const struct od_steps *steps, struct od_policy_answer *out,
                          struct od_err *err);
    /* What LOAD takes for documents: the next ones of each series, which is called by its kind. */
    struct od_document_number documents[OD_DOCUMENTS * 4];
    int64_t issued[OD_DOCUMENTS]; /* so many were used */
    bool unnumbered;              /* it took none */
    /* Every event of the order so far. */
    struct od_event *ledger;
    size_t ledger_len, ledger_cap;
};

static struct od_str late_money[] = {OD_STR_INIT("refunded"), OD_STR_INIT("partially_paid"),
                                     OD_STR_INIT("paid")};
static struct od_str from_transit[] = {OD_STR_INIT("delivered"), OD_STR_INIT("lost"),
                                       OD_STR_INIT("returned")};

#define STATUS(c, p, ...)                                                                          \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(c), .phase = OD_STR_INIT(p), __VA_ARGS__       \
    }

static struct od_status order_statuses[] = {
    STATUS("pending", "", .is_default = true, .any_next = true),
    STATUS("processing", "", .any_next = true),
    STATUS("partially_shipped", "", .any_next = true),
    STATUS("shipped", "", .any_next = true),
    STATUS("completed", "", .any_next = true),
    STATUS("on_hold", "", .any_next = true),
    STATUS("canceled", "canceled"), /* terminal */
};
static struct od_status payment_statuses[] = {
    STATUS("pending", "", .is_default = true, .any_next = true),
    STATUS("authorized", "", .any_next = true),
    STATUS("partially_paid", "", .any_next = true),
    STATUS("paid", "paid", .any_next = true),
    STATUS("failed", "", .any_next = true),
    STATUS("canceled", "canceled", .next = late_money, .next_count = 3),
    STATUS("refunded", "canceled"),
};
static struct od_status shipment_statuses[] = {
    STATUS("pending", "", .is_default = true, .any_next = true),
    STATUS("partially_shipped", "", .any_next = true),
    STATUS("shipped", "shipped", .any_next = true),
    STATUS("in_transit", "", .next = from_transit, .next_count = 3),
    STATUS("delivered", "delivered", .any_next = true),
    STATUS("lost", "", .any_next = true),
    STATUS("returned", "canceled"),
    STATUS("canceled", "canceled", .any_next = true),
};

static const struct od_status_sets statuses = {
    .of = {{order_statuses, sizeof order_statuses / sizeof *order_statuses},
           {payment_statuses, sizeof payment_statuses / sizeof *payment_statuses},
           {shipment_statuses, sizeof shipment_statuses / sizeof *shipment_statuses}}};

static inline int32_t sum_units(const struct od_order *o, int which)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        sum += which == 0   ? it->qty - it->qty_canceled
               : which == 1 ? it->qty_shipped
                            : it->qty_delivered;
    }
    return sum;
}

static inline bool held(const struct od_order *o)
{
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (o->holds[i].dirty != OD_DIRTY_DELETED)
            return true;
    }
    return false;
}

static inline const char *payment_rule(const struct od_order *o)
{
    if (o->amount_captured > 0)
        return o->amount_captured >= o->grand_total ? "paid" : "partially_paid";
    if (o->canceled_at)
        return "canceled";
    return o->amount_authorized > 0 ? "authorized" : "pending";
}

static inline const char *shipment_rule(const struct od_order *o)
{
    int32_t wanted = sum_units(o, 0), shipped = sum_units(o, 1);
    if (shipped == 0)
        return o->canceled_at ? "canceled" : "pending";
    if (shipped < wanted)
        return "partially_shipped";
    return sum_units(o, 2) == wanted ? "delivered" : "shipped";
}

static inline const char *order_rule(const struct od_order *o)
{
    if (o->canceled_at)
        return "canceled";
    if (held(o))
        return "on_hold";
    if (!od_str_is(o->payment_status, "paid"))
        return "pending";
    if (od_str_is(o->shipment_status, "shipped"))
        return "shipped";
    if (od_str_is(o->shipment_status, "delivered"))
        return "completed";
    return od_str_is(o->shipment_status, "partially_shipped") ? "partially_shipped" : "processing";
}

static inline int shop_ask(void *ctx, enum od_question q, const struct od_order *o,
                           const struct od_policy_request *request, struct od_arena *a,
                           struct od_policy_answer *out, struct od_err *err)
{
    struct shop *s = ctx;
    s->asked[q]++;
    s->request = *request;
    if (q == OD_ASK_ORDER_CANCEL)
        s->cancel_reason = request->reason;
    out->policy = od_arena_printf(a, "%.*s@test", OD_STR_ARG(od_question_name(q)));
    if (s->fail[q])
        return od_err_set_at(err, OD_ERR_SCRIPT, "rules.lua:7", "%s", s->fail[q]);
    if (s->refuse[q]) {
        out->refused = true;
        out->code = OD_STR("no");
        out->reason = od_str_of(s->refuse[q]);
        return 0;
    }
    switch (q) {
    case OD_ASK_ORDER_STATUS:
        out->value = od_str_of(order_rule(o));
        break;
    case OD_ASK_PAYMENT_STATUS:
        out->value = od_str_of(payment_rule(o));
        break;
    case OD_ASK_SHIPMENT_STATUS:
        out->value = od_str_of(shipment_rule(o));
        break;
    case OD_ASK_ORDER_NUMBER:
        out->value =
            od_arena_printf(a, "T-%d-%lld", request->seq_year, (long long)request->seq_value);
        break;
    case OD_ASK_ORDER_CANCEL:
        if (sum_units(o, 1) > 0) {
            out->refused = true;
            out->code = OD_STR("shipped");
            out->reason = OD_STR("Units are on their way");
        }
        break;
    case OD_ASK_ORDER_PLACE:
        out->hold = s->hold;
        out->reason = s->hold_reason;
        break;
    case OD_ASK_DOCUMENT_NUMBER:
        out->value = od_arena_printf(a, "%.*s/%d/%lld", OD_STR_ARG(request->series),
                                     request->seq_year, (long long)request->seq_value);
        break;
    case OD_ASK_ORDER_SHIP:
        if (held(o)) {
            out->refused = true;
            out->code = OD_STR("on_hold");
            out->reason = OD_STR("Release the hold first");
        }
        break;
    default: /* the others allow, unless the test says more */
        break;
    }
    if (s->value[q])
        out->value = od_str_of(s->value[q]);
    if (s->says[q] && !out->refused)
        out->reason = od_str_of(s->says[q]);
    return 0;
}

static inline bool shop_answers(void *ctx, enum od_question q)
{
    struct shop *s = ctx;
    return !od_question_optional(q) || s->answers[q];
}

static inline enum od_run shop_script(void *ctx, struct od_str name, struct od_str args,
                                      struct od_order *o, const struct od_policy_request *request,
                                      struct od_arena *a, const struct od_steps *steps,
                                      struct od_policy_answer *out, struct od_err *err)
{
    struct shop *s = ctx;
    s->request = *request;
    if (!s->script || !od_str_is(name, "script"))
        return OD_RUN_UNKNOWN;
    out->policy = od_arena_printf(a, "command.%.*s@test", OD_STR_ARG(name));
    return s->script(s, o, args, steps, out, err);
}

static inline void shop_stock(struct shop *s, int i, const char *sku, int64_t on_hand, bool exists)
{
    s->skus[i] = (struct od_stock){
        .sku = od_str_of(sku), .location = OD_STR("main"), .on_hand = on_hand, .exists = exists};
    od_map_put(&s->stock, s->skus[i].sku, &s->skus[i]);
}

/* A second location, with stock of "a" there. */
static inline void shop_open_east(struct shop *s, int64_t on_hand)
{
    static struct od_str locations[] = {OD_STR_INIT("main"), OD_STR_INIT("east")};
    s->shop = (struct od_shop){.locations = locations, .location_count = 2};
    s->env.shop = &s->shop;
    for (int i = 0; i < 3; i++) {
        s->skus[3 + i] = (struct od_stock){.sku = s->skus[i].sku, .location = locations[1]};
        s->skus[i].next = &s->skus[3 + i];
    }
    s->skus[3].on_hand = on_hand;
    s->skus[3].exists = true;
}

static inline void shop_open(struct shop *s)
{
    memset(s, 0, sizeof *s);
    od_arena_init(&s->arena);
    od_map_init(&s->stock);
    shop_stock(s, 0, "a", 10, true);
    shop_stock(s, 1, "b", 5, true);
    shop_stock(s, 2, "none", 0, false);
    s->policies = (struct od_policies){
        .ctx = s, .bundle_id = 7, .ask = shop_ask, .answers = shop_answers, .run = shop_script};
    s->env = (struct od_decide_env){.policies = &s->policies,
                                    .statuses = &statuses,
                                    .stock = &s->stock,
                                    .track = OD_STOCK_ALL,
                                    .arena = &s->arena,
                                    .now = NOW};
    s->d = (struct od_decision){
        .env = &s->env, .order = &s->order, .new_order_id = 42, .new_number_value = 1};
}

static inline void shop_close(struct shop *s)
{
    od_map_fini(&s->stock);
    od_arena_fini(&s->arena);
}

static inline struct od_json *shop_json(struct shop *s, const char *text)
{
    struct od_json *json = NULL;
    struct od_err err;
    if (od_json_parse(&s->arena, od_str_of(text), 16, &json, &err) != 0) {
        fprintf(stderr, "%s: %s\n", text, err.message);
        abort();
    }
    return json;
}

/* A body with ' for ", as a command. */
static inline struct od_command *shop_command(struct shop *s, enum od_command_type type,
                                              const char *body)
{
    char *text = (char *)od_arena_str(&s->arena, od_str_of(body)).ptr;
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    struct od_problem_list problems = {.arena = &s->arena};
    struct od_command *c = OD_NEW(&s->arena, struct od_command);
    if (od_command_parse(type, shop_json(s, text), &s->arena, OD_STR("EUR"), c, &problems) != 0) {
        fprintf(stderr, "%s: %.*s %.*s\n", body, OD_STR_ARG(problems.items[0].pointer),
                OD_STR_ARG(problems.items[0].detail));
        abort();
    }
    c->actor = OD_STR("tester");
    return c;
}

/* As LOAD does, and what is not used is given back. */
static inline void shop_number(struct shop *s)
{
    const uint32_t count = sizeof s->documents / sizeof *s->documents;
    for (uint32_t i = 0; i < count; i++) {
        enum od_document kind = (enum od_document)(i % OD_DOCUMENTS);
        s->documents[i] =
            (struct od_document_number){.kind = kind,
                                        .series = od_document_name(kind),
                                        .value = s->issued[kind] + 1 + i / OD_DOCUMENTS};
    }
    s->d.documents = s->documents;
    s->d.document_count = s->unnumbered ? 0 : count;
}

/* Decides with an empty list of events; what is emitted for good joins the ledger. */
static inline enum od_verdict shop_run(struct shop *s, const struct od_command *c)
{
    shop_number(s);
    s->d.events = NULL;
    s->d.event_count = 0;
    s->d.event_cap = 0;
    od_decide(&s->d, c, false);
    for (uint32_t i = 0; i < s->d.document_count; i++)
        s->issued[s->documents[i].kind] += s->documents[i].used;
    for (uint32_t i = 0; i < s->d.event_count; i++) {
        s->ledger =
            od_arena_grow(&s->arena, s->ledger, s->ledger_len, &s->ledger_cap, sizeof *s->ledger);
        s->ledger[s->ledger_len++] = s->d.events[i];
    }
    return s->d.verdict;
}

static inline enum od_verdict shop_do(struct shop *s, enum od_command_type type, const char *body)
{
    return shop_run(s, shop_command(s, type, body));
}

static inline enum od_verdict shop_update_shipment(struct shop *s, int32_t id, const char *body)
{
    struct od_command *c = shop_command(s, OD_COMMAND_UPDATE_SHIPMENT, body);
    c->shipment.shipment_id = id;
    return shop_run(s, c);
}

static inline enum od_verdict shop_history(struct shop *s, enum od_command_type type,
                                           const char *body)
{
    struct od_command *c = shop_command(s, type, body);
    c->historical = true;
    return shop_run(s, c);
}

/* 2 of a at 10.00 and 1 of b at 5.50: 25.50 */
#define BODY                                                                                       \
    "{'items':[{'sku':'a','qty':2,'price':10},{'sku':'b','qty':1,'price':'5.50'}],'paymentMethod'" \
    ":'card'}"

static inline void shop_place(struct shop *s)
{
    if (shop_do(s, OD_COMMAND_PLACE, BODY) != OD_VERDICT_DONE) {
        fprintf(stderr, "place: %.*s\n", OD_STR_ARG(s->d.refusal.detail));
        abort();
    }
}

/* What a refusal must leave as it was. */
struct before {
    struct od_order *order;
    struct od_stock skus[6];
};

static inline struct before shop_before(struct shop *s)
{
    struct before b = {.order = od_order_clone(&s->arena, &s->order)};
    memcpy(b.skus, s->skus, sizeof b.skus);
    return b;
}

static inline bool shop_untouched(struct shop *s, const struct before *b)
{
    const char *diff = od_order_diff(&s->arena, b->order, &s->order);
    if (diff)
        fprintf(stderr, "differs: %s\n", diff);
    return !diff && memcmp(b->skus, s->skus, sizeof b->skus) == 0 && s->d.event_count == 0;
}

/* Folds the ledger's events, as they read back from their JSON, into a new order and compares. */
static inline const char *shop_refold_diff(struct shop *s)
{
    struct od_order *o = OD_NEW(&s->arena, struct od_order);
    struct od_err err;
    for (size_t i = 0; i < s->ledger_len; i++) {
        struct od_event e = s->ledger[i];
        struct od_buf data;
        od_buf_init(&data, 1 << 20);
        od_event_encode(&e, &data);
        struct od_str text = od_arena_str(&s->arena, od_buf_view(&data));
        od_buf_fini(&data);
        e.order = NULL;
        e.patch = NULL;
        e.payment = NULL;
        e.shipment = NULL;
        e.hold = NULL;
        e.refund = NULL;
        e.ret = NULL;
        e.invoice = NULL;
        e.change = NULL;
        e.amount = 0;
        e.handed_over = false;
        e.units = NULL;
        e.unit_count = 0;
        e.comment = OD_STR_NONE;
        if (od_event_decode(&e, text, &s->arena, &err) != 0 || od_fold(o, &e, &s->arena, &err) != 0)
            return od_arena_printf(&s->arena, "event %zu: %s", i + 1, err.message).ptr;
    }
    return od_order_diff(&s->arena, o, &s->order);
}

#endif
