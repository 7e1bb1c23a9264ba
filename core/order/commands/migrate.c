#include "order/ledger/data.h"
#include "order/ledger/fold.h"
#include "order/machine/step.h"

/*
 * MIGRATE_STATUS: an order leaves a status that the configuration no longer has. Only its name
 * changes; nothing happened to the order. So no policy is asked, and the graph of moves, which does
 * not know the old status, does not count.
 */

static bool any_shipment_in(const struct od_order *o, struct od_str code)
{
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        if (od_str_eq(o->shipments[i].status, code))
            return true;
    }
    return false;
}

static int decide(struct od_step *step)
{
    const struct od_command *c = step->c;
    if ((unsigned)c->status_kind >= OD_STATUS_KINDS)
        return od_step_invalid(step, "unknown_kind", "/kind", "There is no such kind of status");
    if (od_step_known_status(step, c->status_kind, c->status_to, "/to") != 0)
        return -1;
    if (od_str_eq(c->status_from, c->status_to))
        return 0;
    bool own = od_str_eq(*od_step_status(step->order, c->status_kind), c->status_from);
    bool parcels =
        c->status_kind == OD_STATUS_SHIPMENT && any_shipment_in(step->order, c->status_from);
    if (!own && !parcels)
        return 0;

    struct od_event e = od_step_event(step, OD_EVENT_STATUS_MIGRATED);
    if (own)
        e.status[c->status_kind].to = c->status_to;
    if (parcels)
        e.shipments = (struct od_status_change){c->status_from, c->status_to};
    e.reason = c->text;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

const struct od_command_kind od_migrate_status = {
    .name = "migrate_status",
    .permission = "rules.activate",
    .decide = decide,
    .emits = OD_EMITS(STATUS_MIGRATED),
    .question = OD_QUESTIONS,
};

/* ---- order.status_migrated: the status change, and the shipments' */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    if (!e->shipments.to.ptr)
        return;
    od_event_write_key(f, "shipments_from", "shipmentsFrom");
    od_jw_str(f->w, e->shipments.from);
    od_event_write_key(f, "shipments_to", "shipmentsTo");
    od_jw_str(f->w, e->shipments.to);
}

static int read_migrated(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    (void)a;
    const struct od_json *from = od_event_take(data, "shipments_from");
    const struct od_json *to = od_event_take(data, "shipments_to");

    if (!from != !to || (from && (from->type != OD_JSON_STRING || to->type != OD_JSON_STRING)))
        return od_err_set(err, OD_ERR_INVALID, "shipments_from and shipments_to are not strings");
    if (from)
        e->shipments = (struct od_status_change){from->text, to->text};
    return od_event_check_empty(data, err);
}

static int fold(struct od_order *o, const struct od_event *e, struct od_arena *a,
                struct od_err *err)
{
    const struct od_status_change *change = &e->shipments;

    (void)a, (void)err;
    for (uint32_t i = 0; change->to.ptr && i < o->shipment_count; i++) {
        struct od_shipment *s = &o->shipments[i];
        if (od_str_eq(s->status, change->from)) {
            s->status = change->to;
            od_fold_touch(&s->dirty);
        }
    }
    return 0;
}

/* Nothing happened to the order: a shop that renames "paid" must not thank for payments again. */
const struct od_event_kind od_event_status_migrated = {
    .name = OD_STR_INIT("order.status_migrated"),
    .write = write,
    .read = read_migrated,
    .fold = fold,
    .question = OD_QUESTIONS,
    .silent = true,
};
