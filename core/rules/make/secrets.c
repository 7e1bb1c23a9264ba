#include "rules/make/secrets.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto/sign.h"
#include "base/digest.h"
#include "base/log.h"
#include "conf/conf.h"
#include "script/bundle/bundle.h"
#include "script/bundle/manifest.h"
#include "script/load/settings.h"

#define FAMILY "plugin."

static bool is_secret(const struct od_bundle_source *source, const struct od_conf_entry *e)
{
    struct od_str name = od_str_slice(e->section, sizeof FAMILY - 1, e->section.len);

    for (uint32_t i = 0; i < source->plugin_count; i++) {
        if (!od_str_eq(source->plugins[i].name, name))
            continue;
        const struct od_config_key *key = od_plugin_key(&source->plugins[i], e->key);
        return key && key->type == OD_CONFIG_SECRET;
    }
    return false;
}

void od_rules_secrets_mark(struct od_conf *conf, const struct od_bundle_source *source)
{
    for (size_t i = 0; i < conf->entry_count; i++) {
        struct od_conf_entry *e = &conf->entries[i];
        if (od_str_starts_with(e->section, OD_STR(FAMILY)) && is_secret(source, e))
            e->secret = true;
    }
}

void od_rules_secret_digest(const struct od_conf_entry *e, char out[OD_RULES_DIGEST])
{
    uint8_t digest[OD_SHA256];
    struct od_arena a;

    od_arena_init(&a);
    struct od_str key =
        od_arena_printf(&a, "orderd setting %.*s.%.*s", OD_STR_ARG(e->section), OD_STR_ARG(e->key));
    od_hmac_sha256(key, e->value, digest);
    od_arena_fini(&a);
    snprintf(out, OD_RULES_DIGEST, "sha256:");
    od_hex(digest, sizeof digest, out + 7);
}

/* The value that `from` has for the entry, absent when it has none. *fits: it is the one that the
 * digest is of. */
static struct od_str value_in(const struct od_conf *from, const struct od_conf_entry *e, bool *fits)
{
    struct od_conf_entry there = *e;
    char digest[OD_RULES_DIGEST];

    *fits = false;
    if (!from)
        return OD_STR_NONE;
    there.value = od_conf_entry_find(from, e->section, e->key, NULL);
    if (!there.value.ptr)
        return OD_STR_NONE;
    od_rules_secret_digest(&there, digest);
    *fits = od_str_is(e->value, digest);
    return there.value;
}

/* The file is read when the first secret does not fit, and once. */
struct later {
    const struct od_conf *base;
    struct od_conf *file;
    bool read;
};

static const struct od_conf *file_of(struct later *l)
{
    struct od_err err;

    if (!l->read && od_conf_reload(l->base, &l->file, &err))
        l->file = NULL;
    l->read = true;
    return l->file;
}

static struct od_str secret_of(const struct od_conf_entry *e, struct later *later)
{
    bool fits;
    struct od_str here = value_in(later->base, e, &fits);
    if (fits)
        return here;
    struct od_str there = value_in(file_of(later), e, &fits);
    if (fits)
        return there;
    struct od_str found = there.ptr ? there : here;
    od_warn("plugin_secret_differs", "section=%.*s key=%.*s reason=\"%s\"", OD_STR_ARG(e->section),
            OD_STR_ARG(e->key),
            found.ptr ? "the configuration has another than the bundle was made with; it counts"
                      : "the configuration has none, so nothing fits it");
    return found.ptr ? found : OD_STR("");
}

void od_rules_secrets_fill(struct od_conf *conf, const struct od_conf *base)
{
    struct later later = {.base = base};

    for (size_t i = 0; i < conf->entry_count; i++) {
        struct od_conf_entry *e = &conf->entries[i];
        if (e->secret && e->value.len)
            e->value = od_arena_str(&conf->arena, secret_of(e, &later));
    }
    od_conf_unref(later.file);
}
