#include "conf/keys.h"

#include "base/log.h"
#include "conf/conf.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define KIB      INT64_C(1024)
#define MIB      (1024 * KIB)
#define SECOND   INT64_C(1000)
#define MINUTE   (60 * SECOND)
#define DAY      (24 * 60 * MINUTE)

/* In the order of enum od_log_level, od_conf_track, od_conf_level and od_conf_auth. */
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const tracks[] = {"all", "known", "none", NULL};
static const char *const checks[] = {"ignore", "warn", "refuse", NULL};
static const char *const modes[] = {"open", "keys", NULL};

/* The rows of conf/keys.def. */
/* clang-format off */
#define SECTION(name)
#define END(name)
#define ARRAY(type, member, count)
#define KEY(section, key, type, member, fallback, min, max, words, reload, help)                   \
    {#section, #key, OD_CONF_##type, offsetof(struct od_conf, section.member), fallback, min, max, \
     words, reload, help},
#define ELEMENT KEY
const struct od_conf_key od_conf_keys[] = {
#include "conf/keys.def"
};
/* clang-format on */
#undef SECTION
#undef END
#undef ARRAY
#undef KEY
#undef ELEMENT

const size_t od_conf_key_count = COUNT(od_conf_keys);

static const char *const status_keys[] = {"name",       "badge", "progress", "default",
                                          "cancelable", "phase", "next",     NULL};

/* What a store says otherwise than [shop], then what is its own. A * stands for the rest. */
static const char *const store_keys[] = {"name",
                                         "address",
                                         "email",
                                         "telephone",
                                         "tax_id",
                                         "registration",
                                         "bank",
                                         "footer",
                                         "timezone",
                                         "logo",
                                         "title",
                                         "currency",
                                         "currencies",
                                         "series",
                                         "prefix",
                                         "order_status.*",
                                         "payment_status.*",
                                         "shipment_status.*",
                                         NULL};
static const char *const role_keys[] = {"inherits", "permissions",  "fields",
                                        "stores",   "limit.refund", NULL};
static const char *const metadata_keys[] = {"type", "choices", "required", NULL};

const struct od_conf_family od_conf_families[] = {
    {"order_status", true, status_keys, OD_CONF_BUILTIN_SET},
    {"payment_status", true, status_keys, OD_CONF_BUILTIN_SET},
    {"shipment_status", true, status_keys, OD_CONF_BUILTIN_SET},
    {"policy", false, NULL, OD_CONF_BUILTIN_NONE},
    {"grant", false, NULL, OD_CONF_BUILTIN_NONE},
    {"migrate", false, NULL, OD_CONF_BUILTIN_NONE},
    {"plugin", true, NULL, OD_CONF_BUILTIN_NONE},
    {"store", true, store_keys, OD_CONF_BUILTIN_NONE},
    {"metadata", true, metadata_keys, OD_CONF_BUILTIN_NONE},
    {"target", true, NULL, OD_CONF_BUILTIN_NONE},   /* keys: feed/targets/ */
    {"consumer", true, NULL, OD_CONF_BUILTIN_NONE}, /* keys: tasks/consumers/ */
    {"oidc", false, NULL, OD_CONF_BUILTIN_NONE},    /* keys: api/access/oidc_conf.c */
    {"role", true, role_keys, OD_CONF_BUILTIN_EACH},
};
const size_t od_conf_family_count = COUNT(od_conf_families);

const struct od_conf_key *od_conf_key_find(struct od_str section, struct od_str name)
{
    for (size_t i = 0; i < od_conf_key_count; i++) {
        const struct od_conf_key *key = &od_conf_keys[i];
        if (od_str_is(section, key->section) && od_str_is(name, key->name))
            return key;
    }
    return NULL;
}

bool od_conf_section_known(struct od_str section)
{
    for (size_t i = 0; i < od_conf_key_count; i++) {
        if (od_str_is(section, od_conf_keys[i].section))
            return true;
    }
    return false;
}

static bool belongs(struct od_str section, const struct od_conf_family *f)
{
    struct od_str name = od_str_of(f->name);

    if (!f->dotted)
        return od_str_eq(section, name);
    return section.len > name.len + 1 && od_str_starts_with(section, name) &&
           section.ptr[name.len] == '.';
}

const struct od_conf_family *od_conf_family_of(struct od_str section)
{
    for (size_t i = 0; i < od_conf_family_count; i++) {
        if (belongs(section, &od_conf_families[i]))
            return &od_conf_families[i];
    }
    return NULL;
}
