#ifndef OD_SERVER_PART_CONF_H
#define OD_SERVER_PART_CONF_H

#include "http/address/origin.h"

/* Turns the configuration into the struct that each part asks for. It is the one place that knows
 * both. */

struct od_conf;
struct od_engine_conf;
struct od_feed_conf;
struct od_projector_conf;
struct od_tail_conf;
struct od_http_conf;
struct od_pg_server;

void od_wire_engine(const struct od_conf *conf, struct od_pg_server *server,
                    struct od_engine_conf *out);
void od_wire_http(const struct od_conf *conf, struct od_http_conf *out);
struct od_http_origins od_wire_origins(const struct od_conf *conf); /* its strings are borrowed */
void od_wire_feed(const struct od_conf *conf, struct od_pg_server *server,
                  struct od_feed_conf *out);
void od_wire_projector(const struct od_conf *conf, struct od_pg_server *server,
                       struct od_projector_conf *out);
void od_wire_tail(const struct od_conf *conf, struct od_pg_server *server,
                  struct od_tail_conf *out);
const char *od_wire_database_url(const struct od_conf *conf); /* NULL: a private cluster */

#endif
