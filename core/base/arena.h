#ifndef OD_BASE_ARENA_H
#define OD_BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Memory that lives as long as one request, one batch or one load, freed all at once. Blocks come
 * from a free list of the thread (od_arena_pool_trim gives it back), so that a busy server does not
 * go to malloc for each request. malloc failure aborts.
 */

struct od_arena_block;

struct od_arena {
    struct od_arena_block *head; /* the block being filled; older ones behind it */
    size_t used;                 /* bytes handed out since the last reset */
};

void od_arena_init(struct od_arena *a);
void od_arena_reset(struct od_arena *a); /* frees every allocation, keeps one block */
void od_arena_fini(struct od_arena *a);  /* gives all blocks back */

/* 16-byte aligned, never NULL. od_arena_zalloc clears. */
void *od_arena_alloc(struct od_arena *a, size_t size);
void *od_arena_zalloc(struct od_arena *a, size_t size);
/* count * size with overflow checked (abort) and cleared. */
void *od_arena_array(struct od_arena *a, size_t count, size_t size);

/* Copies with a NUL behind the copy; an absent string stays absent. */
struct od_str od_arena_str(struct od_arena *a, struct od_str s);
struct od_str od_arena_printf(struct od_arena *a, const char *fmt, ...) OD_PRINTF(2, 3);

#define OD_NEW(arena, type)          ((type *)od_arena_zalloc((arena), sizeof(type)))
#define OD_NEW_ARRAY(arena, type, n) ((type *)od_arena_array((arena), (n), sizeof(type)))

/* Grows an arena array for one more element: *ptr of *cap elements (0 at first), n in use. */
void *od_arena_grow(struct od_arena *a, void *ptr, size_t n, size_t *cap, size_t size);

/* Frees the thread's pooled blocks and gives the system what is free. Takes milliseconds. */
void od_arena_pool_trim(void);

#endif
