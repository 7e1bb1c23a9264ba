#ifndef OD_ENGINE_RULES_H
#define OD_ENGINE_RULES_H

#include <stdint.h>

#include "base/str.h"
#include "order/machine/decide.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * Rules are everything that a decision follows: the status sets, the bundle of scripts, and the
 * settings of the configuration that decide reads. They are immutable and counted. A reload makes
 * new rules beside the old ones and swaps the pointer. Each batch pins the rules that it began
 * with, so no batch is decided by a mixture.
 */

struct od_bundle;
struct od_conf;
struct od_shop;

/* A line of [migrate]: a status that is no longer configured, and the status to which its orders
 * go. */
struct od_status_move {
    enum od_status_kind kind;
    struct od_str from, to;
};

struct od_rules {
    int refs;
    struct od_conf *conf;     /* counted */
    struct od_bundle *bundle; /* counted */
    struct od_arena arena;    /* holds `statuses`, `moves` and `shop` */
    struct od_status_sets statuses;
    struct od_status_move *moves;
    uint32_t move_count;
    struct od_policies policies; /* its bundle_id is set once the bundle is stored */
    struct od_policies asked;    /* the bundle's own; `policies` asks these and notes failures */
    struct od_err failures[OD_QUESTIONS]; /* the last of each question; code NONE: none yet */
    char hash[65];                        /* the name of the bundle: its SHA-256 in hex */
    enum od_stock_track track;
    struct od_shop *shop; /* in `arena` */
    struct od_str default_currency;
};

/* Makes the rules ask this bundle: sets `asked` and `policies`. */
void od_rules_use_bundle(struct od_rules *r, struct od_bundle *bundle);
struct od_rules *od_rules_ref(struct od_rules *r);
void od_rules_unref(struct od_rules *r); /* NULL allowed */

#endif
