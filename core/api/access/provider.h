#ifndef OD_API_ACCESS_PROVIDER_H
#define OD_API_ACCESS_PROVIDER_H

#include "api/access/oidc_conf.h"
#include "loop/loop.h"

/*
 * The OpenID provider as this process knows it: its configuration (OpenID Connect Discovery 1.0)
 * and its keys, which are read when they are needed and kept for an hour. Keys are read again when
 * a token is signed with one that is not known; but not more often than every few seconds, because
 * anybody can show a token.
 */
struct od_provider;

/* conf must outlive the result. */
struct od_provider *od_provider_new(struct od_loop *loop, const struct od_oidc_conf *conf);
void od_provider_free(struct od_provider *p, void (*closed)(void *ctx), void *ctx);

struct od_provider_facts {
    struct od_str authorization_endpoint, token_endpoint;
};

/* Calls done(ctx, facts) once, perhaps at once. The facts are valid during the call; NULL: the
 * provider cannot be reached, or its answer makes no sense, which has been logged. */
void od_provider_know(struct od_provider *p,
                      void (*done)(void *ctx, const struct od_provider_facts *facts), void *ctx);
/* The same for its keys, a text of JSON. renew: those that are known do not do. Call it only once
 * its facts are known. */
void od_provider_keys(struct od_provider *p, bool renew,
                      void (*done)(void *ctx, struct od_str jwks), void *ctx);

/* Sends a form to the token endpoint, which is a URL with a NUL, with the client's secret; calls
 * done(ctx, status, body) later. Status 0: there was no answer. body must live until then. */
void od_provider_post(struct od_provider *p, struct od_str url, struct od_str body,
                      void (*done)(void *ctx, int status, struct od_str answer), void *ctx);

/* Appends the text as a form writes it (application/x-www-form-urlencoded). */
void od_form_encode(struct od_buf *out, struct od_str text);

#endif
