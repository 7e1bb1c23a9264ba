#include "order/show/render.h"

#include <stdio.h>

#include "order/machine/decide.h"
#include "order/model/codec.h"
#include "order/model/parts.h"
#include "order/show/sight.h"

/* The parts of an order as the API shows them. */

/* Functions that write what a kind shows beside its fields and its items. */
static void (*const more[OD_ENTITY_COUNT])(struct od_json_writer *w, const struct od_order *o,
                                           const void *part, struct od_sight *sight) = {
    [OD_ENTITY_CHANGE] = od_change_write_terms,
};

/* The uuid of a part follows from the order's (version 5, "item/1" or "shipment/1"), so that it
 * need not be stored; the SHA-1 costs 0.07 µs. */
static void write_uuid(struct od_json_writer *w, const struct od_order *o, const char *noun,
                       int32_t number)
{
    char name[40], text[OD_UUID_TEXT + 1];
    int len = snprintf(name, sizeof name, "%s/%d", noun, number);
    struct od_uuid u = od_uuid_v5(&o->uuid, od_str_n(name, (size_t)len));

    od_uuid_format(&u, text);
    od_jw_key(w, "uuid");
    od_jw_str(w, od_str_n(text, OD_UUID_TEXT));
}

void od_part_write_members(struct od_json_writer *w, const struct od_order *o,
                           enum od_entity_kind kind, const void *part, struct od_sight *sight)
{
    const struct od_part_kind *p = &od_part_kinds[kind];
    const struct od_entity *e = &od_entities[kind];

    if (p->flags & OD_PART_UUID)
        write_uuid(w, o, e->noun, od_part_id(part));
    if (sight)
        sight->hidden[kind] |=
            od_entity_write_seen(w, e, part, od_order_digits(o), ~(uint64_t)0, sight->classes);
    else
        od_entity_write(w, e, part, OD_JSON_API, od_order_digits(o), ~(uint64_t)0);
    OD_EACH_LIST_OF_PART (items, p)
        od_part_write_list(w, o, items, part, sight);
    if (more[kind])
        more[kind](w, o, part, sight);
}

void od_part_write(struct od_json_writer *w, const struct od_order *o, enum od_entity_kind kind,
                   const void *part, struct od_sight *sight)
{
    od_jw_object(w);
    od_part_write_members(w, o, kind, part, sight);
    od_jw_object_end(w);
}

void od_part_write_list(struct od_json_writer *w, const struct od_order *o,
                        const struct od_part_kind *p, const void *owner, struct od_sight *sight)
{
    od_jw_key(w, p->name);
    od_jw_array(w);
    for (uint32_t i = 0; i < od_part_count(p, owner); i++) {
        const void *part = od_part_at(p, owner, i);
        if (od_part_stands(p, part))
            od_part_write(w, o, p->kind, part, sight);
    }
    od_jw_array_end(w);
}

static void write_quantities(struct od_json_writer *w, int64_t on_hand, int64_t reserved)
{
    od_jw_key(w, "qty");
    od_jw_i64(w, on_hand);
    od_jw_key(w, "reserved");
    od_jw_i64(w, reserved);
    od_jw_key(w, "available");
    od_jw_i64(w, on_hand - reserved);
}

static void write_location(struct od_json_writer *w, const struct od_stock *s)
{
    od_jw_object(w);
    od_jw_key(w, "location");
    od_jw_str(w, s->location);
    write_quantities(w, s->on_hand, s->reserved);
    od_jw_key(w, "backorder");
    od_jw_bool(w, s->backorder);
    od_jw_key(w, "oversold");
    od_jw_i64(w, s->oversold);
    od_jw_object_end(w);
}

static const struct od_stock *shown(const struct od_stock *s, const struct od_stock *about)
{
    return about && od_str_eq(s->location, about->location) ? about : s;
}

void od_stock_write(struct od_json_writer *w, const struct od_stock *first,
                    const struct od_stock *about)
{
    struct od_str sku = first->sku;
    int64_t on_hand = 0, reserved = 0;

    for (const struct od_stock *s = first; s; s = s->next) {
        on_hand += shown(s, about)->on_hand; /* below 10^12 each */
        reserved += shown(s, about)->reserved;
    }
    od_jw_object(w);
    od_jw_key(w, "sku");
    od_jw_str(w, sku);
    write_quantities(w, on_hand, reserved);
    od_jw_key(w, "locations");
    od_jw_array(w);
    for (const struct od_stock *s = first; s; s = s->next) {
        if (shown(s, about)->exists)
            write_location(w, shown(s, about));
    }
    od_jw_array_end(w);
    od_jw_object_end(w);
}
