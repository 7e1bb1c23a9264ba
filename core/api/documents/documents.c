#include <ctype.h>

#include "api/handler.h"
#include "api/documents/letterhead.h"
#include "api/routes.h"
#include "base/embed.h"
#include "script/template/template.h"

/*
 * Documents for print: an order's invoice, packing slip or credit memo as HTML. It shows the order
 * as it was when the document was issued, so that it is read twice: now, for the document's
 * version, and as of that.
 */

struct document {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_principal *who;
    enum od_print kind;
    int32_t id; /* which invoice, shipment or refund; 0: the last */
    struct od_read now, then;
};

/* The part of an order that a kind of document shows. */
static const struct {
    const char *parameter;
    const char *none, *none_detail;       /* problem when there is none */
    const char *unknown, *unknown_detail; /* … when there are others */
} kinds[OD_PRINTS] = {
    [OD_PRINT_INVOICE] =
        {"invoiceId", "no_invoice",
         "This order has no invoice yet; POST /api/orders/:id/invoices issues one.",
         "invoice_not_found", "This order has no invoice with that invoiceId."},
    [OD_PRINT_PACKING_SLIP] = {"shipmentId", "no_shipment", "This order has no shipment.",
                               "shipment_not_found",
                               "This order has no shipment with that shipmentId."},
    [OD_PRINT_CREDIT_MEMO] = {"refundId", "no_refund",
                              "This order has no refund, which a credit memo is about.",
                              "refund_not_found", "This order has no refund with that refundId."},
};

/* inline; filename="invoice-INV-2026-000001.html" */
static void set_file_name(struct od_http_request *req, const char *name, struct od_str number)
{
    struct od_str header =
        od_arena_printf(&req->arena, "inline; filename=\"%s-%.*s.html\"", name, OD_STR_ARG(number));
    size_t first = sizeof "inline; filename=\"" - 1;

    for (size_t i = first; i + 1 < header.len; i++) {
        char c = header.ptr[i];
        if (!isalnum((unsigned char)c) && !strchr("._-", c))
            ((char *)header.ptr)[i] = '-';
    }
    od_http_set_header(req, "Content-Disposition", header);
}

static struct od_str number_of(const struct od_order *o, enum od_print kind, int32_t id)
{
    if (kind == OD_PRINT_INVOICE)
        return od_order_invoice(o, id)->invoice_number;
    if (kind == OD_PRINT_CREDIT_MEMO)
        return od_order_refund(o, id)->credit_memo_number;
    return od_order_shipment(o, id)->shipment_number;
}

/* An invoice that credits others is a credit memo. */
static const char *name_of(const struct od_order *o, enum od_print kind, int32_t id)
{
    bool credits = kind == OD_PRINT_INVOICE && od_order_invoice(o, id)->amount < 0;
    return od_print_name(credits ? OD_PRINT_CREDIT_MEMO : kind);
}

/* Whatever a template says, a document runs nothing and loads nothing. */
static void set_headers(struct document *d, const struct od_order *o)
{
    static const char policy[] =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'";

    od_http_set_type(d->req, "text/html; charset=utf-8");
    od_http_set_header(d->req, "Content-Security-Policy", od_str_of(policy));
    od_http_set_header(d->req, "X-Content-Type-Options", OD_STR("nosniff"));
    od_http_set_header(d->req, "Cache-Control", OD_STR("private, no-cache"));
    set_file_name(d->req, name_of(o, d->kind, d->id), number_of(o, d->kind, d->id));
}

static void print(struct document *d, const struct od_order *o)
{
    struct od_conf_shop_keys shop = od_letterhead(d->api->letterheads, o->store, &d->req->arena);
    struct od_print_job job = {d->kind, o, d->id, &shop, NULL};
    struct od_err err;

    if (od_bundle_print(od_engine_rules(d->api->engine)->bundle, &job, od_http_body(d->req),
                        &err) != 0) {
        od_problem_sendf(d->req, 500, "template_failed", "%s%s%s", err.origin,
                         err.origin[0] ? ": " : "", err.message);
        return;
    }
    set_headers(d, o);
    od_http_send(d->req, 200);
}

