#include "access/lockout.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/map.h"

enum { SETS = 4096, WAYS = 4, USER_MAX = 320 };
#define SECOND_US INT64_C(1000000)

/* How many wrong passwords are nothing out of the ordinary. Behind one address many people may
 * work, and one user may type at many places. */
enum { FREE_PAIR = 4, FREE_ADDRESS = 30, FREE_USER = 30 };

struct count {
    uint64_t what; /* 0: free */
    int64_t last_us, until_us;
    uint32_t failures;
};

struct od_lockout {
    struct count counts[SETS][WAYS];
};

/* What an attempt counts for. */
struct kind {
    uint64_t what;
    uint32_t free;
};

struct od_lockout *od_lockout_new(void)
{
    struct od_lockout *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    return l;
}

void od_lockout_free(struct od_lockout *l)
{
    free(l);
}

static uint64_t hash_user(struct od_str user)
{
    char lower[USER_MAX];
    size_t n = user.len < sizeof lower ? user.len : sizeof lower;
    for (size_t i = 0; i < n; i++) {
        char c = user.ptr[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return od_hash(lower, n);
}

static struct kind kind(char letter, uint64_t one, uint64_t two, uint32_t free)
{
    const uint64_t all[] = {(uint64_t)letter, one, two};
    uint64_t what = od_hash(all, sizeof all);
    return (struct kind){what ? what : 1, free};
}

static size_t kinds_of(const struct od_lockout_who *who, struct kind out[3])
{
    uint64_t user = hash_user(who->user), address = od_hash(who->peer, 16);
    if (who->device.ptr) {
        out[0] = kind('d', od_hash(who->device.ptr, who->device.len), 0, FREE_PAIR);
        return 1;
    }
    out[0] = kind('p', user, address, FREE_PAIR);
    out[1] = kind('a', address, 0, FREE_ADDRESS);
    out[2] = kind('u', user, 0, FREE_USER);
    return 3;
}

static struct count *find(struct od_lockout *l, uint64_t what, int64_t now_us, bool make)
{
    struct count *set = l->counts[what % SETS], *least = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].what == what)
            return &set[i];
        if (make && set[i].what && now_us - set[i].last_us > OD_LOCKOUT_FORGET_S * SECOND_US)
            set[i] = (struct count){0};
        if (!least || (least->what && (!set[i].what || set[i].failures < least->failures)))
            least = &set[i];
    }
    if (!make)
        return NULL;
    *least = (struct count){.what = what, .last_us = now_us};
    return least;
}

static int64_t wait_us(uint32_t failures, uint32_t free)
{
    int64_t s = 1;
    if (failures <= free)
        return 0;
    for (uint32_t i = failures - free; i > 1 && s < OD_LOCKOUT_MAX_S; i--)
        s *= 2;
    return (s < OD_LOCKOUT_MAX_S ? s : OD_LOCKOUT_MAX_S) * SECOND_US;
}

unsigned od_lockout_try(struct od_lockout *l, const struct od_lockout_who *who, int64_t now_us)
{
    struct kind kinds[3];
    size_t n = kinds_of(who, kinds);
    int64_t until_us = now_us;
    for (size_t i = 0; i < n; i++) {
        const struct count *c = find(l, kinds[i].what, now_us, false);
        if (c && c->until_us > until_us)
            until_us = c->until_us;
    }
    if (until_us > now_us)
        return (unsigned)((until_us - now_us + SECOND_US - 1) / SECOND_US);
    for (size_t i = 0; i < n; i++) {
        struct count *c = find(l, kinds[i].what, now_us, true);
        if (now_us - c->last_us > OD_LOCKOUT_FORGET_S * SECOND_US)
            c->failures = 0;
        c->last_us = now_us;
        c->failures++;
        c->until_us = now_us + wait_us(c->failures, kinds[i].free);
    }
    return 0;
}

void od_lockout_undo(struct od_lockout *l, const struct od_lockout_who *who)
{
    struct kind kinds[3];
    size_t n = kinds_of(who, kinds);
    for (size_t i = 0; i < n; i++) {
        struct count *c = find(l, kinds[i].what, 0, false);
        if (!c || c->failures == 0)
            continue;
        c->failures--;
        c->until_us = c->last_us + wait_us(c->failures, kinds[i].free);
    }
}

/* The pair begins anew. What the address and the user are suspected of otherwise stays. */
void od_lockout_right(struct od_lockout *l, const struct od_lockout_who *who)
{
    struct kind kinds[3];
    kinds_of(who, kinds);
    od_lockout_undo(l, who);
    struct count *c = find(l, kinds[0].what, 0, false);
    if (c)
        *c = (struct count){0};
}
