#ifndef OD_SCRIPT_TEMPLATE_SUMS_H
#define OD_SCRIPT_TEMPLATE_SUMS_H

#include "base/arena.h"
#include "order/model/model.h"

/*
 * Computes the figures of a document: the sums of its lines and the tax in them, in minor units of
 * the order's currency. The checkout computed the taxes; here they are only summed up, and cut to
 * the units that count. gross - discount + shipping + adjustment = total always holds.
 */

struct od_sum {
    int64_t net, tax, gross; /* net + tax = gross */
};

struct od_document_line {
    const struct od_item *item;
    int32_t qty; /* units that this document is about, >= 1 */
    struct od_sum sum;
    int64_t discount; /* the line's own discount, which sum has taken off; 0 in a credit memo */
    int64_t weight;   /* the weight of the units, 10^-4 units */
};

struct od_document_tax {
    int64_t percent; /* 10^-4 units */
    struct od_sum sum;
};

struct od_document_sums {
    struct od_document_line *lines; /* [line_count] in the order of the items */
    uint32_t line_count;
    struct od_document_tax *taxes; /* [tax_count] in the lines, by rising percent */
    uint32_t tax_count;
    struct od_sum items, shipping;
    int64_t discount;   /* the order's discount beyond those of its lines, >= 0 */
    int64_t adjustment; /* the part of the total that the lines do not explain: goodwill (or, below
                           0, a deduction) in a credit memo, or history without lines */
    int64_t total, weight;
};

/* All arrays are in the arena; items are borrowed from the order. */

/* Sums up the order without its cancelled units. */
void od_sums_of_invoice(const struct od_order *o, struct od_arena *a, struct od_document_sums *out);
/* Sums up the refund: each item's own amount, with the tax in it in proportion. */
void od_sums_of_refund(const struct od_order *o, const struct od_refund *r, struct od_arena *a,
                       struct od_document_sums *out);
/* Lists what lies in the parcel, without amounts. */
void od_sums_of_shipment(const struct od_order *o, const struct od_shipment *s, struct od_arena *a,
                         struct od_document_sums *out);

#endif
