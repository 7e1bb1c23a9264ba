/* Stands for the whole folder where orderd is built without librdkafka. */
#include "base/assert.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"

static int refuse(struct od_err *err)
{
    return od_err_set(err, OD_ERR_CONFIG,
                      "this orderd was built without librdkafka, so it cannot speak to Kafka: "
                      "install librdkafka-dev and build it again");
}

int od_kafka_check(enum od_kafka_role role, const struct od_kafka_conf *conf, const char **key,
                   struct od_err *err)
{
    (void)role, (void)conf;
    *key = NULL;
    return refuse(err);
}

int od_kafka_try(enum od_kafka_role role, const struct od_kafka_conf *conf, struct od_err *err)
{
    (void)role, (void)conf;
    return refuse(err);
}

/* Nobody gets this far, for every configuration that names Kafka is refused. */

struct od_kafka_producer *od_kafka_producer_new(struct od_loop *loop,
                                                const struct od_kafka_producer_conf *conf)
{
    (void)loop, (void)conf;
    OD_ASSERT(false);
    return NULL;
}

void od_kafka_producer_send(struct od_kafka_producer *p, struct od_kafka_record *r)
{
    (void)p, (void)r;
}

void od_kafka_producer_close(struct od_kafka_producer *p, void (*closed)(void *ctx), void *ctx)
{
    (void)p, (void)closed, (void)ctx;
}

struct od_kafka_consumer *od_kafka_consumer_new(struct od_loop *loop,
                                                const struct od_kafka_consumer_conf *conf)
{
    (void)loop, (void)conf;
    OD_ASSERT(false);
    return NULL;
}

void od_kafka_message_end(struct od_kafka_message *m, bool done)
{
    (void)m, (void)done;
}

void od_kafka_consumer_state(const struct od_kafka_consumer *c, struct od_kafka_consumer_state *out)
{
    (void)c;
    *out = (struct od_kafka_consumer_state){0};
}

void od_kafka_consumer_close(struct od_kafka_consumer *c, void (*closed)(void *ctx), void *ctx)
{
    (void)c, (void)closed, (void)ctx;
}
