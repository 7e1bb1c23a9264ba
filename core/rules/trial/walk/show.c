#include "rules/trial/walk/walk.h"

/*
 * Synthetic states: every pair of statuses, held or not, cancelled or not, with each state of the
 * units and each of the amounts. Some of them no command leads to; imports and rules of the past
 * do.
 */

/* Units of two items, two of each; or parcels of an order without items. */
struct units {
    bool no_items;
    int32_t shipped[2], delivered[2], canceled[2], returned[2], after_cancel[2];
    struct {
        bool there, delivered, canceled;
    } parcel; /* no_items */
};

static const struct units all_units[] = {
    {0},
    {.shipped = {1, 0}},
    {.shipped = {2, 0}},
    {.shipped = {2, 2}},
    {.shipped = {1, 0}, .delivered = {1, 0}},
    {.shipped = {2, 2}, .delivered = {2, 0}},
    {.shipped = {2, 2}, .delivered = {2, 2}},
    {.canceled = {0, 2}},
    {.canceled = {2, 2}},
    {.shipped = {2, 0}, .canceled = {0, 2}},
    {.shipped = {2, 0}, .delivered = {2, 0}, .canceled = {0, 2}},
    {.shipped = {1, 0}, .canceled = {1, 2}},
    {.shipped = {2, 2}, .after_cancel = {1, 0}},
    {.shipped = {2, 0}, .canceled = {0, 2}, .after_cancel = {2, 0}},
    {.shipped = {2, 2}, .delivered = {2, 2}, .returned = {1, 0}},
    {.shipped = {2, 2}, .delivered = {2, 2}, .returned = {2, 2}},
    {.shipped = {2, 0}, .delivered = {2, 0}, .canceled = {0, 2}, .returned = {2, 0}},
    {.no_items = true},
    {.no_items = true, .parcel = {.there = true}},
    {.no_items = true, .parcel = {.there = true, .delivered = true}},
    {.no_items = true, .parcel = {.there = true, .canceled = true}},
};

/* Percent of the total, and the last record. */
static const struct amounts {
    int authorized, captured, refunded, charged_back, canceled;
    const char *record;
} all_amounts[] = {
    {0, 0, 0, 0, 0, NULL},
    {0, 0, 0, 0, 0, "fail"},
    {0, 0, 0, 0, 0, "void"},
    {25, 0, 0, 0, 0, "authorize"},
    {100, 0, 0, 0, 0, "authorize"},
    {125, 0, 0, 0, 0, "authorize"},
    {100, 25, 0, 0, 0, "capture"},
    {100, 100, 0, 0, 0, "capture"},
    {125, 125, 0, 0, 0, "capture"},
    {100, 25, 0, 0, 75, "capture"},
    {100, 50, 0, 0, 75, "capture"},
    {100, 25, 25, 0, 0, "refund"},
    {100, 100, 25, 0, 0, "refund"},
    {100, 100, 100, 0, 0, "refund"},
    {100, 100, 25, 0, 25, "refund"},
    {100, 25, 50, 0, 0, "refund"}, /* as history may have it */
    {100, 100, 0, 25, 0, "chargeback"},
    {100, 100, 0, 100, 0, "chargeback"},
    {100, 100, 50, 50, 0, "chargeback"},
    {100, 100, 50, 100, 0, "chargeback"}, /* the customer had some of it already */
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void set_units(struct od_model *m, struct od_order *o, const struct units *u)
{
    o->shipments = OD_NEW_ARRAY(&m->scratch, struct od_shipment, 2);
    for (uint32_t i = 0; i < o->item_count; i++) {
        struct od_item *it = &o->items[i];
        it->qty_shipped = u->shipped[i];
        it->qty_delivered = u->delivered[i];
        it->qty_canceled = o->canceled_at ? it->qty - it->qty_shipped : u->canceled[i];
        it->qty_returned = u->returned[i];
        it->qty_shipped_after_cancel = u->after_cancel[i];
        if (!it->qty_shipped)
            continue;
        struct od_shipment *s = &o->shipments[o->shipment_count++];
        s->delivered_at = it->qty_delivered ? o->created_at : 0;
        s->item_count = 1;
        s->items = OD_NEW(&m->scratch, struct od_shipment_item);
        *s->items = (struct od_shipment_item){(int32_t)o->shipment_count, it->order_item_id,
                                              it->qty_shipped};
    }
    if (u->parcel.there) {
        struct od_shipment *s = &o->shipments[o->shipment_count++];
        s->delivered_at = u->parcel.delivered ? o->created_at : 0;
        s->canceled_at = u->parcel.canceled ? o->created_at : 0;
    }
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        o->shipments[i].shipment_id = (int32_t)i + 1;
        o->shipments[i].shipment_number = OD_STR("CHECK-1-S1");
        o->shipments[i].status = o->shipment_status;
        o->shipments[i].shipped_at = o->created_at;
    }
}

