#include "base/arena.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/*
 * Blocks come in a few pooled sizes, so that any free one fits the next request for its size. An
 * arena begins with the smallest (most requests need no more) and steps up as it fills. A larger
 * request gets a block of its own from malloc, which goes back there.
 */
static const size_t block_sizes[] = {4 << 10, 16 << 10, 64 << 10};
#define CLASSES (sizeof block_sizes / sizeof block_sizes[0])

struct od_arena_block {
    struct od_arena_block *next; /* older block of the arena, or next free one of the pool */
    size_t cap;                  /* bytes of data[] */
    size_t len;                  /* bytes of data[] in use */
    size_t class;                /* index into block_sizes, CLASSES for one of its own */
    _Alignas(16) char data[];
};

/* Each thread has its own. A block may be released on another thread than it came from. */
static _Thread_local struct od_arena_block *pool[CLASSES];

/* Pooling would hide the use of freed memory from AddressSanitizer: tell it what is in use. */
#if defined(__SANITIZE_ADDRESS__)
#define OD_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OD_ASAN 1
#endif
#endif
#ifdef OD_ASAN
#include <sanitizer/asan_interface.h>

#define POISON(ptr, n)   ASAN_POISON_MEMORY_REGION(ptr, n)
#define UNPOISON(ptr, n) ASAN_UNPOISON_MEMORY_REGION(ptr, n)
#else
#define POISON(ptr, n)   ((void)0)
#define UNPOISON(ptr, n) ((void)0)
#endif

static struct od_arena_block *block_new(size_t class, size_t cap)
{
    struct od_arena_block *b;

    if (class < CLASSES && pool[class]) {
        b = pool[class];
        pool[class] = b->next;
    } else {
        b = malloc(sizeof *b + cap);
        if (!b)
            abort();
        b->cap = cap;
        b->class = class;
        POISON(b->data, cap);
    }
    b->len = 0;
    b->next = NULL;
    return b;
}

static void block_release(struct od_arena_block *b)
{
    if (b->class < CLASSES) {
        POISON(b->data, b->cap);
        b->next = pool[b->class];
        pool[b->class] = b;
    } else {
        UNPOISON(b->data, b->cap);
        free(b);
    }
}

void od_arena_init(struct od_arena *a)
{
    *a = (struct od_arena){0};
}

void od_arena_reset(struct od_arena *a)
{
    struct od_arena_block *kept = NULL;

    for (struct od_arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        if (!kept && b->class == 0)
            kept = b;
        else
            block_release(b);
    }
    if (kept) {
        POISON(kept->data, kept->cap);
        kept->next = NULL;
        kept->len = 0;
    }
    *a = (struct od_arena){.head = kept};
}

void od_arena_fini(struct od_arena *a)
{
    for (struct od_arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        block_release(b);
    }
    od_arena_init(a);
}

/* A block of its own goes behind the head, so that what is left of the head is still used. */
static struct od_arena_block *add_own_block(struct od_arena *a, size_t size)
{
    struct od_arena_block *b = block_new(CLASSES, size);

    if (a->head) {
        b->next = a->head->next;
        a->head->next = b;
    } else {
        a->head = b;
    }
    return b;
}

static struct od_arena_block *add_block(struct od_arena *a, size_t size)
{
    size_t class = 0;
    struct od_arena_block *b;

    if (a->head && a->head->class < CLASSES)
        class = a->head->class + 1 < CLASSES ? a->head->class + 1 : CLASSES - 1;
    while (class < CLASSES && block_sizes[class] - sizeof *b < size)
        class ++;
    if (class == CLASSES)
        return add_own_block(a, size);
    b = block_new(class, block_sizes[class] - sizeof *b);
    b->next = a->head;
    a->head = b;
    return b;
}

void *od_arena_alloc(struct od_arena *a, size_t size)
{
    struct od_arena_block *b = a->head;
    size_t rounded = (size + 15) & ~(size_t)15;
    void *ptr;

    if (rounded < size || rounded > SIZE_MAX / 2)
        abort();
    if (!b || b->cap - b->len < rounded)
        b = add_block(a, rounded);
    ptr = b->data + b->len;
    UNPOISON(ptr, size);
    b->len += rounded;
    a->used += rounded;
    return ptr;
}

void *od_arena_zalloc(struct od_arena *a, size_t size)
{
    return memset(od_arena_alloc(a, size), 0, size);
}

void *od_arena_array(struct od_arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    return od_arena_zalloc(a, bytes);
}

void *od_arena_grow(struct od_arena *a, void *ptr, size_t n, size_t *cap, size_t size)
{
    void *grown;

    OD_ASSERT(n <= *cap);
    if (n < *cap)
        return ptr;
    *cap = *cap ? *cap * 2 : 8;
    grown = od_arena_array(a, *cap, size);
    if (n > 0)
        memcpy(grown, ptr, n * size);
    return grown;
}

struct od_str od_arena_str(struct od_arena *a, struct od_str s)
{
    char *copy;

    if (!s.ptr)
        return s;
    copy = od_arena_alloc(a, s.len + 1);
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return od_str_n(copy, s.len);
}

struct od_str od_arena_printf(struct od_arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    char *copy;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    OD_ASSERT(n >= 0);
    if ((size_t)n < sizeof small)
        return od_arena_str(a, od_str_n(small, (size_t)n));
    copy = od_arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(copy, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return od_str_n(copy, (size_t)n);
}

void od_arena_pool_trim(void)
{
    for (size_t class = 0; class < CLASSES; class ++) {
        for (struct od_arena_block *b = pool[class], *next; b; b = next) {
            next = b->next;
            UNPOISON(b->data, b->cap);
            free(b);
        }
        pool[class] = NULL;
    }
    /* glibc keeps what is free below the top of its heaps: 25 MB after a check of rules. */
    malloc_trim(0);
}
