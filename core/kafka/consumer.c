#include "kafka/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "base/json/json.h"
#include "base/log.h"
#include "kafka/client.h"
#include "loop/timer.h"

enum {
    TICK_MS = 200, /* between commits */
    POLL_TICKS =
        5, /* the group must be polled although no message comes: see max.poll.interval.ms */
    AGAIN_TICKS = 50, /* one that could not be made, because a file is gone say, is tried again */
    LEAVE_MS = 3000,  /* what is under way may end before its partition goes */
    CLOSE_MS = 3000,  /* the group may answer that one has left */
    EVENTS_AT_ONCE = 1000, /* of the group; messages have queues of their own */
    STATS_DEPTH = 32,
};

struct partition {
    struct od_list node; /* of the consumer's */
    struct od_kafka_consumer *consumer;
    char *topic;
    int32_t id;
    rd_kafka_queue_t *queue;
    bool leaving;            /* nothing more begins */
    struct message *now;     /* under way */
    int64_t done, committed; /* offsets of the next message; -1: not known */
};

struct message {
    struct od_kafka_message m;
    struct od_kafka_consumer *consumer;
    struct partition *partition; /* NULL: it is somebody else's by now */
    rd_kafka_event_t *event;     /* has the memory */
    struct od_arena arena;
};

struct od_kafka_consumer {
    struct od_kafka_client client;
    struct od_kafka_consumer_conf conf;
    struct od_list partitions;
    size_t under_way;
    rd_kafka_event_t *revoking; /* partitions that are to go, when what is under way has ended */
    uint64_t deadline_ms;       /* of that, and of the close */
    bool committing;
    bool up;
    int64_t lag;
    unsigned ticks;
    enum { OPEN = 0, DRAINING, LEAVING } ending;
    bool closing; /* asked for */
    struct od_deferred working;
    struct od_timer *timer;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

#define EACH(c, p)                                                                                 \
    for (struct od_list *n_ = (c)->partitions.next, *next_;                                        \
         next_ = n_->next, n_ != &(c)->partitions; n_ = next_)                                     \
        for (struct partition *p = OD_LIST_ENTRY(n_, struct partition, node); p; p = NULL)

static struct partition *find(const struct od_kafka_consumer *c, const char *topic, int32_t id)
{
    EACH(c, p)
    {
        if (p->id == id && strcmp(p->topic, topic) == 0)
            return p;
    }
    return NULL;
}

/* ---- messages */

static struct od_str bytes_of(const void *ptr, size_t len)
{
    return ptr ? od_str_n(ptr, len) : OD_STR_NONE;
}

static void read_headers(struct message *m, const rd_kafka_message_t *from)
{
    rd_kafka_headers_t *all;
    const char *name;
    const void *value;
    size_t size, count;
    if (rd_kafka_message_headers(from, &all))
        return;
    count = rd_kafka_header_cnt(all);
    struct od_kafka_header *headers = OD_NEW_ARRAY(&m->arena, struct od_kafka_header, count + 1);
    for (size_t i = 0; rd_kafka_header_get_all(all, i, &name, &value, &size) == 0; i++)
        headers[m->m.header_count++] =
            (struct od_kafka_header){od_str_of(name), bytes_of(value, size)};
    m->m.headers = headers;
}

static void begin(struct partition *p, rd_kafka_event_t *event, const rd_kafka_message_t *from)
{
    struct message *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    od_arena_init(&m->arena);
    m->consumer = p->consumer;
    m->partition = p;
    m->event = event;
    m->m = (struct od_kafka_message){
        .topic = od_arena_str(&m->arena, od_str_of(p->topic)),
        .partition = p->id,
        .offset = from->offset,
        .key = bytes_of(from->key, from->key_len),
        .value = bytes_of(from->payload, from->len),
    };
    read_headers(m, from);
    p->now = m;
    p->consumer->under_way++;
    p->consumer->conf.message(p->consumer->conf.ctx, &m->m);
}

/* The next message of the partition, unless one is under way. */
static void serve(struct partition *p)
{
    while (!p->now && !p->leaving) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(p->queue, 0);
        const rd_kafka_message_t *m;
        if (!event)
            return;
        m = rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH ? rd_kafka_event_message_next(event)
                                                               : NULL;
        if (m && !m->err) {
            begin(p, event, m);
            return; /* it may have ended, and it was others' turn */
        }
        if (m)
            od_kafka_client_error(&p->consumer->client, m->err, rd_kafka_message_errstr(m));
        else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            od_kafka_client_error(&p->consumer->client, rd_kafka_event_error(event),
                                  rd_kafka_event_error_string(event));
        rd_kafka_event_destroy(event);
    }
}

