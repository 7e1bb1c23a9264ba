#include "engine/shadow.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/clock.h"
#include "order/machine/command_kind.h"

/* The most that may be saved up while nothing is decided: the share of a second. */
enum { SAVED_MAX_US = 1000000 };

struct od_shadow {
    struct od_rules *rules;
    struct od_shadow_conf conf;
    struct od_arena arena; /* of one decision */
    int64_t credit_us;     /* CPU time that may be taken now; below zero after a long decision */
    int64_t credited_at;   /* monotonic */
    struct od_decide_env env;
    struct od_decision theirs;
    const struct od_command *command; /* decided and not yet compared; else NULL */
    struct od_shadow_difference *ring;
    uint32_t kept, next;
    struct od_shadow_stats stats;
};

struct od_shadow *od_shadow_new(struct od_rules *rules, const struct od_shadow_conf *conf)
{
    struct od_shadow *s = calloc(1, sizeof *s);
    OD_ASSERT(conf->share >= 1 && conf->share <= 100 && conf->samples >= 1);
    if (!s || !(s->ring = calloc(conf->samples, sizeof *s->ring)))
        abort();
    s->rules = od_rules_ref(rules);
    s->conf = *conf;
    s->credit_us = (int64_t)SAVED_MAX_US * conf->share / 100;
    s->credited_at = od_clock_monotonic_us();
    s->stats.hash = s->rules->hash;
    od_arena_init(&s->arena);
    return s;
}

void od_shadow_free(struct od_shadow *s)
{
    if (!s)
        return;
    od_arena_fini(&s->arena);
    od_rules_unref(s->rules);
    free(s->ring);
    free(s);
}

static bool may_take(struct od_shadow *s)
{
    int64_t now = od_clock_monotonic_us();
    int64_t most = (int64_t)SAVED_MAX_US * s->conf.share / 100;
    int64_t passed = now - s->credited_at;
    int64_t earned = passed >= SAVED_MAX_US ? most : passed * s->conf.share / 100;
    if (earned > 0) { /* less than one microsecond goes on adding up */
        s->credited_at = now;
        s->credit_us = s->credit_us + earned < most ? s->credit_us + earned : most;
    }
    return s->credit_us > 0;
}

/* The live decision uses its own. */
static void copy_documents(struct od_shadow *s, const struct od_decision *before)
{
    s->theirs.documents =
        OD_NEW_ARRAY(&s->arena, struct od_document_number, before->document_count + 1);
    for (uint32_t i = 0; i < before->document_count; i++)
        s->theirs.documents[i] = before->documents[i];
}

void od_shadow_begin(struct od_shadow *s, const struct od_decision *before,
                     const struct od_command *c)
{
    s->command = NULL;
    if (!may_take(s)) {
        s->stats.skipped++;
        return;
    }
    int64_t began = od_clock_thread_us();
    od_arena_reset(&s->arena);
    s->env = *before->env;
    s->env.policies = &s->rules->policies;
    s->env.statuses = &s->rules->statuses;
    s->env.track = s->rules->track;
    s->env.shop = s->rules->shop;
    s->env.arena = &s->arena;
    s->theirs = *before;
    s->theirs.env = &s->env;
    s->theirs.events = NULL;
    s->theirs.event_count = 0;
    s->theirs.event_cap = 0;
    copy_documents(s, before);
    od_decide(&s->theirs, c, true);
    s->command = c;
    int64_t took = od_clock_thread_us() - began;
    s->credit_us -= took;
    s->stats.us += (uint64_t)took;
    s->stats.decided++;
}

static size_t digits_at_end(struct od_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[s.len - n - 1] >= '0' && s.ptr[s.len - n - 1] <= '9')
        n++;
    return n;
}

/* Numbers that differ in nothing but what was counted are the same to a rule. */
static bool same_number(struct od_str x, struct od_str y)
{
    size_t n = digits_at_end(x);
    return od_str_eq(x, y) ||
           (x.len == y.len && n == digits_at_end(y) &&
            od_str_eq(od_str_slice(x, 0, x.len - n), od_str_slice(y, 0, y.len - n)));
}

static bool same_events(const struct od_decision *x, const struct od_decision *y)
{
    bool same = x->event_count == y->event_count;
    for (uint32_t i = 0; same && i < x->event_count; i++)
        same = x->events[i].type == y->events[i].type;
    return same;
}

