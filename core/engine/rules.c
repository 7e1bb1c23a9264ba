#include "engine/rules.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "script/bundle.h"

struct od_rules *od_rules_ref(struct od_rules *r)
{
    r->refs++;
    return r;
}

void od_rules_unref(struct od_rules *r)
{
    if (!r || --r->refs > 0)
        return;
    od_bundle_unref(r->bundle);
    od_conf_unref(r->conf);
    od_arena_fini(&r->arena);
    free(r);
}
