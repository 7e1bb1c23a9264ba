#include "cli/import/source.h"

#include <stdarg.h>
#include <stdio.h>

void od_import_note(struct od_import_unit *u, const char *reason, const char *fmt, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);

    struct od_import_note *note = OD_NEW(&u->arena, struct od_import_note);
    note->reason = reason;
    note->detail = od_str_of(detail);
    while (!od_utf8_valid(note->detail)) /* cut off inside a character */
        note->detail.len--;
    note->detail = od_arena_str(&u->arena, note->detail);
    struct od_import_note **end = &u->notes;
    while (*end)
        end = &(*end)->next;
    *end = note;
}

struct od_str od_import_status(const struct od_import_shop *shop, enum od_status_kind kind,
                               const char *phase)
{
    const struct od_status_set *set = &shop->statuses->of[kind];
    for (uint32_t i = 0; i < set->count; i++) {
        if (od_str_is(set->statuses[i].phase, phase))
            return set->statuses[i].code;
    }
    return OD_STR_NONE;
}
