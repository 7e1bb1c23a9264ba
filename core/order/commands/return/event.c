#include "order/machine/event_data.h"

#include "order/model/fields.h"

/* The fields an entity has a value in. */
static uint64_t present(enum od_entity_kind kind, const void *entity)
{
    const struct od_entity *e = &od_entities[kind];
    uint64_t mask = 0;

    for (uint32_t i = 0; i < e->field_count; i++)
        mask |= (uint64_t)!od_field_absent(&e->fields[i], entity) << i;
    return mask;
}

/* The return is said by the event; of what is announced nothing has arrived. */
static uint64_t announced_fields(void)
{
    return od_event_mask(OD_ENTITY_RETURN_ITEM, OD_FIELD_INPUT) &
           ~od_event_field(OD_ENTITY_RETURN_ITEM, "condition");
}

static uint64_t received_fields(void)
{
    return od_event_mask(OD_ENTITY_RETURN_ITEM, OD_FIELD_MUTABLE) |
           od_event_field(OD_ENTITY_RETURN_ITEM, "order_item_id");
}

void od_event_write_return(const struct od_event_form *f, const struct od_event *e)
{
    const struct od_return *r = e->ret;

    od_event_write_fields(f, OD_ENTITY_RETURN, r, present(OD_ENTITY_RETURN, r));
    if (r->item_count)
        od_event_write_list(f, "items", OD_ENTITY_RETURN_ITEM, r->items, r->item_count,
                            e->type == OD_EVENT_RETURN_REQUESTED ? announced_fields()
                                                                 : received_fields());
}

int od_event_read_return(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_return *r = OD_NEW(a, struct od_return);
    void *items;

    if (od_event_read_list(data, "items", OD_ENTITY_RETURN_ITEM, &items, &r->item_count, a, err) <
        0)
        return -1;
    r->items = items;
    e->ret = r;
    return od_entity_read(&od_entities[OD_ENTITY_RETURN], data, r, a, err);
}

/* Of order.changed the change is an object of its own, for the data's members are the order's. */
void od_event_write_change(const struct od_event_form *f, const struct od_event *e)
{
    uint64_t fields = present(OD_ENTITY_CHANGE, e->change);

    if (e->type != OD_EVENT_CHANGE_PROPOSED)
        fields &= ~od_event_field(OD_ENTITY_CHANGE, "difference");
    if (e->type != OD_EVENT_ORDER_CHANGED) {
        od_event_write_fields(f, OD_ENTITY_CHANGE, e->change, fields);
        return;
    }
    od_jw_key(f->w, "change");
    od_jw_object(f->w);
    od_event_write_fields(f, OD_ENTITY_CHANGE, e->change, fields);
    od_jw_object_end(f->w);
    od_event_write_patch(f, e->patch);
}

int od_event_read_change(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    struct od_change *c = OD_NEW(a, struct od_change);
    const struct od_json *change = data;

    if (e->type == OD_EVENT_ORDER_CHANGED)
        change = od_event_take(data, "change");
    if (!change)
        return od_err_set(err, OD_ERR_INVALID, "change is missing");
    e->change = c;
    if (od_entity_read(&od_entities[OD_ENTITY_CHANGE], change, c, a, err) < 0)
        return -1;
    return e->type == OD_EVENT_ORDER_CHANGED ? od_event_read_patch(e, data, a, err) : 0;
}
