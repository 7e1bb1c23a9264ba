#include "order/show/sight.h"

#include <stdio.h>

#include "base/json/json.h"
#include "order/model/parts.h"

bool od_sight_shows(struct od_sight *s, enum od_sight_member member, unsigned classes)
{
    if (od_sight_sees(s, classes))
        return true;
    s->members |= 1u << member;
    return false;
}

/* prefix: where the entity is in the order, with a dot behind it; "" for the order itself. */
static void write_fields(struct od_json_writer *w, const char *prefix, enum od_entity_kind kind,
                         uint64_t hidden)
{
    const struct od_entity *e = &od_entities[kind];
    char path[120];

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!(hidden >> i & 1))
            continue;
        snprintf(path, sizeof path, "%s%s", prefix, e->fields[i].json);
        od_jw_cstr(w, path);
    }
}

/* The order shows its customer's fields in an object of their own. */
static void write_order_fields(struct od_json_writer *w, uint64_t hidden)
{
    static const struct {
        const char *json, *path;
    } moved[] = {{"customerId", "customer.id"},
                 {"customerEmail", "customer.email"},
                 {"customerFullName", "customer.fullName"}};
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];

    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        uint64_t bit = UINT64_C(1)
                       << (od_entity_json_field(e, od_str_of(moved[i].json)) - e->fields);
        if (hidden & bit)
            od_jw_cstr(w, moved[i].path);
        hidden &= ~bit;
    }
    write_fields(w, "", OD_ENTITY_ORDER, hidden);
}

static void write_part_fields(struct od_json_writer *w, const struct od_part_kind *p,
                              uint64_t hidden)
{
    char prefix[60];

    if (p->owner == OD_ENTITY_ORDER)
        snprintf(prefix, sizeof prefix, "%s.", p->name);
    else
        snprintf(prefix, sizeof prefix, "%s.%s.", od_part_kinds[p->owner].name, p->name);
    write_fields(w, prefix, p->kind, hidden);
}

void od_sight_write_masked(struct od_json_writer *w, const struct od_sight *s)
{
    static const char *const members[OD_SIGHT_MEMBERS][9] = {
        [OD_SIGHT_AMOUNTS] = {"amountAuthorized", "amountCaptured", "amountRefunded",
                              "amountChargedBack", "amountCanceled", "amountOutstanding",
                              "amountOverpaid", "amountRefundable"},
        [OD_SIGHT_ACTIVITIES] = {"activities"},
        [OD_SIGHT_TERMS] = {"changes.terms", "changes.before", "changes.after"},
    };

    if (od_sight_sees(s, OD_CLASSES_ALL))
        return;
    od_jw_key(w, "masked");
    od_jw_array(w);
    write_order_fields(w, s->hidden[OD_ENTITY_ORDER]);
    write_fields(w, "shippingAddress.", OD_ENTITY_ADDRESS, s->addresses[0]);
    write_fields(w, "billingAddress.", OD_ENTITY_ADDRESS, s->addresses[1]);
    OD_EACH_PART_KIND (p)
        write_part_fields(w, p, s->hidden[p->kind]);
    for (unsigned m = 0; m < OD_SIGHT_MEMBERS; m++) {
        for (size_t i = 0; s->members >> m & 1 && members[m][i]; i++)
            od_jw_cstr(w, members[m][i]);
    }
    od_jw_array_end(w);
}
