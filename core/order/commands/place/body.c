#include <stddef.h>

#include "base/clock.h"
#include "base/money.h"
#include "order/amounts/totals.h"
#include "order/machine/parse.h"
#include "order/model/limits.h"

/* The API nests the customer; in the order it is three fields. */
static const struct {
    const char *json, *field;
} customer_fields[] = {
    {"id", "customer_id"}, {"email", "customer_email"}, {"fullName", "customer_full_name"}};

enum { CUSTOMER_FIELDS = sizeof customer_fields / sizeof *customer_fields };

static const struct od_field *customer_field(size_t i)
{
    return od_entity_field(&od_entities[OD_ENTITY_ORDER], od_str_of(customer_fields[i].field));
}

static uint64_t field_bit(const struct od_field *f)
{
    return UINT64_C(1) << (f - od_entities[OD_ENTITY_ORDER].fields);
}

/* Into *to; returns the fields that were named, null ones too. */
static uint64_t read_customer(struct od_reader *r, const struct od_json *v,
                              const struct od_path *path, struct od_order *to)
{
    uint64_t named = 0;
    if (v->type != OD_JSON_OBJECT)
        od_read_problem(r, path, "must be an object");
    for (const struct od_json *m = v->child; v->type == OD_JSON_OBJECT && m; m = m->next) {
        struct od_path at = {.up = path, .key = m->key};
        size_t i = 0;
        while (i < CUSTOMER_FIELDS && !od_str_is(m->key, customer_fields[i].json))
            i++;
        if (i == CUSTOMER_FIELDS) {
            od_read_problem(r, &at, "unknown member");
            continue;
        }
        const struct od_field *f = customer_field(i);
        named |= field_bit(f);
        if (m->type != OD_JSON_NULL)
            od_read_field(r, f, m, &at, to);
    }
    return named;
}

void od_command_read_address(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_address *to)
{
    static const struct od_shape shape = {&od_entities[OD_ENTITY_ADDRESS], OD_FIELD_INPUT, NULL};
    size_t before = r->found;
    to->present = od_read_shape(r, &shape, v, path, to, NULL).given != 0;
    if (!to->present && r->found == before)
        od_read_problem(r, path, "must not be empty");
}

static void place_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    read_customer(r, v, path, c->draft);
}

static void place_shipping_address(struct od_reader *r, const struct od_json *v,
                                   const struct od_path *path, struct od_command *c)
{
    od_command_read_address(r, v, path, &c->draft->addresses[OD_SHIPPING]);
}

static void place_billing_address(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    od_command_read_address(r, v, path, &c->draft->addresses[OD_BILLING]);
}

static void place_payment_status(struct od_reader *r, const struct od_json *v,
                                 const struct od_path *path, struct od_command *c)
{
    c->draft->payment_status = od_read_str(r, v, path, 40);
}

static void place_number(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    c->draft->order_number = od_read_str(r, v, path, OD_ORDER_NUMBER_MAX);
}

static void place_uuid(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_uuid_parse(v->text, &c->draft->uuid) ||
        od_uuid_is_zero(&c->draft->uuid))
        od_read_problem(r, path, "must be a UUID");
}

static void place_time(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_time_parse(v->text, &c->at))
        od_read_problem(r, path, "must be a time like 2024-05-31T08:00:00Z");
}

static void read_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_item *it)
{
    static const struct od_shape shape = {&od_entities[OD_ENTITY_ITEM], OD_FIELD_INPUT, NULL};
    size_t before = r->found;
    od_totals_unset_item(it);
    it->price = OD_AMOUNT_UNSET;
    od_read_shape(r, &shape, v, path, it, NULL);
    if (r->found != before)
        return;
    if (it->sku.len == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("sku"), 0}, "is required");
    if (it->qty == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("qty"), 0}, "is required");
    if (it->price == OD_AMOUNT_UNSET)
        od_read_problem(r, &(struct od_path){path, OD_STR("price"), 0}, "is required");
}

