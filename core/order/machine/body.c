#include "order/machine/body.h"

#include "order/amounts/totals.h"
#include "order/model/limits.h"

bool od_body_has(const struct od_json *body, const char *member)
{
    const struct od_json *v = od_json_get(body, member);
    return v && v->type != OD_JSON_NULL;
}

void od_body_require(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                     const char *member)
{
    if (body->type == OD_JSON_OBJECT && !od_body_has(body, member))
        od_read_problem(r, &(struct od_path){root, od_str_of(member), 0}, "is required");
}

bool od_body_bool(struct od_reader *r, const struct od_json *v, const struct od_path *path)
{
    if (v->type != OD_JSON_BOOL)
        od_read_problem(r, path, "must be true or false");
    return v->boolean;
}

void od_body_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                    struct od_command *c)
{
    c->text = od_read_str(r, v, path, OD_REASON_MAX);
}

enum { LITERAL_MAX = 40 }; /* bytes: more digits than int64 has, and an exponent */

struct od_str od_body_literal(struct od_reader *r, const struct od_json *v,
                              const struct od_path *path)
{
    if (v->type == OD_JSON_NUMBER)
        return v->text;
    if (v->type == OD_JSON_STRING)
        return od_read_str(r, v, path, LITERAL_MAX);
    od_read_problem(r, path, "must be a decimal number");
    return OD_STR_NONE;
}

const struct od_shape od_shape_empty = {NULL, 0, NULL, NULL, NULL};

void od_body_empty(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                   struct od_command *out)
{
    od_read_shape(r, &od_shape_empty, body, root, NULL, out);
}

static const char *const units_needs[] = {"orderItemId", "qty", NULL};
const struct od_shape od_shape_units = {&od_entities[OD_ENTITY_SHIPMENT_ITEM], OD_FIELD_INPUT, NULL,
                                        "Units", units_needs};

static struct od_units read_unit(struct od_reader *r, const struct od_json *v,
                                 const struct od_path *path)
{
    struct od_shipment_item unit = {0};
    od_read_shape(r, &od_shape_units, v, path, &unit, NULL);
    return (struct od_units){unit.order_item_id, unit.qty};
}

struct od_units *od_body_units(struct od_reader *r, const struct od_json *v,
                               const struct od_path *path, uint32_t *count)
{
    *count = 0;
    if (v->type != OD_JSON_ARRAY || v->count == 0 || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of 1 to %d items", OD_ITEMS_MAX);
        return NULL;
    }
    struct od_units *units = OD_NEW_ARRAY(r->arena, struct od_units, v->count);
    struct od_path at = {.up = path};
    *count = v->count;
    for (const struct od_json *item = v->child; item; item = item->next, at.index++)
        units[at.index] = read_unit(r, item, &at);
    return units;
}

static void read_units(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    c->units = od_body_units(r, v, path, &c->unit_count);
}

static const struct od_member units_and_reason[] = {
    {"items", read_units, false, OD_TAKES_OBJECTS, &od_shape_units},
    {"reason", od_body_reason, false, OD_TAKES_TEXT, NULL},
    {0}};
const struct od_shape od_shape_units_and_reason = {NULL, 0, units_and_reason, NULL, NULL};

void od_body_units_and_reason(struct od_reader *r, const struct od_json *body,
                              const struct od_path *root, struct od_command *out)
{
    od_read_shape(r, &od_shape_units_and_reason, body, root, NULL, out);
}

/* The API nests the customer; in the order it is three fields. */
static const char *const customer_fields[] = {"customer_id", "customer_email",
                                              "customer_full_name"};
enum { CUSTOMER_FIELDS = sizeof customer_fields / sizeof *customer_fields };
/* od_body_customer reads them. */
static const struct od_member customer_members[CUSTOMER_FIELDS + 1] = {
    {"id", NULL, true, OD_TAKES_TEXT, NULL},
    {"email", NULL, true, OD_TAKES_TEXT, NULL},
    {"fullName", NULL, true, OD_TAKES_TEXT, NULL},
    {0}};
const struct od_shape od_shape_customer = {NULL, 0, customer_members, "OrderCustomer", NULL};

static const struct od_field *customer_field(size_t i)
{
    return od_entity_field(&od_entities[OD_ENTITY_ORDER], od_str_of(customer_fields[i]));
}

static uint64_t field_bit(const struct od_field *f)
{
    return UINT64_C(1) << (f - od_entities[OD_ENTITY_ORDER].fields);
}

uint64_t od_body_customer_fields(void)
{
    uint64_t all = 0;
    for (size_t i = 0; i < CUSTOMER_FIELDS; i++)
        all |= field_bit(customer_field(i));
    return all;
}

uint64_t od_body_customer(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_order *to)
{
    uint64_t named = 0;
    if (v->type != OD_JSON_OBJECT)
        od_read_problem(r, path, "must be an object");
    for (const struct od_json *m = v->child; v->type == OD_JSON_OBJECT && m; m = m->next) {
        struct od_path at = {.up = path, .key = m->key};
        size_t i = 0;
        while (i < CUSTOMER_FIELDS && !od_str_is(m->key, customer_members[i].name))
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

const struct od_shape od_shape_address = {&od_entities[OD_ENTITY_ADDRESS], OD_FIELD_INPUT, NULL,
                                          "OrderAddress", NULL};

void od_body_address(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_address *to)
{
    size_t before = r->found;
    to->present = od_read_shape(r, &od_shape_address, v, path, to, NULL).given != 0;
    if (!to->present && r->found == before)
        od_read_problem(r, path, "must not be empty");
}

static const char *const item_needs[] = {"sku", "qty", "price", NULL};
const struct od_shape od_shape_item = {&od_entities[OD_ENTITY_ITEM], OD_FIELD_INPUT, NULL,
                                       "OrderItem", item_needs};

static void read_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_item *it)
{
    size_t before = r->found;
    od_totals_unset_item(it);
    it->price = OD_AMOUNT_UNSET;
    od_read_shape(r, &od_shape_item, v, path, it, NULL);
    if (r->found != before)
        return;
    if (it->sku.len == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("sku"), 0}, "is required");
}

void od_body_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
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