void od_kafka_message_end(struct od_kafka_message *message, bool done)
{
    struct message *m = (struct message *)message;
    struct od_kafka_consumer *c = m->consumer;
    struct partition *p = m->partition;
    if (p) {
        OD_ASSERT(p->now == m);
        p->now = NULL;
        p->done = done ? m->m.offset + 1 : p->done;
        p->leaving = p->leaving || !done;
    }
    rd_kafka_event_destroy(m->event);
    od_arena_fini(&m->arena);
    free(m);
    c->under_way--;
    od_deferred_arm(&c->working);
}

/* ---- offsets */

static void commit(struct od_kafka_consumer *c)
{
    rd_kafka_topic_partition_list_t *list;
    if (c->committing || c->client.state != OD_KAFKA_OPEN)
        return;
    list = rd_kafka_topic_partition_list_new(1);
    EACH(c, p)
    {
        if (p->done > p->committed)
            rd_kafka_topic_partition_list_add(list, p->topic, p->id)->offset = p->done;
    }
    c->committing = list->cnt > 0 &&
                    rd_kafka_commit_queue(c->client.rk, list, c->client.queue, NULL, NULL) == 0;
    rd_kafka_topic_partition_list_destroy(list);
}

/* What was not committed is committed at the next tick. */
static void on_committed(struct od_kafka_consumer *c, rd_kafka_event_t *e)
{
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(e);
    c->committing = false;
    for (int i = 0; !rd_kafka_event_error(e) && list && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &list->elems[i];
        struct partition *p = find(c, part->topic, part->partition);
        if (p && !part->err)
            p->committed = part->offset;
    }
}

/* ---- partitions come and go */

static void add_partition(struct od_kafka_consumer *c, const char *topic, int32_t id)
{
    const uint64_t one = 1;
    struct partition *p = find(c, topic, id);
    if (p)
        return;
    p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->consumer = c;
    p->topic = strdup(topic);
    if (!p->topic)
        abort();
    p->id = id;
    p->done = p->committed = -1;
    /* A queue of its own, which is not read while a message is under way. That must stand before
     * the partition is assigned, or its first messages come to the group's queue. */
    p->queue = rd_kafka_queue_get_partition(c->client.rk, topic, id);
    rd_kafka_queue_forward(p->queue, NULL);
    rd_kafka_queue_io_event_enable(p->queue, od_wake_fd(c->client.wake), &one, sizeof one);
    od_list_push(&c->partitions, &p->node);
}

static void free_partition(struct partition *p)
{
    if (p->now) /* it ends by itself, and is not committed */
        p->now->partition = NULL;
    rd_kafka_queue_io_event_enable(p->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(p->queue);
    od_list_remove(&p->node);
    free(p->topic);
    free(p);
}

static bool cooperative(const struct od_kafka_consumer *c)
{
    return strcmp(rd_kafka_rebalance_protocol(c->client.rk), "COOPERATIVE") == 0;
}

static void tell_assigned(struct od_kafka_consumer *c, rd_kafka_error_t *e,
                          rd_kafka_resp_err_t code)
{
    if (e) {
        od_kafka_client_error(&c->client, rd_kafka_error_code(e), rd_kafka_error_string(e));
        rd_kafka_error_destroy(e);
    } else if (code) {
        od_kafka_client_error(&c->client, code, NULL);
    }
}

/* Assigning asks a thread of librdkafka that never waits for the network. */
static void assign(struct od_kafka_consumer *c, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        add_partition(c, list->elems[i].topic, list->elems[i].partition);
    if (cooperative(c))
        tell_assigned(c, rd_kafka_incremental_assign(c->client.rk, list), 0);
    else
        tell_assigned(c, NULL, rd_kafka_assign(c->client.rk, list));
    od_deferred_arm(&c->working);
}

static void hurry(struct partition *p)
{
    p->leaving = true;
    if (p->now)
        p->consumer->conf.hurry(p->consumer->conf.ctx, &p->now->m);
}

static void begin_revoke(struct od_kafka_consumer *c, rd_kafka_event_t *e)
{
    const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(e);
    c->revoking = e;
    c->deadline_ms = od_loop_now_ms(c->client.loop) + LEAVE_MS;
    for (int i = 0; i < list->cnt; i++) {
        struct partition *p = find(c, list->elems[i].topic, list->elems[i].partition);
        if (p)
            hurry(p);
    }
    od_deferred_arm(&c->working);
}

static void end_revoke(struct od_kafka_consumer *c)
{
    rd_kafka_event_t *e = c->revoking;
    rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(e);
    c->revoking = NULL;
    for (int i = 0; i < list->cnt; i++) {
        struct partition *p = find(c, list->elems[i].topic, list->elems[i].partition);
        if (p)
            free_partition(p);
    }
    if (cooperative(c))
        tell_assigned(c, rd_kafka_incremental_unassign(c->client.rk, list), 0);
    else
        tell_assigned(c, NULL, rd_kafka_assign(c->client.rk, NULL));
    rd_kafka_event_destroy(e);
}

/* All that was done is committed before the group gives the partitions to somebody else, unless it
 * has done so already. */
static void proceed_revoke(struct od_kafka_consumer *c)
{
    const rd_kafka_topic_partition_list_t *list;
    bool waits = false;
    if (!c->revoking)
        return;
    list = rd_kafka_event_topic_partition_list(c->revoking);
    for (int i = 0; i < list->cnt; i++) {
        const struct partition *p = find(c, list->elems[i].topic, list->elems[i].partition);
        waits = waits || (p && (p->now || p->done > p->committed));
    }
    if (waits && !rd_kafka_assignment_lost(c->client.rk) &&
        od_loop_now_ms(c->client.loop) < c->deadline_ms) {
        commit(c);
        return;
    }
    end_revoke(c);
}

static void on_rebalance(struct od_kafka_consumer *c, rd_kafka_event_t *e)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(e);
    if (rd_kafka_event_error(e) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        od_info("consumer_assigned", "client=%.*s partitions=%d", OD_STR_ARG(c->client.name),
                list->cnt);
        assign(c, list);
        rd_kafka_event_destroy(e);
        return;
    }
    od_info("consumer_revoked", "client=%.*s partitions=%d", OD_STR_ARG(c->client.name),
            list ? list->cnt : 0);
    begin_revoke(c, e);
}

