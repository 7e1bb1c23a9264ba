#include "order/model/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "order/model/limits.h"

bool od_order_ref_parse(struct od_str s, struct od_order_ref *out)
{
    *out = (struct od_order_ref){0};
    if (s.len == 0 || s.len > OD_ORDER_NUMBER_MAX)
        return false;
    if (od_uuid_parse(s, &out->uuid) && !od_uuid_is_zero(&out->uuid))
        return true;
    out->uuid = (struct od_uuid){{0}};
    if (od_str_starts_with(s, OD_STR("id:")) &&
        od_str_to_i64(od_str_slice(s, 3, s.len), 1, INT64_MAX, &out->order_id))
        return true;
    out->order_number = s;
    if (!od_str_to_i64(s, 1, INT64_MAX, &out->digits))
        out->digits = 0;
    return true;
}

void od_problem_add(struct od_problem_list *l, const char *pointer, const char *fmt, ...)
{
    char detail[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);

    l->items = od_arena_grow(l->arena, l->items, l->count, &l->cap, sizeof *l->items);
    l->items[l->count++] = (struct od_problem_item){
        .pointer = od_arena_str(l->arena, od_str_of(pointer)),
        .detail = od_arena_str(l->arena, od_str_of(detail)),
    };
}
