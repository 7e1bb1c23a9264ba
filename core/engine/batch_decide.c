#include "engine/batch_parts.h"
#include "engine/shadow.h"
#include "order/machine/command_kind.h"

/*
 * DECIDE of one submission: its command, and those on further orders, which take effect with it or
 * not at all.
 */

/* One order's share of a submission. */
struct share {
    const struct od_command *command;
    int32_t if_match;
    struct od_decision *decision;
    struct od_loaded *loaded; /* NULL: the order is new, or the command is about stock */
    struct od_order *order;   /* the snapshot that its decision changes; or NULL */
    struct od_order *before;  /* of several shares: *order as it was; its arrays stay as they are */
    struct od_extra_numbers *extra;
    struct od_made *made; /* the share's order is one that the share before it makes; else NULL */
};

struct stock_before {
    struct od_stock *stock;
    struct od_stock before;
};

struct shares {
    struct share *all; /* [count] */
    uint32_t count;
    struct stock_before *stock; /* of the whole batch; only of several shares */
    size_t stock_count, stock_cap;
};

static bool takes_number(const struct share *it)
{
    return od_command_kinds[it->command->type]->subject == OD_SUBJECT_NEW_ORDER;
}

/* An order of a store that the submission does not see is one that is not there. */
static bool is_seen(const struct od_submission *s, const struct od_order *o)
{
    bool seen = !s->stores;
    for (size_t i = 0; !seen && o->store.ptr && i < s->store_count; i++)
        seen = od_str_eq(s->stores[i], o->store);
    return seen;
}

static struct share *add_share(struct od_batch *b, struct shares *shares,
                               const struct od_submission *s, const struct od_command *c,
                               int64_t order_id, int32_t if_match, struct od_decision *d)
{
    struct share *it = &shares->all[shares->count++];
    it->command = c;
    it->if_match = if_match;
    it->decision = d;
    it->loaded = order_id ? od_set_order(&b->set, order_id) : NULL;
    if (it->loaded && it->loaded->order && !is_seen(s, it->loaded->order))
        it->loaded = NULL;
    if (takes_number(it))
        it->order = OD_NEW(&b->arena, struct od_order);
    else if (it->loaded)
        it->order = it->loaded->order;
    d->order = it->order;
    return it;
}

static void add_shares(struct od_batch *b, struct shares *shares, const struct od_submission *s,
                       const struct od_command *c, int64_t order_id, int32_t if_match,
                       struct od_decision *d, struct od_extra_numbers *extra)
{
    add_share(b, shares, s, c, order_id, if_match, d)->extra = extra;
    if (!extra->made)
        return;
    struct share *made = add_share(b, shares, s, &extra->made->place, 0, 0, extra->made->decision);
    made->extra = extra;
    made->made = extra->made;
}

static struct shares shares_of(struct od_batch *b, struct od_submission *s)
{
    struct shares shares = {
        .all = OD_NEW_ARRAY(&b->arena, struct share, 2 * ((size_t)s->more_count + 1))};
    add_shares(b, &shares, s, s->command, s->order_id, s->if_match, s->decision, &s->extra);
    for (uint32_t i = 0; i < s->more_count; i++) {
        struct od_part *part = &s->more[i];
        add_shares(b, &shares, s, part->command, part->order_id, part->if_match, part->decision,
                   &part->extra);
    }
    return shares;
}

/* Versions are those before the submission, also where it has several commands on one order. */
static struct share *find_stale(struct od_batch *b, const struct shares *shares)
{
    for (uint32_t i = 0; i < shares->count; i++) {
        struct share *it = &shares->all[i];
        struct od_decision *d = it->decision;
        if (!d->order || !it->if_match || d->order->version == it->if_match)
            continue;
        d->verdict = OD_VERDICT_STALE;
        d->refusal.code = OD_STR("version_mismatch");
        d->refusal.detail = od_arena_printf(&b->arena, "The order is at version %d, not %d.",
                                            d->order->version, it->if_match);
        return it;
    }
    return NULL;
}

