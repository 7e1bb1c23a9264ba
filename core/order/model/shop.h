#ifndef OD_ORDER_MODEL_SHOP_H
#define OD_ORDER_MODEL_SHOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json/json.h"
#include "base/str.h"
#include "order/model/command.h"
#include "order/model/status.h"

/*
 * The shop is what the configuration says about stores, locations of stock and types of metadata.
 * Decisions follow it, so it is part of the rules that a batch pins, and of rules.ini. It is
 * immutable once it is built.
 */

/* [store.NAME] */
struct od_store {
    struct od_str name;        /* the value of an order's `store` */
    struct od_str title;       /* for people; default: the name */
    struct od_str currency;    /* for orders that name none; absent: [order] default_currency */
    struct od_str *currencies; /* [currency_count] that its orders may have; none: any */
    uint32_t currency_count;
    struct od_str series; /* of its order numbers, for order.series; absent: the common one */
    struct od_str prefix; /* of its numbers, for order.number and document.number */
    /* The names that its customers read instead of a status's own name. */
    struct od_store_status {
        enum od_status_kind kind;
        struct od_str code, name;
    } * statuses;
    uint32_t status_count;
};

enum od_metadata_kind {
    OD_METADATA_STRING = 0,
    OD_METADATA_INTEGER,
    OD_METADATA_DECIMAL, /* a JSON number */
    OD_METADATA_BOOLEAN,
    OD_METADATA_DATE, /* "2026-11-21" */
    OD_METADATA_TIME, /* RFC 3339 */
    OD_METADATA_CHOICE,
};

/* [metadata.KEY] */
struct od_metadata_type {
    struct od_str key;
    enum od_metadata_kind kind;
    struct od_str *choices;
    uint32_t choice_count;
    bool required; /* an order must have it when it is placed */
};

struct od_shop {
    struct od_store *stores; /* [store_count]; none: any name is a store */
    uint32_t store_count;
    struct od_str *locations; /* [location_count] in the order in which stock is taken; none:
                                 "main" */
    uint32_t location_count;
    struct od_str *refund_methods; /* [refund_method_count], by which money may go back that was
                                      paid by others */
    uint32_t refund_method_count;
    struct od_metadata_type *metadata;
    uint32_t metadata_count;
    bool metadata_strict; /* undeclared keys are refused */
};

/* Copies all of it to the arena. NULL gives NULL. */
const struct od_shop *od_shop_copy(struct od_arena *a, const struct od_shop *from);

#define OD_LOCATION_DEFAULT "main"

/* Returns the word of [metadata.KEY] type: "string", "integer", …; NULL past the last. */
const char *od_metadata_kind_name(enum od_metadata_kind kind);

const struct od_store *od_shop_store(const struct od_shop *t, struct od_str name); /* or NULL */
/* Returns the currency of an order whose PLACE body names none: its store's, else `fallback`. */
struct od_str od_shop_currency(const struct od_shop *t, const struct od_json *place,
                               struct od_str fallback);
struct od_str od_shop_first_location(const struct od_shop *t);
/* Whether refunds may go by the method in place of those that the order was paid by. */
bool od_shop_refunds_by(const struct od_shop *t, struct od_str method);
bool od_shop_has_location(const struct od_shop *t, struct od_str location);

/* Returns the name of a status in a store: the store's own, else the set's, else the code. */
struct od_str od_shop_status_name(const struct od_shop *t, struct od_str store,
                                  const struct od_status_sets *sets, enum od_status_kind kind,
                                  struct od_str code);

/* Adds a problem at `pointer`/KEY for each value of the metadata that is not of its type, that is
 * unknown (when strict), or that is required and missing (when placing). metadata is the text of a
 * JSON object; absent: there is none. */
void od_shop_check_metadata(const struct od_shop *t, struct od_str metadata, bool placing,
                            const char *pointer, struct od_problem_list *problems);

#endif
