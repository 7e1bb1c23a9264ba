#include "order/model/status.h"

#include <stdio.h>

#define CODE_MAX 40

const char *od_status_kind_name(enum od_status_kind kind)
{
    static const char *const names[OD_STATUS_KINDS] = {
        [OD_STATUS_ORDER] = "order_status",
        [OD_STATUS_PAYMENT] = "payment_status",
        [OD_STATUS_SHIPMENT] = "shipment_status",
    };
    return names[kind];
}

const struct od_status *od_status_find(const struct od_status_set *set, struct od_str code)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_eq(set->statuses[i].code, code))
            return &set->statuses[i];
    }
    return NULL;
}

const struct od_status *od_status_default(const struct od_status_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->statuses[i].is_default)
            return &set->statuses[i];
    }
    return NULL;
}

static bool names(const struct od_status *s, struct od_str code)
{
    for (uint32_t i = 0; i < s->next_count; i++) {
        if (od_str_eq(s->next[i], code))
            return true;
    }
    return false;
}

bool od_status_can_move(const struct od_status_set *set, struct od_str from, struct od_str to)
{
    const struct od_status *s = od_status_find(set, from);

    return !s || s->any_next || od_str_eq(from, to) || names(s, to);
}

bool od_status_in_phase(const struct od_status_set *set, struct od_str code, const char *phase)
{
    const struct od_status *s = od_status_find(set, code);

    return s && od_str_is(s->phase, phase);
}

static bool is_code(struct od_str s)
{
    if (s.len < 1 || s.len > CODE_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

static int check_status(const struct od_status_set *set, const struct od_status *s,
                        const char *section, struct od_err *err)
{
    if (!is_code(s->code))
        return od_err_set_at(err, OD_ERR_CONFIG, section,
                             "a status code is 1 to %d of a-z, 0-9 and _", CODE_MAX);
    if (od_status_find(set, s->code) != s)
        return od_err_set_at(err, OD_ERR_CONFIG, section, "the status is there twice");
    for (uint32_t i = 0; i < s->next_count; i++) {
        if (!od_status_find(set, s->next[i]))
            return od_err_set_at(err, OD_ERR_CONFIG, section,
                                 "next names %.*s, which is not a status of this set",
                                 OD_STR_ARG(s->next[i]));
    }
    return 0;
}

static int check_set(const struct od_status_set *set, const char *kind, struct od_err *err)
{
    uint32_t defaults = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        const struct od_status *s = &set->statuses[i];
        char section[80];
        snprintf(section, sizeof section, "%s.%.*s", kind, OD_STR_ARG(s->code));
        if (check_status(set, s, section, err) < 0)
            return -1;
        defaults += s->is_default;
    }
    if (defaults != 1)
        return od_err_set_at(err, OD_ERR_CONFIG, kind,
                             "exactly one status is the default, not %u of %u", defaults,
                             set->count);
    return 0;
}

int od_status_sets_check(const struct od_status_sets *sets, struct od_err *err)
{
    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        if (check_set(&sets->of[kind], od_status_kind_name((enum od_status_kind)kind), err) < 0)
            return -1;
    }
    return 0;
}

static void copy_status(struct od_arena *a, struct od_status *s)
{
    struct od_str *next = OD_NEW_ARRAY(a, struct od_str, s->next_count + 1);

    s->code = od_arena_str(a, s->code);
    s->name = od_arena_str(a, s->name);
    s->badge = od_arena_str(a, s->badge);
    s->progress = od_arena_str(a, s->progress);
    s->phase = od_arena_str(a, s->phase);
    for (uint32_t i = 0; i < s->next_count; i++)
        next[i] = od_arena_str(a, s->next[i]);
    s->next = next;
}

struct od_status_sets *od_status_sets_copy(struct od_arena *a, const struct od_status_sets *from)
{
    struct od_status_sets *to = OD_NEW(a, struct od_status_sets);

    for (int kind = 0; kind < OD_STATUS_KINDS; kind++) {
        const struct od_status_set *set = &from->of[kind];
        to->of[kind].count = set->count;
        to->of[kind].statuses = OD_NEW_ARRAY(a, struct od_status, set->count + 1);
        for (uint32_t i = 0; i < set->count; i++) {
            to->of[kind].statuses[i] = set->statuses[i];
            copy_status(a, &to->of[kind].statuses[i]);
        }
    }
    return to;
}
