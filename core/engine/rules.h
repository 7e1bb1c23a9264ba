#ifndef OD_ENGINE_RULES_H
#define OD_ENGINE_RULES_H

#include <stdint.h>

#include "base/str.h"
#include "order/machine/decide.h"
#include "order/model/policy.h"
#include "order/model/status.h"

/*
 * Everything a decision follows: the status sets, the bundle of scripts, the settings of the
 * configuration that decide reads. Immutable and counted: a reload makes a new one beside the old
 * and swaps the pointer; each batch pins the one it began with, so no batch is decided by a
 * mixture.
 */

struct od_bundle;
struct od_conf;
struct od_trade;

/* [migrate]: orders in a status that is not configured any more, and where they go. */
struct od_status_move {
    enum od_status_kind kind;
    struct od_str from, to;
};

struct od_rules {
    int refs;
    struct od_conf *conf;     /* counted */
    struct od_bundle *bundle; /* counted */
    struct od_arena arena;    /* of `statuses`, `moves` and `trade` */
    struct od_status_sets statuses;
    struct od_status_move *moves;
    uint32_t move_count;
    struct od_policies policies; /* bundle_id set once the bundle is in the database */
    struct od_policies asked;    /* the bundle's own; `policies` asks it and notes failures */
    struct od_err failures[OD_QUESTIONS]; /* the last of each; code OD_ERR_NONE: none yet */
    char hash[65];                        /* the bundle's name, hex */
    enum od_stock_track track;
    struct od_trade *trade; /* in `arena` */
    struct od_str default_currency;
};

/* Sets `asked` and `policies` for the bundle. */
void od_rules_use_bundle(struct od_rules *r, struct od_bundle *bundle);
struct od_rules *od_rules_ref(struct od_rules *r);
void od_rules_unref(struct od_rules *r); /* NULL allowed */

#endif
