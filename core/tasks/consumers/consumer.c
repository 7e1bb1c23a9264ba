#include "tasks/consumers/consumer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "base/log.h"
#include "kafka/producer.h"
#include "loop/timer.h"
#include "tasks/receivers.h"

enum {
    HEADERS_MAX = 1 << 20,
    ADDED = 9,             /* headers of a dead letter, at most */
    DEAD_LETTER_MS = 2500, /* for one attempt to write it; a stop waits for it */
};

enum job_state { JOB_ASKS = 0, JOB_WAITS, JOB_BURIES };

/* A message on its way. */
struct job {
    struct od_consumer *consumer;
    struct od_kafka_message *message;
    struct od_arena arena;
    struct od_timer timer;
    enum job_state state;
    bool hurried;
    uint32_t attempts; /* that the receiver failed of */
    uint32_t waits;
    struct od_str code, reason; /* once it is to be buried: why */
    bool without_value;         /* the brokers find it too large as it is */
    struct od_kafka_record letter;
};

struct od_consumer {
    struct od_loop *loop;
    struct od_receivers *receivers;
    struct od_consumer_conf *conf;
    struct od_kafka_consumer *kafka;
    struct od_kafka_producer *graveyard; /* of dead letters; NULL: there were none yet */
    struct od_consumer_stats stats;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static void bury(struct job *j);

/* ---- the end of a message */

static void on_timer_closed(void *ctx)
{
    struct job *j = ctx;
    od_arena_fini(&j->arena);
    free(j);
}

static void end(struct job *j, bool done)
{
    od_kafka_message_end(j->message, done);
    od_timer_close(&j->timer, on_timer_closed);
}

/* Later, unless the partition goes to somebody else, who reads it again. */
static void try_later(struct job *j, const char *code, struct od_str reason)
{
    const struct od_consumer_conf *conf = j->consumer->conf;
    int64_t ms = conf->retry_min_ms << (j->waits < 20 ? j->waits : 20);
    if (j->hurried) {
        end(j, false);
        return;
    }
    if (j->waits++ == 0)
        od_warn("message_waits",
                "consumer=%.*s topic=%.*s partition=%d offset=%lld code=%s reason=\"%.*s\"",
                OD_STR_ARG(conf->name), OD_STR_ARG(j->message->topic), (int)j->message->partition,
                (long long)j->message->offset, code, OD_STR_ARG(reason));
    j->consumer->stats.retried++;
    j->consumer->stats.waiting++;
    j->state = JOB_WAITS;
    od_timer_start(&j->timer, (uint64_t)(ms < conf->retry_max_ms ? ms : conf->retry_max_ms), 0);
}

/* ---- dead letters */

static void on_buried(struct od_kafka_record *r, enum od_kafka_sent how, struct od_str why)
{
    struct job *j = r->ctx;
    switch (how) {
    case OD_KAFKA_WRITTEN:
        j->consumer->stats.dead_letter++;
        end(j, true);
        return;
    case OD_KAFKA_REFUSED:
        if (!j->without_value) {
            j->without_value = true;
            bury(j);
            return;
        }
        try_later(j, "dead_letter_refused", why);
        return;
    case OD_KAFKA_LATER:
    case OD_KAFKA_AWAY:
        try_later(j, "dead_letter_unwritten", why);
        return;
    case OD_KAFKA_CLOSED:
        end(j, false);
        return;
    }
}

static struct od_kafka_producer *graveyard(struct od_consumer *c)
{
    const struct od_kafka_producer_conf conf = {
        .kafka = od_consumer_client(c->conf),
        .timeout_ms = DEAD_LETTER_MS,
        .any_size = true,
        .quiet = true, /* its properties are the consumer's */
    };
    if (!c->graveyard)
        c->graveyard = od_kafka_producer_new(c->loop, &conf);
    return c->graveyard;
}

static struct od_kafka_header text(const char *name, struct od_str value)
{
    return (struct od_kafka_header){od_str_of(name), value};
}

/* The message as it came, with what became of it. */
static void bury(struct job *j)
{
    struct od_consumer *c = j->consumer;
    const struct od_kafka_message *m = j->message;
    struct od_arena *a = &j->arena;
    struct od_buf now;
    struct od_kafka_header *h = OD_NEW_ARRAY(a, struct od_kafka_header, m->header_count + ADDED);
    size_t n = 0;
    for (; n < m->header_count; n++)
        h[n] = m->headers[n];
    od_buf_init(&now, 64);
    od_time_format(&now, od_clock_us());
    h[n++] = text("orderd-topic", m->topic);
    h[n++] = text("orderd-partition", od_arena_printf(a, "%d", (int)m->partition));
    h[n++] = text("orderd-offset", od_arena_printf(a, "%lld", (long long)m->offset));
    h[n++] = text("orderd-receiver", c->conf->receiver);
    h[n++] = text("orderd-code", j->code);
    h[n++] = text("orderd-reason", j->reason);
    h[n++] = text("orderd-attempts", od_arena_printf(a, "%u", (unsigned)j->attempts + 1));
    h[n++] = text("orderd-at", od_arena_str(a, od_buf_view(&now)));
    if (j->without_value)
        h[n++] = text("orderd-value", OD_STR("left out: the brokers find it too large"));
    od_buf_fini(&now);
    j->state = JOB_BURIES;
    j->letter = (struct od_kafka_record){
        .topic = c->conf->dead_letter,
        .key = m->key,
        .value = j->without_value ? OD_STR_NONE : m->value,
        .headers = h,
        .header_count = n,
        .sent = on_buried,
        .ctx = j,
    };
    od_kafka_producer_send(graveyard(c), &j->letter);
}

static void give_up(struct job *j, const struct od_received_answer *answer)
{
    j->code = od_arena_str(&j->arena, od_str_of(answer->code));
    j->reason = od_arena_str(&j->arena,
                             answer->detail.ptr ? answer->detail : OD_STR("no reason was given"));
    od_warn("message_dead",
            "consumer=%.*s topic=%.*s partition=%d offset=%lld code=%.*s reason=\"%.*s\"",
            OD_STR_ARG(j->consumer->conf->name), OD_STR_ARG(j->message->topic),
            (int)j->message->partition, (long long)j->message->offset, OD_STR_ARG(j->code),
            OD_STR_ARG(j->reason));
    bury(j);
}

/* ---- receivers */

static void on_answer(void *ctx, const struct od_received_answer *answer)
{
    struct job *j = ctx;
    struct od_consumer_stats *stats = &j->consumer->stats;
    switch (answer->status) {
    case 200:
        stats->accepted += od_str_is(OD_STR("accepted"), answer->code);
        stats->ignored += od_str_is(OD_STR("ignored"), answer->code);
        end(j, true);
        return;
    case 202:
        stats->parked++;
        end(j, true);
        return;
    case 404: /* a plugin that has it may be loaded */
    case 503:
        try_later(j, answer->code, answer->detail);
        return;
    case 500:
    case 504:
        if (++j->attempts < (uint32_t)j->consumer->conf->max_attempts) {
            try_later(j, answer->code, answer->detail);
            return;
        }
        j->attempts--;
        give_up(j, answer);
        return;
    default:
        give_up(j, answer);
        return;
    }
}

static struct od_str lower(struct od_str name, struct od_arena *a)
{
    char *out = od_arena_alloc(a, name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        out[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
    out[name.len] = '\0';
    return od_str_n(out, name.len);
}

/* Of those of one name the last counts. Scripts are given text alone. */
static bool shown(const struct od_kafka_message *m, size_t i)
{
    const struct od_kafka_header *h = &m->headers[i];
    if (!h->value.ptr || !od_utf8_valid(h->value) || !od_utf8_valid(h->name))
        return false;
    for (size_t n = i + 1; n < m->header_count; n++) {
        if (od_str_eq_nocase(m->headers[n].name, h->name))
            return false;
    }
    return true;
}

static struct od_str headers_json(const struct od_kafka_message *m, struct od_arena *a)
{
    struct od_buf out;
    struct od_json_writer w;
    od_buf_init(&out, HEADERS_MAX);
    od_jw_init(&w, &out);
    od_jw_object(&w);
    for (size_t i = 0; i < m->header_count; i++) {
        if (!shown(m, i))
            continue;
        od_jw_key_str(&w, lower(m->headers[i].name, a));
        od_jw_str(&w, m->headers[i].value);
    }
    od_jw_object_end(&w);
    struct od_str json = out.overflow ? OD_STR("{}") : od_arena_str(a, od_buf_view(&out));
    od_buf_fini(&out);
    return json;
}

static void ask(struct job *j)
{
    const struct od_kafka_message *m = j->message;
    const struct od_received received = {
        .source = j->consumer->conf->receiver,
        .body = m->value.ptr ? m->value : OD_STR(""),
        .headers = headers_json(m, &j->arena),
        .received_at = od_clock_us(),
        .topic = m->topic,
        .key = m->key,
        .partition = m->partition,
        .offset = m->offset,
    };
    j->state = JOB_ASKS;
    od_receivers_take(j->consumer->receivers, &received, on_answer, j);
}

static void on_timer(void *ctx)
{
    struct job *j = ctx;
    j->consumer->stats.waiting--;
    if (j->code.ptr)
        bury(j);
    else
        ask(j);
}

static void on_message(void *ctx, struct od_kafka_message *m)
{
    struct od_consumer *c = ctx;
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        abort();
    j->consumer = c;
    j->message = m;
    m->user = j;
    od_arena_init(&j->arena);
    od_timer_init(&j->timer, c->loop, on_timer, j);
    ask(j);
}

/* What runs or is written may end; who waits ends. */
static void on_hurry(void *ctx, struct od_kafka_message *m)
{
    struct job *j = m->user;
    (void)ctx;
    j->hurried = true;
    if (j->state != JOB_WAITS)
        return;
    j->consumer->stats.waiting--;
    od_timer_stop(&j->timer);
    end(j, false);
}

/* ---- */

struct od_consumer *od_consumer_new(struct od_loop *loop, struct od_receivers *receivers,
                                    struct od_consumer_conf *conf)
{
    struct od_consumer *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->loop = loop;
    c->receivers = receivers;
    c->conf = conf;
    const struct od_kafka_consumer_conf kafka = {
        .kafka = od_consumer_client(conf),
        .topics = conf->topics,
        .group = conf->group,
        .ctx = c,
        .message = on_message,
        .hurry = on_hurry,
    };
    c->kafka = od_kafka_consumer_new(loop, &kafka);
    return c;
}

const struct od_consumer_conf *od_consumer_conf(const struct od_consumer *c)
{
    return c->conf;
}

const struct od_consumer_stats *od_consumer_stats(const struct od_consumer *c)
{
    return &c->stats;
}

void od_consumer_state(const struct od_consumer *c, struct od_kafka_consumer_state *out)
{
    *out = (struct od_kafka_consumer_state){.trouble = OD_STR("it is being closed")};
    if (c->kafka)
        od_kafka_consumer_state(c->kafka, out);
}

static void on_closed(void *ctx)
{
    struct od_consumer *c = ctx;
    void (*closed)(void *ctx) = c->closed;
    void *closed_ctx = c->closed_ctx;
    od_consumer_conf_free(c->conf);
    free(c);
    closed(closed_ctx);
}

/* All messages have ended, so no letter is under way. */
static void on_kafka_closed(void *ctx)
{
    struct od_consumer *c = ctx;
    c->kafka = NULL;
    if (c->graveyard)
        od_kafka_producer_close(c->graveyard, on_closed, c);
    else
        on_closed(c);
}

void od_consumer_close(struct od_consumer *c, void (*closed)(void *ctx), void *ctx)
{
    c->closed = closed;
    c->closed_ctx = ctx;
    od_kafka_consumer_close(c->kafka, on_kafka_closed, c);
}
