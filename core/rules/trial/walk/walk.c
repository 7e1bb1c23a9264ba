#include "base/clock.h"
#include "rules/trial/walk/walk.h"

/*
 * The states that commands reach from an order just placed, breadth first, so that the way to a
 * state is as short as any. States that a merchant would call the same are one.
 */

/* States looked at for a way out of one that seems to have none; most are a few moves away. */
enum { EXIT_STATES = 2000 };

static void add_edge(struct od_model_walk *w, struct od_model_state *from,
                     const struct od_model_state *to)
{
    w->edges =
        od_arena_grow(&w->m->working, w->edges, w->edge_count, &w->edge_cap, sizeof *w->edges);
    w->edges[w->edge_count++] = (struct od_model_edge){from->index, to->index, from->edge};
    from->edge = (uint32_t)w->edge_count;
}

/* A status that was set stays so until a rule answers another one. */
static unsigned odd_of(const struct od_order *o, const struct od_model_state *parent,
                       unsigned by_hand)
{
    unsigned odd = od_model_odd(o);
    odd |= by_hand;
    if (parent && od_str_eq(o->payment_status, parent->order->payment_status))
        odd |= parent->odd & OD_ODD_PAYMENT_SET;
    if (parent && od_str_eq(o->shipment_status, parent->order->shipment_status))
        odd |= parent->odd & OD_ODD_SHIPMENT_SET;
    return odd;
}

/* The state that counts as o, or NULL when there are too many. */
static struct od_model_state *find_or_add(struct od_model_walk *w, const struct od_order *o,
                                          const struct od_model_state *parent, unsigned by_hand,
                                          struct od_str move)
{
    struct od_model *m = w->m;
    struct od_model_key key;
    unsigned odd = odd_of(o, parent, by_hand);
    struct od_str k = od_model_key(m, o, odd, &key);
    struct od_model_state *s = od_map_get(&w->known, k);
    if (s)
        return s;
    /* The search for ends may find as many again. */
    if (w->state_count >= (w->walked ? 2 : 1) * (size_t)m->max_states) {
        m->report->truncated = true;
        return NULL;
    }
    s = OD_NEW(&m->working, struct od_model_state);
    *s = (struct od_model_state){
        .order = od_order_keep(&m->working, o),
        .parent = parent,
        .move = od_arena_str(&m->working, move),
        .index = (uint32_t)w->state_count,
        .odd = odd,
    };
    w->states =
        od_arena_grow(&m->working, w->states, w->state_count, &w->state_cap, sizeof(void *));
    w->states[w->state_count++] = s;
    od_map_put(&w->known, od_arena_str(&m->working, k), s);
    return s;
}

static bool same_statuses(const struct od_order *x, const struct od_order *y)
{
    return od_str_eq(x->status, y->status) && od_str_eq(x->payment_status, y->payment_status) &&
           od_str_eq(x->shipment_status, y->shipment_status);
}

/* That nothing leads out of it is what such a status is for. */
static bool is_end(const struct od_status_set *set, struct od_str code)
{
    const struct od_status *s = od_status_find(set, code);
    return s && !s->any_next && s->next_count == 0 && od_str_is(s->progress, "complete");
}

/* Refused because of the graph: only what a policy wanted is a finding, not what the command
 * asked for itself. */
static void note_forbidden(struct od_model *m, const struct od_order *o)
{
    enum od_status_kind kind = m->wanted.kind;
    const struct od_status_set *set = &m->statuses->of[kind];
    struct od_str from = m->wanted.from, to = m->wanted.to;
    if (!m->wanted.is_set || od_status_can_move(set, from, to) || is_end(set, from))
        return;
    const char *name = od_status_kind_name(kind);
    struct od_str subject = od_arena_printf(&m->scratch, "%s.%.*s", name, OD_STR_ARG(from));
    struct od_str command = m->move;
    m->move = OD_STR_NONE; /* the text names it; the path is that to the state */
    struct od_finding *f = od_model_note(m, OD_FINDING_FORBIDDEN_MOVE, subject, to, o);
    if (f)
        f->text = od_arena_printf(
            m->arena,
            "\"%.*s\" is refused: %.*s wants to move %s from %.*s to %.*s. Add %.*s to next of "
            "[%s.%.*s], or let the rule answer another status.",
            OD_STR_ARG(command), OD_STR_ARG(m->wanted.policy), name, OD_STR_ARG(from),
            OD_STR_ARG(to), OD_STR_ARG(to), name, OD_STR_ARG(from));
}

