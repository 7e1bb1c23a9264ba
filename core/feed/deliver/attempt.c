#include "feed/deliver/parts.h"

#include <stdlib.h>

struct od_attempt *od_attempt_new(struct od_outgoing *t, const struct od_due *due)
{
    struct od_attempt *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    od_arena_init(&a->arena);
    od_list_init(&a->node);
    a->target = t;
    a->delivery = (struct od_delivery){
        .delivery_id = due->delivery_id,
        .order_id = due->order_id,
        .seq = due->seq,
        .attempt = due->attempts + 1,
        .created_at = due->created_at,
        .uuid = od_arena_str(&a->arena, due->uuid),
        .topic = od_arena_str(&a->arena, due->topic),
        .hook = od_arena_str(&a->arena, due->hook),
        .intent = od_arena_str(&a->arena, due->kind),
        .recipient = od_arena_str(&a->arena, due->recipient),
        .name = od_arena_str(&a->arena, due->name),
        .payload = od_arena_str(&a->arena, due->payload),
    };
    return a;
}

static void attempt_free(struct od_attempt *a)
{
    od_list_remove(&a->node);
    a->target->under_way--;
    od_arena_fini(&a->arena);
    free(a);
}

void od_attempts_free(struct od_list *list)
{
    for (struct od_list *n; (n = od_list_shift(list));)
        attempt_free(OD_LIST_ENTRY(n, struct od_attempt, node));
}
