#ifndef OD_KAFKA_PROPERTIES_H
#define OD_KAFKA_PROPERTIES_H

#include <librdkafka/rdkafka.h>

#include "kafka/kafka.h"

/* A property that orderd sets. A fixed one is not the configuration's to change, the others are
 * defaults. */
struct od_kafka_property {
    const char *name, *value;
    bool fixed;
};

/* librdkafka's configuration, for rd_kafka_new. Those of `more` (ended by a NULL name) come on top
 * of what every client has. NULL: err and *key say why, as of od_kafka_check. */
rd_kafka_conf_t *od_kafka_properties(enum od_kafka_role role, const struct od_kafka_conf *conf,
                                     const struct od_kafka_property *more, const char **key,
                                     struct od_err *err);

#endif
