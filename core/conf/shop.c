#include "conf/shop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/keys.h"
#include "conf/value.h"

#define LINE_MARK " | "

static const struct {
    const char *key;
    size_t offset;
    bool lines;
} members[] = {
    {"name", offsetof(struct od_conf_shop_keys, name), true},
    {"address", offsetof(struct od_conf_shop_keys, address), true},
    {"email", offsetof(struct od_conf_shop_keys, email), false},
    {"telephone", offsetof(struct od_conf_shop_keys, telephone), false},
    {"tax_id", offsetof(struct od_conf_shop_keys, tax_id), false},
    {"registration", offsetof(struct od_conf_shop_keys, registration), false},
    {"bank", offsetof(struct od_conf_shop_keys, bank), true},
    {"footer", offsetof(struct od_conf_shop_keys, footer), true},
    {"language", offsetof(struct od_conf_shop_keys, language), false},
    {"timezone", offsetof(struct od_conf_shop_keys, timezone), false},
    {"logo", offsetof(struct od_conf_shop_keys, logo), false},
};

enum { MEMBERS = sizeof members / sizeof *members };

static struct od_str *member(struct od_conf_shop_keys *shop, size_t i)
{
    return (struct od_str *)(void *)((char *)shop + members[i].offset);
}

bool od_conf_shop_has_key(struct od_str key)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (od_str_is(key, members[i].key))
            return true;
    }
    return false;
}

static struct od_str break_lines(struct od_arena *a, struct od_str text)
{
    static const size_t mark = sizeof LINE_MARK - 1;
    char *out = od_arena_alloc(a, text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len;) {
        bool broken = od_str_starts_with(od_str_slice(text, i, text.len), OD_STR(LINE_MARK));
        out[n++] = broken ? '\n' : text.ptr[i];
        i += broken ? mark : 1;
    }
    return od_str_n(out, n);
}

struct od_conf_shop_keys od_conf_shop(const struct od_conf *c, struct od_str store,
                                      struct od_arena *a)
{
    struct od_conf_shop_keys shop = c->shop;
    struct od_str section = od_arena_printf(a, "store.%.*s", OD_STR_ARG(store));

    for (size_t i = 0; i < MEMBERS; i++) {
        struct od_str *value = member(&shop, i);
        struct od_str own = store.len
                                ? od_conf_entry_find(c, section, od_str_of(members[i].key), NULL)
                                : OD_STR_NONE;
        if (own.ptr)
            *value = own;
        if (value->len == 0)
            *value = OD_STR_NONE;
        else if (members[i].lines)
            *value = break_lines(a, *value);
    }
    return shop;
}

const char *od_conf_logo_type(struct od_str path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".png", "image/png"},
                 {".jpg", "image/jpeg"},
                 {".jpeg", "image/jpeg"},
                 {".svg", "image/svg+xml"}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct od_str ending = od_str_of(types[i].ending);
        if (path.len > ending.len &&
            od_str_eq_nocase(od_str_slice(path, path.len - ending.len, path.len), ending))
            return types[i].type;
    }
    return NULL;
}

static int check_logo(struct od_str path, struct od_str origin, struct od_err *err)
{
    struct stat st;

    if (path.len == 0)
        return 0;
    if (!od_conf_logo_type(path))
        return od_err_set_at(err, OD_ERR_CONFIG, origin.ptr,
                             "logo is a file that ends in .png, .jpg, .jpeg or .svg, not \"%.*s\"",
                             OD_STR_ARG(path));
    if (access(path.ptr, R_OK) != 0 || stat(path.ptr, &st) != 0)
        return od_err_set_at(err, OD_ERR_CONFIG, origin.ptr, "logo %.*s cannot be read: %s",
                             OD_STR_ARG(path), strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size > OD_CONF_LOGO_MAX)
        return od_err_set_at(err, OD_ERR_CONFIG, origin.ptr,
                             "logo %.*s is not a file of at most 1 MiB", OD_STR_ARG(path));
    return 0;
}

int od_conf_shop_read(struct od_conf_reader *r, struct od_conf *c, struct od_err *err)
{
    const struct od_conf_key *logo = od_conf_key_find(OD_STR("shop"), OD_STR("logo"));
    const struct od_conf_family *stores = od_conf_family_of(OD_STR("store.any"));

    if (check_logo(c->shop.logo, c->origins[logo - od_conf_keys], err) != 0)
        return -1;
    for (size_t i = 0; i < c->entry_count; i++) {
        struct od_conf_entry *e = &c->entries[i];
        if (od_conf_family_of(e->section) != stores || !od_str_is(e->key, "logo"))
            continue;
        r->directory = e->directory;
        if (od_conf_path_read(r, logo, e->value, &e->value, err) != 0) {
            snprintf(err->origin, sizeof err->origin, "%.*s", OD_STR_ARG(e->origin));
            return -1;
        }
        if (check_logo(e->value, e->origin, err) != 0)
            return -1;
    }
    return 0;
}