static void note_refusal(struct od_model *m, const struct od_decision *d, const struct od_order *o)
{
    if (od_str_is(d->refusal.code, "move_not_allowed")) {
        note_forbidden(m, o);
    } else if (od_str_is(d->refusal.code, "policy_failed") && !m->failed) {
        struct od_str policy = d->refusal.policy.ptr ? d->refusal.policy : m->move;
        struct od_finding *f =
            od_model_note(m, OD_FINDING_POLICY_ERROR, policy, d->refusal.detail, o);
        if (f)
            f->text = od_arena_str(m->arena, d->refusal.detail);
    }
}

static struct od_decision decide(struct od_model *m, const struct od_model_state *at,
                                 struct od_str label, const struct od_command *c)
{
    struct od_decision d = {
        .env = &m->env,
        .order = at ? at->order : OD_NEW(&m->scratch, struct od_order),
        .new_order_id = 1,
        .new_number_value = 1,
    };
    m->at = at;
    m->move = label;
    m->failed = m->wanted.is_set = false;
    if (!at && od_decide_series(&m->env, c, &d.new_series) != 0)
        d.new_series = OD_STR_NONE; /* a finding already; deciding goes on to find more */
    od_decide_trial(&d, c);
    return d;
}

static void lead(struct od_model_walk *w, struct od_model_state *s, const struct od_order *o,
                 const struct od_move *move)
{
    struct od_model_state *to = find_or_add(w, o, s, move->by_hand, move->label);
    s->cut = s->cut || !to;
    if (to && to != s)
        add_edge(w, s, to);
}

/* far: also to states that are more out of the ordinary than a life is. */
static void try_move(struct od_model_walk *w, struct od_model_state *s, const struct od_move *move,
                     bool far)
{
    struct od_decision d = decide(w->m, s, move->label, &move->c);
    if (d.verdict == OD_VERDICT_DONE) {
        s->allowed |= UINT64_C(1) << move->command;
        s->changes = s->changes || !same_statuses(s->order, d.order);
        if (far || od_moves_are_usual(odd_of(d.order, s, move->by_hand)))
            lead(w, s, d.order, move);
    } else {
        note_refusal(w->m, &d, s->order);
    }
    od_arena_reset(&w->m->scratch);
}

static void expand(struct od_model_walk *w, struct od_model_state *s, bool whole, bool far)
{
    struct od_arena moves;
    size_t count;
    od_arena_init(&moves);
    struct od_move *list = od_model_moves(w->m, s, whole, &moves, &count);
    w->m->looking_at++;
    for (size_t i = 0; i < count; i++)
        try_move(w, s, &list[i], far);
    w->m->report->states += !s->expanded;
    s->expanded = true;
    s->whole = s->whole || whole;
    s->far = s->far || far;
    od_arena_fini(&moves);
}

static void expand_all(struct od_model_walk *w)
{
    while (w->next < w->state_count && !od_model_out_of_time(w->m))
        expand(w, w->states[w->next++], false, false);
}

/* Where nothing leads on, everything there is is tried before it is said that nothing does. */
static void try_the_rest(struct od_model_walk *w)
{
    size_t count = w->state_count;
    for (size_t i = 0; i < count && !od_model_out_of_time(w->m); i++) {
        struct od_model_state *s = w->states[i];
        if (s->expanded && !s->changes && !od_model_is_final(w->m, s->order))
            expand(w, s, true, false);
    }
}

