#include "base/money.h"
#include "base/uuid.h"
#include "order/amounts/rollup.h"
#include "order/model/parts.h"
#include "order/show/render.h"
#include "read/graphql/run/plan.h"
#include "read/graphql/run/resolvers.h"

/* Orders and their parts. */

enum { RENDERED_MAX = 256 << 10, RENDERED_DEPTH = 32 };

static const struct od_gql_order *order_of(const struct od_gql_call *call)
{
    return call->of ? call->of : call->object;
}

static const void *entity_of(const struct od_gql_call *call)
{
    return call->of ? call->object : order_of(call)->order;
}

static void resolve_field(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_field *f = call->field->bound;

    out->kind = OD_GQL_DATUM_FIELD;
    out->field = f;
    out->object = entity_of(call);
    out->digits = od_order_digits(order_of(call)->order);
    /* An ID is a string, whatever the table has. */
    if (od_gql_named_type(call->field->type)->scalar != OD_GQL_SCALAR_ID)
        return;
    const char *member = (const char *)out->object + f->offset;
    out->kind = OD_GQL_DATUM_INT;
    if (f->type == OD_FIELD_I64)
        memcpy(&out->number, member, sizeof(int64_t));
    else
        out->number = od_part_id(member);
}

const struct od_gql_resolver od_gql_resolve_field = {resolve_field};

/* list->data is the kind, list->object the owner. */
static bool next_part(struct od_gql_datum *list, struct od_gql_datum *element)
{
    const struct od_part_kind *p = list->data;

    for (; list->index < od_part_count(p, list->object); list->index++) {
        const void *part = od_part_at(p, list->object, list->index);
        if (!od_part_stands(p, part))
            continue;
        element->kind = OD_GQL_DATUM_OBJECT;
        element->object = part;
        element->of = list->of;
        list->index++;
        return true;
    }
    return false;
}

static void resolve_parts(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_LIST;
    out->data = call->field->bound;
    out->object = entity_of(call);
    out->of = order_of(call);
    out->next = next_part;
}

const struct od_gql_resolver od_gql_resolve_parts = {resolve_parts};

static void resolve_uuid(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_order *o = order_of(call)->order;
    char *text = od_arena_alloc(call->arena, OD_UUID_TEXT + 1);
    struct od_str name = od_arena_printf(
        call->arena, "%s/%d", od_entities[call->parent->entity].noun, od_part_id(call->object));
    struct od_uuid u = od_uuid_v5(&o->uuid, name);

    od_uuid_format(&u, text);
    out->kind = OD_GQL_DATUM_TEXT;
    out->text = od_str_n(text, OD_UUID_TEXT);
}

/* A status of an order: object is its code, of the order. */
static void put_status(const struct od_gql_call *call, struct od_str code, struct od_gql_datum *out)
{
    struct od_str *text;

    if (!code.ptr)
        return;
    text = OD_NEW(call->arena, struct od_str);
    *text = code;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = text;
    out->of = call->object;
}

static void resolve_status(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_status(call, order_of(call)->order->status, out);
}

static void resolve_payment_status(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_status(call, order_of(call)->order->payment_status, out);
}

static void resolve_shipment_status(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_status(call, order_of(call)->order->shipment_status, out);
}

static enum od_status_kind kind_of(const struct od_gql_type *type)
{
    return od_str_is(type->name, "Status")          ? OD_STATUS_ORDER
           : od_str_is(type->name, "PaymentStatus") ? OD_STATUS_PAYMENT
                                                    : OD_STATUS_SHIPMENT;
}

/* Of a status in a list of all, `of` is the root. */
static void resolve_status_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_order *o = call->of;
    const struct od_str code = *(const struct od_str *)call->object;
    enum od_status_kind kind = kind_of(call->parent);
    const struct od_status *s = od_status_find(&o->root->sets->of[kind], code);
    struct od_str field = call->field->name;

    out->kind = OD_GQL_DATUM_TEXT;
    if (od_str_is(field, "code"))
        out->text = code;
    else if (od_str_is(field, "name"))
        out->text = od_shop_status_name(o->root->shop, o->order ? o->order->store : OD_STR_NONE,
                                        o->root->sets, kind, code);
    else if (s)
        out->text = od_str_is(field, "badge") ? s->badge : s->progress;
}

static bool next_status(struct od_gql_datum *list, struct od_gql_datum *element)
{
    const struct od_status_set *set = list->data;

    if (list->index == set->count)
        return false;
    element->kind = OD_GQL_DATUM_OBJECT;
    element->object = &set->statuses[list->index++].code;
    element->of = list->of;
    return true;
}

static void resolve_status_list(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_root *root = call->object;
    struct od_gql_order *nowhere = OD_NEW(call->arena, struct od_gql_order);

    nowhere->root = root;
    out->kind = OD_GQL_DATUM_LIST;
    out->data = &root->sets->of[kind_of(od_gql_named_type(call->field->type))];
    out->of = nowhere;
    out->next = next_status;
}

