#ifndef OD_SCRIPT_TEMPLATE_TEMPLATE_H
#define OD_SCRIPT_TEMPLATE_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "order/model.h"
#include "script/bundle/bundle.h"

/*
 * Documents for people, printed from the templates of a bundle: the files templates/NAME.html of
 * its plugins. Of a name that several plugins have, one file is chosen as policies are (the one
 * that replaces default's, else [policy] template.NAME says). Templates are sources of the bundle:
 * in its hash, stored with it, checked when it is loaded.
 */

#define OD_TEMPLATE_OUTPUT_MAX (8 << 20) /* bytes; an order of 500 lines takes about 300 KiB */

enum od_print { OD_PRINT_INVOICE = 0, OD_PRINT_PACKING_SLIP, OD_PRINT_CREDIT_MEMO, OD_PRINTS };

const char *od_print_name(enum od_print kind); /* "invoice", "packing_slip", "credit_memo" */

/* The last one's id, of shipments the last that was not cancelled if there is one; 0: none. */
int32_t od_print_last(const struct od_order *o, enum od_print kind);
/* Whether the order has it; *version: which one of the order it shows, 0: the present. */
bool od_print_finds(const struct od_order *o, enum od_print kind, int32_t id, int32_t *version);

struct od_conf_shop;

struct od_print_job {
    enum od_print kind;
    const struct od_order *order;    /* as the document shows it */
    int32_t id;                      /* of its invoice, shipment or refund, which it has */
    const struct od_conf_shop *shop; /* logo: a data: URL, or absent; the others as conf/shop.h */
};

/*
 * Appends the document as HTML, within the budget of a policy. The same job and bundle always give
 * the same bytes: what scripts take for the present is the document's date. Errors, which leave
 * *out as it was: OD_ERR_NOT_FOUND (no plugin has such a template), OD_ERR_SCRIPT with the
 * template's file:line as origin; they are logged.
 */
int od_bundle_print(struct od_bundle *b, const struct od_print_job *job, struct od_buf *out,
                    struct od_err *err) OD_MUST_CHECK;

#endif
