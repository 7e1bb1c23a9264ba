#ifndef OD_APP_WIRING_H
#define OD_APP_WIRING_H

#include "base/err.h"

/* From the configuration to what each part asks for: the one place that knows both. */

struct od_conf;
struct od_engine_conf;
struct od_feed_conf;
struct od_http_conf;
struct od_loop;
struct od_pg_conn;
struct od_rules;

void od_wire_engine(const struct od_conf *conf, const char *conninfo, struct od_engine_conf *out);
void od_wire_http(const struct od_conf *conf, struct od_http_conf *out);
void od_wire_feed(const struct od_conf *conf, const char *conninfo, struct od_feed_conf *out);
const char *od_wire_database_url(const struct od_conf *conf); /* NULL: a private cluster */

/* Stores the rules' bundle, running the loop until that is done, and sets policies.bundle_id. */
int od_app_store_rules(struct od_loop *loop, struct od_pg_conn *conn, struct od_rules *rules,
                       struct od_err *err) OD_MUST_CHECK;

#endif
