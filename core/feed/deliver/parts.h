#ifndef OD_FEED_DELIVER_PARTS_H
#define OD_FEED_DELIVER_PARTS_H

#include "base/arena.h"
#include "base/list.h"
#include "feed/deliver/deliver.h"
#include "feed/targets/settings.h"
#include "loop/loop.h"
#include "store/feed/deliveries.h"

/*
 * The parts of the deliverer share these. An attempt moves from list to list:
 *
 *   due.c         outcome.c     marks.c
 *   fresh -> attempts -> ended -> marking -> freed
 *
 * look.c learns once a second which targets this process carries out. deliver.c connects, opens
 * and closes targets, and swaps them for others.
 */

struct od_outgoing {
    struct od_deliverer *deliverer;
    const struct od_target_conf *conf;
    void *self;
    bool owned, paused, disabled;
    bool asking;        /* for what is due */
    bool more;          /* there may be something due */
    bool failing;       /* and the row says so */
    int64_t failing_us; /* monotonic: since then every attempt has failed; 0: it does not fail */
    bool closed;
    uint32_t under_way;
    unsigned streak; /* failures since the last success */
    int64_t rest_until_us, asked_us, overdue_ms;
    int64_t paid_us; /* until then it yields to commands */
    uint32_t begun;  /* attempts since it yielded last */
    uint64_t seen_activity;
    int64_t allowance_us;    /* of its rate: when the next attempt may begin, at the earliest */
    struct od_list attempts; /* under way */
    struct od_list fresh;    /* read, not yet begun */
    uint64_t delivered, failed, given_up, disabled_count;
};

enum od_attempt_state {
    OD_ATTEMPT_FRESH = 0,
    OD_ATTEMPT_UNDER_WAY,
    OD_ATTEMPT_ENDED,
    OD_ATTEMPT_MARKING
};

struct od_attempt {
    struct od_delivery delivery;
    struct od_list node;
    struct od_outgoing *target;
    enum od_attempt_state state;
    struct od_arena arena;
    int64_t began_us, latency_ms;
    struct od_delivery_result result;
    int64_t wait_ms; /* until the next one; -1: given up */
};

struct od_stored {
    struct od_arena arena;
    struct od_stored_target *items; /* [count] */
    size_t count;
    int64_t version; /* -1: not known yet */
};

struct od_deliverer {
    struct od_loop *loop;
    struct od_deliverer_conf conf;
    struct od_deliverer_stats stats;
    struct od_pg_conn *conn;
    struct od_timer *timer;
    struct od_deferred flushing;
    struct od_targets targets;
    struct od_targets next; /* when what is under way has ended */
    bool swapping;
    int64_t swap_us;                 /* when that began */
    struct od_stored stored, coming; /* the targets that the API made; what is being read of them */
    bool refreshing, refresh_again;
    struct od_outgoing *items; /* [targets.count] */
    bool looking, up;
    int64_t looked_us, ended_owners_us;
    bool standbys; /* the server waits for synchronous ones: rows may be there and not replicated */
    struct od_list ended, marking; /* attempts to be noted, and those whose marks are under way */
    unsigned refused;              /* marks that the database refused, since it last took some */
    int64_t refused_until_us;      /* nothing begins before */
    bool stopping;
    unsigned closing; /* targets that have not called back */
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

#define OD_EACH_ATTEMPT(list, a, condition, put)                                                   \
    for (struct od_list *n_ = (list)->next; n_ != (list); n_ = n_->next) {                         \
        struct od_attempt *a = OD_LIST_ENTRY(n_, struct od_attempt, node);                         \
        if (condition)                                                                             \
            put;                                                                                   \
    }

/* attempt.c */
/* Copies what is due. The target counts the attempt as under way. */
struct od_attempt *od_attempt_new(struct od_outgoing *t, const struct od_due *due);
void od_attempts_free(struct od_list *list);

/* outcome.c */
/* Milliseconds to rest after so many failures before this one, which double up to a minute. */
int64_t od_rest_after(unsigned failures);

/* marks.c */
/* Writes down how the attempts that have ended went. ctx: the deliverer. */
void od_deliverer_flush(void *ctx);

/* due.c */
/* Asks for what is due and begins it, as far as the target has room. */
void od_outgoing_ask(struct od_outgoing *t);

/* look.c */
struct od_outgoing *od_deliverer_find(const struct od_deliverer *d, struct od_str name);
void od_deliverer_look_up(struct od_deliverer *d);
void od_deliverer_register(struct od_deliverer *d);

/* stored.c */
/* Makes the targets of the configuration and of the database those that are carried out. */
void od_deliverer_combine(struct od_deliverer *d);

/* deliver.c */
/* Takes over other targets and uses them when what is under way has ended, or has had its time. */
void od_deliverer_swap(struct od_deliverer *d, struct od_targets *targets);
/* Begins whatever is due and may begin. */
void od_deliverer_pump(struct od_deliverer *d);
/* Takes the next step after anything has ended: more deliveries, other targets, or the end. */
void od_deliverer_proceed(struct od_deliverer *d);

#endif
