#ifndef OD_TASKS_CONSUMERS_CONSUMER_H
#define OD_TASKS_CONSUMERS_CONSUMER_H

#include "kafka/consumer.h"
#include "tasks/consumers/conf.h"

/* One consumer: the messages of its topics, on their way through the receiver. */

struct od_consumer;
struct od_loop;
struct od_receivers;

struct od_consumer_stats {
    uint64_t accepted, ignored, parked, dead_letter, retried;
    uint32_t waiting; /* messages that failed and are tried again */
};

/* It takes conf over. */
struct od_consumer *od_consumer_new(struct od_loop *loop, struct od_receivers *receivers,
                                    struct od_consumer_conf *conf);
const struct od_consumer_conf *od_consumer_conf(const struct od_consumer *c);
const struct od_consumer_stats *od_consumer_stats(const struct od_consumer *c);
void od_consumer_state(const struct od_consumer *c, struct od_kafka_consumer_state *out);
/* closed(ctx) is called, never inside this call, when it is gone. */
void od_consumer_close(struct od_consumer *c, void (*closed)(void *ctx), void *ctx);

#endif
