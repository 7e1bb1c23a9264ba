#include "order/show/query.h"

#include <stddef.h>

static const char *const sources[OD_QUERY_SOURCES] = {
    [OD_QUERY_ORDERS] = "orders",         [OD_QUERY_ITEMS] = "items",
    [OD_QUERY_ADDRESSES] = "addresses",   [OD_QUERY_SHIPMENTS] = "shipments",
    [OD_QUERY_PAYMENTS] = "payments",     [OD_QUERY_REFUNDS] = "refunds",
    [OD_QUERY_RETURNS] = "returns",       [OD_QUERY_INVOICES] = "invoices",
    [OD_QUERY_ACTIVITIES] = "activities",
};

/* Activities are events, which no entity describes; the columns of the view order_activity. */
static const struct od_query_column activity_columns[] = {
    {OD_QUERY_ACTIVITIES, "activity_id", OD_FIELD_I32, false},
    {OD_QUERY_ACTIVITIES, "created_at", OD_FIELD_TIME, false},
    {OD_QUERY_ACTIVITIES, "username", OD_FIELD_STR, false},
    {OD_QUERY_ACTIVITIES, "comment", OD_FIELD_STR, false},
    {OD_QUERY_ACTIVITIES, "customer_notified", OD_FIELD_BOOL, false},
};

const char *od_query_source_name(enum od_query_source source)
{
    return sources[source];
}

bool od_query_source_parse(struct od_str name, enum od_query_source *out)
{
    for (int i = 0; i < OD_QUERY_SOURCES; i++) {
        if (od_str_is(name, sources[i])) {
            *out = (enum od_query_source)i;
            return true;
        }
    }
    return false;
}

const struct od_entity *od_query_entity(enum od_query_source source)
{
    switch (source) {
    case OD_QUERY_ORDERS:
        return &od_entities[OD_ENTITY_ORDER];
    case OD_QUERY_ITEMS:
        return &od_entities[OD_ENTITY_ITEM];
    case OD_QUERY_ADDRESSES:
        return &od_entities[OD_ENTITY_ADDRESS];
    case OD_QUERY_SHIPMENTS:
        return &od_entities[OD_ENTITY_SHIPMENT];
    case OD_QUERY_PAYMENTS:
        return &od_entities[OD_ENTITY_PAYMENT];
    case OD_QUERY_REFUNDS:
        return &od_entities[OD_ENTITY_REFUND];
    case OD_QUERY_RETURNS:
        return &od_entities[OD_ENTITY_RETURN];
    case OD_QUERY_INVOICES:
        return &od_entities[OD_ENTITY_INVOICE];
    case OD_QUERY_ACTIVITIES:
    case OD_QUERY_SOURCES:
        break;
    }
    return NULL;
}

bool od_query_column_at(enum od_query_source source, uint32_t i, struct od_query_column *out)
{
    const struct od_entity *e = od_query_entity(source);

    if (e && i < e->field_count) {
        *out = (struct od_query_column){source, e->fields[i].name, e->fields[i].type,
                                        (e->fields[i].flags & OD_FIELD_ANY_CASE) != 0};
        return true;
    }
    if (!e && i < sizeof activity_columns / sizeof activity_columns[0]) {
        *out = activity_columns[i];
        return true;
    }
    return false;
}

bool od_query_column(struct od_str name, struct od_query_column *out)
{
    enum od_query_source source = OD_QUERY_ORDERS;
    struct od_str rest = name, first;
    struct od_query_column column;

    if (od_str_cut(&rest, '.', &first) && rest.ptr) {
        if (!od_query_source_parse(first, &source))
            return false;
        name = rest;
    }
    for (uint32_t i = 0; od_query_column_at(source, i, &column); i++) {
        if (od_str_is(name, column.name)) {
            *out = column;
            return true;
        }
    }
    return false;
}
