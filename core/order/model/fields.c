#include "order/model/fields.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "order/model/model.h"

enum {
    IN = OD_FIELD_INPUT,
    PLACED = OD_FIELD_PLACED,
    MUTABLE = OD_FIELD_MUTABLE,
    INTERNAL = OD_FIELD_INTERNAL,
    KEY = OD_FIELD_KEY,
    CHANGED = OD_FIELD_CHANGED,
    REF = OD_FIELD_REF,
    ANY_CASE = OD_FIELD_ANY_CASE,
    ALWAYS = OD_FIELD_ALWAYS,
    PERSON = OD_FIELD_PERSONAL,
    SUM = OD_FIELD_ABOUT_MONEY,
    SHOP = OD_FIELD_OF_SHOP,
};

/* Bytes accepted from outside. */
enum {
    CODE = 40,   /* status codes, hold handles, kinds, stores */
    ID = 100,    /* SKUs, numbers, ids and codes of other systems */
    EMAIL = 320, /* RFC 5321 4.5.3.1: 64 + "@" + 255 */
    LINE = 300,  /* one line of an address */
    NAME = 500,
    TEXT = 2000, /* notes, reasons, URLs */
    JSON = 16384,
};

/* ENTITY is the struct whose table is being written. A member of another C type than its field type
 * asks for finds no branch in _Generic and does not compile. */
#define FIELD(member, json, type, ctype, flags, max)                                               \
    {                                                                                              \
#member, json, type,                                                                       \
            (uint16_t)(offsetof(struct ENTITY, member) +                                           \
                       0 * sizeof(_Generic(((struct ENTITY *)0)->member, ctype : 0))),             \
            flags, max                                                                             \
    }
#define STR(member, json, flags, max) FIELD(member, json, OD_FIELD_STR, struct od_str, flags, max)
#define I32(member, json, flags)      FIELD(member, json, OD_FIELD_I32, int32_t, flags, 0)
#define I64(member, json, flags)      FIELD(member, json, OD_FIELD_I64, int64_t, flags, 0)
#define FLAG(member, json, flags)     FIELD(member, json, OD_FIELD_BOOL, bool, flags, 0)
#define MONEY(member, json, flags)    FIELD(member, json, OD_FIELD_MONEY, int64_t, (flags) | SUM, 0)
#define DECIMAL(member, json, flags)  FIELD(member, json, OD_FIELD_DECIMAL, int64_t, flags, 0)
#define TIME(member, json, flags)     FIELD(member, json, OD_FIELD_TIME, int64_t, flags, 0)
#define UUID(member, json, flags)     FIELD(member, json, OD_FIELD_UUID, struct od_uuid, flags, 0)
#define TREE(member, json, flags)     FIELD(member, json, OD_FIELD_JSON, struct od_str, flags, JSON)

/* Customer fields are internal because the API nests them as customer {id, email, fullName}. */
#define ENTITY od_order
static const struct od_field order_fields[] = {
    I64(order_id, "orderId", KEY),
    UUID(uuid, "uuid", PLACED | ALWAYS),
    STR(order_number, "orderNumber", PLACED | ALWAYS, ID),
    I32(version, "version", MUTABLE),
    STR(currency, "currency", IN | PLACED | ALWAYS, 3),
    TIME(created_at, "createdAt", ALWAYS),
    TIME(updated_at, "updatedAt", MUTABLE | ALWAYS),
    STR(status, "status", MUTABLE | ALWAYS, CODE),
    STR(payment_status, "paymentStatus", MUTABLE | ALWAYS, CODE),
    STR(shipment_status, "shipmentStatus", MUTABLE | ALWAYS, CODE),
    STR(customer_id, "customerId", IN | PLACED | MUTABLE | INTERNAL | PERSON, ID),
    STR(customer_email, "customerEmail", IN | PLACED | MUTABLE | INTERNAL | ANY_CASE | PERSON,
        EMAIL),
    STR(customer_full_name, "customerFullName", IN | PLACED | MUTABLE | INTERNAL | PERSON, NAME),
    MONEY(sub_total, "subTotal", IN | PLACED | CHANGED),
    MONEY(sub_total_incl_tax, "subTotalInclTax", IN | PLACED | CHANGED),
    MONEY(discount_amount, "discountAmount", IN | PLACED | CHANGED),
    STR(coupon, "coupon", IN | PLACED, ID),
    MONEY(tax_amount, "taxAmount", IN | PLACED | CHANGED),
    MONEY(shipping_fee_excl_tax, "shippingFeeExclTax", IN | PLACED | CHANGED),
    MONEY(shipping_fee_incl_tax, "shippingFeeInclTax", IN | PLACED | CHANGED),
    MONEY(grand_total, "grandTotal", IN | PLACED | CHANGED),
    I32(total_qty, "totalQty", PLACED | CHANGED),
    DECIMAL(total_weight, "totalWeight", PLACED | CHANGED),
    STR(shipping_method, "shippingMethod", IN | PLACED, ID),
    STR(shipping_method_name, "shippingMethodName", IN | PLACED, NAME),
    STR(shipping_note, "shippingNote", IN | PLACED | MUTABLE | PERSON, TEXT),
    STR(payment_method, "paymentMethod", IN | PLACED, ID),
    STR(payment_method_name, "paymentMethodName", IN | PLACED, NAME),
    MONEY(amount_authorized, "amountAuthorized", MUTABLE),
    MONEY(amount_captured, "amountCaptured", MUTABLE),
    MONEY(amount_refunded, "amountRefunded", MUTABLE),
    TIME(canceled_at, "canceledAt", MUTABLE),
    STR(cancel_reason, "cancelReason", MUTABLE | SHOP, TEXT),
    TREE(tags, "tags", IN | PLACED | MUTABLE | SHOP),
    TREE(metadata, "metadata", IN | PLACED | MUTABLE | SHOP),
    FLAG(historical, "historical", PLACED | INTERNAL),
    /* Fields stand in the order of their columns, and these came later. */
    STR(store, "store", IN | PLACED, CODE),
    MONEY(amount_canceled, "amountCanceled", MUTABLE),
    MONEY(amount_charged_back, "amountChargedBack", MUTABLE),
    UUID(exchange_of, "exchangeOf", PLACED),
    UUID(split_of, "splitOf", PLACED),
    STR(locale, "locale", IN | PLACED, CODE),
};
#undef ENTITY

