#include "kafka/client.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/log.h"
#include "loop/work.h"

/* Any thread of librdkafka may call. What matters of it comes as an event as well; a property that
 * has no effect is told here alone. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    const struct od_kafka_client *c = rd_kafka_opaque(rk);
    bool useless = strcmp(facility, "CONFWARN") == 0 && !c->quiet;
    (void)level;
    od_log(useless ? OD_LOG_WARN : OD_LOG_DEBUG, "kafka_log", "client=%.*s facility=%s text=\"%s\"",
           OD_STR_ARG(c->name), facility, text);
}

static void run_open(void *ctx)
{
    struct od_kafka_client *c = ctx;
    bool consumer = c->role == OD_KAFKA_CONSUMER;
    c->rk = rd_kafka_new(consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, c->conf, c->error,
                         sizeof c->error);
    if (!c->rk) {
        rd_kafka_conf_destroy(c->conf);
        return;
    }
    c->error[0] = '\0';
    if (consumer)
        rd_kafka_poll_set_consumer(c->rk);
}

static void on_opened(void *ctx)
{
    struct od_kafka_client *c = ctx;
    c->conf = NULL;
    c->state = c->rk ? OD_KAFKA_OPEN : OD_KAFKA_NONE;
    if (c->rk) {
        const uint64_t one = 1;
        c->wake = od_wake_new(c->loop, c->events, c->ctx);
        c->queue = c->role == OD_KAFKA_CONSUMER ? rd_kafka_queue_get_consumer(c->rk)
                                                : rd_kafka_queue_get_main(c->rk);
        rd_kafka_queue_io_event_enable(c->queue, od_wake_fd(c->wake), &one, sizeof one);
    } else {
        od_error("kafka_failed", "client=%.*s reason=\"%s\"", OD_STR_ARG(c->name), c->error);
    }
    c->opened(c->ctx);
}

void od_kafka_client_open(struct od_kafka_client *c, rd_kafka_conf_t *conf)
{
    OD_ASSERT(c->state == OD_KAFKA_NONE);
    c->state = OD_KAFKA_OPENING;
    c->conf = conf;
    rd_kafka_conf_set_opaque(conf, c);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR |
                                       RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT |
                                       RD_KAFKA_EVENT_STATS);
    od_work_start(c->loop, run_open, on_opened, c);
}

/* Threads of librdkafka are joined, which may wait for a name server. */
static void run_close(void *ctx)
{
    struct od_kafka_client *c = ctx;
    rd_kafka_queue_destroy(c->queue);
    rd_kafka_destroy_flags(c->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void on_client_closed(void *ctx)
{
    struct od_kafka_client *c = ctx;
    c->rk = NULL;
    c->queue = NULL;
    c->state = OD_KAFKA_NONE;
    od_wake_free(c->wake);
    c->wake = NULL;
    c->closed(c->ctx);
}

void od_kafka_client_close(struct od_kafka_client *c)
{
    OD_ASSERT(c->state == OD_KAFKA_OPEN);
    c->state = OD_KAFKA_CLOSING;
    rd_kafka_queue_io_event_enable(c->queue, -1, NULL, 0);
    od_work_start(c->loop, run_close, on_client_closed, c);
}

/* A connection comes and goes; that none is left is what matters. */
static bool matters(rd_kafka_resp_err_t code)
{
    return code != RD_KAFKA_RESP_ERR__TRANSPORT && code != RD_KAFKA_RESP_ERR__RESOLVE &&
           code != RD_KAFKA_RESP_ERR__TIMED_OUT && code != RD_KAFKA_RESP_ERR__PARTITION_EOF;
}

void od_kafka_client_error(struct od_kafka_client *c, rd_kafka_resp_err_t code, const char *text)
{
    if (!matters(code) || c->in_trouble)
        return;
    c->in_trouble = true;
    snprintf(c->trouble, sizeof c->trouble, "%s", text && *text ? text : rd_kafka_err2str(code));
    od_warn("kafka_trouble", "client=%.*s code=%s reason=\"%s\"", OD_STR_ARG(c->name),
            rd_kafka_err2name(code), c->trouble);
}

void od_kafka_client_well(struct od_kafka_client *c)
{
    if (!c->in_trouble)
        return;
    c->in_trouble = false;
    c->trouble[0] = '\0';
    od_info("kafka_well", "client=%.*s", OD_STR_ARG(c->name));
}