static void set_refund(struct od_model *m, struct od_order *o)
{
    o->refunds = OD_NEW(&m->scratch, struct od_refund);
    o->refund_count = 1;
    *o->refunds = (struct od_refund){
        .refund_id = 1,
        .credit_memo_number = OD_STR("CHECK-M1"),
        .amount = o->amount_refunded,
        .method = o->payment_method,
        .version = 1,
        .created_at = o->created_at,
    };
}

static int64_t amount_of(const struct od_order *o, const struct amounts *a)
{
    if (a->charged_back)
        return o->amount_charged_back;
    if (a->refunded)
        return o->amount_refunded;
    return a->captured ? o->amount_captured : o->amount_authorized;
}

static void set_amounts(struct od_model *m, struct od_order *o, const struct amounts *a)
{
    o->amount_authorized = o->grand_total * a->authorized / 100;
    o->amount_captured = o->grand_total * a->captured / 100;
    o->amount_refunded = o->grand_total * a->refunded / 100;
    o->amount_charged_back = o->grand_total * a->charged_back / 100;
    o->amount_canceled = o->grand_total * (o->canceled_at ? 100 : a->canceled) / 100;
    if (!a->record)
        return;
    if (a->refunded)
        set_refund(m, o);
    o->payments = OD_NEW(&m->scratch, struct od_payment);
    o->payment_count = 1;
    *o->payments = (struct od_payment){
        .payment_id = 1,
        .type = od_str_of(a->record),
        .amount = amount_of(o, a),
        .refund_id = od_str_is(od_str_of(a->record), "refund"),
        .method = o->payment_method,
        .status = od_str_is(od_str_of(a->record), "fail") ? OD_STR("failed") : OD_STR("succeeded"),
        .created_at = o->created_at,
    };
}

/* The parts of a state that are the same for all units and amounts. */
struct head {
    struct od_str payment_status, shipment_status;
    bool held, canceled;
};

static struct od_order *make(struct od_model *m, const struct head *h, const struct units *u,
                             const struct amounts *a)
{
    struct od_order *o = od_model_draft(&m->scratch);
    o->order_id = 1;
    o->version = 1;
    o->order_number = OD_STR("CHECK-1");
    o->created_at = o->updated_at = m->env.now;
    o->status = od_status_default(&m->statuses->of[OD_STATUS_ORDER])->code;
    o->payment_status = h->payment_status;
    o->shipment_status = h->shipment_status;
    o->canceled_at = h->canceled ? m->env.now : 0;
    if (u->no_items)
        o->item_count = 0;
    if (h->held) {
        o->holds = OD_NEW(&m->scratch, struct od_hold);
        *o->holds = (struct od_hold){
            .handle = OD_STR("manual"), .by = OD_STR("check"), .at = o->created_at};
        o->hold_count = 1;
    }
    set_units(m, o, u);
    set_amounts(m, o, a);
    return o;
}

