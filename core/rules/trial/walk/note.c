#include "order/amounts/account.h"
#include "rules/trial/walk/walk.h"

/* Findings as they come, and the watch over the policies that finds some of them. */

/* An error text that names ever other things would fill the report with itself. */
enum { NOTES_MAX = 200 };

static const char *amount_word(int64_t amount, int64_t total)
{
    if (amount == total)
        return "all";
    return amount < total ? "part" : "more than all";
}

static void describe_amounts(struct od_buf *b, const struct od_order *o)
{
    if (o->amount_authorized > o->amount_captured)
        od_buf_printf(b, ", %s authorized", amount_word(o->amount_authorized, o->grand_total));
    if (o->amount_captured)
        od_buf_printf(b, ", %s captured", amount_word(o->amount_captured, o->grand_total));
    if (o->amount_refunded)
        od_buf_printf(b, ", %s refunded", amount_word(o->amount_refunded, o->amount_captured));
    if (o->amount_charged_back)
        od_buf_printf(b, ", %s charged back",
                      amount_word(o->amount_charged_back, o->amount_captured));
    if (o->invoice_count)
        od_buf_printf(b, ", %s invoiced", od_order_uninvoiced(o) ? "part" : "all");
}

static void describe_parcels(struct od_buf *b, const struct od_order *o)
{
    uint32_t delivered = 0, canceled = 0;
    for (uint32_t i = 0; i < o->shipment_count; i++) {
        delivered += o->shipments[i].delivered_at != 0;
        canceled += o->shipments[i].canceled_at != 0;
    }
    od_buf_printf(b, ", no items");
    if (o->shipment_count)
        od_buf_printf(b, ", %u of %u parcels delivered, %u cancelled", delivered, o->shipment_count,
                      canceled);
}

static void describe_units(struct od_buf *b, const struct od_order *o)
{
    int32_t qty = 0, shipped = 0, delivered = 0, canceled = 0, returned = 0;
    for (uint32_t i = 0; i < o->item_count; i++) {
        qty += o->items[i].qty;
        shipped += o->items[i].qty_shipped;
        delivered += o->items[i].qty_delivered;
        canceled += o->items[i].qty_canceled;
        returned += o->items[i].qty_returned;
    }
    if (shipped)
        od_buf_printf(b, ", %d of %d shipped", shipped, qty);
    if (delivered)
        od_buf_printf(b, ", %d delivered", delivered);
    if (canceled && !o->canceled_at)
        od_buf_printf(b, ", %d of %d cancelled", canceled, qty);
    if (returned)
        od_buf_printf(b, ", %d returned", returned);
}

static void describe_returns(struct od_buf *b, const struct od_order *o)
{
    for (uint32_t i = 0; i < o->return_count; i++)
        od_buf_printf(b, ", a return %.*s", OD_STR_ARG(o->returns[i].status));
    for (uint32_t i = 0; i < o->change_count; i++)
        od_buf_printf(b, ", a change %.*s", OD_STR_ARG(o->changes[i].status));
}

uint32_t od_model_holds(const struct od_order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->hold_count; i++)
        n += o->holds[i].dirty != OD_DIRTY_DELETED;
    return n;
}

