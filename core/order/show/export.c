#include "order/show/export.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/csv/write.h"
#include "base/json/json.h"
#include "base/money.h"
#include "order/amounts/rollup.h"
#include "order/model/fields.h"

/* JSON names of the order's fields. */
static const char *const order_columns[] = {"orderId",
                                            "uuid",
                                            "orderNumber",
                                            "store",
                                            "createdAt",
                                            "updatedAt",
                                            "status",
                                            "paymentStatus",
                                            "shipmentStatus",
                                            "currency",
                                            "subTotal",
                                            "discountAmount",
                                            "taxAmount",
                                            "shippingFeeExclTax",
                                            "shippingFeeInclTax",
                                            "grandTotal",
                                            "amountAuthorized",
                                            "amountCaptured",
                                            "amountRefunded",
                                            "amountCanceled",
                                            "amountChargedBack",
                                            "totalQty",
                                            "coupon",
                                            "paymentMethod",
                                            "shippingMethod",
                                            "shippingNote",
                                            "customerId",
                                            "customerEmail",
                                            "customerFullName",
                                            "canceledAt",
                                            "cancelReason",
                                            NULL};
/* The columns before an item's own. */
static const char *const item_order_columns[] = {
    "orderId",       "uuid",           "orderNumber", "store",         "createdAt", "status",
    "paymentStatus", "shipmentStatus", "currency",    "customerEmail", NULL};
static const char *const item_columns[] = {"orderItemId",
                                           "sku",
                                           "productId",
                                           "name",
                                           "qty",
                                           "qtyCanceled",
                                           "qtyShipped",
                                           "qtyDelivered",
                                           "qtyReturned",
                                           "qtyRefunded",
                                           "qtyRestocked",
                                           "price",
                                           "finalPrice",
                                           "discountAmount",
                                           "taxPercent",
                                           "taxAmount",
                                           "total",
                                           "location",
                                           NULL};
static const char *const address_columns[] = {"fullName", "telephone", "address1",
                                              "address2", "city",      "province",
                                              "postcode", "country",   NULL};

static void write_header(struct od_csv_writer *w, const char *prefix, const char *const *names)
{
    char name[80];
    for (size_t i = 0; names[i]; i++) {
        snprintf(name, sizeof name, "%s%s", prefix, names[i]);
        od_csv_text(w, od_str_of(name));
    }
}

void od_export_header(struct od_buf *out, bool items)
{
    static const char *const made[] = {"amountOutstanding", "tags", "trackingNumbers",
                                       "invoiceNumbers", NULL};
    struct od_csv_writer w = {.buf = out};
    if (items) {
        write_header(&w, "", item_order_columns);
        write_header(&w, "item.", item_columns);
    } else {
        write_header(&w, "", order_columns);
        write_header(&w, "", made);
        write_header(&w, "shippingAddress.", address_columns);
        write_header(&w, "billingAddress.", address_columns);
    }
    od_csv_end(&w);
}

static void write_decimal(struct od_csv_writer *w, int64_t units, int digits)
{
    struct od_buf text;
    od_buf_init(&text, 64);
    od_decimal_format(&text, units, digits);
    od_csv_number(w, od_buf_view(&text));
    od_buf_fini(&text);
}

static void write_time(struct od_csv_writer *w, int64_t at)
{
    struct od_buf text;
    od_buf_init(&text, 64);
    od_time_format(&text, at);
    od_csv_number(w, od_buf_view(&text));
    od_buf_fini(&text);
}

static void write_value(struct od_csv_writer *w, const struct od_field *f, const void *value,
                        int digits)
{
    char uuid[OD_UUID_TEXT + 1];
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        od_csv_text(w, *(const struct od_str *)value);
        return;
    case OD_FIELD_I32:
        od_csv_i64(w, *(const int32_t *)value);
        return;
    case OD_FIELD_I64:
        od_csv_i64(w, *(const int64_t *)value);
        return;
    case OD_FIELD_BOOL:
        od_csv_number(w, *(const bool *)value ? OD_STR("true") : OD_STR("false"));
        return;
    case OD_FIELD_MONEY:
        write_decimal(w, *(const int64_t *)value, digits);
        return;
    case OD_FIELD_DECIMAL:
        write_decimal(w, *(const int64_t *)value, OD_DECIMAL_DIGITS);
        return;
    case OD_FIELD_TIME:
        write_time(w, *(const int64_t *)value);
        return;
    case OD_FIELD_UUID:
        od_uuid_format(value, uuid);
        od_csv_number(w, od_str_of(uuid));
        return;
    }
}

static void write_fields(struct od_csv_writer *w, enum od_entity_kind kind, const void *entity,
                         const char *const *names, int digits)
{
    for (size_t i = 0; names[i]; i++) {
        const struct od_field *f = od_entity_json_field(&od_entities[kind], od_str_of(names[i]));
        if (!entity || od_field_absent(f, entity))
            od_csv_number(w, OD_STR(""));
        else
            write_value(w, f, (const char *)entity + f->offset, digits);
    }
}

/* Appends one more of several values. */
static void join(struct od_buf *all, struct od_str one)
{
    if (!one.len)
        return;
    if (all->len)
        od_buf_append(all, ", ", 2);
    od_buf_str(all, one);
}

static void join_tags(struct od_buf *all, const struct od_order *o)
{
    struct od_arena a;
    struct od_json *tags;
    struct od_err err;
    od_arena_init(&a);
    if (o->tags.ptr && od_json_parse(&a, o->tags, 4, &tags, &err) == 0) {
        for (const struct od_json *t = tags->child; t; t = t->next)
            join(all, t->text);
    }
    od_arena_fini(&a);
}

static void write_made(struct od_csv_writer *w, const struct od_order *o, int digits)
{
    enum { JOINED_MAX = 1 << 20 };
    struct od_buf all;
    od_buf_init(&all, JOINED_MAX);
    write_decimal(w, od_amount_outstanding(o), digits);
    join_tags(&all, o);
    od_csv_text(w, od_buf_view(&all));
    od_buf_reset(&all);
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (!o->shipments[i].canceled_at)
            join(&all, o->shipments[i].tracking_number);
    }
    od_csv_text(w, od_buf_view(&all));
    od_buf_reset(&all);
    for (uint32_t i = 0; i < o->invoice_count; i++)
        join(&all, o->invoices[i].invoice_number);
    od_csv_text(w, od_buf_view(&all));
    od_buf_fini(&all);
}

static void write_address(struct od_csv_writer *w, const struct od_address *address)
{
    write_fields(w, OD_ENTITY_ADDRESS, address->present ? address : NULL, address_columns, 0);
}

static void write_items(struct od_csv_writer *w, const struct od_order *o, int digits)
{
    for (uint32_t i = 0; i < o->item_count; i++) {
        write_fields(w, OD_ENTITY_ORDER, o, item_order_columns, digits);
        write_fields(w, OD_ENTITY_ITEM, &o->items[i], item_columns, digits);
        od_csv_end(w);
    }
}

void od_export_order(struct od_buf *out, const struct od_order *o, bool items)
{
    struct od_csv_writer w = {.buf = out};
    int digits = od_currency_digits(o->currency);
    if (items) {
        write_items(&w, o, digits);
        return;
    }
    write_fields(&w, OD_ENTITY_ORDER, o, order_columns, digits);
    write_made(&w, o, digits);
    write_address(&w, &o->addresses[OD_SHIPPING]);
    write_address(&w, &o->addresses[OD_BILLING]);
    od_csv_end(&w);
}
