#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/terminal/progress.h"
#include "cli/deliveries/deliveries.h"
#include "cli/deliveries/rederived.h"
#include "cli/session.h"
#include "conf/conf.h"
#include "conf/shop.h"
#include "feed/feed.h"
#include "feed/hooks.h"
#include "feed/letter.h"
#include "feed/targets/settings.h"
#include "pg/transaction.h"
#include "rules/make/candidate.h"
#include "store/events.h"
#include "store/feed/cursor.h"
#include "store/feed/deliveries.h"
#include "store/feed/targets.h"

/*
 * orderd deliveries rederive: past events, page by page and in one snapshot, are shown to hooks and
 * targets as the feed shows them (feed/hooks.h). What they would send is compared with the rows of
 * `delivery`. All of it is in memory: a hook's command is an intent like any other.
 */

enum { PAGE = 500, SAMPLES_MAX = 1000, REPORT_MAX = 256 << 20 };

struct rederive {
    struct od_deliveries *d;
    struct od_rules *rules;
    struct od_targets targets;
    struct od_arena stored_arena;
    struct od_stored_target *stored;
    size_t stored_count;
    struct od_feed_conf feed; /* as far as printing mails needs it */
    struct od_rederived all;
    /* Of one page. */
    struct od_arena arena;
    struct od_feed_stats stats;
    struct od_kept_orders kept;
    struct od_round round;
    struct od_made_delivery *made;
    bool *matched; /* [made_count] */
    size_t made_count;
    struct od_map first; /* order_id -> the first of its made ones */
    struct od_map told;  /* keys of what an order is told once (od_planned.once) */
};

/* The statement's callback has the deliveries alone. */
static struct rederive *now;

static void on_stored(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx, (void)err;
    now->stored_count = od_stored_targets_read(r, &now->stored, &now->stored_arena);
}

static void on_events(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx, (void)err;
    od_round_take(&now->round, r);
}

static void on_past(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx, (void)err;
    od_recall_take(&now->round.recall, r);
}

static void on_issued(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx, (void)err;
    od_recall_take(&now->round.past, r);
}

static void on_made(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    struct od_arena *a = &now->arena;
    (void)ctx, (void)err;
    now->made = OD_NEW_ARRAY(a, struct od_made_delivery, (size_t)r->rows);
    now->matched = OD_NEW_ARRAY(a, bool, (size_t)r->rows);
    for (int i = 0; i < r->rows; i++) {
        struct od_made_delivery *m = &now->made[now->made_count++];
        struct od_str *const texts[] = {&m->topic,     &m->kind, &m->target, &m->hook,
                                        &m->recipient, &m->name, &m->payload};
        od_made_read(r, i, m);
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            *texts[t] = od_arena_str(a, *texts[t]);
        if (!od_map_get(&now->first, od_map_id(&m->order_id)))
            od_map_put(&now->first, od_map_id(&m->order_id), m);
    }
}

/* An order's key among those of all orders. Lives in the page's arena. */
static struct od_str told_key(struct rederive *x, int64_t order_id, struct od_str key)
{
    return od_arena_printf(&x->arena, "%lld:%.*s", (long long)order_id, OD_STR_ARG(key));
}

static void on_told(void *ctx, const struct od_pg_result *r, const struct od_err *err)
{
    (void)ctx, (void)err;
    for (int i = 0; i < r->rows; i++)
        od_map_put(&now->told, told_key(now, od_pg_get_i64(r, i, 0), od_pg_get_text(r, i, 1)), now);
}

static bool was_told(struct rederive *x, const struct od_planned *p)
{
    return p->once.ptr && od_map_get(&x->told, told_key(x, p->order_id, p->once));
}

typedef bool alike(const struct od_planned *p, const struct od_made_delivery *m);

/* A mail that leaves by another target is the same mail, because a customer is told once. */
static bool same_mail(const struct od_planned *p, const struct od_made_delivery *m)
{
    return od_str_is(p->kind, "mail") && m->seq == p->seq && od_str_eq(m->topic, p->topic) &&
           od_str_eq(m->kind, p->kind) && od_str_eq(m->name, p->name);
}

static bool same_thing(const struct od_planned *p, const struct od_made_delivery *m)
{
    return m->seq == p->seq && od_str_eq(m->topic, p->topic) && od_str_eq(m->kind, p->kind) &&
           od_str_eq(m->target, p->target) && od_str_eq(m->name, p->name);
}

static bool same(const struct od_planned *p, const struct od_made_delivery *m)
{
    return same_thing(p, m) && od_str_eq(m->recipient, p->recipient) &&
           od_str_eq(m->payload, p->payload);
}

