#ifndef OD_ORDER_MODEL_STATUS_H
#define OD_ORDER_MODEL_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The three configured sets of statuses and their graph of moves. C looks at flags and phases,
 * never at codes, so a merchant may name statuses at will. The sets are immutable once they are
 * built, and are part of the rules that a batch pins.
 */

enum od_status_kind { OD_STATUS_ORDER = 0, OD_STATUS_PAYMENT, OD_STATUS_SHIPMENT, OD_STATUS_KINDS };

struct od_status {
    struct od_str code, name, badge, progress;
    struct od_str
        phase; /* "" or a word C and scripts key on: paid, shipped, delivered, canceled, … */
    bool is_default;     /* exactly one status of a set is */
    bool cancelable;     /* default true */
    bool any_next;       /* it has no key `next`, so every move is allowed */
    struct od_str *next; /* codes */
    uint32_t next_count; /* 0 without any_next: the status is terminal */
};

struct od_status_set {
    struct od_status *statuses; /* in the order of the configuration */
    uint32_t count;
};

struct od_status_sets {
    struct od_status_set of[OD_STATUS_KINDS];
};

const char *od_status_kind_name(enum od_status_kind kind); /* "order_status", "payment_status", … */
const struct od_status *od_status_find(const struct od_status_set *set,
                                       struct od_str code); /* or NULL */
const struct od_status *od_status_default(const struct od_status_set *set);
/* A move to the same status is always allowed. From an unknown status, which was removed, an order
 * may go anywhere. */
bool od_status_can_move(const struct od_status_set *set, struct od_str from, struct od_str to);
bool od_status_in_phase(const struct od_status_set *set, struct od_str code, const char *phase);

/* Checks that each set has exactly one default, that `next` names members, and that codes are
 * [a-z0-9_]{1,40}. The error's origin names the section. */
int od_status_sets_check(const struct od_status_sets *sets, struct od_err *err) OD_MUST_CHECK;

/* Copies all of it to the arena. */
struct od_status_sets *od_status_sets_copy(struct od_arena *a, const struct od_status_sets *from);

#endif
