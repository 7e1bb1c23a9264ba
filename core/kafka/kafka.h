#ifndef OD_KAFKA_KAFKA_H
#define OD_KAFKA_KAFKA_H

#include "base/err.h"
#include "base/list.h"
#include "base/str.h"
#include "conf/section.h"

/*
 * Kafka, by librdkafka, which has threads of its own. They are heard on the loop alone: each client
 * writes to a descriptor of the loop (loop/wake.h) when it has something to tell. What may take
 * time, making a client and destroying one, happens on a thread of the pool.
 *
 * librdkafka is optional when orderd is built. Without it this folder is absent.c: every check
 * refuses, so nothing else is ever called.
 */

struct od_kafka_conf {
    struct od_str name;                     /* who it is, for the log: "target.events" */
    struct od_str brokers;                  /* host:port, commas between them */
    const struct od_conf_pairs *properties; /* librdkafka's own, "kafka." before them in the file */
};

enum od_kafka_role { OD_KAFKA_PRODUCER = 0, OD_KAFKA_CONSUMER };

/* The properties are known, and take their values. A property that orderd sets itself is refused.
 * err says why, in librdkafka's words; *key is the first that is wrong, as it is written in the
 * file, or NULL. */
int od_kafka_check(enum od_kafka_role role, const struct od_kafka_conf *conf, const char **key,
                   struct od_err *err) OD_MUST_CHECK;
/* A client can be made of it: the settings fit together and the files that they name are there. It
 * connects to nobody, but it may take a while; it is for a start, a reload's thread or a
 * subcommand. */
int od_kafka_try(enum od_kafka_role role, const struct od_kafka_conf *conf,
                 struct od_err *err) OD_MUST_CHECK;

/* 1 to 249 of a-z, A-Z, 0-9, ., _ and -, but not . or .. alone. */
bool od_kafka_topic_valid(struct od_str topic);
/* Cuts the first off a list with commas or blanks between; false: there is none. */
bool od_kafka_next_topic(struct od_str *list, struct od_str *topic);

struct od_kafka_header {
    struct od_str name, value; /* value absent: null */
};

#endif
