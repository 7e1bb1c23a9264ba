#ifndef OD_BASE_LIST_H
#define OD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* An intrusive, circular, doubly linked list. The list that an element is on says what state it is
 * in. */
struct od_list {
    struct od_list *prev, *next;
};

#define OD_LIST_ENTRY(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

static inline void od_list_init(struct od_list *l)
{
    l->prev = l->next = l;
}

static inline bool od_list_empty(const struct od_list *l)
{
    return l->next == l;
}

static inline void od_list_push(struct od_list *l, struct od_list *node)
{
    node->prev = l->prev;
    node->next = l;
    l->prev->next = node;
    l->prev = node;
}

/* Takes a node off its list; harmless on a node that is on none but was initialised. */
static inline void od_list_remove(struct od_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    od_list_init(node);
}

/* Takes the first node off and returns it, or NULL. */
static inline struct od_list *od_list_shift(struct od_list *l)
{
    struct od_list *node = l->next;
    if (node == l)
        return NULL;
    od_list_remove(node);
    return node;
}

/* Moves all nodes of `from` behind those of `to`. */
static inline void od_list_splice(struct od_list *to, struct od_list *from)
{
    if (od_list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    od_list_init(from);
}

#endif
