#include "api/message_limit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"

enum { SETS = 2048, WAYS = 4, BURST_S = 10, TELL_EVERY_S = 60 };
#define SECOND_US INT64_C(1000000)

/* Tokens are counted in millionths, so that a microsecond adds `rate` of them. A bucket may owe as
 * much as it can hold: then the wait is twice a burst at most. */
struct bucket {
    uint64_t pair; /* 0: free */
    int64_t tokens, at_us;
};

struct od_message_limit {
    struct od_message_limit_conf conf;
    struct bucket buckets[SETS][WAYS];
    uint64_t refused;
    int64_t told_us; /* when the log was told last; 0: never */
};

struct od_message_limit *od_message_limit_new(const struct od_message_limit_conf *conf)
{
    struct od_message_limit *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->conf = *conf;
    return l;
}

void od_message_limit_free(struct od_message_limit *l)
{
    free(l);
}

uint64_t od_message_limit_pair(struct od_str source, const uint8_t peer[OD_PEER_BYTES])
{
    uint64_t both[2] = {od_hash(source.ptr, source.len), od_hash(peer, OD_PEER_BYTES)};
    uint64_t pair = od_hash(both, sizeof both);
    return pair ? pair : 1;
}

static int64_t most(const struct od_message_limit *l)
{
    return l->conf.rate * BURST_S * SECOND_US;
}

static void refill(const struct od_message_limit *l, struct bucket *b, int64_t now_us)
{
    int64_t passed = now_us - b->at_us;
    if (passed > 2 * BURST_S * SECOND_US)
        passed = 2 * BURST_S * SECOND_US;
    b->tokens += passed * l->conf.rate;
    if (b->tokens > most(l))
        b->tokens = most(l);
    b->at_us = now_us;
}

static struct bucket *bucket_of(struct od_message_limit *l, uint64_t pair, int64_t now_us)
{
    struct bucket *set = l->buckets[pair % SETS], *found = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].pair)
            refill(l, &set[i], now_us);
        if (set[i].pair == pair)
            return &set[i];
    }
    for (size_t i = 0; i < WAYS && !(found && !found->pair); i++) {
        if (!found || !set[i].pair || set[i].tokens > found->tokens)
            found = &set[i];
    }
    *found = (struct bucket){pair, most(l), now_us};
    return found;
}

/* Once in a while, and by no name: who sends may be anybody. */
static void tell(struct od_message_limit *l, int64_t now_us)
{
    l->refused++;
    if (l->told_us && now_us - l->told_us < TELL_EVERY_S * SECOND_US)
        return;
    l->told_us = now_us;
    od_warn("messages_limited", "refused=%llu rate=%lld", (unsigned long long)l->refused,
            (long long)l->conf.rate);
}

unsigned od_message_limit_take(struct od_message_limit *l, uint64_t pair, int64_t now_us)
{
    if (l->conf.rate == 0)
        return 0;
    struct bucket *b = bucket_of(l, pair, now_us);
    if (b->tokens >= SECOND_US) {
        b->tokens -= SECOND_US;
        return 0;
    }
    tell(l, now_us);
    int64_t wait_us = (SECOND_US - b->tokens) / l->conf.rate;
    return (unsigned)(wait_us / SECOND_US) + 1;
}

void od_message_limit_forged(struct od_message_limit *l, uint64_t pair, int64_t now_us)
{
    if (l->conf.rate == 0)
        return;
    struct bucket *b = bucket_of(l, pair, now_us);
    b->tokens -= (l->conf.forged_cost - 1) * SECOND_US;
    if (b->tokens < -most(l))
        b->tokens = -most(l);
}

void od_message_limit_metrics(const struct od_message_limit *l, struct od_buf *out)
{
    od_buf_printf(out,
                  "# HELP orderd_messages_limited_total Messages of other systems that were "
                  "answered 429.\n# TYPE orderd_messages_limited_total counter\n"
                  "orderd_messages_limited_total %llu\n",
                  (unsigned long long)l->refused);
}
