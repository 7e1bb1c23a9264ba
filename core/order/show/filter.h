#ifndef OD_ORDER_SHOW_FILTER_H
#define OD_ORDER_SHOW_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/model/field_class.h"

/*
 * Filters over orders: a name, "status" or "createdAt.gte", and a value. Lists of orders make SQL
 * of them (store/search/filter.c); a target looks at an order in memory. Both ask here for what
 * there is, so that a filter means the same in both.
 *
 * A negation is exactly the complement of what it negates: an order without a coupon is one whose
 * coupon is not X, and sku.neq finds the orders that have no item of that SKU.
 */

struct od_order;
struct od_status_sets;

enum {
    OD_FILTER_VALUES_MAX = 50,
    OD_FILTER_LIKE_MIN = 3,      /* letters or digits in a row: as many as an index needs */
    OD_FILTER_AMOUNT_DIGITS = 4, /* of amounts in filters: as many as any currency has */
};

/* The fields, with how their values are written. */
enum od_filter_type {
    OD_FILTER_TEXT = 0,
    OD_FILTER_ANY_CASE, /* text that is compared without regard to case */
    OD_FILTER_STATUS,   /* these three: a code of that set */
    OD_FILTER_PAYMENT_STATUS,
    OD_FILTER_SHIPMENT_STATUS,
    OD_FILTER_MONEY,
    OD_FILTER_TIME,
    OD_FILTER_INT,
    OD_FILTER_FIGURE, /* as order/show/figure.h has it; only of lists */
    OD_FILTER_POLICY, /* a policy: "order.cancel@net30", "order.cancel" or "@net30" */
    OD_FILTER_BUNDLE, /* the beginning of a bundle's hash */
};

#define OD_FILTER_FIELDS(X)                                                                        \
    X(STATUS_CODE, "status", STATUS)                                                               \
    X(PAYMENT_CODE, "paymentStatus", PAYMENT_STATUS)                                               \
    X(SHIPMENT_CODE, "shipmentStatus", SHIPMENT_STATUS)                                            \
    X(ORDER_NUMBER, "orderNumber", TEXT)                                                           \
    X(CURRENCY, "currency", ANY_CASE)                                                              \
    X(CUSTOMER_ID, "customerId", TEXT)                                                             \
    X(CUSTOMER_EMAIL, "customerEmail", ANY_CASE)                                                   \
    X(PAYMENT_METHOD, "paymentMethod", TEXT)                                                       \
    X(SHIPPING_METHOD, "shippingMethod", TEXT)                                                     \
    X(COUPON, "coupon", TEXT)                                                                      \
    X(STORE, "store", TEXT)                                                                        \
    X(COUNTRY, "country", ANY_CASE)                                                                \
    X(SKU, "sku", TEXT)                                                                            \
    X(CARRIER, "carrier", TEXT)                                                                    \
    X(TRACKING_NUMBER, "trackingNumber", TEXT)                                                     \
    X(HOLD, "hold", TEXT)                                                                          \
    X(TAG, "tag", TEXT)                                                                            \
    X(CREATED_AT, "createdAt", TIME)                                                               \
    X(UPDATED_AT, "updatedAt", TIME)                                                               \
    X(GRAND_TOTAL, "grandTotal", MONEY)                                                            \
    X(ORDER_ID, "orderId", INT)                                                                    \
    X(FIGURE, "figure", FIGURE)                                                                    \
    X(DECIDED_BY, "decidedBy", POLICY)                                                             \
    X(REFUSED_BY, "refusedBy", POLICY)                                                             \
    X(BUNDLE, "bundle", BUNDLE)

enum od_filter_field {
#define OD_FILTER_FIELD(NAME, name, type) OD_FILTER_OF_##NAME,
    OD_FILTER_FIELDS(OD_FILTER_FIELD)
#undef OD_FILTER_FIELD
        OD_FILTER_FIELD_COUNT
};