/* ---- librdkafka's statistics, once a second */

static int64_t number_of(const struct od_json *object, const char *name)
{
    const struct od_json *v = od_json_get(object, name);
    int64_t n;
    return v && od_json_i64(v, 0, INT64_MAX, &n) ? n : 0;
}

static int64_t lag_of(const struct od_json *topics)
{
    int64_t lag = 0;
    for (const struct od_json *t = topics ? topics->child : NULL; t; t = t->next) {
        const struct od_json *partitions = od_json_get(t, "partitions");
        for (const struct od_json *p = partitions ? partitions->child : NULL; p; p = p->next)
            lag += number_of(p, "consumer_lag");
    }
    return lag;
}

static bool any_up(const struct od_json *brokers)
{
    for (const struct od_json *b = brokers ? brokers->child : NULL; b; b = b->next) {
        const struct od_json *state = od_json_get(b, "state");
        if (state && od_str_is(state->text, "UP"))
            return true;
    }
    return false;
}

static void on_stats(struct od_kafka_consumer *c, struct od_str text)
{
    struct od_arena arena;
    struct od_json *stats;
    struct od_err err;
    od_arena_init(&arena);
    if (od_json_parse(&arena, text, STATS_DEPTH, &stats, &err) == 0) {
        c->up = any_up(od_json_get(stats, "brokers"));
        c->lag = lag_of(od_json_get(stats, "topics"));
        if (c->up)
            od_kafka_client_well(&c->client);
    }
    od_arena_fini(&arena);
}

/* ---- events */

/* True: the event is kept. */
static bool on_event(struct od_kafka_consumer *c, rd_kafka_event_t *e)
{
    switch (rd_kafka_event_type(e)) {
    case RD_KAFKA_EVENT_REBALANCE:
        on_rebalance(c, e);
        return true;
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
        on_committed(c, e);
        return false;
    case RD_KAFKA_EVENT_STATS:
        on_stats(c, od_str_of(rd_kafka_event_stats(e)));
        return false;
    case RD_KAFKA_EVENT_FETCH: /* an error about a topic; messages come by their partitions */
        for (const rd_kafka_message_t *m; (m = rd_kafka_event_message_next(e));)
            od_kafka_client_error(&c->client, m->err, rd_kafka_message_errstr(m));
        return false;
    case RD_KAFKA_EVENT_ERROR:
        od_kafka_client_error(&c->client, rd_kafka_event_error(e), rd_kafka_event_error_string(e));
        return false;
    default:
        return false;
    }
}

static void read_events(struct od_kafka_consumer *c)
{
    for (int i = 0; i < EVENTS_AT_ONCE; i++) {
        rd_kafka_event_t *e = rd_kafka_queue_poll(c->client.queue, 0);
        if (!e)
            return;
        if (!on_event(c, e))
            rd_kafka_event_destroy(e);
    }
    od_deferred_arm(&c->working);
}

/* ---- the end */

static void end(struct od_kafka_consumer *c)
{
    void (*closed)(void *ctx) = c->closed;
    void *ctx = c->closed_ctx;
    od_deferred_cancel(&c->working);
    od_timer_free(c->timer);
    free(c);
    closed(ctx);
}

