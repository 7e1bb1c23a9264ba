#ifndef OD_CLI_EXPLAIN_EXPLAINED_H
#define OD_CLI_EXPLAIN_EXPLAINED_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "engine/rules.h"
#include "order/show/actions.h"
#include "store/feed/deliveries.h"
#include "store/load/load.h"

/* The findings of `orderd explain`: why an order is as it is, and what may be done with it. They
 * are printed in two forms. */

struct od_explained_event {
    struct od_event event;
    struct od_str bundle; /* hash of the rules that decided; absent: no rules did */
    struct od_str cause;  /* what gave its command beside the actor, as JSON; absent: nothing did */
};

struct od_explained {
    struct od_arena *arena;
    const struct od_rules *rules; /* the rules that would decide now */
    bool active;                  /* they serve; else they are the configuration's */
    const struct od_order *order;
    struct od_str activities;
    struct od_explained_event *events; /* [event_count] */
    size_t event_count;
    struct od_delivery_row *sent; /* [sent_count] what was sent of its events, the newest first */
    size_t sent_count;
    struct od_action *actions; /* [action_count] */
    uint32_t action_count;
};

void od_explained_print(const struct od_explained *x, FILE *out);
void od_explained_json(const struct od_explained *x, struct od_buf *out);

#endif
