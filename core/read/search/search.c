#include "read/search/search.h"

#include "store/read/search.h"

static const char *const tables[] = {"order_search", "order_search_word", NULL};

const struct od_projection od_search_projection = {
    .name = "search",
    .fold = od_search_doc_fold,
    .tables = tables,
    .differ = od_search_doc_differ,
    .gather_ms = 200,
};
