#ifndef OD_TEST_ORDER_MODEL_SHOP_H
#define OD_TEST_ORDER_MODEL_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "order/machine/decide.h"
#include "rules/trial/walk/model_check.h"

/* Small rules in C for the tests of the model check, each of which bends them in one place. */

#define STATUS(c, p, ...)                                                                          \
    {                                                                                              \
        .code = OD_STR_INIT(c), .name = OD_STR_INIT(c), .phase = OD_STR_INIT(p), __VA_ARGS__       \
    }
#define OPEN     .any_next = true
#define COMPLETE .progress = OD_STR_INIT("complete")

static const struct od_status order_statuses[] = {
    STATUS("pending", "", .is_default = true, OPEN),
    STATUS("processing", "", OPEN),
    STATUS("on_hold", "", OPEN),
    STATUS("completed", "", OPEN, COMPLETE),
    STATUS("canceled", "canceled", COMPLETE),
};
static const struct od_status payment_statuses[] = {
    STATUS("pending", "", .is_default = true, OPEN),
    STATUS("paid", "paid", OPEN),
};
static const struct od_status shipment_statuses[] = {
    STATUS("pending", "", .is_default = true, OPEN),
    STATUS("shipped", "shipped", OPEN),
    STATUS("delivered", "delivered", OPEN),
    STATUS("canceled", "canceled", COMPLETE),
};

typedef const char *rule(const struct od_order *o);

static const char refused[] = "refused", broken[] = "broken", counted[] = "counted";

struct shop {
    struct od_arena arena;
    struct od_status statuses[OD_STATUS_KINDS][8];
    struct od_status_sets sets;
    struct od_policies policies;
    rule *rules[OD_QUESTIONS];
    struct od_str composites[2];
    uint32_t composite_count;
    struct od_model_limits limits;
    struct od_model_report report;
};

static inline bool is_held(const struct od_order *o)
{
    return od_order_hold(o, OD_STR("manual")) != NULL;
}

static inline bool is(struct od_str s, const char *text)
{
    return od_str_is(s, text);
}

static inline int32_t shipped_units(const struct od_order *o)
{
    int32_t n = 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        n += o->items[i].qty_shipped;
    return n;
}

static inline const char *order_status(const struct od_order *o)
{
    if (o->canceled_at || is(o->shipment_status, "canceled"))
        return "canceled";
    if (is_held(o))
        return "on_hold";
    if (!is(o->payment_status, "paid"))
        return "pending";
    return is(o->shipment_status, "delivered") ? "completed" : "processing";
}

static inline const char *payment_status(const struct od_order *o)
{
    if (!o->payment_count)
        return o->payment_status.ptr;
    return o->amount_captured >= o->grand_total ? "paid" : "pending";
}

static inline const char *shipment_status(const struct od_order *o)
{
    bool all_delivered = o->item_count > 0;
    for (uint32_t i = 0; i < o->item_count; i++)
        all_delivered = all_delivered && o->items[i].qty_delivered == o->items[i].qty;
    if (all_delivered)
        return "delivered";
    if (shipped_units(o))
        return "shipped";
    return o->canceled_at || is(o->shipment_status, "canceled") ? "canceled" : "pending";
}

static inline const char *may_cancel(const struct od_order *o)
{
    return shipped_units(o) || is_held(o) ? refused : "";
}

static inline const char *may_ship(const struct od_order *o)
{
    return is_held(o) ? refused : "";
}

static inline const char *number(const struct od_order *o)
{
    (void)o;
    return counted; /* N- and the value */
}

static inline int ask(void *ctx, enum od_question q, const struct od_order *o,
                      const struct od_policy_request *request, struct od_arena *a,
                      struct od_policy_answer *out, struct od_err *err)
{
    const struct shop *s = ctx;
    const char *answer = s->rules[q](o);
    if (answer == counted)
        answer = od_arena_printf(a, "N-%d", (int)request->seq_value).ptr;
    out->policy = od_arena_printf(a, "%.*s@test", OD_STR_ARG(od_question_name(q)));
    if (answer == broken)
        return od_err_set_at(err, OD_ERR_SCRIPT, "test/rules.lua:7", "attempt to index nil");
    out->refused = answer == refused;
    if (out->refused) {
        out->code = OD_STR("no");
        out->reason = OD_STR("It may not");
    } else {
        out->value = od_str_of(answer);
    }
    return 0;
}

static inline bool answers(void *ctx, enum od_question q)
{
    const struct shop *s = ctx;
    return s->rules[q] != NULL;
}

