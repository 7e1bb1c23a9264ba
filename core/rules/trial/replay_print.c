#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rules/trial/replay_report.h"
#include "base/clock.h"
#include "base/json/json.h"

/* The report in its two forms. Groups come by kind, then the largest first. */

/* In the order in which a person wants to know. */
static const struct {
    enum od_replay_difference kind;
    const char *heading;
} sections[] = {
    {OD_REPLAY_FAILED, "Rules of the candidate that fail"},
    {OD_REPLAY_FINAL_STATUS, "Orders that would be in another status now"},
    {OD_REPLAY_STATUS, "Statuses that would have been others at the time"},
    {OD_REPLAY_FORBIDDEN_MOVE, "Moves that the candidate's statuses do not allow"},
    {OD_REPLAY_CANCEL_REFUSED, "Cancellations that would have been refused"},
    {OD_REPLAY_NO_MORE_CANCELABLE, "Orders that can be cancelled now and could not any more"},
    {OD_REPLAY_NOW_CANCELABLE, "Orders that cannot be cancelled now and then could"},
    {OD_REPLAY_REFUSED,
     "Other answers to placements, shipments, updates, refunds, returns, changes and statuses"},
    {OD_REPLAY_ALLOWED,
     "Refused by the rules, done all the same by imported history; would be allowed"},
    {OD_REPLAY_NUMBER, "Orders and documents that would have another number"},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static int by_orders(uint64_t x, uint64_t y)
{
    return (x < y) - (x > y);
}

static int compare_groups(const void *x, const void *y)
{
    const struct od_replay_group *a = *(struct od_replay_group *const *)x;
    const struct od_replay_group *b = *(struct od_replay_group *const *)y;
    int c = by_orders(a->tally.orders, b->tally.orders);
    if (!c)
        c = (int)a->status_kind - (int)b->status_kind;
    if (!c)
        c = od_str_cmp(a->old, b->old);
    return c ? c : od_str_cmp(a->new_, b->new_);
}

static int compare_notices(const void *x, const void *y)
{
    const struct od_replay_notice *a = *(struct od_replay_notice *const *)x;
    const struct od_replay_notice *b = *(struct od_replay_notice *const *)y;
    int c = by_orders(a->tally.orders, b->tally.orders);
    if (!c)
        c = od_str_cmp(a->topic, b->topic);
    return c ? c : od_str_cmp(a->name, b->name);
}

static int compare_statuses(const void *x, const void *y)
{
    const struct od_replay_status *a = x, *b = y;
    int c = (int)a->kind - (int)b->kind;
    if (!c)
        c = by_orders(a->before, b->before);
    return c ? c : od_str_cmp(a->code, b->code);
}

static void sort(struct od_replay_report *r)
{
    if (r->status_count)
        qsort(r->statuses, r->status_count, sizeof *r->statuses, compare_statuses);
    if (r->group_count)
        qsort(r->groups, r->group_count, sizeof(struct od_replay_group *), compare_groups);
    if (r->notice_count)
        qsort(r->notices, r->notice_count, sizeof(struct od_replay_notice *), compare_notices);
}

static void print_samples(const struct od_replay_tally *t, FILE *out)
{
    for (uint32_t i = 0; i < t->sample_count; i++) {
        const struct od_replay_sample *s = &t->samples[i];
        fprintf(out, "%s%.*s", i == 0 ? "      " : ", ", OD_STR_ARG(s->order_number));
        if (s->new_.ptr)
            fprintf(out, " -> %.*s", OD_STR_ARG(s->new_));
    }
    if (t->orders > t->sample_count && t->sample_count > 0)
        fprintf(out, ", …");
    if (t->sample_count > 0)
        fprintf(out, "\n");
}

static void print_tally(const struct od_replay_tally *t, FILE *out)
{
    fprintf(out, "%" PRIu64 " order%s", t->orders, t->orders == 1 ? "" : "s");
    if (t->count != t->orders)
        fprintf(out, " (%" PRIu64 " times)", t->count);
}

static void print_group(const struct od_replay_group *g, FILE *out)
{
    fprintf(out, "  ");
    if (g->has_status)
        fprintf(out, "%s ", od_status_kind_name(g->status_kind));
    if (g->old.ptr || g->new_.ptr)
        fprintf(out, "%.*s -> %.*s: ", OD_STR_ARG(g->old), OD_STR_ARG(g->new_));
    print_tally(&g->tally, out);
    if (g->policy.ptr)
        fprintf(out, ", by %.*s", OD_STR_ARG(g->policy));
    if (g->reason.ptr && g->kind != OD_REPLAY_STATUS)
        fprintf(out, ": %.*s", OD_STR_ARG(g->reason));
    fprintf(out, "\n");
    print_samples(&g->tally, out);
}

static void print_section(const struct od_replay_report *r, int section, FILE *out)
{
    bool begun = false;
    for (size_t i = 0; i < r->group_count; i++) {
        if (r->groups[i]->kind != sections[section].kind)
            continue;
        if (!begun)
            fprintf(out, "\n%s\n", sections[section].heading);
        begun = true;
        print_group(r->groups[i], out);
    }
}

static void print_notices(const struct od_replay_report *r, FILE *out)
{
    if (r->notice_count)
        fprintf(out, "\nNotifications\n");
    for (size_t i = 0; i < r->notice_count; i++) {
        const struct od_replay_notice *n = r->notices[i];
        fprintf(out, "  %s: %.*s %.*s at %.*s, ", od_replay_notice_name(n->change),
                OD_STR_ARG(n->kind), OD_STR_ARG(n->name), OD_STR_ARG(n->topic));
        print_tally(&n->tally, out);
        fprintf(out, "\n");
        print_samples(&n->tally, out);
    }
}

/* Only where any number changes: else the lists of orders say the same. */
static void print_statuses(const struct od_replay_report *r, FILE *out)
{
    bool begun = false;
    for (size_t i = 0; i < r->status_count; i++) {
        const struct od_replay_status *s = &r->statuses[i];
        if (s->before == s->after)
            continue;
        fprintf(out, "%s  %s %.*s: %" PRIu64 " -> %" PRIu64 "\n",
                begun ? "" : "\nOrders in each status, now and then\n",
                od_status_kind_name(s->kind), OD_STR_ARG(s->code), s->before, s->after);
        begun = true;
    }
}

static void print_skips(const struct od_replay_report *r, FILE *out)
{
    static const char *const why[OD_REPLAY_SKIPS] = {
        [OD_REPLAY_SKIP_HISTORICAL] = "moves that an import of history overruled",
        [OD_REPLAY_SKIP_EXPLICIT] = "statuses set by hand, or by an import",
        [OD_REPLAY_SKIP_NOT_ASKED] = "questions that nobody asked then",
        [OD_REPLAY_SKIP_NUMBER] = "numbers whose sequence value is not known",
    };
    bool begun = false;
    for (int i = 0; i < OD_REPLAY_SKIPS; i++) {
        if (!r->skipped[i])
            continue;
        fprintf(out, "%s  %" PRIu64 " %s\n", begun ? "" : "\nNot compared\n", r->skipped[i],
                why[i]);
        begun = true;
    }
    if (r->broken)
        fprintf(out,
                "%s  %" PRIu64 " orders whose events do not add up, the first: %.*s (see `orderd "
                "verify`)\n",
                begun ? "" : "\nNot compared\n", r->broken, OD_STR_ARG(r->broken_why));
}

static void print_time(const char *what, int64_t at, FILE *out)
{
    struct od_buf text;
    if (!at)
        return;
    od_buf_init(&text, 64);
    od_time_format(&text, at);
    fprintf(out, ", %s %.*s", what, OD_STR_ARG(od_buf_view(&text)));
    od_buf_fini(&text);
}

void od_replay_report_print(struct od_replay_report *r, FILE *out)
{
    sort(r);
    fprintf(out, "candidate %.12s, plugins:", r->candidate);
    for (uint32_t i = 0; i < r->plugin_count; i++)
        fprintf(out, " %.*s", OD_STR_ARG(r->plugins[i].name));
    fprintf(out, "\nbeside history; where history did not ask, beside base %.12s (%s)\n", r->base,
            r->base_active ? "active" : "configured");
    if (strcmp(r->candidate, r->base) == 0)
        fprintf(out,
                "the candidate is the %s bundle: nothing to compare, except with history that "
                "other rules decided\n",
                r->base_active ? "active" : "configured");
    fprintf(out, "%" PRIu64 " orders, %" PRIu64 " events, %" PRIu64 " decisions in %.1f s",
            r->orders, r->events, r->decisions, (double)r->took_us / 1e6);
    print_time("since", r->since, out);
    print_time("until", r->until, out);
    fprintf(out, "\n");
    for (int i = 0; i < SECTIONS; i++)
        print_section(r, i, out);
    print_statuses(r, out);
    print_notices(r, out);
    if (r->ungrouped)
        fprintf(out, "\nand %" PRIu64 " differences of further kinds\n", r->ungrouped);
    if (!r->group_count && !r->notice_count)
        fprintf(out, "\nNo difference.\n");
    print_skips(r, out);
}

static void write_str(struct od_json_writer *w, const char *key, struct od_str s)
{
    if (!s.ptr)
        return;
    od_jw_key(w, key);
    od_jw_str(w, s);
}

static void write_count(struct od_json_writer *w, const char *key, uint64_t n)
{
    od_jw_key(w, key);
    od_jw_i64(w, (int64_t)n);
}

static void write_tally(struct od_json_writer *w, const struct od_replay_tally *t)
{
    write_count(w, "orders", t->orders);
    write_count(w, "count", t->count);
    od_jw_key(w, "samples");
    od_jw_array(w);
    for (uint32_t i = 0; i < t->sample_count; i++) {
        const struct od_replay_sample *s = &t->samples[i];
        od_jw_object(w);
        write_count(w, "orderId", (uint64_t)s->order_id);
        write_str(w, "orderNumber", s->order_number);
        write_count(w, "seq", (uint64_t)s->seq);
        write_str(w, "from", s->old);
        write_str(w, "to", s->new_);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_statuses(struct od_json_writer *w, const struct od_replay_report *r)
{
    od_jw_key(w, "statuses");
    od_jw_array(w);
    for (size_t i = 0; i < r->status_count; i++) {
        const struct od_replay_status *s = &r->statuses[i];
        od_jw_object(w);
        write_str(w, "status", od_str_of(od_status_kind_name(s->kind)));
        write_str(w, "code", s->code);
        write_count(w, "before", s->before);
        write_count(w, "after", s->after);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_groups(struct od_json_writer *w, const struct od_replay_report *r)
{
    od_jw_key(w, "differences");
    od_jw_array(w);
    for (size_t i = 0; i < r->group_count; i++) {
        const struct od_replay_group *g = r->groups[i];
        od_jw_object(w);
        od_jw_key(w, "kind");
        od_jw_cstr(w, od_replay_difference_name(g->kind));
        if (g->has_status)
            write_str(w, "status", od_str_of(od_status_kind_name(g->status_kind)));
        write_str(w, "from", g->old);
        write_str(w, "to", g->new_);
        write_str(w, "policy", g->policy);
        write_str(w, "reason", g->reason);
        write_tally(w, &g->tally);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_notices(struct od_json_writer *w, const struct od_replay_report *r)
{
    od_jw_key(w, "notifications");
    od_jw_array(w);
    for (size_t i = 0; i < r->notice_count; i++) {
        const struct od_replay_notice *n = r->notices[i];
        od_jw_object(w);
        od_jw_key(w, "change");
        od_jw_cstr(w, od_replay_notice_name(n->change));
        write_str(w, "topic", n->topic);
        write_str(w, "kind", n->kind);
        write_str(w, "name", n->name);
        write_tally(w, &n->tally);
        od_jw_object_end(w);
    }
    od_jw_array_end(w);
}

static void write_skips(struct od_json_writer *w, const struct od_replay_report *r)
{
    od_jw_key(w, "notCompared");
    od_jw_object(w);
    for (int i = 0; i < OD_REPLAY_SKIPS; i++)
        write_count(w, od_replay_skip_name((enum od_replay_skip)i), r->skipped[i]);
    write_count(w, "broken", r->broken);
    write_str(w, "brokenReason", r->broken_why);
    od_jw_object_end(w);
}

void od_replay_report_json(struct od_replay_report *r, struct od_buf *out)
{
    struct od_json_writer w;
    sort(r);
    od_jw_init(&w, out);
    od_jw_object(&w);
    write_str(&w, "candidate", od_str_of(r->candidate));
    write_str(&w, "base", od_str_of(r->base));
    od_jw_key(&w, "plugins");
    od_jw_array(&w);
    for (uint32_t i = 0; i < r->plugin_count; i++)
        od_jw_str(&w, r->plugins[i].name);
    od_jw_array_end(&w);
    od_jw_key(&w, "baseActive");
    od_jw_bool(&w, r->base_active);
    const char *const names[] = {"since", "until"};
    const int64_t times[] = {r->since, r->until};
    for (int i = 0; i < 2; i++) {
        if (!times[i])
            continue;
        od_jw_key(&w, names[i]);
        od_jw_time(&w, times[i]);
    }
    write_count(&w, "orders", r->orders);
    write_count(&w, "events", r->events);
    write_count(&w, "decisions", r->decisions);
    write_count(&w, "tookMs", (uint64_t)(r->took_us / 1000));
    write_statuses(&w, r);
    write_groups(&w, r);
    write_notices(&w, r);
    write_count(&w, "ungrouped", r->ungrouped);
    write_skips(&w, r);
    od_jw_object_end(&w);
}
