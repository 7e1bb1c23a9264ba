#ifndef OD_BASE_MAP_H
#define OD_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A hash map from byte strings to pointers, with open addressing. Keys are borrowed and must
 * outlive their entry. The hash is seeded per process, so nobody outside can choose keys that
 * collide. od_map_id makes a key of an integer: its 8 bytes, which the map borrows as well.
 */
struct od_map_slot {
    struct od_str key; /* ptr NULL: free */
    void *value;
    uint64_t hash;
};

struct od_map {
    struct od_map_slot *slots;
    size_t cap; /* power of two or 0 */
    size_t count;
};

uint64_t od_hash(const void *ptr, size_t len); /* seeded per process */

void od_map_init(struct od_map *m);
void od_map_clear(struct od_map *m); /* keeps the memory */
void od_map_fini(struct od_map *m);
void *od_map_get(const struct od_map *m, struct od_str key);       /* NULL when absent */
void od_map_put(struct od_map *m, struct od_str key, void *value); /* replaces */
void *od_map_remove(struct od_map *m, struct od_str key);          /* the value, or NULL */

static inline struct od_str od_map_id(const int64_t *id)
{
    return (struct od_str){(const char *)id, sizeof *id};
}

/* Both walk over the map in no particular order: for (struct od_map_slot *s = od_map_first(m); s; s
 * = od_map_next(m, s)) */
struct od_map_slot *od_map_first(const struct od_map *m);
struct od_map_slot *od_map_next(const struct od_map *m, struct od_map_slot *s);

#endif
