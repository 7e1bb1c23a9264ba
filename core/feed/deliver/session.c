#include "feed/deliver/session.h"

static const char *const settings[] = {
    "set plan_cache_mode = force_generic_plan",
    "set enable_seqscan = off",
    "set enable_hashjoin = off",
    "set enable_mergejoin = off",
    "set jit = off",
};

const char *const *od_feed_session(struct od_arena *a, const char *name, uint32_t limit_ms,
                                   const char *last)
{
    enum { SETTINGS = sizeof settings / sizeof *settings };
    const unsigned limit = limit_ms;
    const char **all = OD_NEW_ARRAY(a, const char *, SETTINGS + 4);
    size_t n = 0;
    all[n++] = od_arena_printf(a, "set application_name = '%s'", name).ptr;
    for (size_t i = 0; i < SETTINGS; i++)
        all[n++] = settings[i];
    all[n++] = od_arena_printf(a,
                               "set statement_timeout = %u; set lock_timeout = %u;"
                               " set idle_in_transaction_session_timeout = %u",
                               limit, limit, limit)
                   .ptr;
    all[n++] = last;
    all[n] = NULL;
    return all;
}
