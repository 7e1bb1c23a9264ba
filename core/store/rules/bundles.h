#ifndef OD_STORE_RULES_BUNDLES_H
#define OD_STORE_RULES_BUNDLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "pg/conn.h"

/* The tables of bundles keep every source that ever decided anything, under the bundle's hash. */

struct od_stored_source {
    struct od_str plugin, file, text;
};

/* Sends the statements, without a sync, that store a bundle unless it is there already, and find
 * its id. on_id is called with 0 when they failed. sources are borrowed during the call. */
void od_bundle_store(struct od_pg_conn *conn, struct od_str hash,
                     const struct od_stored_source *sources, size_t count,
                     void (*on_id)(void *ctx, int32_t bundle_id), void *ctx);

/* Selects the bundles whose hash begins so, at most two -> (bundle_id int4, hash text). There is no
 * row for an empty beginning. */
void od_bundle_find(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx);
/* Fills *err with what to say when no single bundle's hash begins so. Returns -1. */
int od_bundle_unknown(struct od_err *err, struct od_str hash_start);
/* Selects the sources of one bundle, rules.ini first, for od_bundle_sources_read. */
void od_bundle_sources(struct od_pg_conn *conn, int32_t bundle_id,
                       void (*on_result)(void *ctx, const struct od_pg_result *r,
                                         const struct od_err *err),
                       void *ctx);
/* Selects the sources of the one bundle whose hash begins so, rules.ini first -> (hash, plugin,
 * file, source). No row: there is no such bundle, or there are several. */
void od_bundle_show(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx);
/* Returns an array of r->rows sources, copied to the arena. */
struct od_stored_source *od_bundle_sources_read(const struct od_pg_result *r, struct od_arena *a);

/*
 * Selects one json: {"bundles": [{hash, createdAt, active, files, plugins, activations}],
 * "activations": [{activationId, bundle, at, actor, kind, reason}], "processes": [{host, pid,
 * address, bundle, startedAt, seenAt, error}]}. Each list has the latest first. It has the last 100
 * bundles and activations, and the processes that were heard of in the last 30 s.
 */
void od_bundle_overview(struct od_pg_conn *conn,
                        void (*on_result)(void *ctx, const struct od_pg_result *r,
                                          const struct od_err *err),
                        void *ctx);

#endif
