#include <string.h>

#include "order/machine/command_kind.h"
#include "order/show/render.h"
#include "script/task/task.h"
#include "script/testing/test.h"
#include "script/value/order_json.h"

/*
 * Stands in a test for the engine and the database that routes and jobs have: there are only the
 * test's own orders. Commands are decided at once, those of a transaction all or none.
 */

struct undo {
    struct od_order *orders; /* [order_count] as they were; their arrays stay as they are */
    uint32_t *events;
    uint32_t order_count;
    struct kept_stock {
        struct od_stock *of, before;
    } * stock;
    uint32_t stock_count;
    size_t stock_cap;
};

static struct od_test_order *find(const struct od_test *t, const struct od_order_ref *ref)
{
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct od_order *o = t->orders[i]->order;
        if (ref->order_id           ? o->order_id == ref->order_id
            : ref->order_number.ptr ? od_str_eq(o->order_number, ref->order_number)
                                    : memcmp(&o->uuid, &ref->uuid, sizeof o->uuid) == 0)
            return t->orders[i];
    }
    return NULL;
}

static struct od_str order_text(struct od_test *t, const struct od_order *o)
{
    struct od_str text;
    struct od_buf b;

    od_buf_init(&b, 16 << 20);
    od_order_script_json(o, &b);
    text = od_arena_str(&t->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static struct od_str stock_text(struct od_test *t, const struct od_stock *s)
{
    struct od_json_writer w;
    struct od_str text;
    struct od_buf b;

    od_buf_init(&b, 64 << 10);
    od_jw_init(&w, &b);
    od_stock_write(&w, od_map_get(&t->stock, s->sku), s);
    text = od_arena_str(&t->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

static void remember_stock(struct od_test *t, struct undo *u, struct od_stock *stock)
{
    u->stock = od_arena_grow(&t->arena, u->stock, u->stock_count, &u->stock_cap, sizeof *u->stock);
    u->stock[u->stock_count++] = (struct kept_stock){stock, *stock};
}

static struct undo remember(struct od_test *t)
{
    struct undo u = {.order_count = t->order_count};

    u.orders = OD_NEW_ARRAY(&t->arena, struct od_order, u.order_count);
    u.events = OD_NEW_ARRAY(&t->arena, uint32_t, u.order_count);
    for (uint32_t i = 0; i < u.order_count; i++) {
        u.orders[i] = *t->orders[i]->order;
        u.events[i] = t->orders[i]->event_count;
    }
    for (struct od_map_slot *s = od_map_first(&t->stock); s; s = od_map_next(&t->stock, s))
        for (struct od_stock *at = s->value; at; at = at->next)
            remember_stock(t, &u, at);
    return u;
}

static void undo(struct od_test *t, const struct undo *u)
{
    t->order_count = u->order_count;
    for (uint32_t i = 0; i < u->order_count; i++) {
        *t->orders[i]->order = u->orders[i];
        t->orders[i]->event_count = u->events[i];
    }
    for (uint32_t i = 0; i < u->stock_count; i++)
        *u->stock[i].of = u->stock[i].before;
}

static void refuse(const struct od_test *t, struct od_task_answer *out)
{
    *out = (struct od_task_answer){
        .error_code = t->refusal.code,
        .error = t->refusal.detail.ptr ? t->refusal.detail : t->refusal.code,
        .error_policy = t->refusal.policy,
        .error_status = od_verdict_status(t->verdict),
    };
}

/* Versions are those before all of the commands, as in the engine. */
static bool is_stale(struct od_test *t, const struct od_task_request *r)
{
    for (uint32_t i = 0; i < r->part_count; i++) {
        const struct od_test_order *o = find(t, &r->parts[i].ref);
        if (!o || !r->parts[i].if_match || o->order->version == r->parts[i].if_match)
            continue;
        t->verdict = OD_VERDICT_STALE;
        t->refusal = (struct od_refusal){
            .code = OD_STR("version_mismatch"),
            .detail = od_arena_printf(&t->arena, "The order is at version %d, not %d.",
                                      o->order->version, r->parts[i].if_match),
        };
        return true;
    }
    return false;
}

static bool decide(struct od_test *t, const struct od_task_part *part)
{
    bool needs_order = od_command_kinds[part->command->type]->subject == OD_SUBJECT_ORDER;

    t->command = part->command;
    t->subject = needs_order ? find(t, &part->ref) : NULL;
    od_test_decide(t);
    return t->verdict == OD_VERDICT_DONE;
}

/* The orders after all of it, for each command. */
static void run_commands(struct od_test *t, const struct od_task_request *r,
                         struct od_task_answer *out)
{
    const struct od_test_order **subjects =
        OD_NEW_ARRAY(&t->arena, const struct od_test_order *, r->part_count);
    struct od_str *texts = OD_NEW_ARRAY(&t->arena, struct od_str, r->part_count);
    struct undo before = remember(t);

    if (is_stale(t, r)) {
        refuse(t, out);
        return;
    }
    for (uint32_t i = 0; i < r->part_count; i++) {
        if (!decide(t, &r->parts[i])) {
            undo(t, &before);
            refuse(t, out);
            return;
        }
        subjects[i] = t->subject;
        if (t->answered)
            texts[i] = stock_text(t, t->answered);
    }
    for (uint32_t i = 0; i < r->part_count; i++)
        if (subjects[i])
            texts[i] = order_text(t, subjects[i]->order);
    *out = (struct od_task_answer){.texts = texts, .count = r->part_count};
}

static void answer_commands(struct od_test *t, const struct od_task_request *r,
                            struct od_task_answer *out)
{
    struct od_test_key *k = t->keys;

    while (r->key.ptr && k && !od_str_eq(k->key, r->key))
        k = k->next;
    if (r->key.ptr && k) {
        *out = k->answer;
        return;
    }
    run_commands(t, r, out);
    if (!r->key.ptr || out->error_code.ptr)
        return;
    k = OD_NEW(&t->arena, struct od_test_key);
    *k = (struct od_test_key){t->keys, r->key, *out};
    t->keys = k;
}

void od_test_answer(struct od_test *t, const struct od_task_request *r, struct od_task_answer *out)
{
    struct od_test_order *o;
    struct od_str *text;

    *out = (struct od_task_answer){0};
    switch (r->wait) {
    case OD_WAIT_QUERY:
        out->texts = od_test_query(t, r->query, &out->count);
        return;
    case OD_WAIT_COMMANDS:
        answer_commands(t, r, out);
        return;
    case OD_WAIT_ORDER:
        o = find(t, &r->ref);
        text = OD_NEW(&t->arena, struct od_str);
        *text = o ? order_text(t, o->order) : OD_STR_NONE;
        out->texts = text;
        out->count = 1;
        return;
    }
}