enum od_filter_operation {
    OD_FILTER_EQ = 0,
    OD_FILTER_NEQ,
    OD_FILTER_GT,
    OD_FILTER_GTE,
    OD_FILTER_LT,
    OD_FILTER_LTE,
    OD_FILTER_IN,
    OD_FILTER_NIN,
    OD_FILTER_LIKE, /* has the value in it, in any case */
    OD_FILTER_EXISTS,
    OD_FILTER_OPERATIONS
};

struct od_filter {
    enum od_filter_field field;
    enum od_filter_operation operation;
    struct od_str value; /* as written; borrowed */
};

enum od_filter_type od_filter_type_of(enum od_filter_field field);
/* Whether the filter asks who decided about an order. Its ledger says so, and not the order in
 * memory: such a filter is for lists, and od_filter_finds_trail answers it. */
bool od_filter_of_trail(const struct od_filter *f);
/* Returns the classes of what a filter or sort of that name ("grandTotal") is about, as a set;
 * PUBLIC alone for a name that is none. */
unsigned od_filter_classes(struct od_str name);
/* Whether less and greater mean something for values of the type. */
bool od_filter_ranges(enum od_filter_type type);
/* Whether a part of a value may be asked for: those of texts that are found by an index, or among a
 * few. */
bool od_filter_likes(enum od_filter_field field);

/* Reads one filter. statuses: the codes that it may name; NULL: any. OD_ERR_INVALID: the name or
 * operation is unknown, the value is of the wrong type, or a status code is not configured; the
 * message names the known ones. */
int od_filter_read(struct od_str name, struct od_str value, const struct od_status_sets *statuses,
                   struct od_filter *out, struct od_err *err) OD_MUST_CHECK;

/* Does the same for an order in memory: a figure or a filter of the trail is
 * refused, because only lists know them. */
int od_filter_read_of_order(struct od_str name, struct od_str value,
                            const struct od_status_sets *statuses, struct od_filter *out,
                            struct od_err *err) OD_MUST_CHECK;

/* Cuts the next of a filter's values off: a list has several between commas. False: there is none.
 */
bool od_filter_next_value(const struct od_filter *f, struct od_str *rest, struct od_str *value);
/* The number of a value that od_filter_read has accepted: units of 10^-OD_FILTER_AMOUNT_DIGITS,
 * microseconds or an id; 0 for texts. */
int64_t od_filter_number(enum od_filter_type type, struct od_str value);
/* Whether the filter finds the orders that the comparison does not find. */
bool od_filter_negated(const struct od_filter *f);

/* Whether the filter finds the order. It may not be one of the trail. A figure finds every order,
 * because reports know which ones it is made of. */
bool od_filter_finds(const struct od_filter *f, const struct od_order *o);

/* Who decided about an order, as its events say: words that are separated by blanks. */
struct od_filter_trail {
    struct od_str decided; /* policies that were asked: "order.cancel@net30 order.status@default" */
    struct od_str refused; /* policies whose refusal history overruled */
    struct od_str bundles; /* the ids of the bundles that decided, in decimal */
};
/* Whether a filter of the trail finds an order with it. Its values are complete names, or ids of
 * bundles (store/search/trail.h). */
bool od_filter_finds_trail(const struct od_filter *f, const struct od_filter_trail *t);

/* Several, as a list of orders is asked for them: "paymentStatus=paid&grandTotal.gte=100". A value
 * may have %XX for a byte, such as %26 for "&". They find an order that each of them finds. */
enum { OD_FILTERS_MAX = 16 };
struct od_filters {
    struct od_filter items[OD_FILTERS_MAX];
    uint32_t count;
};
/* Reads filters over an order in memory, whose strings are in the arena. */
int od_filters_read(struct od_str line, const struct od_status_sets *statuses, struct od_arena *a,
                    struct od_filters *out, struct od_err *err) OD_MUST_CHECK;
bool od_filters_find(const struct od_filters *f, const struct od_order *o);

#endif
