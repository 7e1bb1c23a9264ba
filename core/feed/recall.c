#include "feed/recall.h"

#include "base/log.h"
#include "order/ledger/event.h"
#include "order/model/model.h"
#include "store/events.h"

enum {
    PAGE = 200, /* events of the past; about a millisecond of folding */
    LONG = 64,  /* an order with more events than these is kept between rounds */
};

/* An order of the round. Its past is read up to `upto`; then the round's own events follow. */
struct od_history {
    int64_t order_id;
    struct od_order *order; /* as far as it was folded; NULL: not at all */
    int32_t last;           /* seq of its last event in the round that was noted; 0: none was */
    int32_t upto, asked;    /* asked: the version that the page under way reaches */
    bool begun, broken;
};

void od_recall_init(struct od_recall *r, struct od_arena *arena, struct od_kept_orders *kept)
{
    *r = (struct od_recall){.arena = arena, .kept = kept};
    od_map_init(&r->by_id);
    od_arena_init(&r->pages[0]);
    od_arena_init(&r->pages[1]);
}

void od_recall_fini(struct od_recall *r)
{
    od_map_fini(&r->by_id);
    od_arena_fini(&r->pages[0]);
    od_arena_fini(&r->pages[1]);
}

static struct od_history *find(const struct od_recall *r, int64_t order_id)
{
    return od_map_get(&r->by_id, od_map_id(&order_id));
}

void od_recall_want(struct od_recall *r, int64_t order_id)
{
    if (find(r, order_id))
        return;
    struct od_history *h = OD_NEW(r->arena, struct od_history);
    h->order_id = order_id;
    od_map_put(&r->by_id, od_map_id(&h->order_id), h);
    r->histories = od_arena_grow(r->arena, r->histories, r->count, &r->cap, sizeof *r->histories);
    r->histories[r->count++] = h;
}

/* A process of an older version may have written positions out of order. Where the round's events
 * do not follow on each other, all up to the last of them is read. */
void od_recall_note(struct od_recall *r, const struct od_event *e)
{
    struct od_history *h = find(r, e->order_id);
    if (!h)
        return;
    if (!h->last)
        h->upto = e->seq - 1;
    else if (e->seq != h->last + 1)
        h->upto = e->seq > h->last ? e->seq : h->last;
    h->last = e->seq > h->last ? e->seq : h->last;
}

static void break_off(struct od_history *h, const char *reason)
{
    od_error("feed_order_broken", "order=%lld reason=\"%s\"", (long long)h->order_id, reason);
    h->broken = true;
}

static int32_t version(const struct od_history *h)
{
    return h->order ? h->order->version : 0;
}

static bool is_long(const struct od_history *h)
{
    return h->upto > LONG;
}

static void begin(struct od_recall *r, struct od_history *h)
{
    const struct od_order *kept = is_long(h) ? od_kept_find(r->kept, h->order_id) : NULL;
    h->begun = true;
    if (kept && kept->version <= h->upto)
        h->order = od_order_keep(r->arena, kept);
}

/* How many events of its past are missing. */
static int32_t missing(struct od_recall *r, struct od_history *h)
{
    if (!h->begun)
        begin(r, h);
    return h->broken || version(h) >= h->upto ? 0 : h->upto - version(h);
}

bool od_recall_more(struct od_recall *r)
{
    int32_t room = PAGE;
    while (r->whole < r->count && !missing(r, r->histories[r->whole]))
        r->whole++;
    for (r->asked = r->whole; r->asked < r->count && room > 0; r->asked++) {
        struct od_history *h = r->histories[r->asked];
        int32_t want = missing(r, h);
        want = want < room ? want : room;
        h->asked = version(h) + want;
        room -= want;
    }
    return r->asked > r->whole;
}

#define ASKED_ARRAY(oid, put)                                                                      \
    do {                                                                                           \
        od_pg_array_begin(p, oid);                                                                 \
        for (size_t i = r->whole; i < r->asked; i++) {                                             \
            const struct od_history *h = r->histories[i];                                          \
            if (h->asked > version(h))                                                             \
                put;                                                                               \
        }                                                                                          \
        od_pg_array_end(p);                                                                        \
    } while (0)

void od_recall_put(const struct od_recall *r, struct od_pg_params *p)
{
    ASKED_ARRAY(OD_PG_INT8, od_pg_array_i64(p, h->order_id));
    ASKED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, version(h)));
    ASKED_ARRAY(OD_PG_INT4, od_pg_array_i32(p, h->asked));
}

/* What fold keeps of an event points into the arena, where each has its own. */
static void fold_rows(struct od_history *h, struct od_order *o, const struct od_pg_result *res,
                      int from, int to, struct od_arena *a)
{
    struct od_err err;
    for (int i = from; i < to && !h->broken; i++) {
        struct od_event *e = OD_NEW(a, struct od_event);
        if (od_event_row_read(res, i, e, NULL, a, &err) || od_fold(o, e, a, &err))
            break_off(h, err.message);
    }
}

/* A long past leaves behind what its pages needed. Once it is whole it is kept, also when the round
 * should be lost. */
static void take_page_of_long(struct od_recall *r, struct od_history *h,
                              const struct od_pg_result *res, int from, int to)
{
    struct od_arena *a = &r->pages[!r->page];
    h->order = h->order ? od_order_keep(a, h->order) : OD_NEW(a, struct od_order);
    fold_rows(h, h->order, res, from, to, a);
    if (h->broken || version(h) < h->upto)
        return;
    h->order = od_order_keep(r->arena, h->order);
    od_kept_put(r->kept, h->order);
}

static void take_rows(struct od_recall *r, struct od_history *h, const struct od_pg_result *res,
                      int from, int to)
{
    if (is_long(h)) {
        take_page_of_long(r, h, res, from, to);
        return;
    }
    if (!h->order)
        h->order = OD_NEW(r->arena, struct od_order);
    fold_rows(h, h->order, res, from, to, r->arena);
}

void od_recall_take(struct od_recall *r, const struct od_pg_result *res)
{
    for (int from = 0, to; from < res->rows; from = to) {
        int64_t order_id = od_pg_get_i64(res, from, 0);
        for (to = from + 1; to < res->rows && od_pg_get_i64(res, to, 0) == order_id;)
            to++;
        take_rows(r, find(r, order_id), res, from, to);
    }
    for (size_t i = r->whole; i < r->asked; i++) {
        struct od_history *h = r->histories[i];
        if (!h->broken && version(h) < h->asked)
            break_off(h, "events are missing from its ledger");
    }
    od_arena_reset(&r->pages[r->page]);
    r->page = !r->page;
}

/* An order that was read up to a later event than this one is shown as it is. */
const struct od_order *od_recall_at(struct od_recall *r, const struct od_event *e)
{
    struct od_err err;
    struct od_history *h = find(r, e->order_id);
    if (!h)
        return NULL;
    if (!h->order)
        h->order = OD_NEW(r->arena, struct od_order);
    if (!h->broken && version(h) < e->seq && od_fold(h->order, e, r->arena, &err))
        break_off(h, err.message);
    return h->broken ? NULL : h->order;
}

void od_recall_keep(struct od_recall *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct od_history *h = r->histories[i];
        if (!h->broken && version(h) > LONG)
            od_kept_put(r->kept, h->order);
    }
}
