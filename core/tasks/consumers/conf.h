#ifndef OD_TASKS_CONSUMERS_CONF_H
#define OD_TASKS_CONSUMERS_CONF_H

#include "base/arena.h"
#include "conf/conf.h"
#include "kafka/kafka.h"

/* The consumers of a configuration: the sections [consumer.NAME]. */

struct od_consumer_conf {
    struct od_arena arena; /* has all of it */
    struct od_str name, section;
    struct od_str text; /* all that it was read from, to tell whether it has changed */
    struct od_conf_pairs properties;
    struct od_str brokers, topics, group, receiver, dead_letter;
    int64_t max_attempts, retry_min_ms, retry_max_ms;
};

struct od_kafka_conf od_consumer_client(const struct od_consumer_conf *c);

/* Calls next(ctx, conf) for each consumer, which takes conf over. Nothing is called when one of
 * them is wrong. */
int od_consumers_read(const struct od_conf *c,
                      void (*next)(void *ctx, struct od_consumer_conf *conf), void *ctx,
                      struct od_err *err) OD_MUST_CHECK;
void od_consumer_conf_free(struct od_consumer_conf *c); /* NULL allowed */
/* 0 when od_consumers_read would succeed, and a client can be made of each. It may take a while;
 * see od_kafka_try. */
int od_consumers_check(const struct od_conf *c, struct od_err *err) OD_MUST_CHECK;

#endif