static void resolve_customer(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = call->object;
}

static void resolve_customer_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_order *o = order_of(call)->order;

    out->kind = OD_GQL_DATUM_TEXT;
    out->text = od_str_is(call->field->name, "id")      ? o->customer_id
                : od_str_is(call->field->name, "email") ? o->customer_email
                                                        : o->customer_full_name;
}

static void resolve_address(const struct od_gql_call *call, struct od_gql_datum *out)
{
    bool shipping = od_str_is(call->field->name, "shippingAddress");
    const struct od_order *o = order_of(call)->order;
    const struct od_address *a = &o->addresses[shipping ? OD_SHIPPING : OD_BILLING];

    if (!a->present)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = a;
    out->of = call->object;
}

static void parse(const struct od_gql_call *call, struct od_str json, struct od_json **out)
{
    struct od_err err;

    *out = NULL;
    if (json.ptr && od_json_parse(call->arena, json, RENDERED_DEPTH, out, &err))
        *out = NULL;
}

static void resolve_activities(const struct od_gql_call *call, struct od_gql_datum *out)
{
    struct od_json *tree;

    parse(call, order_of(call)->activities, &tree);
    od_gql_tree_list(tree, out);
}

int64_t od_gql_events_last(const struct od_json *arguments)
{
    const struct od_json *last = od_json_get(arguments, "last");
    int64_t n = OD_GQL_EVENTS_MAX;

    if (last && last->type == OD_JSON_NUMBER)
        (void)od_json_i64(last, INT32_MIN, INT32_MAX, &n);
    return n < 0 ? 0 : n > OD_GQL_EVENTS_MAX ? OD_GQL_EVENTS_MAX : n;
}

static void resolve_events(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_json *events = order_of(call)->events, *e = events ? events->child : NULL;
    int64_t last = od_gql_events_last(call->arguments);

    /* Each alias may want another number of them; the most that any wants are loaded. */
    if (order_of(call)->events_failed.ptr) {
        *out = (struct od_gql_datum){.kind = OD_GQL_DATUM_FAILED,
                                     .text = order_of(call)->events_failed,
                                     .code = OD_STR("limit")};
        return;
    }
    if (!events) { /* none was asked for */
        static const struct od_json none = {.type = OD_JSON_ARRAY};
        od_gql_tree_list(&none, out);
        return;
    }
    for (int64_t skip = (int64_t)events->count - last; skip > 0; skip--)
        e = e->next;
    od_gql_tree_list(events, out);
    out->data = e;
}

static void resolve_json(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_order *o = order_of(call)->order;
    bool tags = od_str_is(call->field->name, "tags");
    struct od_str json = tags ? o->tags : o->metadata;
    struct od_json *tree;

    if (tags) {
        parse(call, json.ptr ? json : OD_STR("[]"), &tree);
        od_gql_tree_list(tree, out);
        return;
    }
    out->kind = OD_GQL_DATUM_RAW;
    out->text = json.ptr ? json : OD_STR("{}");
}

static void put_amount(const struct od_gql_call *call, int64_t amount, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_DECIMAL;
    out->number = amount;
    out->digits = od_order_digits(order_of(call)->order);
}

static void resolve_outstanding(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_amount(call, od_amount_outstanding(order_of(call)->order), out);
}

static void resolve_overpaid(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_amount(call, od_amount_overpaid(order_of(call)->order), out);
}

static void resolve_refundable(const struct od_gql_call *call, struct od_gql_datum *out)
{
    put_amount(call, od_amount_refundable(order_of(call)->order), out);
}

/* What the API shows of a change beside its fields. */
static void resolve_change(const struct od_gql_call *call, struct od_gql_datum *out)
{
    struct od_json_writer w;
    struct od_json *tree;
    struct od_buf b;

    od_buf_init(&b, RENDERED_MAX);
    od_jw_init(&w, &b);
    od_part_write(&w, order_of(call)->order, OD_ENTITY_CHANGE, call->object, NULL);
    parse(call, b.overflow ? OD_STR_NONE : od_arena_str(call->arena, od_buf_view(&b)), &tree);
    od_buf_fini(&b);
    if (tree)
        od_gql_tree_member(call, tree, out);
}

/* Root fields, which were loaded. */

static const struct od_gql_loaded *loaded(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = call->plan->loaded;

    if (l && !l->failed.ptr)
        return l;
    out->kind = OD_GQL_DATUM_FAILED;
    out->text = l ? l->failed : OD_STR("This was not loaded.");
    out->code = l ? l->code : OD_STR_NONE;
    return NULL;
}

static void resolve_order(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = loaded(call, out);

    if (!l || !l->order)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = l->order;
}

static void resolve_orders(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = loaded(call, out);

    if (!l)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = l->orders;
}

