#ifndef OD_KAFKA_CONSUMER_H
#define OD_KAFKA_CONSUMER_H

#include "kafka/kafka.h"
#include "loop/loop.h"

/*
 * A member of a consumer group. Of each partition that it is given one message at a time is under
 * way, in order, so partitions go on beside each other. Messages that wait, wait in librdkafka,
 * which reads no more of a partition than a bound. The offset behind a message is committed after
 * the message was done, and only then; who dies in between reads it again.
 *
 * When partitions are to go to another member, those under way may end first, for a few seconds.
 */
struct od_kafka_consumer;

struct od_kafka_message {
    struct od_str topic, key, value; /* absent: null */
    int32_t partition;
    int64_t offset;
    const struct od_kafka_header *headers;
    size_t header_count;
    void *user; /* whoever handles it keeps something here */
};

struct od_kafka_consumer_conf {
    struct od_kafka_conf kafka;  /* outlives the consumer */
    struct od_str topics, group; /* commas or blanks between topics */
    void *ctx;
    /* A message has come; od_kafka_message_end ends it, once, perhaps in here. */
    void (*message)(void *ctx, struct od_kafka_message *m);
    /* Its partition goes to somebody else: it should end soon. */
    void (*hurry)(void *ctx, struct od_kafka_message *m);
};

struct od_kafka_consumer *od_kafka_consumer_new(struct od_loop *loop,
                                                const struct od_kafka_consumer_conf *conf);
/* done: the next one comes, and the offset is committed. Else nothing more comes of its partition
 * until the group gives it out again; so that is for a message that was hurried. */
void od_kafka_message_end(struct od_kafka_message *m, bool done);

struct od_kafka_consumer_state {
    bool up;               /* a broker is connected */
    struct od_str trouble; /* why not, or what else is wrong; "" when nothing is; borrowed */
    uint32_t partitions;   /* that it has */
    int64_t lag;           /* messages of these that are not committed yet, as of a second ago */
};
void od_kafka_consumer_state(const struct od_kafka_consumer *c,
                             struct od_kafka_consumer_state *out);

/* Hurries what is under way, commits, leaves the group and calls closed(ctx), never inside this
 * call, when every message has ended. */
void od_kafka_consumer_close(struct od_kafka_consumer *c, void (*closed)(void *ctx), void *ctx);

#endif