/* Leaves the group when what is under way has ended, or has had its time. */
static void leave(struct od_kafka_consumer *c)
{
    bool dirty = false;
    EACH(c, p)
    dirty = dirty || p->done > p->committed;
    if ((c->under_way || dirty) && od_loop_now_ms(c->client.loop) < c->deadline_ms) {
        commit(c);
        return;
    }
    c->ending = LEAVING;
    c->deadline_ms = od_loop_now_ms(c->client.loop) + CLOSE_MS;
    rd_kafka_error_t *e = rd_kafka_consumer_close_queue(c->client.rk, c->client.queue);
    if (e)
        rd_kafka_error_destroy(e);
}

/* A message must not outlive its client. */
static void close_client(struct od_kafka_consumer *c)
{
    bool left =
        rd_kafka_consumer_closed(c->client.rk) || od_loop_now_ms(c->client.loop) >= c->deadline_ms;
    if (!left || c->under_way)
        return;
    if (c->revoking)
        rd_kafka_event_destroy(c->revoking);
    c->revoking = NULL;
    EACH(c, p)
    free_partition(p);
    od_kafka_client_close(&c->client);
}

static void on_working(void *ctx)
{
    struct od_kafka_consumer *c = ctx;
    if (c->client.state == OD_KAFKA_NONE && c->closing) {
        end(c);
        return;
    }
    if (c->client.state != OD_KAFKA_OPEN)
        return;
    read_events(c);
    EACH(c, p)
    serve(p);
    proceed_revoke(c);
    if (c->closing && c->ending == OPEN) {
        c->ending = DRAINING;
        c->deadline_ms = od_loop_now_ms(c->client.loop) + LEAVE_MS;
        EACH(c, p)
        hurry(p);
    }
    if (c->ending == DRAINING)
        leave(c);
    if (c->ending == LEAVING)
        close_client(c);
}

/* ---- the beginning */

static void make(struct od_kafka_consumer *c)
{
    char group[256];
    const struct od_kafka_property more[] = {{"group.id", group, true}, {NULL, NULL, false}};
    const char *key;
    struct od_err err;
    snprintf(group, sizeof group, "%.*s", OD_STR_ARG(c->conf.group));
    rd_kafka_conf_t *conf =
        od_kafka_properties(OD_KAFKA_CONSUMER, &c->conf.kafka, more, &key, &err);
    if (conf)
        od_kafka_client_open(&c->client, conf);
    else /* it was checked */
        od_error("kafka_failed", "client=%.*s reason=\"%s\"", OD_STR_ARG(c->client.name),
                 err.message);
}

static void subscribe(struct od_kafka_consumer *c)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    struct od_str rest = c->conf.topics, topic;
    char name[256];
    while (od_kafka_next_topic(&rest, &topic)) {
        snprintf(name, sizeof name, "%.*s", OD_STR_ARG(topic));
        rd_kafka_topic_partition_list_add(list, name, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(c->client.rk, list);
    if (code)
        od_kafka_client_error(&c->client, code, NULL);
    rd_kafka_topic_partition_list_destroy(list);
}

static void on_opened(void *ctx)
{
    struct od_kafka_consumer *c = ctx;
    if (c->client.state == OD_KAFKA_OPEN)
        subscribe(c);
    od_deferred_arm(&c->working);
}

static void on_tick(void *ctx)
{
    struct od_kafka_consumer *c = ctx;
    commit(c);
    if (c->client.state == OD_KAFKA_NONE && !c->closing && c->ticks % AGAIN_TICKS == 0)
        make(c);
    if (c->ending || c->revoking || c->ticks++ % POLL_TICKS == 0)
        on_working(c);
}

static void on_client_closed(void *ctx)
{
    end(ctx);
}

struct od_kafka_consumer *od_kafka_consumer_new(struct od_loop *loop,
                                                const struct od_kafka_consumer_conf *conf)
{
    struct od_kafka_consumer *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->conf = *conf;
    od_list_init(&c->partitions);
    od_deferred_init(&c->working, loop, on_working, c);
    c->timer = od_timer_new(loop, on_tick, c);
    c->client = (struct od_kafka_client){
        .loop = loop,
        .name = conf->kafka.name,
        .role = OD_KAFKA_CONSUMER,
        .events = on_working,
        .opened = on_opened,
        .closed = on_client_closed,
        .ctx = c,
    };
    make(c);
    od_timer_start(c->timer, TICK_MS, TICK_MS);
    return c;
}

void od_kafka_consumer_state(const struct od_kafka_consumer *c, struct od_kafka_consumer_state *out)
{
    *out = (struct od_kafka_consumer_state){
        .up = c->up,
        .trouble = od_str_of(c->client.error[0] ? c->client.error : c->client.trouble),
        .lag = c->lag,
    };
    EACH(c, p)
    out->partitions += !p->leaving;
}

void od_kafka_consumer_close(struct od_kafka_consumer *c, void (*closed)(void *ctx), void *ctx)
{
    c->closing = true;
    c->closed = closed;
    c->closed_ctx = ctx;
    od_deferred_arm(&c->working);
}