static void look_from(struct od_model_walk *w, const struct od_model_state *s,
                      struct od_model_state **queue, size_t *count)
{
    for (uint32_t e = s->edge; e; e = w->edges[e - 1].older) {
        struct od_model_state *to = w->states[w->edges[e - 1].to];
        if (to->looked_from == w->looks || *count == EXIT_STATES)
            continue;
        to->looked_from = w->looks;
        queue[(*count)++] = to;
    }
}

/* Whether any way leads from s to an end, with everything that may be done on it. */
static bool find_exit(struct od_model_walk *w, struct od_model_state *s)
{
    struct od_model_state **queue =
        OD_NEW_ARRAY(&w->m->working, struct od_model_state *, EXIT_STATES);
    size_t count = 1;
    queue[0] = s;
    s->looked_from = ++w->looks;
    for (size_t i = 0; i < count; i++) {
        struct od_model_state *at = queue[i];
        if (at->hopeful || at->cut || od_model_is_goal(w->m, at->order) ||
            od_model_out_of_time(w->m))
            return true;
        if (!at->far)
            expand(w, at, true, true);
        look_from(w, at, queue, &count);
    }
    return false;
}

/* Finds for each order status the first of the states that seem to lead nowhere. */
static void find_stuck(struct od_model_walk *w, struct od_str status)
{
    od_model_mark_hope(w);
    for (size_t i = 0; i < w->walked && !od_model_out_of_time(w->m); i++) {
        struct od_model_state *s = w->states[i];
        if (s->hopeful || !s->expanded || !od_str_eq(s->order->status, status))
            continue;
        s->stuck = !find_exit(w, s);
        if (s->stuck)
            return;
        od_model_mark_hope(w);
        s->hopeful = true;
    }
}

static void refused_place(struct od_model *m, const struct od_decision *d)
{
    note_refusal(m, d, od_model_draft(&m->scratch));
    if (od_str_is(d->refusal.code, "policy_failed"))
        return;
    struct od_str subject = d->refusal.policy.ptr ? d->refusal.policy : OD_STR("order.place");
    struct od_finding *f = od_model_note(m, OD_FINDING_DEAD_END, subject, OD_STR("place"), NULL);
    if (f) {
        f->inputs = od_arena_str(m->arena, m->move);
        f->text = od_arena_printf(m->arena, "The order that is checked cannot be placed: %.*s",
                                  OD_STR_ARG(d->refusal.detail));
    }
}

static void place(struct od_model_walk *w, struct od_str payment_status)
{
    struct od_model *m = w->m;
    struct od_command c = {.type = OD_COMMAND_PLACE, .actor = OD_STR("check")};
    c.draft = od_model_draft(&m->scratch);
    c.draft->payment_status = payment_status;
    struct od_str label = OD_STR("place");
    unsigned by_hand = payment_status.ptr ? OD_ODD_PAYMENT_SET : 0;
    if (payment_status.ptr)
        label = od_arena_printf(&m->scratch, "place as %.*s", OD_STR_ARG(payment_status));
    m->looking_at++;
    struct od_decision d = decide(m, NULL, label, &c);
    if (d.verdict != OD_VERDICT_DONE)
        refused_place(m, &d);
    else if (!find_or_add(w, d.order, NULL, by_hand, label))
        m->report->truncated = true;
    od_arena_reset(&m->scratch);
}

/* As the rules begin an order, and in each payment status that a checkout may name: those next to
 * the default one. */
static void place_all(struct od_model_walk *w)
{
    const struct od_status_set *set = &w->m->statuses->of[OD_STATUS_PAYMENT];
    struct od_str first = od_status_default(set)->code;
    place(w, OD_STR_NONE);
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_status_can_move(set, first, set->statuses[i].code))
            place(w, set->statuses[i].code);
    }
}

