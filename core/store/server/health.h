#ifndef OD_STORE_SERVER_HEALTH_H
#define OD_STORE_SERVER_HEALTH_H

#include "pg/conn.h"

/* Questions to a database server about its health. They need only a connection, and no schema. */

/* rows[1]: (version int4 (major), version_text text, migration int4 (0: no schema),
 * feeds int8 (sessions of running feeds), clock timestamptz) */
extern const struct od_pg_stmt od_health_server;

/* Selects the settings that decide whether a commit outlives a crash. rows[n]: (name text, setting
 * text) */
extern const struct od_pg_stmt od_health_settings;

/* Selects replication slots that nobody reads and that keep dead rows. rows[n]: (slot_name text,
 * database text) */
extern const struct od_pg_stmt od_health_slots;

#endif