/* Answers what keeps an outcome from being an order; true when it is one. */
static bool is_order(struct document *d, const struct od_outcome *outcome, const struct od_err *err)
{
    if (err)
        od_api_send_err(d->req, err);
    return !err && od_api_sees_order(d->req, d->who, outcome->order);
}

static void on_then(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct document *d = ctx;
    int32_t version;

    if (!is_order(d, outcome, err))
        return;
    if (od_print_finds(outcome->order, d->kind, d->id, &version)) {
        print(d, outcome->order);
        return;
    }
    od_problem_sendf(d->req, 500, "internal_error",
                     "The order's history does not have this document; run orderd verify.");
}

static void on_now(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct document *d = ctx;
    int32_t last;

    if (!is_order(d, outcome, err))
        return;
    last = od_print_last(outcome->order, d->kind);
    if (!d->id)
        d->id = last;
    if (!last) {
        od_problem_sendf(d->req, 404, kinds[d->kind].none, "%s", kinds[d->kind].none_detail);
    } else if (!od_print_finds(outcome->order, d->kind, d->id, &d->then.version)) {
        od_problem_sendf(d->req, 404, kinds[d->kind].unknown, "%s", kinds[d->kind].unknown_detail);
    } else if (d->then.version && d->then.version != outcome->order->version) {
        d->then.ref = d->now.ref;
        d->then.ctx = d;
        d->then.done = on_then;
        od_engine_read(d->api->engine, &d->then);
    } else {
        print(d, outcome->order);
    }
}

/* The query's number of the part, absent: 0; else answers 422. */
static bool read_id(struct document *d)
{
    const char *const names[] = {kinds[d->kind].parameter, NULL};
    struct od_str value = od_http_query(d->req, names[0]);
    int64_t id = 0;

    if (!od_api_query_known(d->req, names))
        return false;
    if (value.ptr && !od_str_to_i64(value, 1, INT32_MAX, &id)) {
        od_problem_sendf(d->req, 422, "bad_query", "%s is a number of this order's, from 1 on.",
                         names[0]);
        return false;
    }
    d->id = (int32_t)id;
    return true;
}

/* The packing slip names the receiver; the others say amounts as well. */
static unsigned classes_of(enum od_print kind)
{
    unsigned personal = OD_CLASS_BIT(OD_CLASS_PERSONAL);
    return kind == OD_PRINT_PACKING_SLIP ? personal : personal | OD_CLASS_BIT(OD_CLASS_MONEY);
}

static void get_document(struct od_api *api, struct od_http_request *req,
                         const struct od_principal *who, enum od_print kind)
{
    struct document *d = OD_NEW(&req->arena, struct document);

    d->api = api;
    d->req = req;
    d->who = who;
    d->kind = kind;
    if (!od_api_sees_classes(req, who, classes_of(kind), "This document") || !read_id(d) ||
        !od_api_order_ref(req, &d->now.ref))
        return;
    d->now.ctx = d;
    d->now.done = on_now;
    od_engine_read(api->engine, &d->now);
}

static void get_invoice(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    get_document(ctx, req, who, OD_PRINT_INVOICE);
}

static void get_packing_slip(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    get_document(ctx, req, who, OD_PRINT_PACKING_SLIP);
}

static void get_credit_memo(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    get_document(ctx, req, who, OD_PRINT_CREDIT_MEMO);
}

OD_EMBED(od_api_documents_text, "api/documents/documents.json");

static const struct od_api_route routes[] = {
    {"get_invoice", OD_HTTP_GET, "/api/orders/:id/invoice", OD_API_HIDES, OD_MAY_DOCUMENTS_VIEW,
     get_invoice},
    {"get_packing_slip", OD_HTTP_GET, "/api/orders/:id/packing-slip", OD_API_HIDES,
     OD_MAY_DOCUMENTS_VIEW, get_packing_slip},
    {"get_credit_memo", OD_HTTP_GET, "/api/orders/:id/credit-memo", OD_API_HIDES,
     OD_MAY_DOCUMENTS_VIEW, get_credit_memo},
};

const struct od_api_chapter od_api_documents = OD_API_CHAPTER(routes, od_api_documents_text);