void od_command_read_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_item **items, uint32_t *count)
{
    *items = NULL;
    *count = 0;
    if (v->type != OD_JSON_ARRAY || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of at most %d items", OD_ITEMS_MAX);
        return;
    }
    *items = OD_NEW_ARRAY(r->arena, struct od_item, v->count);
    *count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *item = v->child; item; item = item->next, at.index++)
        read_item(r, item, &at, &(*items)[at.index]);
}

static void place_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    od_command_read_items(r, v, path, &c->draft->items, &c->draft->item_count);
}

/* Amounts cannot be read without the currency, so it comes first. */
static struct od_str read_currency(struct od_reader *r, const struct od_json *body,
                                   const struct od_path *root, struct od_str default_currency)
{
    const struct od_json *v = od_json_get(body, "currency");
    struct od_str code =
        v && v->type == OD_JSON_STRING ? v->text : od_arena_str(r->arena, default_currency);
    r->digits = od_currency_digits(code);
    if (r->digits < 0) {
        od_read_problem(r, &(struct od_path){root, OD_STR("currency"), 0},
                        "is not an ISO 4217 currency code");
        r->digits = OD_DECIMAL_DIGITS;
    }
    return code;
}

void od_command_parse_place(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_str default_currency,
                            struct od_command *out)
{
    static const struct od_member members[] = {
        {"items", place_items, false},
        {"customer", place_customer, false},
        {"shippingAddress", place_shipping_address, false},
        {"billingAddress", place_billing_address, false},
        {"paymentStatus", place_payment_status, false},
        {"placedAt", place_time, false},
        {"orderNumber", place_number, false},
        {"uuid", place_uuid, false},
        {0},
    };
    static const struct od_shape shape = {&od_entities[OD_ENTITY_ORDER], OD_FIELD_INPUT, members};

    struct od_order *draft = OD_NEW(r->arena, struct od_order);
    out->draft = draft;
    draft->currency = read_currency(r, body, root, default_currency);
    od_totals_unset_order(draft);
    od_read_shape(r, &shape, body, root, draft, out);
    /* Sums of misread lines would only repeat what was said. */
    if (r->found == 0)
        od_totals_settle(draft, r->problems);
}

static void patch_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    if (v->type != OD_JSON_NULL) {
        c->patch.fields |= read_customer(r, v, path, c->draft);
        return;
    }
    for (size_t i = 0; i < CUSTOMER_FIELDS; i++)
        c->patch.fields |= field_bit(customer_field(i));
}

static void patch_address(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c, int which)
{
    c->patch.address[which] = true;
    if (v->type != OD_JSON_NULL)
        od_command_read_address(r, v, path, &c->draft->addresses[which]);
}

static void patch_shipping_address(struct od_reader *r, const struct od_json *v,
                                   const struct od_path *path, struct od_command *c)
{
    patch_address(r, v, path, c, OD_SHIPPING);
}

static void patch_billing_address(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    patch_address(r, v, path, c, OD_BILLING);
}

static void patch_payment_status(struct od_reader *r, const struct od_json *v,
                                 const struct od_path *path, struct od_command *c)
{
    c->payment_status = od_read_str(r, v, path, 40);
}

static void patch_shipment_status(struct od_reader *r, const struct od_json *v,
                                  const struct od_path *path, struct od_command *c)
{
    c->shipment_status = od_read_str(r, v, path, 40);
}

void od_command_parse_patch(struct od_reader *r, const struct od_json *body,
                            const struct od_path *root, struct od_command *out)
{
    static const struct od_member members[] = {
        {"paymentStatus", patch_payment_status, false},
        {"shipmentStatus", patch_shipment_status, false},
        {"customer", patch_customer, true},
        {"shippingAddress", patch_shipping_address, true},
        {"billingAddress", patch_billing_address, true},
        {0},
    };
    static const struct od_shape shape = {&od_entities[OD_ENTITY_ORDER],
                                          OD_FIELD_INPUT | OD_FIELD_MUTABLE, members};

    out->draft = OD_NEW(r->arena, struct od_order);
    struct od_read_mask mask = od_read_shape(r, &shape, body, root, out->draft, out);
    out->patch.fields |= mask.given | mask.nulls;
    out->patch.values = out->draft;
    out->draft = NULL; /* lent to the readers above */
}
