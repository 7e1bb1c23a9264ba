#include "order/machine/parse.h"

#include "order/model/limits.h"

/* Stock of one SKU: beyond any warehouse, and far from where sums of int64 end. */
#define STOCK_MAX INT64_C(1000000000000)

static void read_reason(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    c->text = od_read_str(r, v, path, OD_REASON_MAX);
}

static void read_comment(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    c->text = od_read_str(r, v, path, OD_COMMENT_MAX);
}

static bool read_bool(struct od_reader *r, const struct od_json *v, const struct od_path *path)
{
    if (v->type != OD_JSON_BOOL)
        od_read_problem(r, path, "must be true or false");
    return v->boolean;
}

static void read_notified(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->customer_notified = read_bool(r, v, path);
}

static void read_handed_over(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_command *c)
{
    c->handed_over = read_bool(r, v, path);
}

static void read_shipment_item(struct od_reader *r, const struct od_json *v,
                               const struct od_path *path, struct od_shipment_item *item)
{
    static const struct od_shape shape = {&od_entities[OD_ENTITY_SHIPMENT_ITEM], OD_FIELD_INPUT,
                                          NULL};
    size_t before = r->found;
    od_read_shape(r, &shape, v, path, item, NULL);
    if (r->found != before)
        return;
    if (item->order_item_id == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("orderItemId"), 0}, "is required");
    if (item->qty == 0)
        od_read_problem(r, &(struct od_path){path, OD_STR("qty"), 0}, "is required");
}

static void read_shipment_items(struct od_reader *r, const struct od_json *v,
                                const struct od_path *path, struct od_command *c)
{
    if (v->type != OD_JSON_ARRAY || v->count == 0 || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of 1 to %d items", OD_ITEMS_MAX);
        return;
    }
    c->shipment.items = OD_NEW_ARRAY(r->arena, struct od_shipment_item, v->count);
    c->shipment.item_count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *item = v->child; item; item = item->next, at.index++)
        read_shipment_item(r, item, &at, &c->shipment.items[at.index]);
}

static void read_units(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    if (v->type != OD_JSON_ARRAY || v->count == 0 || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of 1 to %d items", OD_ITEMS_MAX);
        return;
    }
    c->units = OD_NEW_ARRAY(r->arena, struct od_units, v->count);
    c->unit_count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *item = v->child; item; item = item->next, at.index++) {
        struct od_shipment_item unit = {0};
        read_shipment_item(r, item, &at, &unit);
        c->units[at.index] = (struct od_units){unit.order_item_id, unit.qty};
    }
}

static void read_shipment_id(struct od_reader *r, const struct od_json *v,
                             const struct od_path *path, struct od_command *c)
{
    int64_t id = 0;
    if (!od_json_i64(v, 1, INT32_MAX, &id))
        od_read_problem(r, path, "must be the shipmentId of one of the order's shipments");
    c->shipment.shipment_id = (int32_t)id;
}

static void read_stock(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       int64_t min, int64_t *out)
{
    if (!od_json_i64(v, min, STOCK_MAX, out))
        od_read_problem(r, path, "must be a whole number from %lld to %lld", (long long)min,
                        (long long)STOCK_MAX);
}

static void read_qty(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                     struct od_command *c)
{
    read_stock(r, v, path, 0, &c->qty);
    c->has_qty = true;
}

static void read_delta(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    read_stock(r, v, path, -STOCK_MAX, &c->qty);
    c->is_delta = c->has_qty = true;
}

static void read_location(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->location = od_read_str(r, v, path, OD_LOCATION_MAX);
}

static void read_backorder(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    c->backorder = read_bool(r, v, path);
    c->has_backorder = true;
}

static const struct od_member cancel_members[] = {
    {"reason", read_reason, false}, {"items", read_units, false}, {0}};
static const struct od_member shipment_members[] = {
    {"items", read_shipment_items, false}, {"handedOver", read_handed_over, false}, {0}};
static const struct od_member track_members[] = {{"shipmentId", read_shipment_id, false}, {0}};
static const struct od_member activity_members[] = {
    {"comment", read_comment, false}, {"customerNotified", read_notified, false}, {0}};
static const struct od_member stock_members[] = {
    {"qty", read_qty, false},           {"delta", read_delta, false},
    {"location", read_location, false}, {"backorder", read_backorder, false},
    {"reason", read_reason, false},     {0}};

static const struct od_shape cancel_shape = {NULL, 0, cancel_members};
static const struct od_shape create_shipment_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                                      OD_FIELD_INPUT, shipment_members};
static const struct od_shape update_shipment_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                                      OD_FIELD_INPUT | OD_FIELD_MUTABLE, NULL};
/* Of a shipment there is, or of one to be created: what both take. */
static const struct od_shape track_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                            OD_FIELD_INPUT | OD_FIELD_MUTABLE, track_members};
static const struct od_shape hold_shape = {&od_entities[OD_ENTITY_HOLD], OD_FIELD_INPUT, NULL};
static const struct od_shape activity_shape = {NULL, 0, activity_members};
static const struct od_shape empty_shape = {NULL, 0, NULL};
static const struct od_shape stock_shape = {NULL, 0, stock_members};

