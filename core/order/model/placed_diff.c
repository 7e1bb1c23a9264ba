#include "order/model/placed_diff.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/json/json.h"
#include "order/model/fields.h"

enum { NAMES_MAX = 400, DEPTH_MAX = 64 };

struct diff {
    struct od_arena *arena;
    struct od_buf names;
};

static void differs(struct diff *d, const char *prefix, const char *name)
{
    od_buf_printf(&d->names, "%s%s%s", d->names.len > 0 ? ", " : "", prefix, name);
}

/* Amounts that a draft left out follow from the others, and followed in the same way when the order
 * was placed. Counts and flags that no draft gives are made by placing it. */
static bool is_given(const struct od_field *f, const void *draft)
{
    switch (f->type) {
    case OD_FIELD_STR:
    case OD_FIELD_JSON:
    case OD_FIELD_TIME:
    case OD_FIELD_UUID:
        return f->flags & (OD_FIELD_INPUT | OD_FIELD_PLACED) && !od_field_absent(f, draft);
    case OD_FIELD_I32:
    case OD_FIELD_I64:
    case OD_FIELD_BOOL:
    case OD_FIELD_MONEY:
    case OD_FIELD_DECIMAL:
        break;
    }
    return f->flags & OD_FIELD_INPUT;
}

/* Blanks and the order of members say nothing. */
static bool same_json(struct od_arena *a, const struct od_field *f, const void *x, const void *y)
{
    const struct od_str *s = (const void *)((const char *)x + f->offset);
    const struct od_str *t = (const void *)((const char *)y + f->offset);
    struct od_json *v, *w;
    struct od_err ignored;
    return od_json_parse(a, *s, DEPTH_MAX, &v, &ignored) == 0 && t->ptr &&
           od_json_parse(a, *t, DEPTH_MAX, &w, &ignored) == 0 && od_json_same(v, w);
}

static void diff_entity(struct diff *d, const char *prefix, enum od_entity_kind kind,
                        const void *draft, const void *placed)
{
    const struct od_entity *e = &od_entities[kind];
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct od_field *f = &e->fields[i];
        if (!is_given(f, draft) || od_field_equal(f, draft, placed))
            continue;
        if (f->type != OD_FIELD_JSON || !same_json(d->arena, f, draft, placed))
            differs(d, prefix, f->json);
    }
}

static void diff_address(struct diff *d, const char *name, const struct od_address *draft,
                         const struct od_address *placed)
{
    if (!draft->present)
        return;
    if (placed->present)
        diff_entity(d, od_arena_printf(d->arena, "%s.", name).ptr, OD_ENTITY_ADDRESS, draft,
                    placed);
    else
        differs(d, "", name);
}

static void diff_items(struct diff *d, const struct od_order *draft, const struct od_order *placed)
{
    if (draft->item_count != placed->item_count) {
        differs(d, "", "items");
        return;
    }
    for (uint32_t i = 0; i < draft->item_count && !d->names.overflow; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "items[%u].", i);
        diff_entity(d, prefix, OD_ENTITY_ITEM, &draft->items[i], &placed->items[i]);
    }
}

struct od_str od_placed_diff(struct od_arena *a, const struct od_order *draft, int64_t placed_at,
                             const struct od_order *placed)
{
    struct diff d = {.arena = a};
    struct od_str names = OD_STR_NONE;
    od_buf_init(&d.names, NAMES_MAX);
    if (placed_at && placed_at != placed->created_at)
        differs(&d, "", "placedAt");
    diff_entity(&d, "", OD_ENTITY_ORDER, draft, placed);
    diff_items(&d, draft, placed);
    diff_address(&d, "shippingAddress", &draft->addresses[OD_SHIPPING],
                 &placed->addresses[OD_SHIPPING]);
    diff_address(&d, "billingAddress", &draft->addresses[OD_BILLING],
                 &placed->addresses[OD_BILLING]);
    if (d.names.len > 0)
        names = od_arena_printf(a, "%.*s%s", OD_STR_ARG(od_buf_view(&d.names)),
                                d.names.overflow ? " and more" : "");
    od_buf_fini(&d.names);
    return names;
}
