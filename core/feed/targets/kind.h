#ifndef OD_FEED_TARGETS_KIND_H
#define OD_FEED_TARGETS_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/section.h"
#include "loop/loop.h"
#include "order/show/filter.h"

/*
 * A kind of target: a file of this folder and a line in table.c. The deliverer (feed/deliver/)
 * queues, limits, retries and marks; a kind only says what one attempt comes to.
 */

struct od_engine;
struct od_target;

/* One attempt to deliver. The deliverer owns it until od_delivery_done. */
struct od_delivery {
    int64_t delivery_id; /* the same at each attempt */
    int64_t order_id;    /* 0: a test */
    int32_t seq;         /* of the event */
    int32_t attempt;     /* 1: the first */
    int64_t created_at;
    struct od_str uuid; /* of the order; absent: a test */
    struct od_str topic;
    struct od_str hook; /* "shipment.created@default"; absent: the target itself wants the event */
    struct od_str intent; /* mail, webhook, notify, command; event: the target wants it; test */
    struct od_str recipient, name;
    struct od_str payload; /* a JSON object */
};

enum od_delivery_outcome {
    OD_DELIVERED = 0,
    OD_DELIVERY_REFUSED, /* for good */
    OD_DELIVERY_LATER,   /* not known, or not tried: to be repeated */
    OD_DELIVERY_DROPPED, /* the target is being closed: as if it had not been tried */
};

struct od_delivery_result {
    enum od_delivery_outcome outcome;
    struct od_str why;    /* not DELIVERED: what went wrong */
    int status;           /* of HTTP; 0: none */
    struct od_str answer; /* what the other side said, its beginning */
    int64_t wait_ms;      /* LATER: the other side asked for so long; 0: it did not */
    bool one_alone;       /* LATER: it is about this delivery, and others may well succeed */
    bool gone;            /* the target wants nothing any more */
};
enum { OD_ANSWER_KEPT = 4096 };

/* Ends the attempt, once, perhaps inside of deliver; strings are copied. */
void od_delivery_done(struct od_delivery *d, const struct od_delivery_result *result);

/* A key that is set for a target, and where. */
struct od_target_setting {
    const struct od_conf_key *key;
    struct od_str value, origin;
};

/* Every target is set up with these, the keys that are common to all (conf.c). */
struct od_target_conf {
    const struct od_target_kind *kind;
    struct od_str name, section;
    struct od_str kind_name;
    struct od_str events; /* topics that it wants by itself; patterns, blanks or commas between */
    struct od_str filter; /* it wants only orders that this finds; empty: all */
    struct od_filters filters;
    struct od_str fields; /* of the order that it is sent; empty: all */
    int body;             /* enum od_target_body */
    bool enabled, ordered;
    int64_t max_attempts, concurrency, rate, disable_after_ms; /* 0: the kind's; never */
    struct od_str default_file;                                /* of the target named log */
    void *own;                                                 /* a struct of the kind's */
    bool stored; /* the API made it, and the database keeps it; else a file does */
    struct od_target_setting *settings; /* [setting_count] what is set, in the order of the keys */
    size_t setting_count;
};
enum od_target_body { OD_TARGET_THIN = 0, OD_TARGET_FULL };

/* A target works with these. */
struct od_target_host {
    struct od_loop *loop;
    struct od_engine *engine;
};

struct od_target_kind {
    const char *name;
    const char *help; /* one sentence, for the reference */
    /* The keys of its own beside the common ones, and the struct they are read into. */
    const struct od_conf_key *keys;
    size_t key_count, conf_size;
    /* Further keys that begin so are read into the struct od_conf_pairs that the kind's struct
     * begins with. NULL: there are none. */
    const char *prefix;
    uint32_t concurrency; /* attempts under way at once, unless the configuration says otherwise */
    const int64_t *waits; /* [wait_count] ms before each attempt but the first, jitter comes on top;
                             NULL: [feed] retry_min, doubling up to retry_max */
    size_t wait_count;
    int64_t disable_after_ms; /* it fails for so long; 0: never */
    bool ordered;             /* in order per order, unless the configuration says otherwise */
    bool builtin;             /* there is one of its own name without a section */
    bool single;              /* and no other */
    bool whole;   /* takes a batch when it has done with the one before; several of an order too */
    bool leaves;  /* what it delivers leaves: it must be sure to be replicated
                     (feed/deliver/deliver.h) */
    bool answers; /* keep attempts that succeed as well */
    /* Why the API may not make one, a sentence; NULL: it may. Whoever may use the API must not
     * reach this machine's files, programs or private network by it. */
    const char *file_only;
    bool mails; /* hooks' mails go there; they are printed when they are planned (feed/letter.h) */
    /* May be NULL. Checks what no single key can know. */
    int (*check)(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err);
    /* May be NULL. Checks what takes a while, such as files that are named; never on the loop of a
     * server that serves. */
    int (*try)(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err);
    /* conf lives until the target is closed. */
    void *(*open)(const struct od_target_host *host, const struct od_target_conf *conf);
    /* n ≥ 1 attempts, the oldest first, at most the kind's `concurrency`. Unless it takes whole
     * batches, it is called again while there are fewer under way. */
    void (*deliver)(void *target, struct od_delivery *const *batch, size_t n);
    /* What is under way is done at once, as LATER or DROPPED, or soon; when nothing is under way
     * any more closed(ctx) is called, once, perhaps in here. */
    void (*close)(void *target, void (*closed)(void *ctx), void *ctx);
};

/* All kinds; NULL-terminated. */
extern const struct od_target_kind *const od_target_kinds[];

#endif
