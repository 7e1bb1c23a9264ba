#include "kafka/producer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "kafka/client.h"
#include "loop/timer.h"

enum {
    LINGER_MS = 1000,   /* of a close, for answers that are on their way */
    EVENTS_AT_ONCE = 50 /* each has up to a request's records */
};

struct od_kafka_producer {
    struct od_kafka_client client;
    struct od_kafka_producer_conf conf;
    char timeout[24];
    struct od_list waiting; /* not handed over yet: it opens, or its queue is full */
    size_t under_way;       /* handed over, not reported */
    bool broken;            /* a fatal error: it is made anew when nothing is under way */
    bool closing;
    struct od_deferred working;
    struct od_timer *timer;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static void finish(struct od_kafka_record *r, enum od_kafka_sent how, const char *why)
{
    r->sent(r, how, od_str_of(why));
}

static void finish_waiting(struct od_kafka_producer *p, enum od_kafka_sent how, const char *why)
{
    for (struct od_list *n; (n = od_list_shift(&p->waiting));)
        finish(OD_LIST_ENTRY(n, struct od_kafka_record, node), how, why);
}

/* ---- making it */

static void make(struct od_kafka_producer *p)
{
    const struct od_kafka_property more[] = {
        {"message.timeout.ms", p->timeout, false},
        /* The largest that librdkafka takes. */
        {p->conf.any_size ? "message.max.bytes" : NULL, "1000000000", true},
        {NULL, NULL, false},
    };
    const char *key;
    struct od_err err;
    rd_kafka_conf_t *conf =
        od_kafka_properties(OD_KAFKA_PRODUCER, &p->conf.kafka, more, &key, &err);
    if (conf)
        od_kafka_client_open(&p->client, conf);
    else
        snprintf(p->client.error, sizeof p->client.error, "%.500s", err.message);
}

static void on_opened(void *ctx)
{
    struct od_kafka_producer *p = ctx;
    od_deferred_arm(&p->working);
}

/* ---- records */

static rd_kafka_headers_t *headers_of(const struct od_kafka_record *r)
{
    rd_kafka_headers_t *h = rd_kafka_headers_new(r->header_count);
    for (size_t i = 0; i < r->header_count; i++) {
        const struct od_kafka_header *header = &r->headers[i];
        rd_kafka_header_add(h, header->name.ptr, (ssize_t)header->name.len, header->value.ptr,
                            (ssize_t)header->value.len);
    }
    return h;
}

static rd_kafka_resp_err_t produce(struct od_kafka_producer *p, struct od_kafka_record *r)
{
    rd_kafka_headers_t *h = headers_of(r);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        p->client.rk, RD_KAFKA_V_TOPIC(r->topic.ptr), RD_KAFKA_V_KEY(r->key.ptr, r->key.len),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value.ptr, r->value.len), RD_KAFKA_V_HEADERS(h),
        RD_KAFKA_V_OPAQUE(r), RD_KAFKA_V_END);
    if (code)
        rd_kafka_headers_destroy(h);
    return code;
}

/* What an error says of a record. Of those that are not for good the brokers, or whoever runs
 * them, may think better. */
static enum od_kafka_sent sent_of(const struct od_kafka_producer *p, rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return OD_KAFKA_WRITTEN;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        return OD_KAFKA_REFUSED;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT: /* perhaps one broker of several is down */
        if (!p->closing && !p->client.in_trouble)
            return OD_KAFKA_LATER;
        /* fallthrough */
    default:
        return p->closing ? OD_KAFKA_CLOSED : OD_KAFKA_AWAY;
    }
}