static void resolve_tree(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = loaded(call, out);

    if (!l || !l->tree)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = l->tree;
}

static bool next_order(struct od_gql_datum *list, struct od_gql_datum *element)
{
    const struct od_gql_orders *o = list->data;

    if (list->index == o->count)
        return false;
    element->kind = OD_GQL_DATUM_OBJECT;
    element->object = &o->orders[list->index++];
    return true;
}

static void resolve_items(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_LIST;
    out->data = call->object;
    out->next = next_order;
}

static void resolve_total(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_INT;
    out->number = ((const struct od_gql_orders *)call->object)->total;
}

static void resolve_page(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_INT;
    out->number = ((const struct od_gql_orders *)call->object)->page;
}

static void resolve_next(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_TEXT;
    out->text = ((const struct od_gql_orders *)call->object)->next;
}

static void resolve_matched(const struct od_gql_call *call, struct od_gql_datum *out)
{
    od_gql_tree_list(((const struct od_gql_orders *)call->object)->matched, out);
}

/* Payloads of commands */

static void resolve_payload(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = loaded(call, out);

    if (!l || !l->payload)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = l->payload;
}

static void resolve_payload_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_payload *p = call->object;
    struct od_str name = call->field->name;

    if (od_str_is(name, "userErrors")) {
        od_gql_tree_list(p->errors, out);
    } else if (od_str_is(name, "replayed")) {
        out->kind = OD_GQL_DATUM_BOOL;
        out->number = p->replayed;
    } else if (od_str_is(name, "partId")) {
        out->kind = p->part ? OD_GQL_DATUM_INT : OD_GQL_DATUM_NULL;
        out->number = p->part;
    } else {
        out->object = od_str_is(name, "order") ? (const void *)p->order : p->stock;
        out->kind = out->object ? OD_GQL_DATUM_OBJECT : OD_GQL_DATUM_NULL;
    }
}

/* Subscriptions */

static void resolve_changed(const struct od_gql_call *call, struct od_gql_datum *out)
{
    const struct od_gql_loaded *l = loaded(call, out);

    if (!l || !l->changed)
        return;
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = l->changed;
}

static void resolve_changed_order(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_OBJECT;
    out->object = ((const struct od_gql_changed *)call->object)->order;
}

static void resolve_changed_position(const struct od_gql_call *call, struct od_gql_datum *out)
{
    out->kind = OD_GQL_DATUM_TEXT;
    out->text = ((const struct od_gql_changed *)call->object)->position;
}

/* clang-format off */
const struct od_gql_hand od_gql_order_hands[] = {
    {"Query", "order", {resolve_order}},
    {"Query", "orders", {resolve_orders}},
    {"Customer", "orders", {resolve_orders}},
    {"Query", "customer", {resolve_tree}},
    {"Query", "inventory", {resolve_tree}},
    {"Query", "statusList", {resolve_status_list}},
    {"Query", "paymentStatusList", {resolve_status_list}},
    {"Query", "shipmentStatusList", {resolve_status_list}},
    {"Mutation", NULL, {resolve_payload}},
    {"Subscription", "orderChanged", {resolve_changed}},
    {"OrderChanged", "order", {resolve_changed_order}},
    {"OrderChanged", "position", {resolve_changed_position}},
    {"CommandPayload", NULL, {resolve_payload_member}},
    {"OrderCollection", "items", {resolve_items}},
    {"OrderCollection", "total", {resolve_total}},
    {"OrderCollection", "currentPage", {resolve_page}},
    {"OrderCollection", "next", {resolve_next}},
    {"OrderCollection", "matched", {resolve_matched}},
    {"Order", "status", {resolve_status}},
    {"Order", "paymentStatus", {resolve_payment_status}},
    {"Order", "shipmentStatus", {resolve_shipment_status}},
    {"Order", "customer", {resolve_customer}},
    {"Order", "shippingAddress", {resolve_address}},
    {"Order", "billingAddress", {resolve_address}},
    {"Order", "activities", {resolve_activities}},
    {"Order", "events", {resolve_events}},
    {"Order", "tags", {resolve_json}},
    {"Order", "metadata", {resolve_json}},
    {"Order", "amountOutstanding", {resolve_outstanding}},
    {"Order", "amountOverpaid", {resolve_overpaid}},
    {"Order", "amountRefundable", {resolve_refundable}},
    {"OrderItem", "uuid", {resolve_uuid}},
    {"Shipment", "uuid", {resolve_uuid}},
    {"OrderChange", "terms", {resolve_change}},
    {"OrderChange", "before", {resolve_change}},
    {"OrderChange", "after", {resolve_change}},
    {"OrderCustomer", NULL, {resolve_customer_member}},
    {"Status", NULL, {resolve_status_member}},
    {"PaymentStatus", NULL, {resolve_status_member}},
    {"ShipmentStatus", NULL, {resolve_status_member}},
    {NULL, NULL, {NULL}},
};
/* clang-format on */