#define ENTITY od_item
static const struct od_field item_fields[] = {
    I32(order_item_id, "orderItemId", KEY | PLACED),
    STR(product_id, "productId", IN | PLACED, ID),
    STR(sku, "sku", IN | PLACED | ALWAYS, ID),
    STR(name, "name", IN | PLACED, NAME),
    STR(thumbnail, "thumbnail", IN | PLACED, TEXT),
    DECIMAL(weight, "weight", IN | PLACED),
    I32(qty, "qty", IN | PLACED | CHANGED),
    MONEY(price, "price", IN | PLACED),
    MONEY(final_price, "finalPrice", IN | PLACED),
    MONEY(final_price_incl_tax, "finalPriceInclTax", IN | PLACED),
    DECIMAL(tax_percent, "taxPercent", IN | PLACED | SUM),
    MONEY(tax_amount, "taxAmount", IN | PLACED | CHANGED),
    MONEY(discount_amount, "discountAmount", IN | PLACED | CHANGED),
    MONEY(sub_total, "subTotal", IN | PLACED | CHANGED),
    MONEY(total, "total", IN | PLACED | CHANGED),
    STR(variant_group_id, "variantGroupId", IN | PLACED, ID),
    TREE(variant_options, "variantOptions", IN | PLACED),
    TREE(product_custom_options, "productCustomOptions", IN | PLACED | PERSON),
    I32(qty_shipped, "qtyShipped", MUTABLE),
    I32(qty_delivered, "qtyDelivered", MUTABLE),
    I32(qty_canceled, "qtyCanceled", MUTABLE),
    I32(qty_returned, "qtyReturned", MUTABLE),
    I32(qty_refunded, "qtyRefunded", MUTABLE),
    FLAG(stock_tracked, "stockTracked", PLACED | INTERNAL),
    I32(qty_restocked, "qtyRestocked", MUTABLE),
    I32(qty_shipped_after_cancel, "qtyShippedAfterCancel", MUTABLE),
    STR(location, "location", IN | PLACED, CODE),
};
#undef ENTITY

