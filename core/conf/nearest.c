#include "base/nearest.h"

#include "conf/keys.h"

const char *od_conf_nearest_section(struct od_str section)
{
    struct od_nearest n;

    od_nearest_init(&n, section);
    for (size_t i = 0; i < od_conf_key_count; i++)
        od_nearest_try(&n, od_str_of(od_conf_keys[i].section));
    for (size_t i = 0; i < od_conf_family_count; i++)
        od_nearest_try(&n, od_str_of(od_conf_families[i].name));
    return n.best.ptr;
}

const char *od_conf_nearest_key(struct od_str section, struct od_str name)
{
    const struct od_conf_family *family = od_conf_family_of(section);
    struct od_nearest n;

    od_nearest_init(&n, name);
    for (size_t i = 0; i < od_conf_key_count; i++) {
        if (od_str_is(section, od_conf_keys[i].section))
            od_nearest_try(&n, od_str_of(od_conf_keys[i].name));
    }
    for (size_t i = 0; family && family->keys && family->keys[i]; i++)
        od_nearest_try(&n, od_str_of(family->keys[i]));
    return n.best.ptr;
}
