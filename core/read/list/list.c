#include "read/list/list.h"

#include "store/read/list.h"

static const char *const tables[] = {"order_list", "order_list_value", "list_class", NULL};

const struct od_projection od_list_projection = {
    .name = "list",
    .fold = od_list_fold,
    .tables = tables,
    .differ = od_list_differ,
    .gather_ms = 50,
};