static bool same_order(const struct od_order *x, const struct od_order *y)
{
    return od_str_eq(x->status, y->status) && od_str_eq(x->payment_status, y->payment_status) &&
           od_str_eq(x->shipment_status, y->shipment_status) &&
           same_number(x->order_number, y->order_number);
}

static bool same(const struct od_decision *x, const struct od_decision *y)
{
    if (x->verdict != y->verdict)
        return false;
    if (x->verdict != OD_VERDICT_DONE)
        return od_str_eq(x->refusal.code, y->refusal.code);
    return same_events(x, y) && (!x->order || !y->order || same_order(x->order, y->order));
}

/* A text cut short ends with a whole character, for it is shown as JSON. */
static void cut_whole(char *text)
{
    for (size_t len = strlen(text); len > 0 && !od_utf8_valid(od_str_n(text, len));)
        text[--len] = '\0';
}

/* The numbers are told where they differ. */
static void describe(const struct od_decision *d, bool number, char *out, size_t size)
{
    const struct od_order *o = d->order;
    if (d->verdict == OD_VERDICT_UNNUMBERED)
        snprintf(out, size, "issues another %.*s", OD_STR_ARG(od_document_name(d->wanted)));
    else if (d->verdict != OD_VERDICT_DONE)
        snprintf(out, size, "refused %.*s: %.*s", OD_STR_ARG(d->refusal.code),
                 OD_STR_ARG(d->refusal.detail));
    else if (!o)
        snprintf(out, size, "allowed");
    else if (number)
        snprintf(out, size, "allowed, %.*s, number %.*s", OD_STR_ARG(o->status),
                 OD_STR_ARG(o->order_number));
    else
        snprintf(out, size, "allowed, %.*s, payment %.*s, shipment %.*s, %u events",
                 OD_STR_ARG(o->status), OD_STR_ARG(o->payment_status),
                 OD_STR_ARG(o->shipment_status), d->event_count);
}

static void name_command(const struct od_command *c, char *out, size_t size)
{
    if (c->type == OD_COMMAND_COMPOSITE)
        snprintf(out, size, "commands/%.*s", OD_STR_ARG(c->name));
    else
        snprintf(out, size, "%s", od_command_name(c->type));
}

static int64_t order_of(const struct od_decision *d)
{
    return d->order && d->order->order_id ? d->order->order_id : d->new_order_id;
}

static void keep(struct od_shadow *s, const struct od_decision *live)
{
    const struct od_decision *theirs = &s->theirs;
    struct od_shadow_difference *kept = &s->ring[s->next];
    bool done = live->verdict == OD_VERDICT_DONE && theirs->verdict == OD_VERDICT_DONE;
    bool number = done && live->order && theirs->order &&
                  !same_number(live->order->order_number, theirs->order->order_number);
    *kept = (struct od_shadow_difference){.at = s->env.now, .order_id = order_of(live)};
    name_command(s->command, kept->command, sizeof kept->command);
    describe(live, number, kept->live, sizeof kept->live);
    describe(theirs, number, kept->candidate, sizeof kept->candidate);
    snprintf(kept->policy, sizeof kept->policy, "%.*s", OD_STR_ARG(theirs->refusal.policy));
    cut_whole(kept->live);
    cut_whole(kept->candidate);
    s->next = (s->next + 1) % s->conf.samples;
    if (s->kept < s->conf.samples)
        s->kept++;
}

void od_shadow_end(struct od_shadow *s, const struct od_decision *after)
{
    if (!s->command)
        return;
    if (after->verdict == OD_VERDICT_UNNUMBERED) { /* will be decided again */
        s->command = NULL;
        return;
    }
    if (od_str_is(s->theirs.refusal.code, "policy_failed"))
        s->stats.failed++;
    if (!same(after, &s->theirs)) {
        s->stats.different++;
        keep(s, after);
    }
    s->command = NULL;
}

void od_shadow_stats(const struct od_shadow *s, struct od_shadow_stats *out)
{
    *out = s->stats;
}

uint32_t od_shadow_differences(const struct od_shadow *s, const struct od_shadow_difference **out,
                               uint32_t max)
{
    uint32_t n = s->kept < max ? s->kept : max;
    for (uint32_t i = 0; i < n; i++)
        out[i] = &s->ring[(s->next + s->conf.samples - 1 - i) % s->conf.samples];
    return n;
}
