#include "script/load/reserved.h"

#include <stddef.h>

bool od_path_reserved(struct od_str segment)
{
    static const char *const own[] = {"api",          "admin",    "healthz", "readyz",   "metrics",
                                      "openapi.json", "problems", "graphql", "webhooks", "desk"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (od_str_is(segment, own[i]))
            return true;
    }
    return false;
}