static bool has(const struct od_json *body, const char *member)
{
    const struct od_json *v = od_json_get(body, member);
    return v && v->type != OD_JSON_NULL;
}

static void require(struct od_reader *r, const struct od_json *body, const struct od_path *root,
                    const char *member)
{
    if (body->type == OD_JSON_OBJECT && !has(body, member))
        od_read_problem(r, &(struct od_path){root, od_str_of(member), 0}, "is required");
}

/* A shipment's field that is null is emptied: absent would leave it as it is. */
static void parse_update_shipment(struct od_reader *r, const struct od_json *body,
                                  const struct od_path *root, struct od_shipment *s)
{
    const struct od_entity *e = update_shipment_shape.entity;
    struct od_read_mask mask = od_read_shape(r, &update_shipment_shape, body, root, s, NULL);
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (mask.nulls >> i & 1 && strcmp(e->fields[i].name, "status") != 0)
            *(struct od_str *)((char *)s + e->fields[i].offset) = OD_STR("");
    }
}

int od_command_parse(enum od_command_type type, const struct od_json *body, struct od_arena *a,
                     struct od_str default_currency, struct od_command *out,
                     struct od_problem_list *problems)
{
    static const struct od_json no_body = {.type = OD_JSON_OBJECT};
    const struct od_path root = {0};
    struct od_reader r = {.arena = a, .problems = problems};
    problems->arena = problems->arena ? problems->arena : a;
    size_t before = problems->count;
    body = body ? body : &no_body;
    *out = (struct od_command){.type = type};

    switch (type) {
    case OD_COMMAND_PLACE:
        od_command_parse_place(&r, body, &root, default_currency, out);
        break;
    case OD_COMMAND_PATCH:
        od_command_parse_patch(&r, body, &root, out);
        break;
    case OD_COMMAND_CANCEL:
        od_read_shape(&r, &cancel_shape, body, &root, NULL, out);
        break;
    case OD_COMMAND_PAYMENT:
        od_command_parse_payment(&r, body, &root, out);
        break;
    case OD_COMMAND_REFUND:
        od_command_parse_refund(&r, body, &root, out);
        break;
    case OD_COMMAND_CREATE_SHIPMENT:
        od_read_shape(&r, &create_shipment_shape, body, &root, &out->shipment, out);
        if (out->handed_over) /* what left is a fact, and has to be told */
            require(&r, body, &root, "items");
        break;
    case OD_COMMAND_UPDATE_SHIPMENT:
        parse_update_shipment(&r, body, &root, &out->shipment);
        break;
    case OD_COMMAND_TRACK:
        od_read_shape(&r, &track_shape, body, &root, &out->shipment, out);
        require(&r, body, &root, "trackingNumber");
        if (out->shipment.tracking_number.ptr && out->shipment.tracking_number.len == 0)
            od_read_problem(&r, &(struct od_path){&root, OD_STR("trackingNumber"), 0},
                            "must not be empty");
        break;
    case OD_COMMAND_CREATE_RETURN:
        od_command_parse_create_return(&r, body, &root, out);
        break;
    case OD_COMMAND_UPDATE_RETURN:
        od_command_parse_update_return(&r, body, &root, out);
        break;
    case OD_COMMAND_EXCHANGE:
        od_command_parse_exchange(&r, body, &root, out);
        break;
    case OD_COMMAND_PROPOSE_CHANGE:
        od_command_parse_change(&r, body, &root, out);
        break;
    case OD_COMMAND_CONFIRM_CHANGE:
    case OD_COMMAND_DISCARD_CHANGE:
    case OD_COMMAND_ISSUE_INVOICE:
    case OD_COMMAND_CREDIT_INVOICE:
        od_read_shape(&r, &empty_shape, body, &root, NULL, out);
        break;
    case OD_COMMAND_HOLD:
    case OD_COMMAND_RELEASE:
        od_read_shape(&r, &hold_shape, body, &root, &out->hold, out);
        break;
    case OD_COMMAND_ADD_ACTIVITY:
        od_read_shape(&r, &activity_shape, body, &root, NULL, out);
        require(&r, body, &root, "comment");
        break;
    case OD_COMMAND_SET_INVENTORY:
        od_read_shape(&r, &stock_shape, body, &root, NULL, out);
        if (has(body, "qty") ? has(body, "delta") : !has(body, "delta") && !has(body, "backorder"))
            od_read_problem(&r, &root, "must hold either qty or delta, or backorder alone");
        break;
    case OD_COMMAND_COMPOSITE: /* what its arguments mean is the script's business */
        if (body->type != OD_JSON_OBJECT)
            od_read_problem(&r, &root, "must be an object");
        out->args = body->raw;
        break;
    case OD_COMMAND_MIGRATE_STATUS:
    case OD_COMMAND_TYPES:
        od_read_problem(&r, &root, "is not the body of a command");
        break;
    }
    return r.found == 0 && problems->count == before ? 0 : -1;
}
