#ifndef OD_ORDER_SHOW_FIGURE_H
#define OD_ORDER_SHOW_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * The orders that a figure of a report is made of, as a filter of lists names them:
 * "refund,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,Damaged" means the orders with a refund in
 * March whose reason is "Damaged". Several kinds have + between them: "sale+refund".
 */

/* Kinds of facts of an order, each with a time and a key. Their numbers are kept: report_fact.kind
 * and report_sum.kind. */
#define OD_FACT_KINDS(X)                                                                           \
    X(SALE, 1, "sale")                                                                             \
    X(REFUND, 2, "refund")                 /* money that went back; key: the reason */             \
    X(PRODUCT, 3, "product")               /* sold; key: the SKU */                                \
    X(PRODUCT_REFUND, 4, "product-refund") /* key: the SKU */                                      \
    X(CAPTURE, 5, "capture")               /* key: the payment method */                           \
    X(REPAYMENT, 6, "repayment")           /* as refund; key: the method by which it went back */  \
    X(TAX, 7, "tax")                       /* of a sale; key: 190000 is 19 %, empty: shipping */   \
    X(TAX_REFUND, 8, "tax-refund")         /* of a refund */                                       \
    X(STATUS, 9, "status")                 /* key: the codes of order, payment and shipment */     \
    X(FULFILMENT, 10, "fulfilment")        /* from payment to the last parcel; at the parcel */

enum od_fact_kind {
#define OD_FACT_KIND(NAME, number, name) OD_FACT_##NAME = (number),
    OD_FACT_KINDS(OD_FACT_KIND)
#undef OD_FACT_KIND
};

struct od_figure {
    uint32_t kinds;         /* 1 << enum od_fact_kind */
    int64_t from_us, to_us; /* to_us is not in it */
    struct od_str key;      /* absent: any */
};

/* Whether all facts of the kind have the time at which the order was placed. */
bool od_fact_is_of_placing(enum od_fact_kind kind);

bool od_figure_parse(struct od_str text, struct od_figure *out); /* the key is borrowed */
void od_figure_format(struct od_buf *b, const struct od_figure *f);

#endif
