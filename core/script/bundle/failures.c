#include "script/bundle/failures.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "script/bundle/loaded.h"
#include "script/vm/vm.h"

void od_error_origin(struct od_err *err, const struct od_registration *r)
{
    if (err && err->origin[0] == '\0')
        snprintf(err->origin, sizeof err->origin, "%s", r->offer.origin.ptr);
}

/* One more failure there; how many there were by now. */
static uint64_t count_failure(struct od_failures *f, const char *origin)
{
    uint64_t place = od_hash(origin, strlen(origin));
    size_t i = 0, last = sizeof f->at / sizeof f->at[0] - 1;

    while (i < last && f->at[i].count > 0 && f->at[i].place != place)
        i++;
    f->at[i].place = place;
    return ++f->at[i].count;
}

void od_script_failed(const struct od_registration *r, struct od_str order,
                      const struct od_err *err)
{
    struct od_script_plugin *p = r->plugin;
    struct od_str trace = od_vm_trace_line(&p->vm), label = r->offer.label;
    uint64_t failures = err ? count_failure(r->failures, err->origin) : 0;

    if (!err || p->bundle->testing || (failures & (failures - 1)) != 0)
        return;
    od_warn("script_failed",
            "plugin=%s label=%.*s order=%.*s failures=%llu at=\"%s\" error=\"%s\" trace=\"%.*s\"",
            p->name.ptr, OD_STR_ARG(label), OD_STR_ARG(order), (unsigned long long)failures,
            err->origin, err->message, OD_STR_ARG(trace));
}
