#ifndef OD_READ_GRAPHQL_RUN_RESOLVERS_H
#define OD_READ_GRAPHQL_RUN_RESOLVERS_H

#include "order/model/shop.h"
#include "order/model/status.h"
#include "read/graphql/run/datum.h"

/*
 * Resolvers, and the objects that they take. od_gql_bind gives each field of the schema one: the
 * fields of entities that of the table of fields, lists of parts that of the table of parts, all
 * others a row in bind.c.
 */

/* The object of Query: what answers come from beside the loaded rows. */
struct od_gql_root {
    const struct od_status_sets *sets;
    const struct od_shop *shop; /* may be NULL */
};

/* The object of Order. That of a part is the part itself, `of` its order. */
struct od_gql_order {
    const struct od_gql_root *root;
    const struct od_order *order;
    struct od_str activities;     /* JSON array */
    const struct od_json *events; /* an array in the API's form; NULL: not loaded */
    struct od_str events_failed;  /* present: why they could not be loaded */
};

/* The argument `last` of Order.events, held to 0 … OD_GQL_EVENTS_MAX. */
enum { OD_GQL_EVENTS_MAX = 50 };
int64_t od_gql_events_last(const struct od_json *arguments);

/* The object of OrderCollection. */
struct od_gql_orders {
    const struct od_gql_order *orders; /* [count] */
    uint32_t count;
    int64_t total, page;
    struct od_str next;      /* absent: there are no more */
    struct od_json *matched; /* an array; NULL: nothing was searched for */
};

/* The object of OrderChanged. */
struct od_gql_changed {
    const struct od_gql_order *order;
    struct od_str position;
};

/* The object of CommandPayload. */
struct od_gql_payload {
    const struct od_gql_order *order; /* or NULL */
    const struct od_json *stock;      /* or NULL */
    int32_t part;                     /* 0: it is about no part with a number */
    bool replayed;
    const struct od_json *errors; /* an array */
};

/* What is loaded for a root field: od_gql_plan_field.loaded. */
struct od_gql_loaded {
    const struct od_gql_order *order; /* NULL: there is none */
    const struct od_gql_orders *orders;
    const struct od_gql_payload *payload;
    const struct od_gql_changed *changed;
    const struct od_json *tree; /* NULL: there is none */
    struct od_str failed, code; /* failed is present: why it could not be loaded */
};

/* Gives every field its resolver. -1: one has none, which `err` says. */
int od_gql_bind(struct od_gql_schema *schema, struct od_err *err) OD_MUST_CHECK;

/* tree.c */
extern const struct od_gql_resolver od_gql_resolve_member;
void od_gql_tree_list(const struct od_json *array, struct od_gql_datum *out);
void od_gql_tree_member(const struct od_gql_call *call, const struct od_json *object,
                        struct od_gql_datum *out);

/* order.c: bound is a struct od_field, or a struct od_part_kind. */
extern const struct od_gql_resolver od_gql_resolve_field, od_gql_resolve_parts;
/* A resolver of one field by hand. */
struct od_gql_hand {
    const char *type, *field;
    struct od_gql_resolver resolver;
};
extern const struct od_gql_hand od_gql_order_hands[]; /* ended by a NULL type */
/* introspection.c */
extern const struct od_gql_hand od_gql_introspection_hands[];

#endif
