#ifndef OD_SCRIPT_TEMPLATE_TEMPLATE_H
#define OD_SCRIPT_TEMPLATE_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "order/model/model.h"
#include "script/bundle/bundle.h"

/*
 * Documents for people are printed from the templates of a bundle: the files templates/NAME.html of
 * its plugins. When several plugins have the same name, one file is chosen as policies are: the one
 * that replaces default's, or the one that [policy] template.NAME names. Templates are sources of
 * the bundle: they count in its hash, are stored with it, and are checked when it is loaded.
 */

#define OD_TEMPLATE_OUTPUT_MAX (8 << 20) /* bytes; an order of 500 lines takes about 300 KiB */

enum od_print {
    OD_PRINT_INVOICE = 0,
    OD_PRINT_PACKING_SLIP,
    OD_PRINT_CREDIT_MEMO,
    OD_PRINTS,
    OD_PRINT_MAIL = OD_PRINTS, /* no document, but printed alike (letter.h) */
};

/* "invoice", "packing_slip", "credit_memo", "mail" */
const char *od_print_name(enum od_print kind);

/* Returns the id of the order's last document of that kind; 0: there is none. For packing slips it
 * is the last shipment that was not cancelled, or the last one when all were. */
int32_t od_print_last(const struct od_order *o, enum od_print kind);
/* Returns whether the order has it. *version is the version of the order that it shows; 0 is the
 * present one. */
bool od_print_finds(const struct od_order *o, enum od_print kind, int32_t id, int32_t *version);

struct od_conf_shop_keys;
struct od_letter;

struct od_print_job {
    enum od_print kind;
    const struct od_order *order;         /* as the document shows it */
    int32_t id;                           /* an invoice, shipment or refund that the order has */
    const struct od_conf_shop_keys *shop; /* as in conf/shop.h, but logo is a data: URL or absent */
    const struct od_letter *letter;       /* of a mail; else NULL */
};

/*
 * Appends the document as HTML, within the budget of a policy. The same job and bundle always give
 * the same bytes, because scripts take the document's date for the present. Errors leave *out as it
 * was and are logged: OD_ERR_NOT_FOUND (no plugin has such a template), or OD_ERR_SCRIPT with the
 * template's file:line as origin.
 */
int od_bundle_print(struct od_bundle *b, const struct od_print_job *job, struct od_buf *out,
                    struct od_err *err) OD_MUST_CHECK;

#endif
