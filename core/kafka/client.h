#ifndef OD_KAFKA_CLIENT_H
#define OD_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "kafka/kafka.h"
#include "kafka/properties.h"
#include "loop/wake.h"

/* What a producer and a consumer have in common: a handle of librdkafka that is made and destroyed
 * on a thread, and whose queue of events is heard on the loop. The owner embeds it. */

enum od_kafka_client_state {
    OD_KAFKA_NONE = 0, /* never made, or destroyed, or it could not be made */
    OD_KAFKA_OPENING,
    OD_KAFKA_OPEN,
    OD_KAFKA_CLOSING,
};

struct od_kafka_client {
    struct od_loop *loop;
    struct od_str name;
    enum od_kafka_role role;
    enum od_kafka_client_state state;
    rd_kafka_conf_t *conf; /* while opening */
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    struct od_wake *wake;
    char error[512]; /* why it could not be made; "": it could */
    bool quiet;
    bool in_trouble; /* and the log says so */
    char trouble[256];
    void (*events)(void *ctx); /* there are events */
    void (*opened)(void *ctx); /* it is OPEN, or NONE with an error */
    void (*closed)(void *ctx);
    void *ctx;
};

/* The owner has set loop, name, role and the callbacks; all else is zero. conf is taken over. */
void od_kafka_client_open(struct od_kafka_client *c, rd_kafka_conf_t *conf);
/* Destroys the handle; no event, message or queue of it may be left. A consumer has left its
 * group. */
void od_kafka_client_close(struct od_kafka_client *c);

/* Handles an event that both know, an error. The log says the first that matters, until all is
 * well again. */
void od_kafka_client_error(struct od_kafka_client *c, rd_kafka_resp_err_t code, const char *text);
void od_kafka_client_well(struct od_kafka_client *c);

#endif
