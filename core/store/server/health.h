#ifndef OD_STORE_SERVER_HEALTH_H
#define OD_STORE_SERVER_HEALTH_H

#include "pg/conn.h"

/* What a server is asked about its health. None needs more than a connection, nor a schema. */

/* rows[1]: (version int4 (major), version_text text, migration int4 (0: no schema),
 * feeds int8 (sessions of running feeds), clock timestamptz) */
extern const struct od_pg_stmt od_health_server;

/* rows[n]: (name text, setting text) of those that decide whether a commit outlives a crash */
extern const struct od_pg_stmt od_health_settings;

/* rows[n]: (slot_name text, database text) of replication slots that nobody reads and that keep
 * dead rows */
extern const struct od_pg_stmt od_health_slots;

#endif
