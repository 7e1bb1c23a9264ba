#include "order/command_parse.h"

#include "order/limits.h"

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

static void read_notified(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    if (v->type != OD_JSON_BOOL)
        od_read_problem(r, path, "must be true or false");
    c->customer_notified = v->boolean;
}

/* The currency is the order's, which decide knows: the literal is kept as it was written. */
static void read_amount(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    if (v->type == OD_JSON_NUMBER)
        c->payment_amount = v->text;
    else if (v->type == OD_JSON_STRING)
        c->payment_amount = od_read_str(r, v, path, 40);
    else
        od_read_problem(r, path, "must be a decimal number");
}

static void read_payment_type(struct od_reader *r, const struct od_json *v,
                              const struct od_path *path, struct od_command *c)
{
    static const char *const types[] = {"authorize", "capture", "void", "fail"};
    for (size_t i = 0; v->type == OD_JSON_STRING && i < sizeof types / sizeof *types; i++) {
        if (od_str_is(v->text, types[i])) {
            c->payment.type = v->text;
            return;
        }
    }
    od_read_problem(r, path, "must be authorize, capture, void or fail");
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
}

static void read_delta(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       struct od_command *c)
{
    read_stock(r, v, path, -STOCK_MAX, &c->qty);
    c->is_delta = true;
}

static const struct od_member cancel_members[] = {{"reason", read_reason, false}, {0}};
static const struct od_member payment_members[] = {
    {"type", read_payment_type, false}, {"amount", read_amount, false}, {0}};
static const struct od_member shipment_members[] = {{"items", read_shipment_items, false}, {0}};
static const struct od_member activity_members[] = {
    {"comment", read_comment, false}, {"customerNotified", read_notified, false}, {0}};
static const struct od_member stock_members[] = {
    {"qty", read_qty, false}, {"delta", read_delta, false}, {0}};

static const struct od_shape cancel_shape = {NULL, 0, cancel_members};
static const struct od_shape payment_shape = {&od_entities[OD_ENTITY_PAYMENT], OD_FIELD_INPUT,
                                              payment_members};
static const struct od_shape create_shipment_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                                      OD_FIELD_INPUT, shipment_members};
static const struct od_shape update_shipment_shape = {&od_entities[OD_ENTITY_SHIPMENT],
                                                      OD_FIELD_INPUT | OD_FIELD_MUTABLE, NULL};
static const struct od_shape hold_shape = {&od_entities[OD_ENTITY_HOLD], OD_FIELD_INPUT, NULL};
static const struct od_shape activity_shape = {NULL, 0, activity_members};
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
        od_read_shape(&r, &payment_shape, body, &root, &out->payment, out);
        require(&r, body, &root, "type");
        break;
    case OD_COMMAND_CREATE_SHIPMENT:
        od_read_shape(&r, &create_shipment_shape, body, &root, &out->shipment, out);
        break;
    case OD_COMMAND_UPDATE_SHIPMENT:
        parse_update_shipment(&r, body, &root, &out->shipment);
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
        if (has(body, "qty") == has(body, "delta"))
            od_read_problem(&r, &root, "must hold either qty or delta");
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