static struct od_made_delivery *find(struct rederive *x, const struct od_planned *p, alike *are)
{
    struct od_made_delivery *m = od_map_get(&x->first, od_map_id(&p->order_id));
    for (; m && m < x->made + x->made_count && m->order_id == p->order_id; m++) {
        if (!x->matched[m - x->made] && are(p, m))
            return m;
    }
    return NULL;
}

static void note_planned(struct rederive *x, const struct od_planned *p,
                         const struct od_made_delivery *m)
{
    const struct od_rederived_group what = {
        .change = p->error.ptr ? OD_REDERIVED_FAILS
                  : m          ? OD_REDERIVED_CHANGED
                               : OD_REDERIVED_NEW,
        .kind = p->kind,
        .target = p->target,
        .topic = p->topic,
        .hook = p->hook,
        .name = p->name,
    };
    const struct od_rederived_sample where = {
        .order_id = p->order_id,
        .seq = p->seq,
        .was = m ? m->payload : OD_STR_NONE,
        .now = p->error.ptr ? p->error : p->payload,
    };
    od_rederived_note(&x->all, &what, &where);
}

static bool chosen(const struct rederive *x, const struct od_planned *p)
{
    return !x->d->target || od_str_is(p->target, x->d->target);
}

/* Finds what was made for those that are not `done`: [planned_count]. */
static void match(struct rederive *x, bool *done, alike *are)
{
    const struct od_round *r = &x->round;
    for (size_t i = 0; i < r->planned_count; i++) {
        struct od_made_delivery *m = done[i] ? NULL : find(x, &r->planned[i], are);
        if (!m)
            continue;
        done[i] = x->matched[m - x->made] = true;
        if (are == same)
            x->all.same++;
        else
            note_planned(x, &r->planned[i], m);
    }
}

/* Equal ones first, so that of several alike the right ones are left to be called changed. */
static void compare_planned(struct rederive *x)
{
    const struct od_round *r = &x->round;
    bool *done = OD_NEW_ARRAY(&x->arena, bool, r->planned_count);
    for (size_t i = 0; i < r->planned_count; i++)
        done[i] = !chosen(x, &r->planned[i]);
    match(x, done, same);
    match(x, done, same_thing);
    match(x, done, same_mail);
    for (size_t i = 0; i < r->planned_count; i++) {
        if (!done[i] && !was_told(x, &r->planned[i])) /* told once, it would not be sent again */
            note_planned(x, &r->planned[i], NULL);
    }
}

/* What was made of the page's events, and would not be. */
static void compare_made(struct rederive *x)
{
    for (size_t e = 0; e < x->round.event_count; e++) {
        const struct od_event *event = &x->round.events[e].event;
        struct od_made_delivery *m = od_map_get(&x->first, od_map_id(&event->order_id));
        for (; m && m < x->made + x->made_count && m->order_id == event->order_id; m++) {
            if (m->seq != event->seq || x->matched[m - x->made] || od_str_is(m->kind, "hook"))
                continue;
            const struct od_rederived_group what = {
                .change = OD_REDERIVED_GONE,
                .kind = m->kind,
                .target = m->target,
                .topic = m->topic,
                .hook = m->hook,
                .name = m->name,
            };
            const struct od_rederived_sample where = {m->order_id, m->seq, m->payload, OD_STR_NONE};
            od_rederived_note(&x->all, &what, &where);
        }
    }
}

static int recall(struct rederive *x, struct od_err *err)
{
    while (od_recall_more(&x->round.recall)) {
        struct od_pg_params *p = od_pg_params(x->d->conn);
        od_recall_put(&x->round.recall, p);
        if (od_deliveries_ask(x->d, &od_select_events_of, p, on_past, err))
            return -1;
    }
    return 0;
}

/* Documents of mails may show an order's past. */
static int attach(struct rederive *x, struct od_err *err)
{
    while (od_letter_attach(&x->round)) {
        struct od_pg_params *p = od_pg_params(x->d->conn);
        od_recall_put(&x->round.past, p);
        if (od_deliveries_ask(x->d, &od_select_events_of, p, on_issued, err))
            return -1;
    }
    return 0;
}

/* All orders that have an event in the page: what was sent may be of one that no hook wants now. */
static void put_orders(struct rederive *x, struct od_pg_params *p)
{
    od_pg_array_begin(p, OD_PG_INT8);
    for (size_t i = 0; i < x->round.event_count; i++)
        od_pg_array_i64(p, x->round.events[i].event.order_id);
    od_pg_array_end(p);
}

