#include "order/model/parts.h"
#include "script/testing/order.h"
#include "script/testing/test.h"

/* t:order{…}: the lists of what happened to the order. A part is numbered by its place, has what a
 * plain one of its kind would have, and then what the test says. */

static struct od_str numbered(struct od_test *t, struct od_str prefix, const char *between,
                              int32_t number)
{
    return od_arena_printf(&t->arena, "%.*s%s%d", OD_STR_ARG(prefix), between, number);
}

static void payment(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_payment *p = part;

    p->type = OD_STR("capture");
    p->status = OD_STR("succeeded");
    p->amount = o->grand_total;
    p->created_at = t->task.now;
}

static void shipment(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_shipment *s = part;

    s->shipment_number = numbered(t, o->order_number, "-", s->shipment_id);
    s->status = o->shipment_status;
    s->shipped_at = t->task.now;
}

static void refund(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_refund *r = part;

    r->credit_memo_number = numbered(t, OD_STR("CM"), "-", r->refund_id);
    r->amount = o->grand_total;
    r->created_at = t->task.now;
}

static void return_(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_return *r = part;

    r->return_number = numbered(t, o->order_number, "-R", r->return_id);
    r->status = OD_STR("requested");
    r->created_at = t->task.now;
}

static void invoice(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_invoice *i = part;

    i->invoice_number = numbered(t, OD_STR("INV"), "-", i->invoice_id);
    i->amount = o->grand_total;
    i->created_at = t->task.now;
}

static void change(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_change *c = part;

    (void)o;
    c->status = OD_STR("proposed");
    c->request = OD_STR("{}");
    c->by = OD_STR("test");
    c->created_at = t->task.now;
}

static void hold(struct od_test *t, const struct od_order *o, void *part)
{
    struct od_hold *h = part;

    h->handle = numbered(t, OD_STR("hold"), "", (int32_t)(h - o->holds) + 1);
    h->reason = OD_STR("test");
    h->by = OD_STR("test");
    h->at = t->task.now;
}

/* The members that a plain part of the kind has beside its number. */
static void (*const plain[OD_ENTITY_COUNT])(struct od_test *t, const struct od_order *o,
                                            void *part) = {
    [OD_ENTITY_PAYMENT] = payment, [OD_ENTITY_SHIPMENT] = shipment, [OD_ENTITY_REFUND] = refund,
    [OD_ENTITY_RETURN] = return_,  [OD_ENTITY_INVOICE] = invoice,   [OD_ENTITY_CHANGE] = change,
    [OD_ENTITY_HOLD] = hold,
};

static int32_t *i32_member(const struct od_field *f, void *part)
{
    return (int32_t *)(void *)((char *)part + f->offset);
}

/* The number of a part, and of an item the number of its part; the line that an item is about, and
 * how many units. */
static void set_numbers(const struct od_part_kind *p, void *part, int32_t number)
{
    const struct od_entity *e = &od_entities[p->kind];
    static const char *const ones[] = {"order_item_id", "qty"};

    if (e->fields->type == OD_FIELD_I32)
        *i32_member(e->fields, part) = number;
    for (int i = 0; i < 2 && p->owner != OD_ENTITY_ORDER; i++) {
        const struct od_field *f = od_entity_field(e, od_str_of(ones[i]));
        if (f)
            *i32_member(f, part) = 1;
    }
}

static int check_item(const struct od_part_kind *p, const struct od_order *o, void *part,
                      struct od_err *err)
{
    const struct od_field *f = od_entity_field(&od_entities[p->kind], OD_STR("order_item_id"));

    if (!f || od_order_item(o, *i32_member(f, part)))
        return 0;
    return od_err_set(err, OD_ERR_INVALID, "the order has no item %d", *i32_member(f, part));
}

static int build_list(struct od_test *t, const struct od_part_kind *p, const struct od_json *state,
                      struct od_order *o, void *owner, struct od_err *err)
{
    const struct od_json *v;
    uint32_t count;

    if (od_test_list(state, p->name, &v, &count, err) != 0)
        return -1;
    od_part_put(p, owner, od_arena_array(&t->arena, count, od_entities[p->kind].size), count);
    for (uint32_t i = 0; i < count; i++, v = v->next) {
        void *part = od_part_at(p, owner, i);
        bool of_order = p->owner == OD_ENTITY_ORDER;
        set_numbers(p, part, of_order ? (int32_t)i + 1 : od_part_id(owner));
        if (plain[p->kind])
            plain[p->kind](t, o, part);
        if (od_test_part_build(t, p->kind, v, o, part, err) != 0 ||
            check_item(p, o, part, err) != 0)
            return od_test_in_list(err, p->name, i);
    }
    return 0;
}

/* All that was shipped of the order, or is still open when nothing says that anything was. */
static void take_all_items(struct od_test *t, const struct od_order *o, struct od_shipment *s)
{
    s->items = OD_NEW_ARRAY(&t->arena, struct od_shipment_item, o->item_count);
    s->item_count = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        const struct od_item *it = &o->items[i];
        int32_t qty = it->qty_shipped > 0 ? it->qty_shipped : od_item_open(it);
        if (qty > 0)
            s->items[s->item_count++] =
                (struct od_shipment_item){s->shipment_id, it->order_item_id, qty};
    }
}

int od_test_part_build(struct od_test *t, enum od_entity_kind kind, const struct od_json *state,
                       struct od_order *o, void *part, struct od_err *err)
{
    if (od_test_fields_set(kind, NULL, state, part, err) != 0)
        return -1;
    OD_EACH_LIST_OF_PART (items, &od_part_kinds[kind]) {
        if (build_list(t, items, state, o, part, err) != 0)
            return -1;
    }
    if (kind == OD_ENTITY_SHIPMENT && !od_json_get(state, "items"))
        take_all_items(t, o, part);
    return 0;
}

int od_test_parts_build(struct od_test *t, const struct od_json *state, struct od_order *o,
                        struct od_err *err)
{
    OD_EACH_LIST_OF_ORDER (p) {
        if (p->kind != OD_ENTITY_ITEM && !p->slots && build_list(t, p, state, o, o, err) != 0)
            return -1;
    }
    return 0;
}
