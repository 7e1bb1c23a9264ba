#include "server/part_conf.h"

#include "conf/conf.h"
#include "engine/engine.h"
#include "feed/feed.h"
#include "feed/tail.h"
#include "http/server.h"
#include "read/projection/projector.h"

void od_wire_engine(const struct od_conf *conf, struct od_pg_server *server,
                    struct od_engine_conf *out)
{
    *out = (struct od_engine_conf){
        .server = server,
        .connect_timeout_ms = (uint32_t)conf->database.connect_timeout_ms,
        .lanes = (uint32_t)conf->database.lanes,
        .max_batch = (uint32_t)conf->engine.max_batch,
        .max_queue = (uint32_t)conf->engine.max_queue,
        .statement_timeout_ms = (int)conf->database.statement_timeout_ms,
        .lock_timeout_ms = (int)conf->database.lock_timeout_ms,
        .answer_timeout_ms =
            (uint32_t)(conf->database.statement_timeout_ms + conf->database.answer_grace_ms),
    };
}

struct od_http_origins od_wire_origins(const struct od_conf *conf)
{
    return (struct od_http_origins){
        .any_host = conf->auth.mode == OD_CONF_AUTH_KEYS && conf->server.hosts.len == 0,
        .hosts = conf->server.hosts,
        .origins = conf->server.origins,
    };
}

void od_wire_http(const struct od_conf *conf, struct od_http_conf *out)
{
    od_http_conf_default(out);
    out->listen = conf->server.listen.text.ptr;
    out->origins = od_wire_origins(conf);
    out->reuse_port = conf->server.reuse_port;
    out->max_connections = (uint32_t)conf->server.max_connections;
    out->max_pipeline = (uint32_t)conf->server.max_pipeline;
    out->max_header_bytes = (size_t)conf->server.max_header_bytes;
    out->max_body_bytes = (size_t)conf->server.max_body_bytes;
    out->max_large_body_bytes = (size_t)conf->server.max_batch_bytes;
    out->header_timeout_ms = (uint32_t)conf->server.header_timeout_ms;
    out->body_timeout_ms = (uint32_t)conf->server.body_timeout_ms;
    out->idle_timeout_ms = (uint32_t)conf->server.idle_timeout_ms;
    out->half_timeout_ms = (uint32_t)conf->server.half_timeout_ms;
    out->write_timeout_ms = (uint32_t)conf->server.write_timeout_ms;
}

void od_wire_feed(const struct od_conf *conf, struct od_pg_server *server, struct od_feed_conf *out)
{
    *out = (struct od_feed_conf){
        .server = server,
        .connect_timeout_ms = (uint32_t)conf->database.connect_timeout_ms,
        .answer_timeout_ms =
            (uint32_t)(conf->feed.transaction_limit_ms + conf->database.answer_grace_ms),
        .batch = (uint32_t)conf->feed.batch,
        .keep_orders = (size_t)conf->feed.keep_orders,
        .share = (uint32_t)conf->feed.share,
        .interval_ms = (uint32_t)conf->feed.interval_ms,
        .transaction_limit_ms = (uint32_t)conf->feed.transaction_limit_ms,
        .held_after_ms = (uint32_t)conf->feed.held_after_ms,
    };
}

void od_wire_tail(const struct od_conf *conf, struct od_pg_server *server, struct od_tail_conf *out)
{
    *out = (struct od_tail_conf){
        .server = server,
        .connect_timeout_ms = (uint32_t)conf->database.connect_timeout_ms,
        .share = (uint32_t)conf->feed.share,
        .statement_timeout_ms = (uint32_t)conf->database.statement_timeout_ms,
        .answer_timeout_ms =
            (uint32_t)(conf->database.statement_timeout_ms + conf->database.answer_grace_ms),
    };
}

void od_wire_projector(const struct od_conf *conf, struct od_pg_server *server,
                       struct od_projector_conf *out)
{
    *out = (struct od_projector_conf){
        .server = server,
        .connect_timeout_ms = (uint32_t)conf->database.connect_timeout_ms,
        .answer_timeout_ms =
            (uint32_t)(conf->feed.transaction_limit_ms + conf->database.answer_grace_ms),
        .transaction_limit_ms = (uint32_t)conf->feed.transaction_limit_ms,
        .share = (uint32_t)conf->feed.share,
        .wait_ms = 2000,
    };
}

const char *od_wire_database_url(const struct od_conf *conf)
{
    return od_str_is(conf->database.url, "private") ? NULL : conf->database.url.ptr;
}