static int compare_page(struct rederive *x, struct od_err *err)
{
    struct od_deliveries *d = x->d;
    if (recall(x, err))
        return -1;
    struct od_pg_params *p = od_pg_params(d->conn);
    put_orders(x, p);
    od_pg_text(p, d->target ? od_str_of(d->target) : OD_STR_NONE);
    x->made_count = 0;
    od_map_init(&x->first);
    od_map_init(&x->told);
    int failed = od_deliveries_ask(d, &od_select_made, p, on_made, err);
    if (!failed) {
        p = od_pg_params(d->conn);
        put_orders(x, p);
        failed = od_deliveries_ask(d, &od_select_told, p, on_told, err);
    }
    if (!failed) {
        od_round_run(&x->round);
        failed = attach(x, err);
    }
    if (!failed) {
        od_recall_keep(&x->round.recall);
        compare_planned(x);
        compare_made(x);
    }
    od_map_fini(&x->told);
    od_map_fini(&x->first);
    return failed;
}

struct place {
    uint64_t position;
    int64_t order_id;
    int32_t seq;
};

static int read_page(struct rederive *x, struct place *behind, bool *more, struct od_err *err)
{
    struct od_deliveries *d = x->d;
    struct od_pg_params *p = od_pg_params(d->conn);
    od_arena_reset(&x->arena);
    od_round_init(&x->round, &x->arena, x->rules, &x->feed, &x->targets, &x->kept, &x->stats);
    od_pg_i32(p, PAGE);
    od_pg_time(p, d->since);
    od_pg_given_time(p, d->until);
    od_pg_text(p, od_arena_printf(&x->arena, "%llu", (unsigned long long)behind->position));
    od_pg_i64(p, behind->order_id);
    od_pg_i32(p, behind->seq);
    int failed = od_deliveries_ask(d, &od_select_passed_events, p, on_events, err);
    if (!failed && x->round.event_count)
        failed = compare_page(x, err);
    if (!failed && x->round.event_count) {
        const struct od_event *last = &x->round.events[x->round.event_count - 1].event;
        *behind = (struct place){x->round.last_position, last->order_id, last->seq};
        x->all.events += x->round.event_count;
    }
    *more = x->round.event_count == PAGE;
    od_round_fini(&x->round);
    return failed;
}

static int read_all(struct rederive *x, struct od_err *err)
{
    struct od_progress progress;
    struct place behind = {0};
    bool more = true;
    int failed = 0;
    od_progress_init(&progress, "events", isatty(STDERR_FILENO));
    while (more && !failed) {
        failed = read_page(x, &behind, &more, err);
        od_progress_show(&progress, (int64_t)x->all.events, 0);
    }
    od_progress_end(&progress);
    return failed;
}

static void print(const struct rederive *x)
{
    struct od_buf json;
    if (!x->d->json) {
        od_rederived_print(&x->all, stdout);
        return;
    }
    od_buf_init(&json, REPORT_MAX);
    od_rederived_json(&x->all, &json);
    printf("%.*s\n", OD_STR_ARG(od_buf_view(&json)));
    od_buf_fini(&json);
}

/* The logo is left out: a mail has none. */
static struct od_conf_shop_keys shop_of(void *ctx, struct od_str store, struct od_arena *a)
{
    const struct rederive *x = ctx;
    struct od_conf_shop_keys shop = od_conf_shop(x->d->session->conf, store, a);
    shop.logo = OD_STR_NONE;
    return shop;
}

static int rederive(struct rederive *x, struct od_err *err)
{
    struct od_deliveries *d = x->d;
    struct od_conf *conf = d->session->conf;
    if (od_active_rules_load(d->conn, conf, &x->rules, &x->all.active, err) ||
        od_deliveries_ask(d, &od_pg_begin_snapshot, NULL, NULL, err) ||
        od_deliveries_ask(d, &od_select_settings, NULL, on_stored, err) ||
        od_targets_read(conf, x->stored, x->stored_count, &x->targets, err))
        return -1;
    x->all.bundle = x->rules->hash;
    x->all.partial = d->since < od_clock_us() - conf->feed.keep_delivered_ms * 1000;
    x->feed = (struct od_feed_conf){.ctx = x, .shop = shop_of};
    od_kept_init(&x->kept, conf->feed.keep_orders);
    int failed = read_all(x, err);
    od_kept_fini(&x->kept);
    if (!failed)
        print(x);
    od_targets_fini(&x->targets);
    return failed;
}

int od_deliveries_rederive(struct od_deliveries *d, struct od_err *err)
{
    struct rederive x = {.d = d};
    x.all.samples_max = (size_t)(d->limit < SAMPLES_MAX ? d->limit : SAMPLES_MAX);
    od_arena_init(&x.arena);
    od_arena_init(&x.stored_arena);
    od_arena_init(&x.all.arena);
    od_log_set_level(OD_LOG_ERROR); /* a hook that fails is a finding, not a warning each time */
    now = &x;
    int failed = rederive(&x, err);
    now = NULL;
    od_rules_unref(x.rules);
    od_arena_fini(&x.all.arena);
    od_arena_fini(&x.stored_arena);
    od_arena_fini(&x.arena);
    return failed;
}
