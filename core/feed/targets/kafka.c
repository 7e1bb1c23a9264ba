#include <stdlib.h>
#include <string.h>

#include "feed/targets/cloudevent.h"
#include "feed/targets/kinds.h"
#include "kafka/producer.h"

/*
 * Records of a topic of Kafka, by the Kafka protocol binding of CloudEvents 1.0 in binary mode: the
 * attributes are headers (ce_id, ce_type, …), the value is the data. The key is the order's uuid,
 * so an order's records are in one partition. At most one of an order is under way, and one that
 * failed holds back the later ones: so they are written in order, whatever happens.
 *
 * A record is written when the brokers have acknowledged it. After a crash, and when the brokers do
 * not answer in time, it may be written once more, with the same ce_id.
 */

#define SECOND INT64_C(1000)

enum { AT_ONCE = 500, HEADERS = 8 };

struct kafka_conf {
    struct od_conf_pairs properties; /* first: see od_target_kind.prefix */
    struct od_str brokers, topic, source;
    int64_t timeout_ms;
};
#define AT(member) offsetof(struct kafka_conf, member)
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"target", "brokers", OD_CONF_STR, AT(brokers), "", 0, 0, NULL, true, "Where to begin: host:port, commas between them."},
    {"target", "topic", OD_CONF_STR, AT(topic), "", 0, 0, NULL, true, "The topic. It is there, or the brokers make it."},
    {"target", "source", OD_CONF_STR, AT(source), "/orderd", 0, 0, NULL, true, "The source that records name (ce_source), a URI reference."},
    {"target", "timeout", OD_CONF_DURATION, AT(timeout_ms), "15s", 10, 3600 * SECOND, NULL, true, "For one attempt, in which librdkafka itself tries again."},
};
/* clang-format on */

struct kafka {
    struct od_kafka_producer *producer;
    const struct kafka_conf *conf;
};

struct attempt {
    struct od_kafka_record record;
    struct od_arena arena;
    struct od_delivery *delivery;
};

static struct od_kafka_conf client_of(const struct od_target_conf *t)
{
    const struct kafka_conf *own = t->own;
    return (struct od_kafka_conf){t->section, own->brokers, &own->properties};
}

static int check(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    const struct kafka_conf *own = t->own;
    const struct od_kafka_conf client = client_of(t);
    struct od_err wrong;
    const char *key;
    if (od_kafka_check(OD_KAFKA_PRODUCER, &client, &key, &wrong))
        return od_conf_section_refuse(c, t->section, key ? key : "kind", wrong.message, err);
    if (!own->brokers.len)
        return od_conf_section_refuse(c, t->section, "brokers", "is needed, like kafka-1:9092",
                                      err);
    if (!od_kafka_topic_valid(own->topic))
        return od_conf_section_refuse(c, t->section, "topic",
                                      "is needed: 1 to 249 of a-z, A-Z, 0-9, ., _ and -", err);
    return 0;
}

static int try(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    const struct od_kafka_conf client = client_of(t);
    struct od_err wrong;
    if (od_kafka_try(OD_KAFKA_PRODUCER, &client, &wrong))
        return od_conf_section_refuse(c, t->section, "kind", wrong.message, err);
    return 0;
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    struct kafka *k = calloc(1, sizeof *k);
    if (!k)
        abort();
    k->conf = conf->own;
    const struct od_kafka_producer_conf producer = {
        .kafka = client_of(conf),
        .timeout_ms = k->conf->timeout_ms,
    };
    k->producer = od_kafka_producer_new(host->loop, &producer);
    return k;
}

static void on_sent(struct od_kafka_record *r, enum od_kafka_sent how, struct od_str why)
{
    static const enum od_delivery_outcome outcomes[] = {
        [OD_KAFKA_WRITTEN] = OD_DELIVERED,       [OD_KAFKA_REFUSED] = OD_DELIVERY_REFUSED,
        [OD_KAFKA_LATER] = OD_DELIVERY_LATER,    [OD_KAFKA_AWAY] = OD_DELIVERY_LATER,
        [OD_KAFKA_CLOSED] = OD_DELIVERY_DROPPED,
    };
    struct attempt *at = r->ctx;
    const struct od_delivery_result result = {
        .outcome = outcomes[how],
        .why = why,
        .one_alone = how == OD_KAFKA_LATER,
    };
    od_delivery_done(at->delivery, &result);
    od_arena_fini(&at->arena);
    free(at);
}

static size_t put_headers(struct od_kafka_header *h, const struct od_cloudevent *e)
{
    size_t n = 0;
    h[n++] =
        (struct od_kafka_header){OD_STR("content-type"), OD_STR("application/json; charset=utf-8")};
    h[n++] = (struct od_kafka_header){OD_STR("ce_specversion"), OD_STR(OD_CLOUDEVENT_VERSION)};
    h[n++] = (struct od_kafka_header){OD_STR("ce_id"), e->id};
    h[n++] = (struct od_kafka_header){OD_STR("ce_source"), e->source};
    h[n++] = (struct od_kafka_header){OD_STR("ce_type"), e->type};
    h[n++] = (struct od_kafka_header){OD_STR("ce_time"), e->time};
    if (e->subject.ptr)
        h[n++] = (struct od_kafka_header){OD_STR("ce_subject"), e->subject};
    return n;
}

static void begin(struct kafka *k, struct od_delivery *d)
{
    struct od_cloudevent e;
    struct attempt *at = calloc(1, sizeof *at);
    if (!at)
        abort();
    od_arena_init(&at->arena);
    at->delivery = d;
    od_cloudevent_make(d, k->conf->source, &e, &at->arena);
    struct od_kafka_header *headers = OD_NEW_ARRAY(&at->arena, struct od_kafka_header, HEADERS);
    at->record = (struct od_kafka_record){
        .topic = k->conf->topic,
        .key = d->uuid,
        .value = e.data,
        .headers = headers,
        .header_count = put_headers(headers, &e),
        .sent = on_sent,
        .ctx = at,
    };
    od_kafka_producer_send(k->producer, &at->record);
}

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    for (size_t i = 0; i < n; i++)
        begin(target, batch[i]);
}

static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    struct kafka *k = target;
    od_kafka_producer_close(k->producer, closed, ctx);
    free(k);
}

const struct od_target_kind od_target_kafka = {
    .name = "kafka",
    .file_only = "its brokers may be any address, and settings of librdkafka name files and "
                 "libraries of this "
                 "machine.",
    .help = "Records of a topic of Kafka (CloudEvents in binary mode), by librdkafka.",
    .keys = keys,
    .key_count = sizeof keys / sizeof *keys,
    .conf_size = sizeof(struct kafka_conf),
    .prefix = "kafka.",
    .concurrency = AT_ONCE,
    .ordered = true,
    .leaves = true,
    .check = check,
    .try = try,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