static void decide_share(struct od_batch *b, struct share *it, bool dry_run)
{
    struct od_decision *d = it->decision;
    if (takes_number(it))
        od_numbers_use(&b->set.numbers, d->new_series, &d->new_order_id, &d->new_number_value);
    od_batch_give_documents(b, d);
    struct od_shadow *shadow = *b->shadow;
    if (shadow)
        od_shadow_begin(shadow, d, it->command);
    od_decide(d, it->command, dry_run);
    if (shadow)
        od_shadow_end(shadow, d);
    bool undone = dry_run || d->verdict != OD_VERDICT_DONE;
    if (takes_number(it) && undone)
        od_numbers_unuse(&b->set.numbers, d->new_series);
    od_batch_take_documents(b, d, undone);
}

static void remember_order(struct od_batch *b, struct share *it)
{
    if (!it->order)
        return;
    it->before = OD_NEW(&b->arena, struct od_order);
    *it->before = *it->order;
}

static void remember_stock(struct od_batch *b, struct shares *shares)
{
    for (struct od_map_slot *s = od_map_first(&b->set.stock); s;
         s = od_map_next(&b->set.stock, s)) {
        for (struct od_stock *stock = s->value; stock; stock = stock->next) {
            shares->stock = od_arena_grow(&b->arena, shares->stock, shares->stock_count,
                                          &shares->stock_cap, sizeof *shares->stock);
            shares->stock[shares->stock_count++] = (struct stock_before){stock, *stock};
        }
    }
}

/* The result in copies, which stay when the share is taken back. */
static void keep_preview(struct od_batch *b, struct share *it)
{
    struct od_decision *d = it->decision;
    if (it->order)
        d->order = od_order_clone(&b->arena, it->order);
    if (d->stock) {
        struct od_stock *shown = OD_NEW(&b->arena, struct od_stock);
        *shown = *d->stock;
        d->stock = shown;
    }
}

/* Takes back the first `done` shares; backwards, for several may be of one order. */
static void undo(struct od_batch *b, const struct shares *shares, uint32_t done)
{
    for (uint32_t i = 0; i < done; i++)
        keep_preview(b, &shares->all[i]);
    for (size_t i = 0; i < shares->stock_count; i++)
        *shares->stock[i].stock = shares->stock[i].before;
    for (uint32_t i = done; i-- > 0;) {
        struct share *it = &shares->all[i];
        if (takes_number(it))
            od_numbers_unuse(&b->set.numbers, it->decision->new_series);
        od_batch_undo_documents(b, it->decision);
        if (it->order)
            *it->order = *it->before;
    }
}

/* All or none. Returns the share that was refused, or NULL. */
static struct share *decide_shares(struct od_batch *b, struct shares *shares, bool dry_run)
{
    struct share *refused = find_stale(b, shares);
    if (refused)
        return refused;
    if (shares->count == 1) {
        decide_share(b, shares->all, dry_run);
        return shares->all->decision->verdict == OD_VERDICT_DONE ? NULL : shares->all;
    }
    remember_stock(b, shares);
    for (uint32_t i = 0; i < shares->count; i++) {
        remember_order(b, &shares->all[i]);
        if (shares->all[i].made)
            shares->all[i].made->place.draft = shares->all[i - 1].decision->made;
        decide_share(b, &shares->all[i], false);
        if (shares->all[i].decision->verdict == OD_VERDICT_DONE)
            continue;
        undo(b, shares, i);
        return &shares->all[i];
    }
    if (dry_run)
        undo(b, shares, shares->count);
    return NULL;
}

static void keep_key(struct od_batch *b, const struct od_submission *s, const struct od_decision *d)
{
    struct od_key_write key = {
        .principal = s->principal,
        .key = s->key,
        .request_hash = s->request_hash,
        .decision = d,
        .command = s->command->type,
        .version = d->order ? d->order->version : 0,
        .ref_id = od_decision_answer_id(d),
        .on_hand = d->stock ? d->stock->on_hand : 0,
        .reserved = d->stock ? d->stock->reserved : 0,
    };
    od_write_key(&b->write, &key);
}