struct od_str od_model_describe(const struct od_model *m, const struct od_order *o)
{
    struct od_buf b;
    od_buf_init(&b, 1024);
    if (o->payment_status.ptr)
        od_buf_printf(&b, "%.*s:%.*s", OD_STR_ARG(o->payment_status),
                      OD_STR_ARG(o->shipment_status));
    else
        od_buf_printf(&b, "a draft");
    if (od_model_holds(o))
        od_buf_printf(&b, ", held");
    if (o->canceled_at)
        od_buf_printf(&b, ", cancelled");
    describe_amounts(&b, o);
    if (o->item_count)
        describe_units(&b, o);
    else
        describe_parcels(&b, o);
    describe_returns(&b, o);
    struct od_str text = od_arena_str((struct od_arena *)&m->scratch, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

/* The moves from the first state to s; the longest loop-free way is short. */
static void write_path(struct od_buf *b, const struct od_model_state *s)
{
    const struct od_model_state *way[200];
    size_t n = 0;
    for (; s && n < sizeof way / sizeof *way; s = s->parent)
        way[n++] = s;
    while (n-- > 0)
        od_buf_printf(b, "%s%.*s", b->len ? ", " : "", OD_STR_ARG(way[n]->move));
}

/* The state, and where commands led there, how. */
static struct od_str inputs(struct od_model *m, const struct od_order *o)
{
    struct od_buf path;
    struct od_str text = od_model_describe(m, o);
    od_buf_init(&path, 4096);
    write_path(&path, m->at);
    if (m->move.ptr)
        od_buf_printf(&path, "%s%.*s", path.len ? ", " : "", OD_STR_ARG(m->move));
    if (path.len)
        text = od_arena_printf(m->arena, "%.*s (%.*s)", OD_STR_ARG(text),
                               OD_STR_ARG(od_buf_view(&path)));
    else
        text = od_arena_str(m->arena, text);
    od_buf_fini(&path);
    return text;
}

struct od_finding *od_model_note(struct od_model *m, enum od_finding_kind kind,
                                 struct od_str subject, struct od_str what,
                                 const struct od_order *o)
{
    struct od_str key = od_arena_printf(&m->scratch, "%d|%.*s|%.*s", (int)kind, OD_STR_ARG(subject),
                                        OD_STR_ARG(what));
    struct od_model_note *note = od_map_get(&m->notes_known, key);
    if (note) {
        note->finding.count += note->last != m->looking_at;
        note->last = m->looking_at;
        return NULL;
    }
    if (m->note_count == NOTES_MAX) {
        m->report->truncated = true;
        return NULL;
    }
    note = OD_NEW(m->arena, struct od_model_note);
    note->finding = (struct od_finding){
        .kind = kind,
        .subject = od_arena_str(m->arena, subject),
        .inputs = o ? inputs(m, o) : OD_STR_NONE,
        .count = 1,
    };
    note->last = m->looking_at;
    m->notes = od_arena_grow(m->arena, m->notes, m->note_count, &m->note_cap, sizeof *m->notes);
    m->notes[m->note_count++] = note;
    od_map_put(&m->notes_known, od_arena_str(m->arena, key), note);
    return &note->finding;
}

static bool asks_status(enum od_question q, enum od_status_kind *kind)
{
    if (q == OD_ASK_ORDER_STATUS)
        *kind = OD_STATUS_ORDER;
    else if (q == OD_ASK_PAYMENT_STATUS)
        *kind = OD_STATUS_PAYMENT;
    else if (q == OD_ASK_SHIPMENT_STATUS)
        *kind = OD_STATUS_SHIPMENT;
    else
        return false;
    return true;
}

static struct od_str status_of(const struct od_order *o, enum od_status_kind kind)
{
    const struct od_str statuses[OD_STATUS_KINDS] = {o->status, o->payment_status,
                                                     o->shipment_status};
    return statuses[kind];
}

static void note_error(struct od_model *m, struct od_str policy, const struct od_order *o,
                       const struct od_err *err)
{
    struct od_str what = od_arena_printf(&m->scratch, "%s%s%s", err->origin,
                                         err->origin[0] ? ": " : "", err->message);
    struct od_finding *f = od_model_note(m, OD_FINDING_POLICY_ERROR, policy, what, o);
    m->failed = true;
    if (f)
        f->text = od_arena_str(m->arena, what);
}

static void look_at_status(struct od_model *m, enum od_status_kind kind, const struct od_order *o,
                           const struct od_policy_answer *answer)
{
    m->wanted.is_set = true;
    m->wanted.kind = kind;
    m->wanted.from = status_of(o, kind);
    m->wanted.to = answer->value;
    m->wanted.policy = answer->policy;
    if (od_status_find(&m->statuses->of[kind], answer->value))
        return;
    struct od_finding *f =
        od_model_note(m, OD_FINDING_UNKNOWN_STATUS, answer->policy, answer->value, o);
    m->failed = true;
    if (f)
        f->text = od_arena_printf(m->arena, "It answers \"%.*s\", but there is no [%s.%.*s].",
                                  OD_STR_ARG(answer->value), od_status_kind_name(kind),
                                  OD_STR_ARG(answer->value));
}

static int watch_ask(void *ctx, enum od_question q, const struct od_order *o,
                     const struct od_policy_request *request, struct od_arena *a,
                     struct od_policy_answer *out, struct od_err *err)
{
    struct od_model *m = ctx;
    enum od_status_kind kind;
    m->report->asked++;
    int rc = m->inner->ask(m->inner->ctx, q, o, request, a, out, err);
    if (!out->policy.ptr)
        out->policy = od_question_name(q);
    if (rc != 0)
        note_error(m, out->policy, o, err);
    else if (!out->refused && asks_status(q, &kind))
        look_at_status(m, kind, o, out);
    return rc;
}

static bool watch_answers(void *ctx, enum od_question q)
{
    const struct od_model *m = ctx;
    return m->inner->answers(m->inner->ctx, q);
}

static enum od_run watch_run(void *ctx, struct od_str name, struct od_str args, struct od_order *o,
                             const struct od_policy_request *request, struct od_arena *a,
                             const struct od_steps *steps, struct od_policy_answer *out,
                             struct od_err *err)
{
    const struct od_model *m = ctx;
    return m->inner->run(m->inner->ctx, name, args, o, request, a, steps, out, err);
}

void od_model_watch(struct od_model *m)
{
    m->watched = (struct od_policies){
        .ctx = m,
        .bundle_id = m->inner->bundle_id,
        .ask = watch_ask,
        .answers = m->inner->answers ? watch_answers : NULL,
        .run = m->inner->run ? watch_run : NULL,
    };
    m->env = (struct od_decide_env){
        .policies = &m->watched,
        .statuses = m->statuses,
        .stock = &m->stock,
        .track = OD_STOCK_NONE,
        .arena = &m->scratch,
        .now = INT64_C(1767268800000000), /* 2026-01-01T12:00:00Z, as in the plugins' tests */
    };
}
