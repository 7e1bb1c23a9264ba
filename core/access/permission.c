#include "access/permission.h"

#include "base/nearest.h"

static const struct {
    const char *name, *help;
} permissions[OD_PERMISSIONS] = {
#define PERMISSION(NAME, name, help) [OD_MAY_##NAME] = {name, help},
#include "access/permissions.def"
#undef PERMISSION
};

const char *od_permission_name(enum od_permission p)
{
    return permissions[p].name;
}

const char *od_permission_help(enum od_permission p)
{
    return permissions[p].help;
}

bool od_permission_named(struct od_str name, enum od_permission *out)
{
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++) {
        if (od_str_is(name, permissions[p].name)) {
            *out = p;
            return true;
        }
    }
    return false;
}

/* The permissions that a word means: itself, "orders.*" or "*". */
static uint64_t meant_by(struct od_str word)
{
    uint64_t set = 0;
    bool open = word.len && word.ptr[word.len - 1] == '*';
    struct od_str beginning = od_str_slice(word, 0, word.len - open);

    if (open && beginning.len && beginning.ptr[beginning.len - 1] != '.')
        return 0;
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++) {
        struct od_str name = od_str_of(permissions[p].name);
        if (open ? od_str_starts_with(name, beginning) : od_str_eq(name, word))
            set |= OD_PERMISSION_BIT(p);
    }
    return set;
}

static int refuse(struct od_str word, struct od_err *err)
{
    struct od_nearest nearest;
    od_nearest_init(&nearest, word);
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++)
        od_nearest_try(&nearest, od_str_of(permissions[p].name));
    return od_err_set(err, OD_ERR_INVALID,
                      "there is no permission \"%.*s\"%s; `orderd access permissions` lists them",
                      OD_STR_ARG(word), od_nearest_hint(&nearest));
}

int od_permissions_read(struct od_str list, uint64_t *set, struct od_err *err)
{
    for (struct od_str word; list.len;) {
        od_str_cut(&list, ',', &word);
        word = od_str_trim(word);
        bool less = word.len && word.ptr[0] == '-';
        if (less)
            word = od_str_trim(od_str_slice(word, 1, word.len));
        if (!word.len && !less)
            continue;
        uint64_t meant = meant_by(word);
        if (!meant)
            return refuse(word, err);
        *set = less ? *set & ~meant : *set | meant;
    }
    return 0;
}
