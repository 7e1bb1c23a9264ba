#include "order/machine/event_data.h"
#include "order/model/fields.h"

/* Refunds and invoices in event data: a refund's fields, its "items", and the "payment" that was
 * recorded with it. */

/* The API has no number for "not for a return". */
static uint64_t refund_mask(const struct od_refund *r)
{
    return r->return_id ? ~UINT64_C(0) : ~od_event_field(OD_ENTITY_REFUND, "return_id");
}

void od_event_write_refund(const struct od_event_form *f, const struct od_event *e)
{
    const struct od_refund *r = e->refund;
    const uint64_t item_mask = ~od_event_field(OD_ENTITY_REFUND_ITEM, "refund_id");

    if (e->type == OD_EVENT_REFUND_CONFIRMED) {
        od_event_write_fields(f, OD_ENTITY_REFUND, r,
                              od_event_field(OD_ENTITY_REFUND, "refund_id") |
                                  od_event_field(OD_ENTITY_REFUND, "transaction_id"));
        return;
    }
    od_event_write_fields(f, OD_ENTITY_REFUND, r, refund_mask(r));
    od_event_write_list(f, "items", OD_ENTITY_REFUND_ITEM, r->items, r->item_count, item_mask);
    od_jw_key(f->w, "payment");
    od_jw_object(f->w);
    od_event_write_fields(f, OD_ENTITY_PAYMENT, e->payment, ~UINT64_C(0));
    od_jw_object_end(f->w);
}

static int read_payment(struct od_event *e, const struct od_json *v, struct od_arena *a,
                        struct od_err *err)
{
    struct od_payment *p = OD_NEW(a, struct od_payment);

    if (!v)
        return od_err_set(err, OD_ERR_INVALID, "payment is missing");
    e->payment = p;
    if (od_entity_read(&od_entities[OD_ENTITY_PAYMENT], v, p, a, err) < 0)
        return od_err_wrap(err, "payment");
    return 0;
}

int od_event_read_refund(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_refund *r = OD_NEW(a, struct od_refund);
    void *items;

    e->refund = r;
    if (e->type == OD_EVENT_REFUND_CONFIRMED)
        return od_entity_read(&od_entities[OD_ENTITY_REFUND], data, r, a, err);
    if (od_event_read_list(data, "items", OD_ENTITY_REFUND_ITEM, &items, &r->item_count, a, err) <
            0 ||
        read_payment(e, od_event_take(data, "payment"), a, err) < 0 ||
        od_entity_read(&od_entities[OD_ENTITY_REFUND], data, r, a, err) < 0)
        return -1;
    r->items = items;
    for (uint32_t i = 0; i < r->item_count; i++)
        r->items[i].refund_id = r->refund_id;
    return 0;
}

void od_event_write_invoice(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_INVOICE, e->invoice, ~UINT64_C(0));
}

int od_event_read_invoice(struct od_event *e, struct od_json *data, struct od_arena *a,
                          struct od_err *err)
{
    struct od_invoice *invoice = OD_NEW(a, struct od_invoice);

    e->invoice = invoice;
    return od_entity_read(&od_entities[OD_ENTITY_INVOICE], data, invoice, a, err);
}
