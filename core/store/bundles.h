#ifndef OD_STORE_BUNDLES_H
#define OD_STORE_BUNDLES_H

#include <stddef.h>
#include <stdint.h>

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

#endif
