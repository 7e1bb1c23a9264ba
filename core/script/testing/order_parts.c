#include "script/testing/order.h"
#include "script/testing/test.h"

/* t:order{…}: the lists of what happened to the order. */

static int build_payments(struct od_test *t, const struct od_json *state, struct od_order *o,
                          struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "payments", &v, &o->payment_count, err) != 0)
        return -1;
    o->payments = OD_NEW_ARRAY(&t->arena, struct od_payment, o->payment_count);
    o->payment_cap = o->payment_count;
    for (uint32_t i = 0; i < o->payment_count; i++, v = v->next) {
        struct od_payment *p = &o->payments[i];
        *p = (struct od_payment){.payment_id = (int32_t)i + 1,
                                 .type = OD_STR("capture"),
                                 .status = OD_STR("succeeded"),
                                 .amount = o->grand_total,
                                 .created_at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_PAYMENT, NULL, v, p, err) != 0)
            return od_test_in_list(err, "payments", i);
    }
    return 0;
}

/* All that was shipped of the order, or is still open when nothing says that anything was. */
static void all_items(struct od_test *t, const struct od_order *o, struct od_shipment *s)
{
    s->items = OD_NEW_ARRAY(&t->arena, struct od_shipment_item, o->item_count);
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t qty = it->qty_shipped > 0 ? it->qty_shipped : od_item_open(it);
        if (qty > 0)
            s->items[s->item_count++] =
                (struct od_shipment_item){s->shipment_id, it->order_item_id, qty};
    }
}

int od_test_shipment_build(struct od_test *t, const struct od_json *state, struct od_order *o,
                           struct od_shipment *s, struct od_err *err)
{
    static const char *const more[] = {"items", NULL};
    const struct od_json *v;
    uint32_t n;

    if (od_test_fields_set(OD_ENTITY_SHIPMENT, more, state, s, err) != 0 ||
        od_test_list(state, "items", &v, &n, err) != 0)
        return -1;
    if (!od_json_get(state, "items")) {
        all_items(t, o, s);
        return 0;
    }
    s->items = OD_NEW_ARRAY(&t->arena, struct od_shipment_item, n);
    for (; s->item_count < n; s->item_count++, v = v->next) {
        struct od_shipment_item *it = &s->items[s->item_count];
        *it = (struct od_shipment_item){s->shipment_id, 1, 1};
        if (od_test_fields_set(OD_ENTITY_SHIPMENT_ITEM, NULL, v, it, err) != 0)
            return od_test_in_list(err, "items", s->item_count);
        if (!od_order_item(o, it->order_item_id))
            return od_err_set(err, OD_ERR_INVALID, "items[%u]: the order has no item %d",
                              s->item_count + 1, it->order_item_id);
    }
    return 0;
}

static int build_shipments(struct od_test *t, const struct od_json *state, struct od_order *o,
                           struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "shipments", &v, &o->shipment_count, err) != 0)
        return -1;
    o->shipments = OD_NEW_ARRAY(&t->arena, struct od_shipment, o->shipment_count);
    o->shipment_cap = o->shipment_count;
    for (uint32_t i = 0; i < o->shipment_count; i++, v = v->next) {
        struct od_shipment *s = &o->shipments[i];
        *s = (struct od_shipment){
            .shipment_id = (int32_t)i + 1,
            .shipment_number =
                od_arena_printf(&t->arena, "%.*s-%u", OD_STR_ARG(o->order_number), i + 1),
            .status = o->shipment_status,
            .shipped_at = t->task.now,
        };
        if (od_test_shipment_build(t, v, o, s, err) != 0)
            return od_test_in_list(err, "shipments", i);
    }
    return 0;
}

static int build_holds(struct od_test *t, const struct od_json *state, struct od_order *o,
                       struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "holds", &v, &o->hold_count, err) != 0)
        return -1;
    o->holds = OD_NEW_ARRAY(&t->arena, struct od_hold, o->hold_count);
    o->hold_cap = o->hold_count;
    for (uint32_t i = 0; i < o->hold_count; i++, v = v->next) {
        struct od_hold *h = &o->holds[i];
        *h = (struct od_hold){.handle = od_arena_printf(&t->arena, "hold%u", i + 1),
                              .reason = OD_STR("test"),
                              .by = OD_STR("test"),
                              .at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_HOLD, NULL, v, h, err) != 0)
            return od_test_in_list(err, "holds", i);
    }
    return 0;
}

static int build_refund(struct od_test *t, const struct od_json *v, struct od_order *o,
                        struct od_refund *r, struct od_err *err)
{
    static const char *const more[] = {"items", NULL};
    const struct od_json *item;

    if (od_test_fields_set(OD_ENTITY_REFUND, more, v, r, err) != 0 ||
        od_test_list(v, "items", &item, &r->item_count, err) != 0)
        return -1;
    r->items = OD_NEW_ARRAY(&t->arena, struct od_refund_item, r->item_count);
    for (uint32_t i = 0; i < r->item_count; i++, item = item->next) {
        r->items[i] = (struct od_refund_item){r->refund_id, 1, 1, 0, 0};
        if (od_test_fields_set(OD_ENTITY_REFUND_ITEM, NULL, item, &r->items[i], err) != 0)
            return od_test_in_list(err, "items", i);
        if (!od_order_item(o, r->items[i].order_item_id))
            return od_err_set(err, OD_ERR_INVALID, "items[%u]: the order has no item %d", i + 1,
                              r->items[i].order_item_id);
    }
    return 0;
}

