#ifndef OD_ORDER_SHOW_QUERY_H
#define OD_ORDER_SHOW_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/model/fields.h"

/*
 * A question about many orders as data. The query builder of scripts makes it, and store/query.c
 * turns it into one parameterised SELECT. Columns are checked against the tables of
 * order/model/fields.h when a query is built, so nothing that a script writes becomes SQL text.
 */

/* The order, whose rows are always there, and the sources that may be joined: its parts, by the
 * kind of their entity, and activities. The items of a part have no source. */
enum od_query_source {
#define OD_QUERY_SOURCE(KIND) OD_QUERY_##KIND,
    OD_ENTITIES(OD_QUERY_SOURCE)
#undef OD_QUERY_SOURCE
        OD_QUERY_ACTIVITIES, /* activity_id, created_at, username, comment, customer_notified */
    OD_QUERY_SOURCES
};

enum od_query_compare {
    OD_QUERY_EQ = 0, /* = */
    OD_QUERY_NE,     /* IS DISTINCT FROM: an absent value is not equal to any value */
    OD_QUERY_LT,     /* < */
    OD_QUERY_LE,     /* <= */
    OD_QUERY_GT,     /* > */
    OD_QUERY_GE,     /* >= */
    OD_QUERY_LIKE,   /* LIKE: texts */
    OD_QUERY_IN,     /* IN: values */
    OD_QUERY_NULL,   /* IS NULL */
    OD_QUERY_NOT_NULL,
};

struct od_query_column {
    enum od_query_source source;
    const char *name; /* SQL */
    enum od_field_type type;
    bool any_case; /* it is compared without regard to case */
};

/* A condition. Values are text as PostgreSQL reads it; times are RFC 3339. */
struct od_query_where {
    bool or_; /* `or` joins it to what stands before, and binds weaker than `and` */
    struct od_query_column column;
    enum od_query_compare compare;
    struct od_str *values;
    uint32_t value_count; /* 0 … 1000 for IN, 0 for NULL and NOT_NULL, else 1 */
};

enum { OD_QUERY_JOINS_MAX = OD_QUERY_SOURCES, OD_QUERY_ORDER_MAX = 4, OD_QUERY_ROWS_MAX = 1000 };

struct od_query {
    struct {
        enum od_query_source source;
        bool left; /* orders without any row of the source are kept */
    } joins[OD_QUERY_JOINS_MAX];
    uint32_t join_count;
    struct od_query_where *where;
    uint32_t where_count;
    struct {
        struct od_query_column column;
        bool descending;
    } order_by[OD_QUERY_ORDER_MAX];
    uint32_t order_count;
    uint32_t offset, limit; /* limit 1 … OD_QUERY_ROWS_MAX */
    bool count;             /* only count the rows, without offset and limit */
};

/* Finds the column "payment_status" or "items.sku"; false: there is none of that name. */
bool od_query_column(struct od_str name, struct od_query_column *out);
/* Lists the source's columns, i = 0, 1, 2 …; false behind the last. */
bool od_query_column_at(enum od_query_source source, uint32_t i, struct od_query_column *out);
/* Whether the source may be joined to the order. */
bool od_query_joins(enum od_query_source source);
/* Lists the sources that may be joined, for messages: "items, payments, …". */
const char *od_query_known_sources(struct od_arena *a);
/* Returns the entity whose fields its columns are; NULL for activities, which are events. */
const struct od_entity *od_query_entity(enum od_query_source source);
const char *od_query_source_name(enum od_query_source source); /* "orders", "items", … */
bool od_query_source_parse(struct od_str name, enum od_query_source *out);

#endif
