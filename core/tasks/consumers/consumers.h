#ifndef OD_TASKS_CONSUMERS_CONSUMERS_H
#define OD_TASKS_CONSUMERS_CONSUMERS_H

#include "base/err.h"

/*
 * Topics of Kafka whose messages go to receivers (tasks/receivers.h), as those of POST
 * /webhooks/:source do. An offset is committed when the commands of its message are, or when the
 * message is kept in the database as parked; so a message comes at least once, and its idempotency
 * keys make that exactly once.
 *
 * What a receiver rejects, or fails of too often, goes to the dead-letter topic with the reason in
 * its headers, and the partition goes on behind it. What cannot be carried out now, because the
 * database is away or no plugin has the receiver, waits, and so does its partition.
 */

struct od_buf;
struct od_conf;
struct od_consumers;
struct od_json_writer;
struct od_loop;
struct od_receivers;

struct od_consumers *od_consumers_new(struct od_loop *loop, struct od_receivers *receivers);
/* Uses those of the configuration from now on. One whose section is as it was goes on undisturbed.
 */
int od_consumers_use(struct od_consumers *c, const struct od_conf *conf,
                     struct od_err *err) OD_MUST_CHECK;

/* The member "consumers" of the open object: those that cannot work now, with why:
 * {"fraud":"3/3 brokers are down"}. Nothing when all work. */
void od_consumers_write_trouble(const struct od_consumers *c, struct od_json_writer *w);
void od_consumers_metrics(const struct od_consumers *c, struct od_buf *out);

/* Messages under way may end, for some seconds; then the groups are left. stopped(ctx) is called
 * when all is gone, the object as well. */
void od_consumers_stop(struct od_consumers *c, void (*stopped)(void *ctx), void *ctx);

#endif
