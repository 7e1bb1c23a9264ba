#ifndef OD_API_ACCESS_OIDC_CONF_H
#define OD_API_ACCESS_OIDC_CONF_H

#include "conf/section.h"

/* The section [oidc]: the provider that people may log in with beside their passwords. */
struct od_oidc_conf {
    bool enabled; /* there is such a section */
    struct od_str issuer, client_id, client_secret, scopes, groups_claim;
    struct od_str ca_file;
    bool allow_private;
    int64_t timeout_ms;
    struct od_conf_pairs groups; /* group.NAME = role; the first that a person is in counts */
};

/* Strings live in the arena. */
int od_oidc_conf_read(const struct od_conf *c, struct od_arena *arena, struct od_oidc_conf *out,
                      struct od_err *err) OD_MUST_CHECK;

/* Whether a server can be started with the configuration's section. */
int od_oidc_check(const struct od_conf *c, struct od_err *err) OD_MUST_CHECK;

#endif