#define ENTITY od_address
static const struct od_field address_fields[] = {
    STR(kind, "kind", KEY | PLACED | INTERNAL, CODE),
    STR(full_name, "fullName", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(telephone, "telephone", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(address1, "address1", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(address2, "address2", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(city, "city", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(province, "province", IN | PLACED | MUTABLE | PERSON, LINE),
    STR(country, "country", IN | PLACED | MUTABLE, LINE),
    STR(postcode, "postcode", IN | PLACED | MUTABLE | PERSON, LINE),
};
#undef ENTITY

#define ENTITY od_payment
static const struct od_field payment_fields[] = {
    I32(payment_id, "paymentId", KEY),
    STR(type, "type", IN | ALWAYS, CODE),
    MONEY(amount, "amount", IN | CHANGED),
    STR(method, "method", IN, ID),
    STR(transaction_id, "transactionId", IN | MUTABLE | SUM, 200),
    STR(status, "status", ALWAYS, CODE),
    TIME(created_at, "createdAt", ALWAYS),
    I32(refund_id, "refundId", REF),
    MONEY(amount_moved, "amountMoved", CHANGED),
    STR(paid_by, "paidBy", SUM, ID),
};
#undef ENTITY

#define ENTITY od_shipment
static const struct od_field shipment_fields[] = {
    I32(shipment_id, "shipmentId", KEY),
    STR(shipment_number, "shipmentNumber", ALWAYS, 2 * ID),
    STR(carrier, "carrier", IN | MUTABLE, ID),
    STR(tracking_number, "trackingNumber", IN | MUTABLE, ID),
    STR(tracking_url, "trackingUrl", IN | MUTABLE, TEXT),
    STR(note, "note", IN | MUTABLE | SHOP, TEXT),
    STR(status, "status", IN | MUTABLE | ALWAYS, CODE),
    TIME(shipped_at, "shippedAt", ALWAYS),
    TIME(delivered_at, "deliveredAt", MUTABLE),
    TIME(canceled_at, "canceledAt", MUTABLE),
};
#undef ENTITY

#define ENTITY od_shipment_item
static const struct od_field shipment_item_fields[] = {
    I32(shipment_id, "shipmentId", KEY | INTERNAL),
    I32(order_item_id, "orderItemId", KEY | IN),
    I32(qty, "qty", IN),
};
#undef ENTITY

#define ENTITY od_hold
static const struct od_field hold_fields[] = {
    STR(handle, "handle", KEY | IN | ALWAYS, CODE),
    STR(reason, "reason", IN | MUTABLE | SHOP, TEXT),
    STR(by, "by", MUTABLE | SHOP, ID),
    TIME(at, "at", MUTABLE | ALWAYS),
};
#undef ENTITY

#define ENTITY od_refund
static const struct od_field refund_fields[] = {
    I32(refund_id, "refundId", KEY),
    STR(credit_memo_number, "creditMemoNumber", ALWAYS, ID),
    MONEY(amount, "amount", 0),
    MONEY(shipping_amount, "shippingAmount", 0),
    STR(reason, "reason", IN | SHOP, TEXT),
    STR(method, "method", IN, ID),
    STR(transaction_id, "transactionId", IN | MUTABLE | SUM, 200),
    I32(return_id, "returnId", IN | REF),
    I32(version, "version", 0),
    TIME(created_at, "createdAt", ALWAYS),
    STR(series, "series", INTERNAL, CODE),
    I64(series_value, "seriesValue", INTERNAL),
    MONEY(amount_canceled, "amountCanceled", 0),
    FLAG(keep, "keep", 0),
};
#undef ENTITY

#define ENTITY od_refund_item
static const struct od_field refund_item_fields[] = {
    I32(refund_id, "refundId", KEY | INTERNAL),
    I32(order_item_id, "orderItemId", KEY | IN),
    I32(qty, "qty", IN),
    MONEY(amount, "amount", 0),
    I32(qty_restocked, "qtyRestocked", 0),
    I32(qty_canceled, "qtyCanceled", 0),
};
#undef ENTITY

#define ENTITY od_return
static const struct od_field return_fields[] = {
    I32(return_id, "returnId", KEY),
    STR(return_number, "returnNumber", ALWAYS, 2 * ID),
    STR(status, "status", MUTABLE | ALWAYS, CODE),
    STR(reason, "reason", IN | SHOP, TEXT),
    STR(note, "note", IN | MUTABLE | SHOP, TEXT),
    UUID(exchange_uuid, "exchangeUuid", MUTABLE),
    TIME(created_at, "createdAt", ALWAYS),
    TIME(received_at, "receivedAt", MUTABLE),
};
#undef ENTITY

#define ENTITY od_return_item
static const struct od_field return_item_fields[] = {
    I32(return_id, "returnId", KEY | INTERNAL),
    I32(order_item_id, "orderItemId", KEY | IN),
    I32(qty, "qty", IN),
    STR(reason, "reason", IN | SHOP, TEXT),
    I32(qty_received, "qtyReceived", MUTABLE),
    I32(qty_restocked, "qtyRestocked", MUTABLE),
    STR(condition, "condition", IN | MUTABLE, ID),
};
#undef ENTITY

#define ENTITY od_invoice
static const struct od_field invoice_fields[] = {
    I32(invoice_id, "invoiceId", KEY),
    STR(invoice_number, "invoiceNumber", ALWAYS, ID),
    MONEY(amount, "amount", 0),
    I32(version, "version", 0),
    TIME(created_at, "createdAt", ALWAYS),
    STR(series, "series", INTERNAL, CODE),
    I64(series_value, "seriesValue", INTERNAL),
};
#undef ENTITY

#define ENTITY od_change
static const struct od_field change_fields[] = {
    I32(change_id, "changeId", KEY),           STR(status, "status", MUTABLE | ALWAYS, CODE),
    TREE(request, "request", INTERNAL | SHOP), MONEY(difference, "difference", 0),
    STR(reason, "reason", IN | SHOP, TEXT),    STR(by, "by", SHOP, ID),
    TIME(created_at, "createdAt", ALWAYS),     TIME(closed_at, "closedAt", MUTABLE),
};
#undef ENTITY

#define TABLE(noun, table, fields, type)                                                           \
    {                                                                                              \
        noun, table, fields, sizeof(fields) / sizeof(fields)[0], sizeof(type)                      \
    }

const struct od_entity od_entities[OD_ENTITY_COUNT] = {
    [OD_ENTITY_ORDER] = TABLE("order", "orders", order_fields, struct od_order),
    [OD_ENTITY_ITEM] = TABLE("item", "order_item", item_fields, struct od_item),
    [OD_ENTITY_PAYMENT] = TABLE("payment", "payment", payment_fields, struct od_payment),
    [OD_ENTITY_SHIPMENT] = TABLE("shipment", "shipment", shipment_fields, struct od_shipment),
    [OD_ENTITY_SHIPMENT_ITEM] =
        TABLE("shipment item", "shipment_item", shipment_item_fields, struct od_shipment_item),
    [OD_ENTITY_REFUND] = TABLE("refund", "refund", refund_fields, struct od_refund),
    [OD_ENTITY_REFUND_ITEM] =
        TABLE("refund item", "refund_item", refund_item_fields, struct od_refund_item),
    [OD_ENTITY_RETURN] = TABLE("return", "order_return", return_fields, struct od_return),
    [OD_ENTITY_RETURN_ITEM] =
        TABLE("return item", "order_return_item", return_item_fields, struct od_return_item),
    [OD_ENTITY_INVOICE] = TABLE("invoice", "invoice", invoice_fields, struct od_invoice),
    [OD_ENTITY_CHANGE] = TABLE("change", "order_change", change_fields, struct od_change),
    [OD_ENTITY_HOLD] = TABLE("hold", "order_hold", hold_fields, struct od_hold),
    [OD_ENTITY_ADDRESS] = TABLE("address", "order_address", address_fields, struct od_address),
};

const char *od_field_class_name(enum od_field_class c)
{
    static const char *const names[OD_CLASSES] = {"public", "personal", "money", "internal"};

    return names[c];
}

static size_t size_of(enum od_field_type type)
{
    switch (type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        return sizeof(struct od_str);
    case OD_FIELD_I32:
        return sizeof(int32_t);
    case OD_FIELD_BOOL:
        return sizeof(bool);
    case OD_FIELD_I64:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
    case OD_FIELD_TIME:
        return sizeof(int64_t);
    case OD_FIELD_UUID:
        return sizeof(struct od_uuid);
    }
    abort();
}

static const void *at(const struct od_field *f, const void *entity)
{
    return (const char *)entity + f->offset;
}

bool od_field_absent(const struct od_field *f, const void *entity)
{
    const void *p = at(f, entity);

    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
        return !((const struct od_str *)p)->ptr;
    case OD_FIELD_TIME:
        return *(const int64_t *)p == 0;
    case OD_FIELD_UUID:
        return od_uuid_is_zero(p);
    case OD_FIELD_I32:
    case OD_FIELD_I64:
    case OD_FIELD_BOOL:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        return false;
    }
    abort();
}

bool od_field_equal(const struct od_field *f, const void *x, const void *y)
{
    if (f->type == OD_FIELD_STR || f->type == OD_FIELD_JSON) {
        const struct od_str *s = at(f, x), *t = at(f, y);
        return !s->ptr == !t->ptr && od_str_eq(*s, *t);
    }
    return memcmp(at(f, x), at(f, y), size_of(f->type)) == 0;
}

void od_field_copy(const struct od_field *f, void *to, const void *from)
{
    memcpy((char *)to + f->offset, at(f, from), size_of(f->type));
}

const struct od_field *od_entity_field(const struct od_entity *e, struct od_str name)
{
    for (uint32_t i = 0; name.ptr && i < e->field_count; i++) {
        if (od_str_is(name, e->fields[i].name))
            return &e->fields[i];
    }
    return NULL;
}

const struct od_field *od_entity_json_field(const struct od_entity *e, struct od_str json)
{
    for (uint32_t i = 0; json.ptr && i < e->field_count; i++) {
        if (od_str_is(json, e->fields[i].json))
            return &e->fields[i];
    }
    return NULL;
}