static void ask(struct od_model *m, enum od_question q, struct od_order *o,
                struct od_policy_request request)
{
    struct od_policy_answer answer = {0};
    struct od_err err;
    if (od_question_optional(q) && !(m->watched.answers && m->watched.answers(m, q)))
        return;
    request.actor = OD_STR("check");
    request.now = m->env.now;
    od_err_clear(&err);
    int rc = m->watched.ask(m->watched.ctx, q, o, &request, &m->scratch, &answer, &err);
    if (rc == 0 && q == OD_ASK_ORDER_STATUS && !answer.refused &&
        od_status_find(&m->statuses->of[OD_STATUS_ORDER], answer.value))
        o->status = answer.value; /* what the next question sees */
}

/* The things that may be done with one unit, whether or not they could happen. */
static void ask_about_parts(struct od_model *m, struct od_order *o)
{
    struct od_units unit = {.order_item_id = 1, .qty = 1};
    struct od_shipment_item packed = {.order_item_id = 1, .qty = 1};
    struct od_shipment parcel = {.items = &packed, .item_count = 1};
    struct od_refund_item given = {.order_item_id = 1, .qty = 1, .amount = 1000};
    struct od_refund refund = {.amount = 1000, .items = &given, .item_count = 1};
    struct od_return_item sent = {.order_item_id = 1, .qty = 1};
    struct od_return ret = {.status = OD_STR("requested"), .items = &sent, .item_count = 1};
    if (o->item_count == 0)
        return;
    ask(m, OD_ASK_ORDER_CANCEL, o, (struct od_policy_request){.units = &unit, .unit_count = 1});
    ask(m, OD_ASK_ORDER_SHIP, o, (struct od_policy_request){.shipment = &parcel});
    ask(m, OD_ASK_ORDER_REFUND, o, (struct od_policy_request){.refund = &refund});
    ask(m, OD_ASK_ORDER_RETURN, o, (struct od_policy_request){.ret = &ret});
}

static void show(struct od_model *m, const struct head *h, const struct units *u,
                 const struct amounts *a)
{
    struct od_order *o = make(m, h, u, a);
    m->looking_at++;
    m->report->shown++;
    ask(m, OD_ASK_PAYMENT_STATUS, o, (struct od_policy_request){0});
    ask(m, OD_ASK_SHIPMENT_STATUS, o, (struct od_policy_request){0});
    ask(m, OD_ASK_ORDER_STATUS, o, (struct od_policy_request){0});
    ask(m, OD_ASK_ORDER_CANCEL, o, (struct od_policy_request){0});
    ask_about_parts(m, o);
    od_arena_reset(&m->scratch);
}

/* Rules look at units or at amounts and hardly at both, so each varies while the other rests. */
static void show_parts(struct od_model *m, const struct head *h)
{
    for (size_t i = 0; i < COUNT(all_units); i++) {
        const struct units *u = &all_units[i];
        bool twice = h->canceled && (u->canceled[0] || u->canceled[1]);
        if (!twice)
            show(m, h, u, &all_amounts[0]);
    }
    for (size_t i = 1; i < COUNT(all_amounts); i++)
        show(m, h, &all_units[0], &all_amounts[i]);
}

void od_model_show(struct od_model *m)
{
    const struct od_status_set *payment = &m->statuses->of[OD_STATUS_PAYMENT];
    const struct od_status_set *shipment = &m->statuses->of[OD_STATUS_SHIPMENT];
    uint32_t pairs = payment->count * shipment->count;
    m->at = NULL;
    m->move = OD_STR_NONE;
    for (uint32_t i = 0; i < 4 * pairs && !od_model_out_of_time(m); i++) {
        uint32_t pair = i / 4;
        struct head h = {
            .payment_status = payment->statuses[pair / shipment->count].code,
            .shipment_status = shipment->statuses[pair % shipment->count].code,
            .held = i & 1,
            .canceled = i & 2,
        };
        show_parts(m, &h);
    }
}