/* Keeps what the decisions want written. */
static void keep(struct od_batch *b, const struct od_submission *s, const struct shares *shares,
                 const struct share *about)
{
    for (uint32_t i = 0; i < shares->count; i++) {
        const struct od_decision *d = shares->all[i].decision;
        if (takes_number(&shares->all[i]))
            od_write_placed(&b->write, d->order);
        od_write_events(&b->write, d->events, d->event_count, s->cause);
        b->stats->events += d->event_count;
    }
    if (s->key.ptr)
        keep_key(b, s, about->decision);
}

static void add_activities(struct od_batch *b, struct od_loaded *l, const struct od_decision *d)
{
    for (uint32_t i = 0; i < d->event_count; i++) {
        if (d->events[i].type == OD_EVENT_ACTIVITY_ADDED)
            od_loaded_add_activity(l, &b->arena, &d->events[i]);
    }
}

static void keep_activities(struct od_batch *b, const struct shares *shares)
{
    for (uint32_t i = 0; i < shares->count; i++) {
        if (shares->all[i].loaded)
            add_activities(b, shares->all[i].loaded, shares->all[i].decision);
    }
}

/* The comments that a preview or a new order is shown with: those of every share of the order. */
static struct od_str activities_after(struct od_batch *b, const struct shares *shares,
                                      const struct share *about)
{
    struct od_loaded shown = {.activities = OD_STR_INIT("[]")};
    if (about->loaded)
        shown = *about->loaded;
    for (uint32_t i = 0; i < shares->count; i++) {
        if (shares->all[i].order == about->order)
            add_activities(b, &shown, shares->all[i].decision);
    }
    return shown.activities;
}

static void count_verdicts(struct od_batch *b, const struct shares *shares,
                           const struct share *refused)
{
    for (uint32_t i = 0; i < shares->count; i++) {
        const struct share *it = &shares->all[i];
        if (!refused || it == refused)
            b->stats->verdicts[it->command->type][it->decision->verdict]++;
    }
}

static void forget_others(struct od_submission *s, const struct od_decision *refused)
{
    for (uint32_t i = 0; i < s->more_count; i++) {
        if (s->more[i].decision != refused)
            s->more[i].decision = NULL;
    }
}

/* The first order, or the one that its command makes. */
static const struct share *answered(const struct shares *shares)
{
    return shares->count > 1 && shares->all[1].made ? &shares->all[1] : shares->all;
}

const struct od_decision *od_part_answer(const struct od_part *part)
{
    return part->extra.made ? part->extra.made->decision : part->decision;
}

bool od_batch_decide_submission(struct od_batch *b, struct od_submission *s)
{
    struct shares shares = shares_of(b, s);
    const struct share *refused = decide_shares(b, &shares, s->dry_run);
    if (refused && refused->decision->verdict == OD_VERDICT_UNNUMBERED &&
        od_batch_want_another(b, refused->extra, refused->decision))
        return false;
    const struct share *about = refused ? refused : answered(&shares);
    struct od_outcome outcome = {
        .kind = OD_OUTCOME_DECIDED,
        .decision = about->decision,
        .order = about->decision->order,
        .activities = about->loaded ? about->loaded->activities : OD_STR("[]"),
    };
    count_verdicts(b, &shares, refused);
    if (!refused) {
        outcome.ref_id = od_decision_answer_id(about->decision);
        outcome.stock = about->decision->stock;
        outcome.stocks = outcome.stock ? od_map_get(b->env.stock, outcome.stock->sku) : NULL;
    }
    if (refused) {
        forget_others(s, refused->decision);
    } else if (s->dry_run || !about->loaded) {
        outcome.activities = activities_after(b, &shares, about);
    }
    if (!refused && !s->dry_run) {
        b->repeats = true; /* where nothing was to be done, an earlier transaction did it */
        keep(b, s, &shares, about);
        keep_activities(b, &shares);
        if (about->loaded)
            outcome.activities = about->loaded->activities;
    }
    od_batch_answer(b, s, &outcome);
    return true;
}
