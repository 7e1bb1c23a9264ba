#include <stddef.h>

#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/action.h"
#include "order/machine/moves.h"
#include "order/machine/read.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* HOLD and RELEASE. */

static int check_hold(struct od_step *step, const struct od_hold *hold)
{
    if (!od_step_is_handle(hold->handle))
        return od_step_invalid(step, "bad_handle", "/handle",
                               "Must be 1 to %d of a-z, 0-9, _ and -", OD_HOLD_HANDLE_MAX);
    if (hold->reason.len > OD_REASON_MAX)
        return od_step_invalid(step, "too_long", "/reason", "Must be at most %d bytes",
                               OD_REASON_MAX);
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    if (od_order_hold(step->order, hold->handle))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "hold_exists",
                              "The order has a hold \"%.*s\"", OD_STR_ARG(hold->handle));
    if (od_step_holds(step->order) >= OD_HOLDS_MAX)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "limit_reached",
                              "An order has at most %d holds", OD_HOLDS_MAX);
    return 0;
}

static int decide_hold(struct od_step *step)
{
    struct od_hold *hold = OD_NEW(step->env->arena, struct od_hold);
    *hold = step->c->hold;
    if (!hold->handle.ptr)
        hold->handle = OD_STR("manual");
    if (check_hold(step, hold) != 0)
        return -1;
    hold->by = step->c->actor;
    step->d->hold_handle = hold->handle;
    return od_step_hold(step, hold);
}

static int decide_release(struct od_step *step)
{
    const struct od_hold *hold = od_order_hold(step->order, step->c->hold.handle);
    if (!hold)
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "hold_not_found",
                              "The order has no hold \"%.*s\"", OD_STR_ARG(step->c->hold.handle));
    struct od_hold *released = OD_NEW(step->env->arena, struct od_hold);
    released->handle = hold->handle;
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_RELEASED);
    e.hold = released;
    step->d->hold_handle = released->handle;
    return od_step_emit(step, &e, OD_SETTLE_ORDER);
}

static const struct od_shape body_shape = {&od_entities[OD_ENTITY_HOLD], OD_FIELD_INPUT, NULL, NULL,
                                           NULL};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    od_read_shape(r, &body_shape, v, root, &out->hold, out);
}

/* A handle that is free, so that the answer is about holding and not about the name. */
static void actions_hold(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_HOLD, .hold = {.handle = OD_STR("manual")}};
    for (int i = 2; od_order_hold(l->order, c.hold.handle); i++)
        c.hold.handle = od_arena_printf(l->env->arena, "manual-%d", i);
    od_action_try(l, &c, (struct od_action){.handle = c.hold.handle});
}

static void actions_release(struct od_action_list *l)
{
    for (uint32_t i = 0; i < l->order->hold_count; i++) {
        const struct od_hold *h = &l->order->holds[i];
        struct od_command c = {.type = OD_COMMAND_RELEASE, .hold = {.handle = h->handle}};
        if (h->dirty != OD_DIRTY_DELETED)
            od_action_try(l, &c, (struct od_action){.handle = h->handle});
    }
}

/* ---- moves */

static const struct od_move_name hold_names[] = {{'h', "hold"}, {0}};
static const struct od_move_name release_names[] = {{'r', "release"}, {0}};

static unsigned odd(const struct od_order *o)
{
    return od_step_holds(o) > 0 ? OD_ODD_HELD : 0;
}

static void moves_hold(struct od_moves *m)
{
    if (!od_order_hold(m->o, OD_STR("manual")) && od_moves_may(m, OD_ODD_HELD))
        od_moves_add(m, 0, OD_STR("hold"));
}

static void moves_release(struct od_moves *m)
{
    for (uint32_t i = 0; i < m->o->hold_count; i++) {
        const struct od_hold *h = &m->o->holds[i];
        if (h->dirty == OD_DIRTY_DELETED)
            continue;
        bool manual = od_str_is(h->handle, "manual");
        struct od_str label =
            manual ? OD_STR("release")
                   : od_arena_printf(m->arena, "release %.*s", OD_STR_ARG(h->handle));
        od_moves_add(m, 0, label)->hold.handle = h->handle;
    }
}

