#include "kafka/properties.h"

#include <stdio.h>

enum { TEXT = 512 };

/* Memory is bounded: what a producer may hold, what a consumer reads ahead of each partition. */
static const struct od_kafka_property common[] = {
    {"client.id", "orderd", false},
    {"log.connection.close", "false", false},
    {"reconnect.backoff.max.ms", "2000", false}, /* who comes back is soon seen */
    {NULL, NULL, false},
};
static const struct od_kafka_property of_producers[] = {
    {"enable.idempotence", "true", true},
    {"partitioner", "murmur2_random", false},
    {"queue.buffering.max.kbytes", "65536", false},
    {NULL, NULL, false},
};
static const struct od_kafka_property of_consumers[] = {
    {"enable.auto.commit", "false", true},
    {"enable.auto.offset.store", "false", true},
    {"statistics.interval.ms", "1000", true},
    {"auto.offset.reset", "earliest", false},
    {"queued.min.messages", "1000", false},
    {"queued.max.messages.kbytes", "2048", false},
    {NULL, NULL, false},
};

/* These would change what orderd is built on, or run what it does not know. */
static const struct {
    const char *name, *why;
} denied[] = {
    {"bootstrap.servers", "orderd takes it from brokers"},
    {"metadata.broker.list", "orderd takes it from brokers"},
    {"group.id", "orderd takes it from group"},
    {"transactional.id", "orderd uses no transactions of Kafka"},
    {"plugin.library.paths", "orderd loads no plugins of librdkafka"},
    {"enable.partition.eof", "orderd sets it itself"},
    {"log.queue", "orderd sets it itself"},
};

static int set(rd_kafka_conf_t *c, const char *name, const char *value, struct od_err *err)
{
    char text[TEXT];
    if (rd_kafka_conf_set(c, name, value, text, sizeof text) == RD_KAFKA_CONF_OK)
        return 0;
    return od_err_set(err, OD_ERR_CONFIG, "%s", text);
}

static int set_all(rd_kafka_conf_t *c, const struct od_kafka_property *p, struct od_err *err)
{
    for (; p && p->name; p++) {
        if (set(c, p->name, p->value, err))
            return -1;
    }
    return 0;
}

static bool is_fixed(const struct od_kafka_property *p, struct od_str name)
{
    for (; p && p->name; p++) {
        if (p->fixed && od_str_is(name, p->name))
            return true;
    }
    return false;
}

static const char *denied_for(enum od_kafka_role role, const struct od_kafka_property *more,
                              struct od_str name)
{
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++) {
        if (od_str_is(name, denied[i].name))
            return denied[i].why;
    }
    if (is_fixed(role == OD_KAFKA_PRODUCER ? of_producers : of_consumers, name) ||
        is_fixed(more, name))
        return "orderd sets it itself";
    return NULL;
}

static int set_own(rd_kafka_conf_t *c, enum od_kafka_role role, const struct od_kafka_conf *conf,
                   const struct od_kafka_property *more, const char **key, struct od_err *err)
{
    for (size_t i = 0; i < conf->properties->count; i++) {
        const struct od_conf_pair *p = &conf->properties->items[i];
        const char *why = denied_for(role, more, p->name);
        *key = p->key.ptr;
        if (why)
            return od_err_set(err, OD_ERR_CONFIG, "%s", why);
        if (set(c, p->name.ptr, p->value.ptr, err))
            return -1;
    }
    *key = NULL;
    return 0;
}

rd_kafka_conf_t *od_kafka_properties(enum od_kafka_role role, const struct od_kafka_conf *conf,
                                     const struct od_kafka_property *more, const char **key,
                                     struct od_err *err)
{
    rd_kafka_conf_t *c = rd_kafka_conf_new();
    *key = NULL;
    if (set_all(c, common, err) == 0 &&
        set_all(c, role == OD_KAFKA_PRODUCER ? of_producers : of_consumers, err) == 0 &&
        set_all(c, more, err) == 0 && set(c, "bootstrap.servers", conf->brokers.ptr, err) == 0 &&
        set_own(c, role, conf, more, key, err) == 0)
        return c;
    rd_kafka_conf_destroy(c);
    return NULL;
}

int od_kafka_check(enum od_kafka_role role, const struct od_kafka_conf *conf, const char **key,
                   struct od_err *err)
{
    rd_kafka_conf_t *c = od_kafka_properties(role, conf, NULL, key, err);
    if (!c)
        return -1;
    rd_kafka_conf_destroy(c);
    return 0;
}

static void say_nothing(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

int od_kafka_try(enum od_kafka_role role, const struct od_kafka_conf *conf, struct od_err *err)
{
    static const struct od_kafka_property in_a_group[] = {{"group.id", "orderd", true},
                                                          {NULL, NULL, false}};
    struct od_kafka_conf nobody = *conf;
    const char *key;
    char text[TEXT];
    bool consumer = role == OD_KAFKA_CONSUMER;
    nobody.brokers = OD_STR(""); /* it connects to nobody */
    rd_kafka_conf_t *c =
        od_kafka_properties(role, &nobody, consumer ? in_a_group : NULL, &key, err);
    if (!c)
        return -1;
    rd_kafka_conf_set_log_cb(c, say_nothing);
    rd_kafka_t *rk =
        rd_kafka_new(consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, c, text, sizeof text);
    if (!rk) {
        rd_kafka_conf_destroy(c);
        return od_err_set(err, OD_ERR_CONFIG, "%s", text);
    }
    rd_kafka_destroy(rk);
    return 0;
}
