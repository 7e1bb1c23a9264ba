#ifndef OD_KAFKA_PRODUCER_H
#define OD_KAFKA_PRODUCER_H

#include "kafka/kafka.h"
#include "loop/loop.h"

/*
 * An idempotent producer: records of one partition are written in the order in which they were
 * sent, each once while it lives, whatever the brokers do. The partition is chosen by the key as
 * Java clients choose it (murmur2_random).
 *
 * When librdkafka says that a producer cannot go on (a "fatal error"), it is made anew.
 */
struct od_kafka_producer;

enum od_kafka_sent {
    OD_KAFKA_WRITTEN = 0,
    OD_KAFKA_REFUSED, /* for good: it is too large, say */
    OD_KAFKA_LATER,   /* not known, or not tried; other records may well be written */
    OD_KAFKA_AWAY,    /* the same, and what it failed of others would fail of as well */
    OD_KAFKA_CLOSED,  /* the producer is being closed; not known, or not tried */
};

/* Memory and all that it points to are the caller's and stay as they are until it was sent. */
struct od_kafka_record {
    struct od_str topic;      /* ends in a NUL */
    struct od_str key, value; /* absent: null */
    const struct od_kafka_header *headers;
    size_t header_count;
    /* Called once, never inside of od_kafka_producer_send. why ends in a NUL. */
    void (*sent)(struct od_kafka_record *r, enum od_kafka_sent how, struct od_str why);
    void *ctx;
    struct od_list node; /* the producer's */
};

struct od_kafka_producer_conf {
    struct od_kafka_conf kafka; /* outlives the producer */
    int64_t timeout_ms; /* of a record that cannot be written, unless a property says otherwise */
    bool any_size;      /* the broker alone judges the size of records */
    bool quiet;         /* says nothing of properties that are not a producer's */
};

struct od_kafka_producer *od_kafka_producer_new(struct od_loop *loop,
                                                const struct od_kafka_producer_conf *conf);
void od_kafka_producer_send(struct od_kafka_producer *p, struct od_kafka_record *r);
/* Records that no broker was sent yet are given up at once, the others after a second; then
 * closed(ctx) is called, never inside this call. */
void od_kafka_producer_close(struct od_kafka_producer *p, void (*closed)(void *ctx), void *ctx);

#endif
