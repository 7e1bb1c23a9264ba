#include <string.h>

#include "order/ledger/event.h"
#include "order/model/parts.h"
#include "order/model/status.h"
#include "script/bundle/questions.h"
#include "script/call/hooks.h"
#include "script/testing/order.h"
#include "script/testing/test.h"
#include "script/value/json.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/* t:emit: events as hooks get them, and what hooks want done, as plain tables. */

static const char *const event_names[] = {
    "reason",
    "policy_reason",
    "comment",
    "customer_notified",
    "actor",
    "at",
    "order_status_from",
    "order_status_to",
    "payment_status_from",
    "payment_status_to",
    "shipment_status_from",
    "shipment_status_to",
    NULL,
};

/* A copy of the order's last part of the kind, empty when there is none, for fields to be set in.
 */
static void *copy_last(struct od_test *t, enum od_entity_kind kind)
{
    const struct od_part_kind *p = &od_part_kinds[kind];
    const struct od_order *o = t->subject->order;
    void *copy = od_arena_zalloc(&t->arena, od_entities[kind].size);
    uint32_t count = od_part_count(p, o);

    if (count > 0)
        memcpy(copy, od_part_at(p, o, count - 1), od_entities[kind].size);
    return copy;
}

/* All units that are cancelled. */
static void take_units(struct od_test *t, struct od_event *e)
{
    const struct od_order *o = t->subject->order;
    struct od_units *units = OD_NEW_ARRAY(&t->arena, struct od_units, o->item_count);

    for (uint32_t i = 0; i < o->item_count; i++)
        if (o->items[i].qty_canceled > 0)
            units[e->unit_count++] =
                (struct od_units){o->items[i].order_item_id, o->items[i].qty_canceled};
    e->units = units;
    e->amount = o->amount_canceled;
}

/* Topics that do not begin with what they are about. */
static const struct {
    const char *topic;
    enum od_entity_kind kind;
} other_topics[] = {{"payment.refunded", OD_ENTITY_REFUND},
                    {"order.changed", OD_ENTITY_CHANGE},
                    {"order.held", OD_ENTITY_HOLD},
                    {"order.released", OD_ENTITY_HOLD}};
/* The kind of part that the topic is about; false: about none. */
static bool find_kind(struct od_str topic, enum od_entity_kind *kind)
{
    struct od_str noun;

    for (size_t i = 0; i < sizeof other_topics / sizeof *other_topics; i++) {
        *kind = other_topics[i].kind;
        if (od_str_is(topic, other_topics[i].topic))
            return true;
    }
    od_str_cut(&topic, '.', &noun);
    for (size_t i = 0; i < OD_EVENT_PART_KINDS; i++) {
        *kind = od_event_part_kinds[i];
        if (od_str_is(noun, od_entities[*kind].noun))
            return true;
    }
    return false;
}

/* The event is about the order's last part of that kind. */
static void take_part(struct od_test *t, struct od_event *e)
{
    enum od_entity_kind kind;

    if (find_kind(t->topic, &kind))
        od_event_set_part(e, kind, copy_last(t, kind));
    else if (od_str_is(t->topic, "items.canceled") || od_str_is(t->topic, "order.canceled"))
        take_units(t, e);
    else if (od_str_is(t->topic, "order.placed"))
        e->order = t->subject->order;
}

/* Without fields an event changes nothing but shows the order as it is. */
static void take_statuses(struct od_test *t, struct od_event *e)
{
    const struct od_order *o = t->subject->order;
    const struct od_str now[OD_STATUS_KINDS] = {o->status, o->payment_status, o->shipment_status};

    for (int kind = 0; kind < OD_STATUS_KINDS; kind++)
        e->status[kind].from = now[kind];
}

static int set_status(const struct od_json *v, struct od_event *e, struct od_err *err)
{
    static const char *const kinds[OD_STATUS_KINDS] = {"order", "payment", "shipment"};
    struct od_str rest = v->key, kind;

    if (v->type != OD_JSON_STRING)
        return od_err_set(err, OD_ERR_INVALID, "%.*s must be a text", OD_STR_ARG(v->key));
    od_str_cut(&rest, '_', &kind);
    for (int k = 0; k < OD_STATUS_KINDS; k++)
        if (od_str_is(kind, kinds[k]))
            *(od_str_is(rest, "status_to") ? &e->status[k].to : &e->status[k].from) = v->text;
    return 0;
}

/* An attribute of the event itself. 1: it is none. */
static int set_attribute(const struct od_json *v, struct od_event *e, struct od_err *err)
{
    const struct {
        const char *name;
        struct od_str *to;
    } texts[] = {{"reason", &e->reason},
                 {"policy_reason", &e->policy_reason},
                 {"comment", &e->comment},
                 {"actor", &e->actor}};
    static const struct od_field at = {.name = "at", .type = OD_FIELD_TIME};
    size_t i = 0;

    while (event_names[i] && !od_str_is(v->key, event_names[i]))
        i++;
    if (!event_names[i])
        return 1;
    if (od_str_is(v->key, "at"))
        return od_test_field_set(&at, v, &e->at, err);
    if (od_str_is(v->key, "customer_notified")) {
        e->customer_notified = v->type == OD_JSON_BOOL && v->boolean;
        return 0;
    }
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!od_str_is(v->key, texts[i].name))
            continue;
        if (v->type != OD_JSON_STRING)
            return od_err_set(err, OD_ERR_INVALID, "%s must be a text", texts[i].name);
        *texts[i].to = v->text;
        return 0;
    }
    return set_status(v, e, err);
}

