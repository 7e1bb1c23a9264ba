#include "order/show/query.h"

#include "order/model/parts.h"

/* Activities are events, which no entity describes; the columns of the view order_activity. */
static const struct od_query_column activity_columns[] = {
    {OD_QUERY_ACTIVITIES, "activity_id", OD_FIELD_I32, false},
    {OD_QUERY_ACTIVITIES, "created_at", OD_FIELD_TIME, false},
    {OD_QUERY_ACTIVITIES, "username", OD_FIELD_STR, false},
    {OD_QUERY_ACTIVITIES, "comment", OD_FIELD_STR, false},
    {OD_QUERY_ACTIVITIES, "customer_notified", OD_FIELD_BOOL, false},
};

bool od_query_joins(enum od_query_source source)
{
    return source == OD_QUERY_ACTIVITIES ||
           (source != OD_QUERY_ORDER && od_part_kinds[source].owner == OD_ENTITY_ORDER);
}

const char *od_query_source_name(enum od_query_source source)
{
    return source == OD_QUERY_ORDER        ? "orders"
           : source == OD_QUERY_ACTIVITIES ? "activities"
                                           : od_part_kinds[source].name;
}

bool od_query_source_parse(struct od_str name, enum od_query_source *out)
{
    for (enum od_query_source s = OD_QUERY_ORDER; s < OD_QUERY_SOURCES; s++) {
        if ((s == OD_QUERY_ORDER || od_query_joins(s)) &&
            od_str_is(name, od_query_source_name(s))) {
            *out = s;
            return true;
        }
    }
    return false;
}

const char *od_query_known_sources(struct od_arena *a)
{
    const char *list = "";

    for (enum od_query_source s = OD_QUERY_ORDER; s < OD_QUERY_SOURCES; s++) {
        if (od_query_joins(s))
            list = od_arena_printf(a, "%s%s%s", list, list[0] ? ", " : "", od_query_source_name(s))
                       .ptr;
    }
    return list;
}

const struct od_entity *od_query_entity(enum od_query_source source)
{
    return source < OD_QUERY_ACTIVITIES ? &od_entities[source] : NULL;
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
    enum od_query_source source = OD_QUERY_ORDER;
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
