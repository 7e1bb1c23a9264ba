#include "base/clock.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/bundle/questions.h"
#include "script/call/ask.h"
#include "script/testing/order.h"
#include "script/testing/test.h"
#include "script/value/scalar.h"
#include "script/value/verdict.h"

/* t:ask: a question put to the plugin under test. */

const struct od_registration *od_test_provider(const struct od_test *t, enum od_question q)
{
    const struct od_registrations *all = &t->bundle->offers[OD_OFFER_POLICY];
    struct od_str name = od_question_name(q);

    for (uint32_t i = 0; i < all->count; i++)
        if (all->all[i]->plugin == t->task.plugin && od_str_eq(all->all[i]->offer.name, name))
            return all->all[i];
    if (t->bundle->defaults[q] || od_question_optional(q))
        return t->bundle->defaults[q];
    return t->bundle->providers[q];
}

static const struct od_registration *provider(const struct od_test *t)
{
    return od_test_provider(t, t->question);
}

static void ask(struct od_test *t)
{
    t->failed = od_ask_registration(provider(t), t->question, t->subject->order, &t->request,
                                    &t->arena, &t->answer, &t->err) != 0;
}

/* A verdict, or what was answered and its reason. */
static int l_answered(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_test *t = l_test_of(L);

    (void)status;
    (void)ctx;
    if (t->failed)
        return luaL_error(L, "%s failed at %s: %s", provider(t)->offer.label.ptr, t->err.origin,
                          t->err.message);
    if (od_question_gives_verdict(t->question)) {
        l_push_verdict(L, &t->answer);
        return 1;
    }
    l_push_str(L, t->answer.value);
    l_push_str(L, t->answer.reason);
    return 2;
}

/* changes = {shipping_note = "…"}, or = true when the value does not matter */
static int read_changes(struct od_test *t, const struct od_json *changes, struct od_err *err)
{
    static const char *const addresses[] = {"shipping_address", "billing_address", NULL};
    bool about_change = od_question_kinds[t->question]->about == OD_ABOUT_CHANGE;
    unsigned patchable =
        about_change ? OD_FIELD_INPUT | OD_FIELD_CHANGED : OD_FIELD_INPUT | OD_FIELD_MUTABLE;
    const struct od_entity *e = &od_entities[OD_ENTITY_ORDER];
    struct od_patch *patch = OD_NEW(&t->arena, struct od_patch);
    struct od_order *values = OD_NEW(&t->arena, struct od_order);

    patch->values = values;
    t->request.patch = patch;
    for (const struct od_json *m = changes ? changes->child : NULL; m; m = m->next) {
        const struct od_field *f = od_entity_field(e, m->key);
        int which = od_str_is(m->key, addresses[OD_BILLING]) ? OD_BILLING : OD_SHIPPING;

        if (od_str_is(m->key, addresses[which])) {
            patch->address[which] = true;
            continue;
        }
        if (about_change && od_str_is(m->key, "items")) {
            values->item_count = 1; /* that some are, not which */
            continue;
        }
        if (!f || (f->flags & patchable) != patchable)
            return od_test_unknown_field(OD_ENTITY_ORDER, addresses, m->key, err);
        patch->fields |= UINT64_C(1) << (f - e->fields);
        if (m->type != OD_JSON_BOOL && od_test_field_set(f, m, values, err) != 0)
            return -1;
    }
    return 0;
}

static int read_shipment(struct od_test *t, const struct od_json *state, struct od_err *err)
{
    static const struct od_json nothing = {.type = OD_JSON_OBJECT};
    struct od_order *o = t->subject->order;
    struct od_shipment *s = OD_NEW(&t->arena, struct od_shipment);

    s->shipment_id = (int32_t)o->shipment_count + 1;
    s->shipped_at = t->task.now;
    t->request.shipment = s;
    return od_test_part_build(t, OD_ENTITY_SHIPMENT, state ? state : &nothing, o, s, err);
}

/* items = {{order_item_id =, qty =}, …} of a refund or return, by `kind`. *first: its elements. */
static int read_parts(struct od_test *t, const struct od_json *list, enum od_entity_kind kind,
                      void **first, uint32_t *count, struct od_err *err)
{
    const struct od_entity *e = &od_entities[kind];
    const struct od_json *v = list && list->type == OD_JSON_ARRAY ? list->child : NULL;

    *count = 0;
    *first = od_arena_zalloc(&t->arena, e->size * (size_t)(v ? list->count : 1));
    for (; v; v = v->next) {
        char *part = (char *)*first + (size_t)*count * e->size;
        if (od_test_fields_set(kind, NULL, v, part, err) != 0)
            return od_test_in_list(err, "items", *count);
        ++*count;
    }
    return 0;
}

/* order.cancel, order.split: units of some items. */
static int read_units(struct od_test *t, const struct od_json *request, struct od_err *err)
{
    struct od_shipment_item *items;
    struct od_units *units;
    void *first;

    if (read_parts(t, od_json_get(request, "items"), OD_ENTITY_SHIPMENT_ITEM, &first,
                   &t->request.unit_count, err) != 0)
        return -1;
    items = first;
    units = OD_NEW_ARRAY(&t->arena, struct od_units, t->request.unit_count);
    for (uint32_t i = 0; i < t->request.unit_count; i++)
        units[i] = (struct od_units){items[i].order_item_id, items[i].qty};
    t->request.units = units;
    return 0;
}

