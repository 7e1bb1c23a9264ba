#ifndef OD_API_MESSAGE_LIMIT_H
#define OD_API_MESSAGE_LIMIT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * How many messages one address may send to one source. POST /webhooks/:source asks nobody for a
 * key, and each message costs a run of Lua and an HMAC. Each pair of source and address has a
 * bucket: a message takes one of its tokens, and one that was not its sender's takes many. So
 * somebody who guesses is slowed long before a sender who is only busy.
 *
 * The table has a fixed size. When too many pairs share a place in it, the fullest bucket makes
 * room: forgetting it forgives least.
 */

struct od_message_limit;

struct od_message_limit_conf {
    int64_t rate;        /* messages a second, in bursts of ten seconds' worth; 0: no limit */
    int64_t forged_cost; /* what a message takes whose signature or source is wrong */
};

/* An address as the limit sees it: of IPv6 the network of 64 bits, which belongs to one host. */
enum { OD_PEER_BYTES = 16 };

struct od_message_limit *od_message_limit_new(const struct od_message_limit_conf *conf);
void od_message_limit_free(struct od_message_limit *l); /* NULL allowed */

/* Returns the name of the pair for the other two. */
uint64_t od_message_limit_pair(struct od_str source, const uint8_t peer[OD_PEER_BYTES]);
/* Takes a token. Returns 0, or after how many seconds there will be one. */
unsigned od_message_limit_take(struct od_message_limit *l, uint64_t pair, int64_t now_us);
/* The message that took a token was not its sender's. */
void od_message_limit_forged(struct od_message_limit *l, uint64_t pair, int64_t now_us);

void od_message_limit_metrics(const struct od_message_limit *l, struct od_buf *out);

#endif