static int build_refunds(struct od_test *t, const struct od_json *state, struct od_order *o,
                         struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "refunds", &v, &o->refund_count, err) != 0)
        return -1;
    o->refunds = OD_NEW_ARRAY(&t->arena, struct od_refund, o->refund_count);
    o->refund_cap = o->refund_count;
    for (uint32_t i = 0; i < o->refund_count; i++, v = v->next) {
        o->refunds[i] =
            (struct od_refund){.refund_id = (int32_t)i + 1,
                               .credit_memo_number = od_arena_printf(&t->arena, "CM-%u", i + 1),
                               .amount = o->grand_total,
                               .created_at = t->task.now};
        if (build_refund(t, v, o, &o->refunds[i], err) != 0)
            return od_test_in_list(err, "refunds", i);
    }
    return 0;
}

static int build_return(struct od_test *t, const struct od_json *v, struct od_order *o,
                        struct od_return *r, struct od_err *err)
{
    static const char *const more[] = {"items", NULL};
    const struct od_json *item;

    if (od_test_fields_set(OD_ENTITY_RETURN, more, v, r, err) != 0 ||
        od_test_list(v, "items", &item, &r->item_count, err) != 0)
        return -1;
    r->items = OD_NEW_ARRAY(&t->arena, struct od_return_item, r->item_count);
    for (uint32_t i = 0; i < r->item_count; i++, item = item->next) {
        r->items[i] =
            (struct od_return_item){.return_id = r->return_id, .order_item_id = 1, .qty = 1};
        if (od_test_fields_set(OD_ENTITY_RETURN_ITEM, NULL, item, &r->items[i], err) != 0)
            return od_test_in_list(err, "items", i);
        if (!od_order_item(o, r->items[i].order_item_id))
            return od_err_set(err, OD_ERR_INVALID, "items[%u]: the order has no item %d", i + 1,
                              r->items[i].order_item_id);
    }
    return 0;
}

static int build_returns(struct od_test *t, const struct od_json *state, struct od_order *o,
                         struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "returns", &v, &o->return_count, err) != 0)
        return -1;
    o->returns = OD_NEW_ARRAY(&t->arena, struct od_return, o->return_count);
    o->return_cap = o->return_count;
    for (uint32_t i = 0; i < o->return_count; i++, v = v->next) {
        o->returns[i] =
            (struct od_return){.return_id = (int32_t)i + 1,
                               .return_number = od_arena_printf(&t->arena, "%.*s-R%u",
                                                                OD_STR_ARG(o->order_number), i + 1),
                               .status = OD_STR("requested"),
                               .created_at = t->task.now};
        if (build_return(t, v, o, &o->returns[i], err) != 0)
            return od_test_in_list(err, "returns", i);
    }
    return 0;
}

static int build_invoices(struct od_test *t, const struct od_json *state, struct od_order *o,
                          struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "invoices", &v, &o->invoice_count, err) != 0)
        return -1;
    o->invoices = OD_NEW_ARRAY(&t->arena, struct od_invoice, o->invoice_count);
    o->invoice_cap = o->invoice_count;
    for (uint32_t i = 0; i < o->invoice_count; i++, v = v->next) {
        o->invoices[i] =
            (struct od_invoice){.invoice_id = (int32_t)i + 1,
                                .invoice_number = od_arena_printf(&t->arena, "INV-%u", i + 1),
                                .amount = o->grand_total,
                                .created_at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_INVOICE, NULL, v, &o->invoices[i], err) != 0)
            return od_test_in_list(err, "invoices", i);
    }
    return 0;
}

static int build_changes(struct od_test *t, const struct od_json *state, struct od_order *o,
                         struct od_err *err)
{
    const struct od_json *v;

    if (od_test_list(state, "changes", &v, &o->change_count, err) != 0)
        return -1;
    o->changes = OD_NEW_ARRAY(&t->arena, struct od_change, o->change_count);
    o->change_cap = o->change_count;
    for (uint32_t i = 0; i < o->change_count; i++, v = v->next) {
        o->changes[i] = (struct od_change){.change_id = (int32_t)i + 1,
                                           .status = OD_STR("proposed"),
                                           .request = OD_STR("{}"),
                                           .by = OD_STR("test"),
                                           .created_at = t->task.now};
        if (od_test_fields_set(OD_ENTITY_CHANGE, NULL, v, &o->changes[i], err) != 0)
            return od_test_in_list(err, "changes", i);
    }
    return 0;
}

int od_test_parts_build(struct od_test *t, const struct od_json *state, struct od_order *o,
                        struct od_err *err)
{
    return build_payments(t, state, o, err) != 0 || build_shipments(t, state, o, err) != 0 ||
                   build_holds(t, state, o, err) != 0 || build_refunds(t, state, o, err) != 0 ||
                   build_returns(t, state, o, err) != 0 || build_invoices(t, state, o, err) != 0 ||
                   build_changes(t, state, o, err) != 0
               ? -1
               : 0;
}
