#include "order/ledger/data.h"

#include "order/ledger/event.h"
#include "order/model/fields.h"

static const struct od_entity *const order_entity = &od_entities[OD_ENTITY_ORDER];

void od_event_write_key(const struct od_event_form *f, const char *ledger, const char *api)
{
    od_jw_key(f->w, f->dialect == OD_JSON_API ? api : ledger);
}

uint64_t od_event_mask(enum od_entity_kind kind, unsigned flags)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)((e->fields[i].flags & flags) != 0) << i;
    return mask;
}

uint64_t od_event_field(enum od_entity_kind kind, const char *name)
{
    const struct od_entity *e = &od_entities[kind];

    return UINT64_C(1) << (od_entity_field(e, od_str_of(name)) - e->fields);
}

uint64_t od_event_present(enum od_entity_kind kind, const void *entity)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)!od_field_absent(&e->fields[i], entity) << i;
    return mask;
}

void od_event_write_fields(const struct od_event_form *f, enum od_entity_kind kind,
                           const void *entity, uint64_t mask)
{
    od_entity_write(f->w, &od_entities[kind], entity, f->dialect, f->digits, mask);
}

void od_event_write_amount(const struct od_event_form *f, int64_t amount)
{
    if (!amount)
        return;
    od_jw_key(f->w, "amount");
    if (f->dialect == OD_JSON_API)
        od_jw_decimal(f->w, amount, f->digits);
    else
        od_jw_i64(f->w, amount);
}

void od_event_write_list(const struct od_event_form *f, const char *key, enum od_entity_kind kind,
                         const void *first, uint32_t count, uint64_t mask)
{
    od_jw_key(f->w, key);
    od_jw_array(f->w);
    for (uint32_t i = 0; i < count; i++) {
        od_jw_object(f->w);
        od_event_write_fields(f, kind, (const char *)first + (size_t)i * od_entities[kind].size,
                              mask);
        od_jw_object_end(f->w);
    }
    od_jw_array_end(f->w);
}

/* The kind is said by the key; a patch may empty the address. */
void od_event_write_address(const struct od_event_form *f, const struct od_order *o, int i)
{
    static const char *const ledger_keys[2] = {"shipping_address", "billing_address"};
    static const char *const api_keys[2] = {"shippingAddress", "billingAddress"};

    od_event_write_key(f, ledger_keys[i], api_keys[i]);
    if (!o->addresses[i].present) {
        od_jw_null(f->w);
        return;
    }
    od_jw_object(f->w);
    od_event_write_fields(f, OD_ENTITY_ADDRESS, &o->addresses[i],
                          od_event_mask(OD_ENTITY_ADDRESS, OD_FIELD_INPUT));
    od_jw_object_end(f->w);
}

/* A field that is set to nothing, or to the zero that the ledger leaves out, is an explicit null
 * here. */
void od_event_write_patch(const struct od_event_form *f, const struct od_patch *p)
{
    for (uint32_t i = 0; i < order_entity->field_count; i++) {
        const struct od_field *field = &order_entity->fields[i];
        bool absent = od_field_absent(field, p->values);
        size_t before = f->w->buf->len;
        if (!(p->fields >> i & 1))
            continue;
        if (!absent)
            od_event_write_fields(f, OD_ENTITY_ORDER, p->values, (uint64_t)1 << i);
        if (absent || (f->dialect == OD_JSON_LEDGER && f->w->buf->len == before)) {
            od_event_write_key(f, field->name, field->json);
            od_jw_null(f->w);
        }
    }
    for (int i = 0; i < 2; i++) {
        if (p->address[i])
            od_event_write_address(f, p->values, i);
    }
    if (p->values->item_count)
        od_event_write_list(f, "items", OD_ENTITY_ITEM, p->values->items, p->values->item_count,
                            od_event_mask(OD_ENTITY_ITEM, OD_FIELD_INPUT | OD_FIELD_PLACED));
}

void od_event_write_unit(const struct od_event_form *f, int32_t order_item_id, int32_t qty)
{
    od_jw_object(f->w);
    od_event_write_key(f, "order_item_id", "orderItemId");
    od_jw_i64(f->w, order_item_id);
    od_jw_key(f->w, "qty");
    od_jw_i64(f->w, qty);
    od_jw_object_end(f->w);
}

void od_event_write_units(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_key(f->w, "units");
    od_jw_array(f->w);
    for (uint32_t i = 0; i < e->unit_count; i++)
        od_event_write_unit(f, e->units[i].order_item_id, e->units[i].qty);
    od_jw_array_end(f->w);
    od_event_write_amount(f, e->amount);
}

uint64_t od_event_payment_fields(void)
{
    return ~od_event_field(OD_ENTITY_PAYMENT, "amount_moved");
}

void od_event_write_payment(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_PAYMENT, e->payment, od_event_payment_fields());
}

void od_event_write_nothing(const struct od_event_form *f, const struct od_event *e)
{
    (void)f, (void)e;
}

static void write_data(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_object(f->w);
    od_event_kinds[e->type]->write(f, e);
    od_jw_object_end(f->w);
}

void od_event_encode(const struct od_event *e, struct od_buf *out)
{
    struct od_json_writer w;
    const struct od_event_form ledger = {&w, OD_JSON_LEDGER, 0};

    od_jw_init(&w, out);
    write_data(&ledger, e);
}

void od_event_data_write(struct od_json_writer *w, const struct od_event *e, int digits)
{
    const struct od_event_form api = {w, OD_JSON_API, digits};

    write_data(&api, e);
}