/* The copy that take_part made, and what it is; NULL: it made none. */
static void *part_of(const struct od_event *e, enum od_entity_kind *kind)
{
    const void *part = NULL;

    for (size_t i = 0; !part && i < OD_EVENT_PART_KINDS; i++) {
        *kind = od_event_part_kinds[i];
        part = od_event_part(e, *kind);
    }
    return (void *)part;
}

static int set_event_fields(const struct od_json *fields, struct od_event *e, struct od_err *err)
{
    enum od_entity_kind kind;
    void *part = part_of(e, &kind);

    for (const struct od_json *v = fields ? fields->child : NULL; v; v = v->next) {
        const struct od_field *f = part ? od_entity_field(&od_entities[kind], v->key) : NULL;
        int rc;

        if (f && !od_str_is(v->key, "reason") && !od_str_is(v->key, "at"))
            rc = od_test_field_set(f, v, part, err);
        else
            rc = set_attribute(v, e, err);
        if (rc > 0)
            return part ? od_test_unknown_field(kind, event_names, v->key, err)
                        : od_err_set(err, OD_ERR_INVALID, "event has no field '%.*s'",
                                     OD_STR_ARG(v->key));
        if (rc < 0)
            return -1;
    }
    return 0;
}

static void emit(struct od_test *t)
{
    t->failed = od_plugin_run_hooks(t->task.plugin, t->topic, &t->event, t->subject->order,
                                    &t->arena, &t->intents, &t->intent_count, &t->err) != 0;
}

/* Copies the members of the payload into the table at the top. [-0, +0, v] */
static void l_set_payload(lua_State *L, struct od_str payload)
{
    l_push_json(L, payload);
    l_thaw(L, -1);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -7);
    }
    lua_pop(L, 2);
}

/* {kind = "mail", to = …, template = …, subject = …, data = …}; [-0, +1, v] */
static void l_push_intent(lua_State *L, const struct od_intent *i)
{
    static const char *const names[] = {
        "kind", "hook",    "to",    "template", "subject", "data",     "url",  "event",  "channel",
        "text", "command", "order", "args",     "target",  "language", "once", "attach", NULL};
    static const struct l_shape shape = {.noun = "intent", .names = names};
    struct od_str command = i->name;

    lua_createtable(L, 0, 6);
    l_as_record(L, &shape);
    l_set_text(L, "kind", i->kind);
    l_set_text(L, "hook", i->hook);
    if (od_str_is(i->kind, "command")) {
        if (od_str_starts_with(command, OD_STR("commands/")))
            command = od_str_slice(command, sizeof "commands/" - 1, command.len);
        l_set_text(L, "command", command);
        lua_stringtonumber(L, od_arena_str(od_vm_of(L)->arena, i->recipient).ptr);
        lua_setfield(L, -2, "order");
        l_push_json(L, i->payload);
        lua_setfield(L, -2, "args");
        return;
    }
    l_set_payload(L, i->payload);
    if (i->target.ptr)
        l_set_text(L, "target", i->target);
    if (od_str_is(i->kind, "mail")) {
        l_set_text(L, "to", i->recipient);
        l_set_text(L, "template", i->name);
    } else if (od_str_is(i->kind, "webhook")) {
        l_set_text(L, "url", i->recipient);
        l_set_text(L, "event", i->name);
    } else {
        l_set_text(L, "channel", i->recipient);
    }
}

static int l_emitted(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_test *t = l_test_of(L);
    lua_Integer n = 0;

    (void)status;
    (void)ctx;
    if (t->failed)
        return luaL_error(L, "a hook on %s failed at %s: %s", t->topic.ptr, t->err.origin,
                          t->err.message);
    lua_newtable(L);
    l_as_list(L);
    for (uint32_t i = 0; i < t->intent_count; i++) {
        l_push_intent(L, &t->intents[i]);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* t:emit(topic, order, event_fields?) */
int l_test_emit(lua_State *L)
{
    enum od_event_type type;
    struct od_test *t = l_test_of(L);
    const struct od_json *fields = l_test_json(L, t, 4);

    t->topic = l_test_text(L, t, 2);
    if (!od_topic_parse(t->topic, &type))
        return luaL_error(L, "t:emit: there is no event '%s'; known: %s", t->topic.ptr,
                          od_known_topics(&t->arena).ptr);
    t->subject = l_check_test_order(L, 3);
    t->event = (struct od_event){
        .order_id = t->subject->order->order_id,
        .seq = t->subject->order->version,
        .at = t->task.now,
        .recorded_at = t->task.now,
        .type = type,
        .actor = t->task.actor,
    };
    take_part(t, &t->event);
    take_statuses(t, &t->event);
    if (set_event_fields(fields, &t->event, &t->err) != 0)
        return luaL_error(L, "t:emit: %s", t->err.message);
    return l_test_wait(L, t, emit, l_emitted);
}
