#include "access/role.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/money.h"
#include "base/nearest.h"
#include "conf/section.h"
#include "order/model/command.h"
#include "order/model/fields.h"

enum {
    DEPTH_MAX = 16,  /* of roles that inherit; deeper is a circle */
    STORES_MAX = 50, /* as many values as a filter of a list may have (OD_FILTER_VALUES_MAX) */
};

struct od_roles {
    int refs;
    struct od_arena arena;
    struct od_role *items;
    size_t count, cap;
};

/* What is read from. */
struct reading {
    const struct od_conf *conf;
    struct od_roles *roles;
};

static struct od_str value_of(const struct reading *r, struct od_str section, const char *key)
{
    return od_conf_entry_find(r->conf, section, od_str_of(key), NULL);
}

static int read_classes(struct od_str list, unsigned *classes, struct od_err *err)
{
    for (struct od_str word; od_str_cut(&list, ',', &word);) {
        unsigned known = 0;
        word = od_str_trim(word);
        for (unsigned c = 0; c < OD_CLASSES; c++)
            known |=
                od_str_is(word, "*") || od_str_is(word, od_field_class_name((enum od_field_class)c))
                    ? OD_CLASS_BIT(c)
                    : 0;
        if (!known)
            return od_err_set(
                err, OD_ERR_INVALID,
                "there is no class of fields \"%.*s\"; there are public, personal, money "
                "and internal, and * for all",
                OD_STR_ARG(word));
        *classes |= known;
    }
    return 0;
}

static int compare_stores(const void *x, const void *y)
{
    return od_str_cmp(*(const struct od_str *)x, *(const struct od_str *)y);
}

static bool has_store(const struct od_conf *conf, struct od_str name)
{
    for (size_t i = 0; i < conf->entry_count; i++) {
        struct od_str section = conf->entries[i].section;
        if (od_str_starts_with(section, OD_STR("store.")) &&
            od_str_eq(od_str_slice(section, sizeof "store." - 1, section.len), name))
            return true;
    }
    return false;
}

static int read_stores(const struct reading *r, struct od_str list, struct od_role *role,
                       struct od_err *err)
{
    size_t cap = 0;
    role->stores = NULL;
    role->store_count = 0;
    if (od_str_is(od_str_trim(list), "*"))
        return 0;
    for (struct od_str word; od_str_cut(&list, ',', &word);) {
        word = od_str_trim(word);
        if (role->store_count == STORES_MAX)
            return od_err_set(err, OD_ERR_INVALID, "more than %d stores; * is all of them",
                              STORES_MAX);
        if (!has_store(r->conf, word))
            return od_err_set(err, OD_ERR_INVALID, "there is no section [store.%.*s]",
                              OD_STR_ARG(word));
        role->stores =
            od_arena_grow(&r->roles->arena, role->stores, role->store_count, &cap, sizeof word);
        role->stores[role->store_count++] = od_arena_str(&r->roles->arena, word);
    }
    if (role->stores)
        qsort(role->stores, role->store_count, sizeof *role->stores, compare_stores);
    return 0;
}

static int read_limit(struct od_str text, int64_t *out, struct od_err *err)
{
    if (od_decimal_parse(text, OD_REFUND_LIMIT_DIGITS, out, err) || *out < 0)
        return od_err_set(err, OD_ERR_INVALID,
                          "an amount such as 100 or 99.50, in the currency of the order");
    return 0;
}

static int read_into(const struct reading *r, struct od_str name, unsigned depth,
                     struct od_role *role, struct od_err *err);

static int inherit(const struct reading *r, struct od_str name, unsigned depth,
                   struct od_role *role, struct od_err *err)
{
    if (depth == DEPTH_MAX)
        return od_err_set(err, OD_ERR_INVALID, "the role inherits from itself");
    return read_into(r, name, depth + 1, role, err);
}

/* Reads what the section says over what is in *role. `at` becomes the key that is wrong. */
static int read_section(const struct reading *r, struct od_str section, unsigned depth,
                        struct od_role *role, const char **at, struct od_err *err)
{
    struct od_str text;
    *at = "inherits";
    if ((text = value_of(r, section, *at)).len && inherit(r, text, depth, role, err))
        return -1;
    *at = "permissions";
    if (od_permissions_read(value_of(r, section, *at), &role->permissions, err))
        return -1;
    *at = "fields";
    if ((text = value_of(r, section, *at)).ptr) {
        role->classes = OD_CLASS_BIT(OD_CLASS_PUBLIC);
        if (read_classes(text, &role->classes, err))
            return -1;
    }
    *at = "stores";
    if ((text = value_of(r, section, *at)).ptr && read_stores(r, text, role, err))
        return -1;
    *at = "limit.refund";
    if ((text = value_of(r, section, *at)).ptr && read_limit(text, &role->refund_limit, err))
        return -1;
    return 0;
}

static int read_into(const struct reading *r, struct od_str name, unsigned depth,
                     struct od_role *role, struct od_err *err)
{
    struct od_str section = od_arena_printf(&r->roles->arena, "role.%.*s", OD_STR_ARG(name));
    const char *at;
    for (size_t i = 0; i < r->conf->entry_count; i++) {
        if (!od_str_eq(r->conf->entries[i].section, section))
            continue;
        if (read_section(r, section, depth, role, &at, err) == 0)
            return 0;
        if (err->origin[0])
            return -1;
        char message[sizeof err->message];
        snprintf(message, sizeof message, "%s", err->message);
        return od_conf_section_refuse(r->conf, section, at, message, err);
    }
    return od_err_set(err, OD_ERR_INVALID, "there is no role \"%.*s\"", OD_STR_ARG(name));
}

static int add_role(void *ctx, struct od_str section, struct od_str name)
{
    (void)section;
    struct od_roles *roles = ctx;
    roles->items =
        od_arena_grow(&roles->arena, roles->items, roles->count, &roles->cap, sizeof *roles->items);
    roles->items[roles->count++] = (struct od_role){
        .name = od_arena_str(&roles->arena, name),
        .classes = OD_CLASS_BIT(OD_CLASS_PUBLIC),
        .refund_limit = -1,
    };
    return 0;
}

int od_roles_new(const struct od_conf *conf, struct od_roles **out, struct od_err *err)
{
    struct od_roles *roles = calloc(1, sizeof *roles);
    if (!roles)
        abort();
    roles->refs = 1;
    od_arena_init(&roles->arena);
    const struct reading r = {conf, roles};
    (void)od_conf_sections(conf, "role", add_role, roles);
    for (size_t i = 0; i < roles->count; i++) {
        if (read_into(&r, roles->items[i].name, 0, &roles->items[i], err)) {
            od_roles_unref(roles);
            return -1;
        }
    }
    *out = roles;
    return 0;
}

struct od_roles *od_roles_ref(struct od_roles *r)
{
    r->refs++;
    return r;
}

void od_roles_unref(struct od_roles *r)
{
    if (!r || --r->refs > 0)
        return;
    od_arena_fini(&r->arena);
    free(r);
}

const struct od_role *od_roles_find(const struct od_roles *r, struct od_str name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (od_str_eq(r->items[i].name, name))
            return &r->items[i];
    }
    return NULL;
}

const struct od_role *od_roles_all(const struct od_roles *r, size_t *count)
{
    *count = r->count;
    return r->items;
}
