#ifndef OD_ORDER_SHOW_QUERY_H
#define OD_ORDER_SHOW_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "order/model/fields.h"

/*
 * A question about many orders as data: what the query builder of scripts makes and store/query.c
 * turns into one parameterised SELECT. Columns are checked when a query is built, by the tables of
 * order/model/fields.h, so nothing a script writes becomes SQL text.
 */

/* The order, whose rows are always there, and what may be joined: its parts, by the kind of their
 * entity, and activities. The items of a part have no source. */
enum od_query_source {
#define OD_QUERY_SOURCE(KIND) OD_QUERY_##KIND,
    OD_ENTITIES(OD_QUERY_SOURCE)
#undef OD_QUERY_SOURCE
        OD_QUERY_ACTIVITIES, /* activity_id, created_at, username, comment, customer_notified */
    OD_QUERY_SOURCES
};

enum od_query_compare {
    OD_QUERY_EQ = 0, /* = */
    OD_QUERY_NE,     /* IS DISTINCT FROM: what is absent is not equal to any value */
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
    bool any_case; /* comparisons are made without regard to case */
};

/* Values as text, as PostgreSQL reads them; times are RFC 3339. */
struct od_query_where {
    bool or_; /* joined to what stands before by `or`, which binds weaker than `and` */
    struct od_query_column column;
    enum od_query_compare compare;
    struct od_str *values;
    uint32_t value_count; /* 1 but for IN (0 … 1000), NULL and NOT_NULL (0) */
};

enum { OD_QUERY_JOINS_MAX = OD_QUERY_SOURCES, OD_QUERY_ORDER_MAX = 4, OD_QUERY_ROWS_MAX = 1000 };

struct od_query {
    struct {
        enum od_query_source source;
        bool left; /* rows of orders without any are kept */
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
    bool count;             /* only how many rows there would be, without offset and limit */
};

/* The column "payment_status" or "items.sku"; false when there is none of that name. */
bool od_query_column(struct od_str name, struct od_query_column *out);
/* The source's columns in turn, i = 0, 1, 2 …; false behind the last. */
bool od_query_column_at(enum od_query_source source, uint32_t i, struct od_query_column *out);
/* Whether there is such a source beside the order. */
bool od_query_joins(enum od_query_source source);
/* "items, payments, …": what may be joined, as messages list it. */
const char *od_query_known_sources(struct od_arena *a);
/* Whose fields its columns are; NULL for activities, which are events. */
const struct od_entity *od_query_entity(enum od_query_source source);
const char *od_query_source_name(enum od_query_source source); /* "orders", "items", … */
bool od_query_source_parse(struct od_str name, enum od_query_source *out);

#endif
