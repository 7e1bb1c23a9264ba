#ifndef OD_BASE_ARENA_H
#define OD_BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * An arena holds memory that lives as long as one request, one batch or one load. All of it is
 * freed at once. Blocks come from a free list of the thread, so that a busy server does not call
 * malloc for each request; od_arena_pool_trim gives that list back. A failure of malloc aborts.
 */

struct od_arena_block;

struct od_arena {
    struct od_arena_block *head; /* the block that is being filled; its older ones follow */
    size_t used;                 /* bytes handed out since the last reset */
};

void od_arena_init(struct od_arena *a);
void od_arena_reset(struct od_arena *a); /* frees every allocation, keeps one block */
void od_arena_fini(struct od_arena *a);  /* gives all blocks back */

/* The result is 16-byte aligned and never NULL. od_arena_zalloc clears it. */
void *od_arena_alloc(struct od_arena *a, size_t size);
void *od_arena_zalloc(struct od_arena *a, size_t size);
/* Allocates count * size bytes and clears them. An overflow of the product aborts. */
void *od_arena_array(struct od_arena *a, size_t count, size_t size);

/* Both return a copy with a NUL behind it. The copy of an absent string is absent. */
struct od_str od_arena_str(struct od_arena *a, struct od_str s);
struct od_str od_arena_printf(struct od_arena *a, const char *fmt, ...) OD_PRINTF(2, 3);

#define OD_NEW(arena, type)          ((type *)od_arena_zalloc((arena), sizeof(type)))
#define OD_NEW_ARRAY(arena, type, n) ((type *)od_arena_array((arena), (n), sizeof(type)))

/* Makes room for one more element in an array of the arena and returns where the array is now. ptr
 * is the array, n the number of elements in use, *cap the number that fit (0 at first). */
void *od_arena_grow(struct od_arena *a, void *ptr, size_t n, size_t *cap, size_t size);

/* Frees the thread's pooled blocks and returns free memory to the system. It takes milliseconds. */
void od_arena_pool_trim(void);

#endif