static int read_refund(struct od_test *t, const struct od_json *request, struct od_err *err)
{
    struct od_refund *r = OD_NEW(&t->arena, struct od_refund);
    void *first;

    t->request.refund = r;
    r->reason = t->request.reason;
    for (const struct od_json *m = request ? request->child : NULL; m; m = m->next) {
        const struct od_field *f = od_entity_field(&od_entities[OD_ENTITY_REFUND], m->key);
        if (f && od_test_field_set(f, m, r, err) != 0)
            return -1;
    }
    if (read_parts(t, od_json_get(request, "items"), OD_ENTITY_REFUND_ITEM, &first, &r->item_count,
                   err) != 0)
        return -1;
    r->items = first;
    return 0;
}

static int read_return(struct od_test *t, const struct od_json *request, struct od_err *err)
{
    struct od_return *r = OD_NEW(&t->arena, struct od_return);
    void *first;

    t->request.ret = r;
    r->reason = t->request.reason;
    r->status = OD_STR("requested");
    if (read_parts(t, od_json_get(request, "items"), OD_ENTITY_RETURN_ITEM, &first, &r->item_count,
                   err) != 0)
        return -1;
    r->items = first;
    return 0;
}

static int unknown_member(struct od_str name, struct od_err *err)
{
    return od_err_set(err, OD_ERR_INVALID,
                      "the request has no field '%.*s'; known: actor, reason, value, year, series, "
                      "shipment, changes, difference, items, amount, shipping_amount, method, "
                      "return_id, document",
                      OD_STR_ARG(name));
}

/* The members that the question is about. */
static int read_own(struct od_test *t, const struct od_json *request, struct od_err *err)
{
    int rc;

    switch (od_question_kinds[t->question]->about) {
    case OD_ABOUT_SHIPMENT:
        rc = read_shipment(t, od_json_get(request, "shipment"), err);
        return rc != 0 ? od_err_wrap(err, "shipment") : 0;
    case OD_ABOUT_PATCH:
    case OD_ABOUT_CHANGE:
        rc = read_changes(t, od_json_get(request, "changes"), err);
        return rc != 0 ? od_err_wrap(err, "changes") : 0;
    case OD_ABOUT_UNITS:
        return read_units(t, request, err);
    case OD_ABOUT_REFUND:
        return read_refund(t, request, err);
    case OD_ABOUT_RETURN:
        return read_return(t, request, err);
    case OD_ABOUT_ORDER:
    case OD_ABOUT_DOCUMENT:
        break;
    }
    return 0;
}

static bool is_own(struct od_str name)
{
    static const char *const names[] = {"shipment",        "changes", "items",     "amount",
                                        "shipping_amount", "method",  "return_id", NULL};
    size_t i = 0;

    while (names[i] && !od_str_is(name, names[i]))
        i++;
    return names[i];
}

static int read_request(struct od_test *t, const struct od_json *request, struct od_err *err)
{
    struct od_policy_request *r = &t->request;
    int64_t year = 0;

    *r = (struct od_policy_request){.actor = t->task.actor,
                                    .now = t->task.now,
                                    .seq_value = 1,
                                    .seq_year = od_time_year(t->task.now)};
    if (od_question_kinds[t->question]->about == OD_ABOUT_DOCUMENT)
        r->document = OD_STR("invoice");
    for (const struct od_json *m = request ? request->child : NULL; m; m = m->next) {
        if (od_str_is(m->key, "actor"))
            r->actor = m->text;
        else if (od_str_is(m->key, "reason"))
            r->reason = m->text;
        else if (od_str_is(m->key, "series"))
            r->series = m->text;
        else if (od_str_is(m->key, "document"))
            r->document = m->text;
        else if (od_str_is(m->key, "value") && od_json_i64(m, 1, INT64_MAX, &r->seq_value))
            continue;
        else if (od_str_is(m->key, "difference") &&
                 od_json_i64(m, INT64_MIN, INT64_MAX, &r->difference))
            continue;
        else if (od_str_is(m->key, "year") && od_json_i64(m, 1970, 9999, &year))
            r->seq_year = (int32_t)year;
        else if (!is_own(m->key))
            return unknown_member(m->key, err);
    }
    return read_own(t, request, err);
}

/* t:ask(question, order, request?) */
int l_test_ask(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str name = l_test_text(L, t, 2);
    const struct od_json *request = l_test_json(L, t, 4);

    if (!od_question_parse(name, &t->question))
        return luaL_error(L, "t:ask: there is no policy '%s'; known: %s", name.ptr,
                          od_known_questions(&t->arena).ptr);
    t->subject = l_check_test_order(L, 3);
    if (read_request(t, request, &t->err) != 0)
        return luaL_error(L, "t:ask: %s", t->err.message);
    if (!provider(t)) { /* nobody does, and nobody need */
        lua_pushnil(L);
        return 1;
    }
    return l_test_wait(L, t, ask, l_answered);
}
