#include "rules/trial/walk/walk.h"

#include <stdlib.h>

/* Concludes from all reached states together. */

static const struct od_status *status_of(const struct od_model *m, const struct od_order *o)
{
    return od_status_find(&m->statuses->of[OD_STATUS_ORDER], o->status);
}

bool od_model_is_final(const struct od_model *m, const struct od_order *o)
{
    const struct od_status *s = status_of(m, o);
    return s && (od_str_is(s->progress, "complete") || (!s->any_next && s->next_count == 0));
}

bool od_model_is_goal(const struct od_model *m, const struct od_order *o)
{
    const struct od_status *s = status_of(m, o);
    return s && (od_str_is(s->progress, "complete") || od_str_is(s->phase, "canceled"));
}

/* A state that was not looked at, or is cut off, may lead anywhere. */
void od_model_mark_hope(struct od_model_walk *w)
{
    bool any = true;
    for (size_t i = 0; i < w->state_count; i++) {
        struct od_model_state *s = w->states[i];
        bool unknown = s->cut || (!s->expanded && i < w->walked);
        s->hopeful = s->hopeful || unknown || od_model_is_goal(w->m, s->order);
    }
    while (any) {
        any = false;
        for (size_t i = w->edge_count; i-- > 0;) {
            struct od_model_state *from = w->states[w->edges[i].from];
            if (from->hopeful || !w->states[w->edges[i].to]->hopeful)
                continue;
            from->hopeful = any = true;
        }
    }
}

/* One finding for all states of an order status; the first has the shortest path. */
static void note_end(struct od_model *m, const struct od_model_state *s, enum od_finding_kind kind,
                     const char *text)
{
    struct od_str subject =
        od_arena_printf(&m->scratch, "order_status.%.*s", OD_STR_ARG(s->order->status));
    m->at = s;
    m->move = OD_STR_NONE;
    m->looking_at++;
    struct od_finding *f = od_model_note(m, kind, subject, OD_STR_NONE, s->order);
    const struct od_status *status = status_of(m, s->order);
    if (f)
        f->text = od_arena_printf(m->arena, "An order that is \"%.*s\" like this %s.",
                                  OD_STR_ARG(status ? status->name : s->order->status), text);
}

/* All that seem to lead nowhere like the one for which it is proved. */
static void note_stuck(struct od_model_walk *w, const struct od_model_state *first)
{
    for (size_t i = first->index; i < w->walked; i++) {
        const struct od_model_state *s = w->states[i];
        if (!s->hopeful && od_str_eq(s->order->status, first->order->status))
            note_end(w->m, s, OD_FINDING_STUCK,
                     "can be neither cancelled nor completed, whatever is tried");
    }
}

static void note_ends(struct od_model_walk *w)
{
    struct od_model *m = w->m;
    od_model_mark_hope(w);
    for (size_t i = 0; i < w->walked; i++) {
        const struct od_model_state *s = w->states[i];
        /* Not whole: time was over before everything was tried. */
        if (s->whole && !s->changes && !s->cut && !od_model_is_final(m, s->order))
            note_end(m, s, OD_FINDING_DEAD_END, "stays so: no command changes a status of it");
        if (s->stuck)
            note_stuck(w, s);
    }
}

static bool is_shown(const struct od_model_walk *w, enum od_status_kind kind, struct od_str code)
{
    for (size_t i = 0; i < w->state_count; i++) {
        const struct od_order *o = w->states[i]->order;
        const struct od_str statuses[OD_STATUS_KINDS] = {o->status, o->payment_status,
                                                         o->shipment_status};
        if (od_str_eq(statuses[kind], code))
            return true;
        for (uint32_t k = 0; kind == OD_STATUS_SHIPMENT && k < o->shipment_count; k++) {
            if (od_str_eq(o->shipments[k].status, code))
                return true;
        }
    }
    return false;
}

static void note_unreachable(struct od_model_walk *w, enum od_status_kind kind)
{
    struct od_model *m = w->m;
    const struct od_status_set *set = &m->statuses->of[kind];
    for (uint32_t i = 0; i < set->count; i++) {
        struct od_str code = set->statuses[i].code;
        if (is_shown(w, kind, code))
            continue;
        struct od_str subject =
            od_arena_printf(&m->scratch, "%s.%.*s", od_status_kind_name(kind), OD_STR_ARG(code));
        struct od_finding *f =
            od_model_note(m, OD_FINDING_UNREACHABLE_STATUS, subject, OD_STR_NONE, NULL);
        if (!f)
            continue;
        f->count = 0;
        f->text = OD_STR("No command brings an order into it.");
    }
}

/* Where a code stands in its set; one that is not in it, behind all. */
static uint32_t place_of(const struct od_status_set *set, struct od_str code)
{
    const struct od_status *s = od_status_find(set, code);
    return s ? (uint32_t)(s - set->statuses) : set->count;
}

static struct od_model_row *row_of(struct od_model *m, size_t *cap, const struct od_order *o)
{
    struct od_model_report *r = m->report;
    bool held = od_model_holds(o) > 0;
    for (uint32_t i = 0; i < r->row_count; i++) {
        struct od_model_row *row = &r->rows[i];
        if (row->held == held && od_str_eq(row->status, o->status) &&
            od_str_eq(row->payment_status, o->payment_status) &&
            od_str_eq(row->shipment_status, o->shipment_status))
            return row;
    }
    const struct od_status_set *sets = m->statuses->of;
    r->rows = od_arena_grow(m->arena, r->rows, r->row_count, cap, sizeof *r->rows);
    struct od_model_row *row = &r->rows[r->row_count++];
    *row = (struct od_model_row){
        .status = od_arena_str(m->arena, o->status),
        .payment_status = od_arena_str(m->arena, o->payment_status),
        .shipment_status = od_arena_str(m->arena, o->shipment_status),
        .held = held,
        .order = {place_of(&sets[OD_STATUS_PAYMENT], o->payment_status),
                  place_of(&sets[OD_STATUS_SHIPMENT], o->shipment_status), held,
                  place_of(&sets[OD_STATUS_ORDER], o->status)},
        .always = ~UINT64_C(0),
    };
    return row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct od_model_row *x = a, *y = b;
    int c = 0;
    for (int i = 0; !c && i < 4; i++)
        c = (x->order[i] > y->order[i]) - (x->order[i] < y->order[i]);
    return c;
}

static void make_rows(struct od_model_walk *w)
{
    struct od_model_report *r = w->m->report;
    size_t cap = 0;
    for (size_t i = 0; i < w->state_count; i++) {
        const struct od_model_state *s = w->states[i];
        if (!s->expanded)
            continue;
        struct od_model_row *row = row_of(w->m, &cap, s->order);
        row->states++;
        row->always &= s->allowed;
        row->sometimes |= s->allowed;
    }
    for (uint32_t i = 0; i < r->row_count; i++)
        r->rows[i].sometimes &= ~r->rows[i].always;
    if (r->row_count)
        qsort(r->rows, r->row_count, sizeof *r->rows, compare_rows);
}

void od_model_conclude(struct od_model_walk *w)
{
    note_ends(w);
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (w->state_count && !w->m->report->truncated)
            note_unreachable(w, (enum od_status_kind)kind);
    }
    make_rows(w);
    od_arena_reset(&w->m->scratch);
}
