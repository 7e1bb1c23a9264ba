#include "read/projection/position.h"

bool od_position_add(struct od_position *p, int64_t order_id, int32_t version)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->order_ids[i] != order_id)
            continue;
        if (p->versions[i] < version)
            p->versions[i] = version;
        return true;
    }
    if (p->count == OD_POSITION_ORDERS_MAX)
        return false;
    p->order_ids[p->count] = order_id;
    p->versions[p->count++] = version;
    return true;
}

bool od_position_parse(struct od_str text, struct od_position *out)
{
    struct od_str one, id;
    int64_t order_id, version;
    out->count = 0;
    while (od_str_cut(&text, ',', &one)) {
        one = od_str_trim(one);
        if (!od_str_cut(&one, '-', &id) || !one.ptr ||
            !od_str_to_i64(id, 1, INT64_MAX, &order_id) ||
            !od_str_to_i64(one, 1, INT32_MAX, &version) ||
            !od_position_add(out, order_id, (int32_t)version))
            return false;
    }
    return out->count > 0;
}

void od_position_write(const struct od_position *p, struct od_buf *out)
{
    for (size_t i = 0; i < p->count; i++)
        od_buf_printf(out, "%s%lld-%d", i ? "," : "", (long long)p->order_ids[i], p->versions[i]);
}
