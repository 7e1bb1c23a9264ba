#include "feed/kept.h"

#include <stdlib.h>

#include "base/arena.h"
#include "order/model/model.h"

struct kept {
    struct od_list node;
    struct od_arena arena; /* of the order */
    struct od_order *order;
    int64_t order_id;
};

static void forget(struct od_kept_orders *k, struct kept *it)
{
    k->bytes -= it->arena.used;
    od_map_remove(&k->by_id, od_map_id(&it->order_id));
    od_list_remove(&it->node);
    od_arena_fini(&it->arena);
    free(it);
}

void od_kept_init(struct od_kept_orders *k, size_t max_bytes)
{
    *k = (struct od_kept_orders){.max_bytes = max_bytes};
    od_map_init(&k->by_id);
    od_list_init(&k->by_use);
}

void od_kept_clear(struct od_kept_orders *k)
{
    while (!od_list_empty(&k->by_use))
        forget(k, OD_LIST_ENTRY(k->by_use.next, struct kept, node));
}

void od_kept_fini(struct od_kept_orders *k)
{
    od_kept_clear(k);
    od_map_fini(&k->by_id);
}

static struct kept *use(struct od_kept_orders *k, int64_t order_id)
{
    struct kept *it = od_map_get(&k->by_id, od_map_id(&order_id));
    if (it) {
        od_list_remove(&it->node);
        od_list_push(&k->by_use, &it->node);
    }
    return it;
}

const struct od_order *od_kept_find(struct od_kept_orders *k, int64_t order_id)
{
    const struct kept *it = use(k, order_id);
    return it ? it->order : NULL;
}

static struct kept *add(struct od_kept_orders *k, int64_t order_id)
{
    struct kept *it = calloc(1, sizeof *it);
    if (!it)
        abort();
    it->order_id = order_id;
    od_arena_init(&it->arena);
    od_map_put(&k->by_id, od_map_id(&it->order_id), it);
    od_list_push(&k->by_use, &it->node);
    return it;
}

void od_kept_put(struct od_kept_orders *k, const struct od_order *o)
{
    struct kept *it = use(k, o->order_id);
    if (!it)
        it = add(k, o->order_id);
    struct od_arena old = it->arena;
    od_arena_init(&it->arena);
    it->order = od_order_keep(&it->arena, o);
    k->bytes += it->arena.used - old.used;
    od_arena_fini(&old);
    while (k->bytes > k->max_bytes && k->by_use.next != &it->node)
        forget(k, OD_LIST_ENTRY(k->by_use.next, struct kept, node));
}
