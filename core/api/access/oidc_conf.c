#include "api/access/oidc_conf.h"

#include "access/role.h"

enum { TIMEOUT_MIN = 100, TIMEOUT_MAX = 60000 };

#define AT(member) offsetof(struct od_oidc_conf, member)
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"oidc", "issuer", OD_CONF_STR, AT(issuer), "", 0, 0, NULL, false, "The provider's issuer, as its tokens name it: https://id.example.com. Its configuration is read from there."},
    {"oidc", "client_id", OD_CONF_STR, AT(client_id), "", 0, 0, NULL, false, "What orderd is called there."},
    {"oidc", "client_secret", OD_CONF_STR, AT(client_secret), "", 0, 0, NULL, false, "Empty: a public client."},
    {"oidc", "scopes", OD_CONF_STR, AT(scopes), "openid email profile", 0, 0, NULL, false, "What is asked for; many providers want one for groups as well."},
    {"oidc", "groups_claim", OD_CONF_STR, AT(groups_claim), "groups", 0, 0, NULL, false, "The claim of the ID token that lists a person's groups."},
    {"oidc", "ca_file", OD_CONF_PATH, AT(ca_file), "", 0, 0, NULL, false, "Certificates to trust instead of the system's."},
    {"oidc", "allow_private", OD_CONF_BOOL, AT(allow_private), "no", 0, 0, NULL, false, "The provider may be at a private address, and speak without TLS."},
    {"oidc", "timeout", OD_CONF_DURATION, AT(timeout_ms), "10s", TIMEOUT_MIN, TIMEOUT_MAX, NULL, false, "For one answer of the provider."},
};
/* clang-format on */

static const struct od_str section = OD_STR_INIT("oidc");

static int note(void *ctx, struct od_str found, struct od_str name)
{
    (void)found, (void)name;
    *(bool *)ctx = true;
    return 0;
}

static int check_groups(const struct od_conf *c, const struct od_oidc_conf *o, struct od_err *err)
{
    struct od_roles *roles;
    int failed = 0;
    if (od_roles_new(c, &roles, err))
        return -1;
    for (size_t i = 0; i < o->groups.count && !failed; i++) {
        if (!od_roles_find(roles, o->groups.items[i].value))
            failed = od_conf_section_refuse(c, section, o->groups.items[i].key.ptr,
                                            "must be the name of a role", err);
    }
    od_roles_unref(roles);
    return failed;
}

static int check(const struct od_conf *c, const struct od_oidc_conf *o, struct od_err *err)
{
    if (!od_str_starts_with(o->issuer, o->allow_private ? OD_STR("http") : OD_STR("https://")))
        return od_conf_section_refuse(c, section, "issuer",
                                      "must be a URL that begins with https://", err);
    if (o->client_id.len == 0)
        return od_conf_section_refuse(c, section, "client_id", "is needed", err);
    return check_groups(c, o, err);
}

int od_oidc_conf_read(const struct od_conf *c, struct od_arena *arena, struct od_oidc_conf *out,
                      struct od_err *err)
{
    bool there = false;
    *out = (struct od_oidc_conf){0};
    const struct od_conf_table table = {
        .keys = keys,
        .count = sizeof keys / sizeof *keys,
        .base = out,
        .prefix = "group.",
        .pairs = &out->groups,
    };
    if (od_conf_sections(c, "oidc", note, &there) || !there)
        return 0;
    if (od_conf_section_read(c, section, &table, 1, arena, err))
        return -1;
    out->enabled = true;
    return check(c, out, err);
}

int od_oidc_check(const struct od_conf *c, struct od_err *err)
{
    struct od_arena arena;
    struct od_oidc_conf conf;
    od_arena_init(&arena);
    int failed = od_oidc_conf_read(c, &arena, &conf, err);
    od_arena_fini(&arena);
    return failed;
}