/* Whether a question about the order is answered alike for 1 and 2, and by what. */
static bool same_number(struct od_model *m, enum od_question q, struct od_order *o,
                        struct od_policy_request *request, struct od_policy_answer *answer)
{
    struct od_policy_answer answers[2] = {0};
    struct od_err err;
    for (int i = 0; i < 2; i++) {
        request->seq_value = i + 1;
        if (m->watched.ask(m->watched.ctx, q, o, request, &m->scratch, &answers[i], &err) != 0 ||
            answers[i].refused)
            return false;
    }
    *answer = answers[1];
    return od_str_eq(answers[0].value, answers[1].value);
}

static void note_same_number(struct od_model *m, const struct od_policy_answer *answer,
                             struct od_str command, const char *what)
{
    struct od_finding *f =
        od_model_note(m, OD_FINDING_POLICY_ERROR, answer->policy, od_str_of(what), NULL);
    if (!f)
        return;
    f->inputs = od_arena_printf(m->arena, "(%.*s, %.*s)", OD_STR_ARG(command), OD_STR_ARG(command));
    f->text = od_arena_printf(m->arena,
                              "It answers the same number, \"%.*s\", for 1 and 2: the second "
                              "%s would be refused.",
                              OD_STR_ARG(answer->value), what);
}

static void compare_documents(struct od_model *m, struct od_order *o,
                              const struct od_policy_request *about)
{
    static const struct od_str commands[OD_DOCUMENTS] = {
        [OD_DOCUMENT_INVOICE] = OD_STR_INIT("invoice"),
        [OD_DOCUMENT_CREDIT_MEMO] = OD_STR_INIT("refund"),
    };
    static const char *const words[OD_DOCUMENTS] = {"invoice", "credit memo"};
    for (int kind = 0; kind < OD_DOCUMENTS; kind++) {
        struct od_command c = {.actor = about->actor};
        struct od_refund refund = {.refund_id = 1, .amount = 1000, .method = o->payment_method};
        struct od_document_number number = {.kind = (enum od_document)kind};
        struct od_policy_request request = *about;
        struct od_policy_answer answer;
        m->move = commands[kind];
        if (!m->watched.answers || !m->watched.answers(m, OD_ASK_DOCUMENT_NUMBER) ||
            od_decide_document_series(&m->env, o, &c, &number) != 0)
            continue;
        request.document = od_document_name(number.kind);
        request.series = number.series;
        request.refund = kind == OD_DOCUMENT_CREDIT_MEMO ? &refund : NULL;
        if (same_number(m, OD_ASK_DOCUMENT_NUMBER, o, &request, &answer))
            note_same_number(m, &answer, commands[kind], words[kind]);
    }
}

/* Two orders need two numbers, also within a series, and so do two documents. */
static void compare_numbers(struct od_model *m)
{
    struct od_command place = {
        .type = OD_COMMAND_PLACE, .actor = OD_STR("check"), .draft = od_model_draft(&m->scratch)};
    struct od_order *o = od_order_clone(&m->scratch, place.draft);
    struct od_policy_request request = {
        .actor = place.actor, .now = m->env.now, .seq_year = od_time_year(m->env.now)};
    struct od_policy_answer answer;
    o->created_at = m->env.now;
    m->at = NULL;
    m->move = OD_STR("place");
    m->looking_at++;
    compare_documents(m, o, &request);
    m->move = OD_STR("place");
    if (od_decide_series(&m->env, &place, &request.series) == 0 &&
        same_number(m, OD_ASK_ORDER_NUMBER, o, &request, &answer))
        note_same_number(m, &answer, OD_STR("place"), "order");
}

void od_model_walk(struct od_model_walk *w)
{
    const struct od_status_set *orders = &w->m->statuses->of[OD_STATUS_ORDER];
    od_map_init(&w->known);
    compare_numbers(w->m);
    od_arena_reset(&w->m->scratch);
    place_all(w);
    expand_all(w);
    try_the_rest(w);
    expand_all(w);
    w->walked = w->state_count;
    for (uint32_t i = 0; i < orders->count; i++)
        find_stuck(w, orders->statuses[i].code);
}

void od_model_walk_free(struct od_model_walk *w)
{
    od_map_fini(&w->known);
}
