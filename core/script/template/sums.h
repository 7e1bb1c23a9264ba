#ifndef OD_SCRIPT_TEMPLATE_SUMS_H
#define OD_SCRIPT_TEMPLATE_SUMS_H

#include "base/arena.h"
#include "order/model.h"

/*
 * The figures of a document: what its lines come to, and the tax in them, in minor units of the
 * order's currency. The checkout computed the taxes; here they are only summed up, and cut to the
 * units that count. Always: gross - discount + shipping + adjustment = total.
 */

struct od_sum {
    int64_t net, tax, gross; /* net + tax = gross */
};

struct od_document_line {
    const struct od_item *item;
    int32_t qty; /* units that this document is about, >= 1 */
    struct od_sum sum;
    int64_t discount; /* of the line's own, already off sum; 0 in a credit memo */
    int64_t weight;   /* of them, 10^-4 units */
};

struct od_document_tax {
    int64_t percent; /* 10^-4 units */
    struct od_sum sum;
};

struct od_document_sums {
    struct od_document_line *lines; /* [line_count] in the order of the items */
    uint32_t line_count;
    struct od_document_tax *taxes; /* [tax_count] of the lines, by rising percent */
    uint32_t tax_count;
    struct od_sum items, shipping;
    int64_t discount;   /* of the order beyond its lines' own, >= 0 */
    int64_t adjustment; /* what the lines do not explain: goodwill (or, below 0, a deduction) in a
                           credit memo; history without lines */
    int64_t total, weight;
};

/* All arrays are in the arena; items are borrowed from the order. */

/* What the order comes to without its cancelled units. */
void od_sums_of_invoice(const struct od_order *o, struct od_arena *a, struct od_document_sums *out);
/* What goes back: each item's own amount, with the tax in it in proportion. */
void od_sums_of_refund(const struct od_order *o, const struct od_refund *r, struct od_arena *a,
                       struct od_document_sums *out);
/* What lies in the parcel, without amounts. */
void od_sums_of_shipment(const struct od_order *o, const struct od_shipment *s, struct od_arena *a,
                         struct od_document_sums *out);

#endif
