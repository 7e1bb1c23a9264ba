#ifndef OD_API_ACCESS_OIDC_H
#define OD_API_ACCESS_OIDC_H

#include "api/access/provider.h"

/* Logging in with an OpenID provider. */

struct od_oidc {
    struct od_arena arena; /* of the configuration */
    struct od_oidc_conf conf;
    struct od_provider *provider; /* NULL: there is no section [oidc] */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Reads the section, which has been checked. */
struct od_oidc *od_oidc_new(struct od_loop *loop, const struct od_conf *conf);
void od_oidc_free(struct od_oidc *o, void (*closed)(void *ctx), void *ctx);

#endif