static const struct od_service hold_services[] = {
    {"hold_order", "add_hold", OD_COMMAND_HOLD, OD_LEAD_NONE, NULL, OD_TABLE_NEEDED},
    {0},
};

const struct od_command_kind od_hold = {
    .name = "hold",
    .permission = "orders.hold",
    .alias = "holds",
    .route = {"POST", "/api/orders/:id/holds"},
    .body_optional = true,
    .creates = true,
    .summary = "Put an order on hold",
    .body = body,
    .shape = &body_shape,
    .decide = decide_hold,
    .emits = OD_EMITS(ORDER_HELD),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = hold_services,
    .actions = actions_hold,
    .moves = moves_hold,
    .move_names = hold_names,
    .odd = odd,
};

static const struct od_command_member handle_member = {
    .name = "handle",
    .field = "handle",
    .offset = offsetof(struct od_command, hold.handle),
    .in_body = true,
};

static const struct od_service release_services[] = {
    {"release_order", "release", OD_COMMAND_RELEASE, OD_LEAD_TEXT, "handle", OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_release = {
    .name = "release",
    .permission = "orders.hold",
    .route = {"DELETE", "/api/orders/:id/holds/:handle"},
    .member = &handle_member,
    .body_optional = true,
    .summary = "Take a hold away",
    .body = body,
    .shape = &body_shape,
    .decide = decide_release,
    .emits = OD_EMITS(ORDER_RELEASED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = release_services,
    .actions = actions_release,
    .moves = moves_release,
    .move_names = release_names,
};

/* ---- order.held: the hold. order.released: its handle */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    od_event_write_fields(f, OD_ENTITY_HOLD, e->hold, ~(uint64_t)0);
}

static int read(struct od_event *e, struct od_json *data, struct od_arena *a, struct od_err *err)
{
    struct od_hold *h = OD_NEW(a, struct od_hold);

    e->hold = h;
    return od_entity_read(&od_entities[OD_ENTITY_HOLD], data, h, a, err);
}

static int fold_held(struct od_order *o, const struct od_event *e, struct od_arena *a,
                     struct od_err *err)
{
    const struct od_hold *h = e->hold;

    if (!h->handle.ptr || od_order_hold(o, h->handle))
        return od_err_set(err, OD_ERR_INVALID, "the hold %.*s is there already",
                          OD_STR_ARG(h->handle));
    for (uint32_t i = 0; i < o->hold_count; i++) {
        if (od_str_eq(o->holds[i].handle, h->handle)) { /* released, its row not yet deleted */
            o->holds[i] = *h;
            o->holds[i].dirty = OD_DIRTY_CHANGED;
            return 0;
        }
    }
    o->holds = od_arena_grow(a, o->holds, o->hold_count, &o->hold_cap, sizeof *o->holds);
    /* In order of handles, as their rows are read: rules look at the first. */
    uint32_t at = o->hold_count++;
    for (; at > 0 && od_str_cmp(o->holds[at - 1].handle, h->handle) > 0; at--)
        o->holds[at] = o->holds[at - 1];
    o->holds[at] = *h;
    o->holds[at].dirty = OD_DIRTY_NEW;
    return 0;
}

/* A hold that has a row stays until the row is deleted; one that has none goes at once. */
static int fold_released(struct od_order *o, const struct od_event *e, struct od_arena *a,
                         struct od_err *err)
{
    const struct od_hold *h = e->hold;
    struct od_hold *held = od_order_hold(o, h->handle);

    (void)a;
    if (!held)
        return od_err_set(err, OD_ERR_INVALID, "the hold %.*s is unknown", OD_STR_ARG(h->handle));
    if (held->dirty != OD_DIRTY_NEW) {
        held->dirty = OD_DIRTY_DELETED;
        return 0;
    }
    o->hold_count--;
    for (uint32_t i = (uint32_t)(held - o->holds); i < o->hold_count; i++)
        o->holds[i] = o->holds[i + 1];
    return 0;
}

const struct od_event_kind od_event_order_held = {
    .name = OD_STR_INIT("order.held"),
    .write = write,
    .read = read,
    .fold = fold_held,
    .question = OD_QUESTIONS,
};

const struct od_event_kind od_event_order_released = {
    .name = OD_STR_INIT("order.released"),
    .write = write,
    .read = read,
    .fold = fold_released,
    .question = OD_QUESTIONS,
};
