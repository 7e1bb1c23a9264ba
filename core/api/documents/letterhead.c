#include "api/documents/letterhead.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/log.h"
#include "conf/shop.h"

struct logo {
    struct od_str path;
    struct od_buf url; /* "data:image/png;base64,…"; empty: it cannot be read */
};

struct od_letterheads {
    struct od_conf *conf; /* counted; the paths are its */
    struct logo *logos;
    size_t count;
};

static void read_logo(struct logo *logo)
{
    struct od_arena arena;
    struct od_str bytes;
    struct od_err err;

    od_arena_init(&arena);
    if (od_file_read(logo->path.ptr, OD_CONF_LOGO_MAX, &arena, &bytes, &err) != 0) {
        od_warn("logo_failed", "file=\"%s\" reason=\"%s\"", logo->path.ptr, err.message);
    } else if (bytes.len > 0) {
        od_buf_printf(&logo->url, "data:%s;base64,", od_conf_logo_type(logo->path));
        od_base64(&logo->url, bytes);
    }
    od_arena_fini(&arena);
}

static const struct logo *find(const struct od_letterheads *l, struct od_str path)
{
    for (size_t i = 0; i < l->count; i++) {
        if (od_str_eq(l->logos[i].path, path))
            return &l->logos[i];
    }
    return NULL;
}

static void add(struct od_letterheads *l, struct od_str path)
{
    if (path.len == 0 || !od_conf_logo_type(path) || find(l, path))
        return;
    struct logo *logo = &l->logos[l->count++];
    logo->path = path;
    od_buf_init(&logo->url, 2 * OD_CONF_LOGO_MAX);
    read_logo(logo);
}

struct od_letterheads *od_letterheads_new(struct od_conf *conf)
{
    struct od_letterheads *l = calloc(1, sizeof *l);

    if (!l || !(l->logos = calloc(conf->entry_count + 1, sizeof *l->logos)))
        abort();
    l->conf = od_conf_ref(conf);
    add(l, conf->shop.logo);
    for (size_t i = 0; i < conf->entry_count; i++) {
        const struct od_conf_entry *e = &conf->entries[i];
        if (od_str_starts_with(e->section, OD_STR("store.")) && od_str_is(e->key, "logo"))
            add(l, e->value);
    }
    return l;
}

void od_letterheads_free(struct od_letterheads *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->count; i++)
        od_buf_fini(&l->logos[i].url);
    free(l->logos);
    od_conf_unref(l->conf);
    free(l);
}

struct od_conf_shop_keys od_letterhead(const struct od_letterheads *l, struct od_str store,
                                       struct od_arena *a)
{
    struct od_conf_shop_keys shop = od_conf_shop(l->conf, store, a);
    const struct logo *logo = shop.logo.len ? find(l, shop.logo) : NULL;

    shop.logo = logo && logo->url.len ? od_buf_view(&logo->url) : OD_STR_NONE;
    return shop;
}
