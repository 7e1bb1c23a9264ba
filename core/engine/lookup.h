#ifndef OD_ENGINE_LOOKUP_H
#define OD_ENGINE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/lane.h"

/*
 * The lookup is one connection that turns names of orders (uuid, number) into order ids and reads
 * whole orders. Like a lane it works in rounds: all that is asked while a round is under way makes
 * the next. A round is one pipeline in one snapshot (repeatable read).
 */

struct od_lookup;

struct od_lookup_host {
    struct od_loop *loop;
    const struct od_engine_conf *conf;
    const char *const *setup;
    struct od_rules **rules;
    struct od_engine_stats *stats;
    void *ctx;
    /* Is called when the order ids of s and its parts are set; -1: there is no such order. err:
     * they could not be looked up. */
    void (*resolved)(void *ctx, struct od_submission *s, const struct od_err *err);
    void (*changed)(void *ctx);
};

struct od_lookup *od_lookup_new(const struct od_lookup_host *host);
void od_lookup_read(struct od_lookup *r, struct od_read *read);
void od_lookup_resolve(struct od_lookup *r, struct od_submission *s);
/* Whether the command names an order whose id must be known first. */
bool od_lookup_resolves(const struct od_command *c);
/* Returns the order id of a uuid that was seen before; 0: it was not. A uuid never moves to another
 * order, so it can be remembered. */
int64_t od_lookup_recall(const struct od_lookup *r, const struct od_uuid *uuid);
bool od_lookup_up(const struct od_lookup *r);
bool od_lookup_idle(const struct od_lookup *r);
uint32_t od_lookup_queued(const struct od_lookup *r);
/* The lookup must be idle. */
void od_lookup_free(struct od_lookup *r, void (*closed)(void *ctx), void *ctx);

#endif
