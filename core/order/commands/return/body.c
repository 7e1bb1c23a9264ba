#include "order/commands/return/return.h"
#include "order/model/limits.h"

/* The bodies of CREATE_RETURN, UPDATE_RETURN and EXCHANGE. */

/* An item's qty_restocked until the whole body is read: the body said nothing, or "all of it". */
enum { RESTOCK_UNSAID = -1, RESTOCK_ALL = INT32_MAX };

static void read_status(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        const char *const *statuses, const char *known, struct od_str *out)
{
    for (; v->type == OD_JSON_STRING && *statuses; statuses++) {
        if (od_str_is(v->text, *statuses)) {
            *out = v->text;
            return;
        }
    }
    od_read_problem(r, path, "must be %s", known);
}

static void create_status(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    static const char *const statuses[] = {"requested", "approved", NULL};
    read_status(r, v, path, statuses, "requested or approved", &c->ret.status);
}

static void update_status(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    static const char *const statuses[] = {"approved", "rejected", "canceled",
                                           "received", "refunded", NULL};
    read_status(r, v, path, statuses, "approved, rejected, canceled, received or refunded",
                &c->ret.status);
}

static void refuse_member(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    (void)v, (void)c;
    od_read_problem(r, path, "cannot be set here");
}

/* Reads into the item that the reader below lends as the command's only one. */
static void item_restock(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    int64_t units;
    if (v->type == OD_JSON_BOOL)
        c->ret.items->qty_restocked = v->boolean ? RESTOCK_ALL : 0;
    else if (od_json_i64(v, 0, OD_QTY_MAX, &units))
        c->ret.items->qty_restocked = (int32_t)units;
    else
        od_read_problem(r, path, "must be true, false, or how many units");
}

static void read_item(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      const struct od_shape *shape, struct od_return_item *item)
{
    struct od_command lent = {.ret = {.items = item, .item_count = 1}};
    size_t before = r->found;
    item->qty_restocked = RESTOCK_UNSAID;
    od_read_shape(r, shape, v, path, item, &lent);
    if (r->found != before)
        return;
    if (item->qty_restocked != RESTOCK_ALL && item->qty_restocked > item->qty)
        od_read_problem(r, &(struct od_path){path, OD_STR("restock"), 0}, "is more than qty");
}

static void read_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                       const struct od_shape *shape, struct od_return *ret)
{
    if (v->type != OD_JSON_ARRAY || v->count == 0 || v->count > OD_ITEMS_MAX) {
        od_read_problem(r, path, "must be an array of 1 to %d items", OD_ITEMS_MAX);
        return;
    }
    ret->items = OD_NEW_ARRAY(r->arena, struct od_return_item, v->count);
    ret->item_count = v->count;
    struct od_path at = {.up = path};
    for (const struct od_json *item = v->child; item; item = item->next, at.index++)
        read_item(r, item, &at, shape, &ret->items[at.index]);
}

static const struct od_member returned_members[] = {
    {"condition", refuse_member, false, OD_TAKES_NOTHING, NULL}, {0}};
static const char *const returned_needs[] = {"orderItemId", "qty", NULL};
static const struct od_shape returned_shape = {&od_entities[OD_ENTITY_RETURN_ITEM], OD_FIELD_INPUT,
                                               returned_members, "ReturnItem", returned_needs};

static void create_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    read_items(r, v, path, &returned_shape, &c->ret);
    for (uint32_t i = 0; i < c->ret.item_count; i++)
        c->ret.items[i].qty_restocked = 0;
}

static const struct od_member received_members[] = {
    {"reason", refuse_member, false, OD_TAKES_NOTHING, NULL},
    {"restock", item_restock, false, OD_TAKES_JSON, NULL},
    {0}};
static const char *const received_needs[] = {"orderItemId", "qty", NULL};
static const struct od_shape received_shape = {&od_entities[OD_ENTITY_RETURN_ITEM], OD_FIELD_INPUT,
                                               received_members, "ReceivedItem", received_needs};

static void update_items(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    read_items(r, v, path, &received_shape, &c->ret);
}

static void update_restock(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                           struct od_command *c)
{
    if (v->type != OD_JSON_BOOL)
        od_read_problem(r, path, "must be true or false");
    c->restock_all = v->boolean;
}

static const struct od_member od_shape_return_create_members[] = {
    {"items", create_items, false, OD_TAKES_OBJECTS, &returned_shape},
    {"status", create_status, false, OD_TAKES_TEXT, NULL},
    {0}};
static const char *const return_create_needs[] = {"items", NULL};
const struct od_shape od_shape_return_create = {&od_entities[OD_ENTITY_RETURN], OD_FIELD_INPUT,
                                                od_shape_return_create_members, NULL,
                                                return_create_needs};

void od_return_body_create(struct od_reader *r, const struct od_json *body,
                           const struct od_path *root, struct od_command *out)
{
    od_read_shape(r, &od_shape_return_create, body, root, &out->ret, out);
}

/* A value of an item goes before the value for all. */
static void settle_received(struct od_return *ret, bool restock_all)
{
    for (uint32_t i = 0; i < ret->item_count; i++) {
        struct od_return_item *item = &ret->items[i];
        if (item->qty_restocked == RESTOCK_UNSAID)
            item->qty_restocked = restock_all ? RESTOCK_ALL : 0;
        if (item->qty_restocked == RESTOCK_ALL)
            item->qty_restocked = item->qty;
        item->qty_received = item->qty;
        item->qty = 0;
    }
}

static const struct od_member od_shape_return_update_members[] = {
    {"items", update_items, false, OD_TAKES_OBJECTS, &received_shape},
    {"status", update_status, false, OD_TAKES_TEXT, NULL},
    {"restock", update_restock, false, OD_TAKES_BOOL, NULL},
    {0}};
static const char *const return_update_needs[] = {"status", NULL};
const struct od_shape od_shape_return_update = {
    &od_entities[OD_ENTITY_RETURN], OD_FIELD_INPUT | OD_FIELD_MUTABLE,
    od_shape_return_update_members, NULL, return_update_needs};

void od_return_body_update(struct od_reader *r, const struct od_json *body,
                           const struct od_path *root, struct od_command *out)
{
    size_t before = r->found;
    od_read_shape(r, &od_shape_return_update, body, root, &out->ret, out);
    settle_received(&out->ret, out->restock_all);
    if (r->found != before)
        return;
    if (out->ret.status.ptr && !od_str_is(out->ret.status, "received") &&
        (out->ret.item_count > 0 || out->restock_all))
        od_read_problem(r, root, "items and restock go with the status received alone");
}

static void exchange_uuid(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    if (v->type != OD_JSON_STRING || !od_uuid_parse(v->text, &c->ret.exchange_uuid) ||
        od_uuid_is_zero(&c->ret.exchange_uuid))
        od_read_problem(r, path, "must be a UUID");
}

static const struct od_member od_shape_return_exchange_members[] = {
    {"exchangeUuid", exchange_uuid, false, OD_TAKES_TEXT, NULL}, {0}};
static const char *const return_exchange_needs[] = {"exchangeUuid", NULL};
const struct od_shape od_shape_return_exchange = {NULL, 0, od_shape_return_exchange_members, NULL,
                                                  return_exchange_needs};

void od_return_body_exchange(struct od_reader *r, const struct od_json *body,
                             const struct od_path *root, struct od_command *out)
{
    od_read_shape(r, &od_shape_return_exchange, body, root, NULL, out);
}
