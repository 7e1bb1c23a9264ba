#ifndef OD_STORE_RULES_BUNDLES_H
#define OD_STORE_RULES_BUNDLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "pg/conn.h"

/* The bundle tables: every source that ever decided anything, kept under the bundle's hash. */

struct od_stored_source {
    struct od_str plugin, file, text;
};

/* Sends the statements (no sync) that store a bundle unless it is there already and find its id;
 * on_id is called with 0 when they failed. sources are borrowed during the call only. */
void od_bundle_store(struct od_pg_conn *conn, struct od_str hash,
                     const struct od_stored_source *sources, size_t count,
                     void (*on_id)(void *ctx, int32_t bundle_id), void *ctx);

/* -> (bundle_id int4, hash text), at most two rows: the bundles whose hash begins so; none
 * for an empty beginning. */
void od_bundle_find(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx);
/* What to say when a hash's beginning is not one bundle's. Returns -1. */
int od_bundle_unknown(struct od_err *err, struct od_str hash_start);
/* -> rows for od_bundle_sources_read: the sources of one bundle, rules.ini first. */
void od_bundle_sources(struct od_pg_conn *conn, int32_t bundle_id,
                       void (*on_result)(void *ctx, const struct od_pg_result *r,
                                         const struct od_err *err),
                       void *ctx);
/* -> (hash, plugin, file, source): those of the one bundle whose hash begins so; none when there is
 * no such bundle, or several. rules.ini first. */
void od_bundle_show(struct od_pg_conn *conn, struct od_str hash_start,
                    void (*on_result)(void *ctx, const struct od_pg_result *r,
                                      const struct od_err *err),
                    void *ctx);
/* An array of r->rows sources, copied to the arena. */
struct od_stored_source *od_bundle_sources_read(const struct od_pg_result *r, struct od_arena *a);

/*
 * -> (json): {"bundles": [{hash, createdAt, active, files, plugins, activations}], "activations":
 * [{activationId, bundle, at, actor, kind, reason}], "processes": [{host, pid, address, bundle,
 * startedAt, seenAt, error}]}, each with the latest first. Processes are those heard of in the last
 * 30 s. Only the last 100 bundles and activations.
 */
void od_bundle_overview(struct od_pg_conn *conn,
                        void (*on_result)(void *ctx, const struct od_pg_result *r,
                                          const struct od_err *err),
                        void *ctx);

#endif