static inline enum od_run run(void *ctx, struct od_str name, struct od_str args, struct od_order *o,
                              const struct od_policy_request *request, struct od_arena *a,
                              const struct od_steps *steps, struct od_policy_answer *out,
                              struct od_err *err)
{
    struct od_command cancel = {.type = OD_COMMAND_CANCEL, .actor = request->actor};
    (void)ctx, (void)args, (void)o;
    out->policy = od_arena_printf(a, "command.%.*s@test", OD_STR_ARG(name));
    if (is(name, "broken")) {
        od_err_set_at(err, OD_ERR_SCRIPT, "test/rules.lua:9", "no such field");
        return OD_RUN_FAILED;
    }
    return steps->decide(steps->ctx, &cancel) == 0 ? OD_RUN_DONE : OD_RUN_STEP_REFUSED;
}

static inline void take_set(struct shop *s, enum od_status_kind kind, const struct od_status *from,
                            uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        s->statuses[kind][i] = from[i];
    s->sets.of[kind] = (struct od_status_set){s->statuses[kind], count};
}

static inline int setup(void **state)
{
    struct shop *s = calloc(1, sizeof *s);
    od_arena_init(&s->arena);
    take_set(s, OD_STATUS_ORDER, order_statuses, 5);
    take_set(s, OD_STATUS_PAYMENT, payment_statuses, 2);
    take_set(s, OD_STATUS_SHIPMENT, shipment_statuses, 4);
    s->rules[OD_ASK_ORDER_STATUS] = order_status;
    s->rules[OD_ASK_PAYMENT_STATUS] = payment_status;
    s->rules[OD_ASK_SHIPMENT_STATUS] = shipment_status;
    s->rules[OD_ASK_ORDER_CANCEL] = may_cancel;
    s->rules[OD_ASK_ORDER_SHIP] = may_ship;
    s->rules[OD_ASK_ORDER_NUMBER] = number;
    s->limits.max_cpu_us = 120000000; /* findings, not speed: sanitizers are slow */
    s->policies = (struct od_policies){.ctx = s, .ask = ask, .answers = answers, .run = run};
    *state = s;
    return 0;
}

static inline int teardown(void **state)
{
    struct shop *s = *state;
    od_arena_fini(&s->arena);
    free(s);
    return 0;
}

static inline void check(struct shop *s)
{
    od_model_check(&s->policies, &s->sets, s->composites, s->composite_count, &s->limits, &s->arena,
                   &s->report);
}

static inline struct od_status *add_status(struct shop *s, enum od_status_kind kind,
                                           const char *code)
{
    struct od_status *added = &s->statuses[kind][s->sets.of[kind].count++];
    *added = (struct od_status)STATUS("", "", OPEN);
    added->code = added->name = od_str_of(code);
    return added;
}

static inline struct od_status *status(struct shop *s, enum od_status_kind kind, const char *code)
{
    return (struct od_status *)od_status_find(&s->sets.of[kind], od_str_of(code));
}

/* Leaves the status these moves alone. */
static inline void set_next(struct od_status *s, struct od_str *next, uint32_t count)
{
    s->any_next = false;
    s->next = next;
    s->next_count = count;
}

static inline const struct od_finding *find(const struct shop *s, enum od_finding_kind kind,
                                            const char *subject)
{
    for (uint32_t i = 0; i < s->report.finding_count; i++) {
        const struct od_finding *f = &s->report.findings[i];
        if (f->kind == kind && od_str_is(f->subject, subject))
            return f;
    }
    return NULL;
}

static inline const struct od_finding *wanted(const struct shop *s, enum od_finding_kind kind,
                                              const char *subject)
{
    const struct od_finding *f = find(s, kind, subject);
    for (uint32_t i = 0; !f && i < s->report.finding_count; i++)
        print_error("%s %.*s: %.*s\n", od_finding_kind_name(s->report.findings[i].kind),
                    OD_STR_ARG(s->report.findings[i].subject),
                    OD_STR_ARG(s->report.findings[i].text));
    if (!f)
        fail_msg("no %s of %s", od_finding_kind_name(kind), subject);
    return f;
}

static inline void assert_none(const struct shop *s)
{
    for (uint32_t i = 0; i < s->report.finding_count; i++) {
        const struct od_finding *f = &s->report.findings[i];
        fail_msg("%s of %.*s in %.*s: %.*s", od_finding_kind_name(f->kind), OD_STR_ARG(f->subject),
                 OD_STR_ARG(f->inputs), OD_STR_ARG(f->text));
    }
}

#define assert_text(s, text)     assert_string_equal((s).ptr, text)
#define assert_contains(s, text) assert_non_null(strstr((s).ptr, text))

#endif
