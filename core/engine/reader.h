#ifndef OD_ENGINE_READER_H
#define OD_ENGINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/lane.h"

/*
 * The reader: one connection that turns names of orders (uuid, number) into order ids and reads
 * whole orders, for all callers of a round at once, in one pipeline under one snapshot (repeatable
 * read). Like a lane it works in rounds: what is asked while a round is on its way makes the next.
 */

struct od_reader;

struct od_reader_host {
    struct od_loop *loop;
    const struct od_engine_conf *conf;
    const char *const *setup;
    struct od_rules **rules;
    struct od_engine_stats *stats;
    void *ctx;
    /* The order ids of s and its parts are set (-1: there is no such order); err: they could not be
     * looked up. */
    void (*resolved)(void *ctx, struct od_submission *s, const struct od_err *err);
    void (*changed)(void *ctx);
};

struct od_reader *od_reader_new(const struct od_reader_host *host);
void od_reader_read(struct od_reader *r, struct od_read *read);
void od_reader_resolve(struct od_reader *r, struct od_submission *s);
/* The command names an order whose id must be known first. */
bool od_reader_resolves(const struct od_command *c);
/* Uuids never change their order: what was once seen is remembered. 0: not known. */
int64_t od_reader_recall(const struct od_reader *r, const struct od_uuid *uuid);
bool od_reader_up(const struct od_reader *r);
bool od_reader_idle(const struct od_reader *r);
uint32_t od_reader_queued(const struct od_reader *r);
void od_reader_free(struct od_reader *r, void (*closed)(void *ctx), void *ctx); /* must be idle */

#endif
