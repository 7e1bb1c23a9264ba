#include "tasks/consumers/consumers.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/json/json.h"
#include "base/list.h"
#include "loop/loop.h"
#include "tasks/consumers/consumer.h"

/* A name has one consumer at a time: when its section changes, the old one closes and then the new
 * one opens. */
struct slot {
    struct od_list node;
    struct od_consumers *owner;
    struct od_consumer *consumer;
    struct od_consumer_conf *next; /* when the present one is closed; NULL: none */
    bool wanted;                   /* by the configuration that is being used */
    bool closing;
};

struct od_consumers {
    struct od_loop *loop;
    struct od_receivers *receivers;
    struct od_list slots;
    struct od_deferred stopping;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

#define EACH(c, s)                                                                                 \
    for (struct od_list *n_ = (c)->slots.next, *next_; next_ = n_->next, n_ != &(c)->slots;        \
         n_ = next_)                                                                               \
        for (struct slot *s = OD_LIST_ENTRY(n_, struct slot, node); s; s = NULL)

static struct slot *find(const struct od_consumers *c, struct od_str name)
{
    EACH(c, s)
    {
        if (od_str_eq(od_consumer_conf(s->consumer)->name, name))
            return s;
    }
    return NULL;
}

static void check_stopped(struct od_consumers *c)
{
    if (c->stopped && od_list_empty(&c->slots))
        od_deferred_arm(&c->stopping);
}

static void on_closed(void *ctx)
{
    struct slot *s = ctx;
    struct od_consumers *c = s->owner;
    s->closing = false;
    if (s->next) {
        s->consumer = od_consumer_new(c->loop, c->receivers, s->next);
        s->next = NULL;
        return;
    }
    od_list_remove(&s->node);
    free(s);
    check_stopped(c);
}

static void close_slot(struct slot *s)
{
    if (s->closing)
        return;
    s->closing = true;
    od_consumer_close(s->consumer, on_closed, s);
}

static void take(void *ctx, struct od_consumer_conf *conf)
{
    struct od_consumers *c = ctx;
    struct slot *s = find(c, conf->name);
    if (!s) {
        s = calloc(1, sizeof *s);
        if (!s)
            abort();
        s->owner = c;
        s->wanted = true;
        s->consumer = od_consumer_new(c->loop, c->receivers, conf);
        od_list_push(&c->slots, &s->node);
        return;
    }
    s->wanted = true;
    if (!s->closing && od_str_eq(od_consumer_conf(s->consumer)->text, conf->text)) {
        od_consumer_conf_free(conf);
        return;
    }
    od_consumer_conf_free(s->next);
    s->next = conf;
    close_slot(s);
}

static void on_stopping(void *ctx)
{
    struct od_consumers *c = ctx;
    void (*stopped)(void *ctx) = c->stopped;
    void *stopped_ctx = c->stopped_ctx;
    free(c);
    stopped(stopped_ctx);
}

struct od_consumers *od_consumers_new(struct od_loop *loop, struct od_receivers *receivers)
{
    struct od_consumers *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->loop = loop;
    c->receivers = receivers;
    od_list_init(&c->slots);
    od_deferred_init(&c->stopping, loop, on_stopping, c);
    return c;
}

static void drop(struct slot *s)
{
    od_consumer_conf_free(s->next);
    s->next = NULL;
    close_slot(s);
}

int od_consumers_use(struct od_consumers *c, const struct od_conf *conf, struct od_err *err)
{
    OD_ASSERT(!c->stopped);
    EACH(c, s)
    s->wanted = false;
    if (od_consumers_read(conf, take, c, err))
        return -1;
    EACH(c, s)
    {
        if (!s->wanted)
            drop(s);
    }
    return 0;
}

void od_consumers_stop(struct od_consumers *c, void (*stopped)(void *ctx), void *ctx)
{
    c->stopped = stopped;
    c->stopped_ctx = ctx;
    EACH(c, s)
    drop(s);
    check_stopped(c);
}

/* ---- what is told of them */

void od_consumers_write_trouble(const struct od_consumers *c, struct od_json_writer *w)
{
    bool any = false;
    EACH(c, s)
    {
        struct od_kafka_consumer_state state;
        od_consumer_state(s->consumer, &state);
        if (state.up && !state.trouble.len)
            continue;
        if (!any) {
            od_jw_key(w, "consumers");
            od_jw_object(w);
        }
        any = true;
        od_jw_key_str(w, od_consumer_conf(s->consumer)->name);
        od_jw_str(w, state.trouble.len ? state.trouble : OD_STR("no broker is connected"));
    }
    if (any)
        od_jw_object_end(w);
}

struct figures {
    const struct od_consumer_stats *stats;
    struct od_kafka_consumer_state state;
};

static double up_of(const struct figures *f)
{
    return f->state.up;
}
static double partitions_of(const struct figures *f)
{
    return f->state.partitions;
}
static double lag_of(const struct figures *f)
{
    return (double)f->state.lag;
}
static double waiting_of(const struct figures *f)
{
    return f->stats->waiting;
}
static double retried_of(const struct figures *f)
{
    return (double)f->stats->retried;
}

static void write_outcomes(const struct od_consumers *c, struct od_buf *out)
{
    od_buf_str(out, OD_STR("# HELP orderd_consumer_messages_total Messages of Kafka, by what came "
                           "of them.\n# TYPE orderd_consumer_messages_total counter\n"));
    EACH(c, s)
    {
        const struct od_consumer_stats *t = od_consumer_stats(s->consumer);
        const struct {
            const char *outcome;
            uint64_t count;
        } rows[] = {{"accepted", t->accepted},
                    {"ignored", t->ignored},
                    {"parked", t->parked},
                    {"dead_letter", t->dead_letter}};
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            od_buf_printf(out,
                          "orderd_consumer_messages_total{consumer=\"%.*s\",outcome=\"%s\"} %llu\n",
                          OD_STR_ARG(od_consumer_conf(s->consumer)->name), rows[i].outcome,
                          (unsigned long long)rows[i].count);
    }
}

void od_consumers_metrics(const struct od_consumers *c, struct od_buf *out)
{
    static const struct {
        const char *name, *type, *help;
        double (*value)(const struct figures *f);
    } rows[] = {
        {"orderd_consumer_up", "gauge", "1 while a broker is connected.", up_of},
        {"orderd_consumer_partitions", "gauge", "Partitions that this process has.", partitions_of},
        {"orderd_consumer_lag", "gauge", "Messages of these that are not committed.", lag_of},
        {"orderd_consumer_waiting", "gauge", "Messages that failed and are tried again.",
         waiting_of},
        {"orderd_consumer_retries_total", "counter", "Attempts that failed.", retried_of},
    };
    if (od_list_empty(&c->slots))
        return;
    write_outcomes(c, out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        od_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name,
                      rows[i].type);
        EACH(c, s)
        {
            struct figures f = {.stats = od_consumer_stats(s->consumer)};
            od_consumer_state(s->consumer, &f.state);
            od_buf_printf(out, "%s{consumer=\"%.*s\"} %.15g\n", rows[i].name,
                          OD_STR_ARG(od_consumer_conf(s->consumer)->name), rows[i].value(&f));
        }
    }
}