static void break_down(struct od_kafka_producer *p)
{
    char why[256];
    rd_kafka_resp_err_t code = rd_kafka_fatal_error(p->client.rk, why, sizeof why);
    if (p->broken || !code)
        return;
    p->broken = true;
    od_error("kafka_fatal", "client=%.*s code=%s reason=\"%s\"", OD_STR_ARG(p->conf.kafka.name),
             rd_kafka_err2name(code), why);
    rd_kafka_purge(p->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                     RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void hand_over(struct od_kafka_producer *p)
{
    while (!p->broken && !od_list_empty(&p->waiting)) {
        struct od_list *node = p->waiting.next;
        struct od_kafka_record *r = OD_LIST_ENTRY(node, struct od_kafka_record, node);
        rd_kafka_resp_err_t code = produce(p, r);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && p->under_way)
            return; /* a report makes room */
        if (code == RD_KAFKA_RESP_ERR__FATAL) {
            break_down(p);
            return;
        }
        od_list_remove(node);
        if (code)
            finish(r, sent_of(p, code), rd_kafka_err2str(code));
        else
            p->under_way++;
    }
}

/* ---- events */

static void on_reports(struct od_kafka_producer *p, rd_kafka_event_t *e)
{
    for (const rd_kafka_message_t *m; (m = rd_kafka_event_message_next(e));) {
        p->under_way--;
        if (!m->err)
            od_kafka_client_well(&p->client);
        finish(m->_private, sent_of(p, m->err), m->err ? rd_kafka_err2str(m->err) : "");
    }
}

static void on_event(struct od_kafka_producer *p, rd_kafka_event_t *e)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(e);
    if (rd_kafka_event_type(e) == RD_KAFKA_EVENT_DR)
        on_reports(p, e);
    else if (rd_kafka_event_type(e) == RD_KAFKA_EVENT_ERROR && code == RD_KAFKA_RESP_ERR__FATAL)
        break_down(p);
    else if (rd_kafka_event_type(e) == RD_KAFKA_EVENT_ERROR)
        od_kafka_client_error(&p->client, code, rd_kafka_event_error_string(e));
    rd_kafka_event_destroy(e);
}

static void read_events(struct od_kafka_producer *p)
{
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        rd_kafka_event_t *e = rd_kafka_queue_poll(p->client.queue, 0);
        if (!e)
            return;
        on_event(p, e);
    }
    od_deferred_arm(&p->working);
}

/* ---- */

static void end(struct od_kafka_producer *p)
{
    od_deferred_cancel(&p->working);
    od_timer_free(p->timer);
    void (*closed)(void *ctx) = p->closed;
    void *ctx = p->closed_ctx;
    free(p);
    closed(ctx);
}

static void on_working(void *ctx)
{
    struct od_kafka_producer *p = ctx;
    switch (p->client.state) {
    case OD_KAFKA_NONE:
        if (p->closing) {
            finish_waiting(p, OD_KAFKA_CLOSED, "the producer is closed");
            end(p);
            return;
        }
        if (p->client.error[0])
            finish_waiting(p, OD_KAFKA_AWAY, p->client.error);
        p->client.error[0] = '\0';
        if (!od_list_empty(&p->waiting))
            make(p);
        if (p->client.state == OD_KAFKA_NONE && p->client.error[0])
            od_deferred_arm(&p->working);
        return;
    case OD_KAFKA_OPEN:
        read_events(p);
        if (p->closing)
            finish_waiting(p, OD_KAFKA_CLOSED, "the producer is closed");
        hand_over(p);
        if (!p->under_way && (p->closing || p->broken))
            od_kafka_client_close(&p->client);
        return;
    case OD_KAFKA_OPENING:
    case OD_KAFKA_CLOSING:
        return;
    }
}

static void on_client_closed(void *ctx)
{
    struct od_kafka_producer *p = ctx;
    p->broken = false;
    od_deferred_arm(&p->working);
}

static void on_timer(void *ctx)
{
    struct od_kafka_producer *p = ctx;
    if (p->client.state == OD_KAFKA_OPEN)
        rd_kafka_purge(p->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                         RD_KAFKA_PURGE_F_NON_BLOCKING);
}

struct od_kafka_producer *od_kafka_producer_new(struct od_loop *loop,
                                                const struct od_kafka_producer_conf *conf)
{
    struct od_kafka_producer *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->conf = *conf;
    snprintf(p->timeout, sizeof p->timeout, "%lld", (long long)conf->timeout_ms);
    od_list_init(&p->waiting);
    od_deferred_init(&p->working, loop, on_working, p);
    p->timer = od_timer_new(loop, on_timer, p);
    p->client = (struct od_kafka_client){
        .loop = loop,
        .name = conf->kafka.name,
        .role = OD_KAFKA_PRODUCER,
        .quiet = conf->quiet,
        .events = on_working,
        .opened = on_opened,
        .closed = on_client_closed,
        .ctx = p,
    };
    return p;
}

void od_kafka_producer_send(struct od_kafka_producer *p, struct od_kafka_record *r)
{
    od_list_push(&p->waiting, &r->node);
    od_deferred_arm(&p->working);
}

void od_kafka_producer_close(struct od_kafka_producer *p, void (*closed)(void *ctx), void *ctx)
{
    p->closing = true;
    p->closed = closed;
    p->closed_ctx = ctx;
    if (p->client.state == OD_KAFKA_OPEN)
        rd_kafka_purge(p->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
    od_timer_start(p->timer, LINGER_MS, LINGER_MS);
    od_deferred_arm(&p->working);
}
