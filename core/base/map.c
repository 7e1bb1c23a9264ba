#include "base/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/digest.h"

#define FIRST_CAP 16

static uint64_t rotl(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static inline void sip_absorb(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

/* SipHash-1-3 (Aumasson and Bernstein), the variant for hash tables. */
static uint64_t siphash13(const uint64_t seed[2], const char *ptr, size_t len)
{
    struct sip s = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                    seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    uint64_t last = (uint64_t)len << 56;
    uint64_t word;

    for (; len >= sizeof word; ptr += sizeof word, len -= sizeof word) {
        memcpy(&word, ptr, sizeof word);
        sip_absorb(&s, word);
    }
    word = 0;
    if (len > 0)
        memcpy(&word, ptr, len);
    sip_absorb(&s, last | word);
    s.v2 ^= 0xFF;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t od_hash(const void *ptr, size_t len)
{
    static uint64_t seed[2];
    static bool seeded;

    if (!seeded) {
        od_random(seed, sizeof seed);
        seeded = true;
    }
    return siphash13(seed, ptr, len);
}

void od_map_init(struct od_map *m)
{
    *m = (struct od_map){0};
}

void od_map_clear(struct od_map *m)
{
    if (m->slots)
        memset(m->slots, 0, m->cap * sizeof *m->slots);
    m->count = 0;
}

void od_map_fini(struct od_map *m)
{
    free(m->slots);
    od_map_init(m);
}

/* The slot of the key, or the free one where it would go. There is always a free one. */
static struct od_map_slot *probe(const struct od_map *m, struct od_str key, uint64_t hash)
{
    size_t i = hash & (m->cap - 1);

    while (m->slots[i].key.ptr && (m->slots[i].hash != hash || !od_str_eq(m->slots[i].key, key)))
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

static void grow(struct od_map *m)
{
    struct od_map old = *m;

    m->cap = old.cap ? old.cap * 2 : FIRST_CAP;
    m->slots = calloc(m->cap, sizeof *m->slots);
    if (!m->slots)
        abort();
    for (struct od_map_slot *s = od_map_first(&old); s; s = od_map_next(&old, s))
        *probe(m, s->key, s->hash) = *s;
    free(old.slots);
}

void *od_map_get(const struct od_map *m, struct od_str key)
{
    if (m->count == 0)
        return NULL;
    return probe(m, key, od_hash(key.ptr, key.len))->value;
}

void od_map_put(struct od_map *m, struct od_str key, void *value)
{
    uint64_t hash = od_hash(key.ptr, key.len);
    struct od_map_slot *s;

    OD_ASSERT(key.ptr);
    if (m->count >= m->cap / 4 * 3)
        grow(m);
    s = probe(m, key, hash);
    if (!s->key.ptr)
        m->count++;
    *s = (struct od_map_slot){key, value, hash};
}

/* Closes the gap at `gap` by moving back the slots behind it that may not stand after a free one,
 * so that no tombstones are needed. */
static void close_gap(struct od_map *m, size_t gap)
{
    size_t mask = m->cap - 1;

    for (size_t i = (gap + 1) & mask; m->slots[i].key.ptr; i = (i + 1) & mask) {
        size_t home = m->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        m->slots[gap] = m->slots[i];
        gap = i;
    }
    m->slots[gap] = (struct od_map_slot){0};
}

void *od_map_remove(struct od_map *m, struct od_str key)
{
    struct od_map_slot *s;
    void *value;

    if (m->count == 0)
        return NULL;
    s = probe(m, key, od_hash(key.ptr, key.len));
    if (!s->key.ptr)
        return NULL;
    value = s->value;
    m->count--;
    close_gap(m, (size_t)(s - m->slots));
    return value;
}

static struct od_map_slot *used_from(const struct od_map *m, size_t i)
{
    for (; i < m->cap; i++)
        if (m->slots[i].key.ptr)
            return &m->slots[i];
    return NULL;
}

struct od_map_slot *od_map_first(const struct od_map *m)
{
    return used_from(m, 0);
}

struct od_map_slot *od_map_next(const struct od_map *m, struct od_map_slot *s)
{
    return used_from(m, (size_t)(s - m->slots) + 1);
}
