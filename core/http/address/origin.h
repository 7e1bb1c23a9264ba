#ifndef OD_HTTP_ADDRESS_ORIGIN_H
#define OD_HTTP_ADDRESS_ORIGIN_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Keeps other people's web pages out. A browser lets any page send some requests to any server that
 * the browser reaches, a server on loopback included. By DNS rebinding a page can even read the
 * answers: its own host name suddenly means 127.0.0.1, and the browser goes on seeing one origin.
 *
 * Three checks prevent that. All of them rely on headers that a page cannot change:
 * - Host must name this server. A rebound name is the attacker's, so this covers reading as well.
 * - Origin and Sec-Fetch-Site (Fetch Standard, Fetch Metadata Request Headers) of a request that is
 *   not GET, HEAD or OPTIONS must not tell of another site. Programs send neither of them.
 * - Such a request may not be of a type that forms send, because browsers before 2020 send forms
 *   without Origin. A header that makes browsers ask first (X-Requested-With, or Authorization with
 *   the scheme Bearer) lifts this check.
 */

struct od_http_origins {
    bool any_host;         /* Host is not looked at */
    struct od_str hosts;   /* names of this server beside loopback and the address it listens on */
    struct od_str origins; /* whose pages may act beside this server's own: "https://example.com" */
    /* Blanks or commas stand between the entries of both lists, and case does not matter. */
};

/* A request says this about its sender. A header that is not there is absent. */
struct od_http_sender {
    bool safe;                        /* GET, HEAD or OPTIONS: it changes nothing */
    struct od_str host, origin, site; /* Host, Origin, Sec-Fetch-Site */
};

enum od_http_foreign {
    OD_HTTP_FOREIGN_NOT = 0,
    OD_HTTP_FOREIGN_HOST,   /* Host is not a name of this server */
    OD_HTTP_FOREIGN_ORIGIN, /* a page of another origin sent it */
    OD_HTTP_FOREIGN_SITE,   /* the same, as only Sec-Fetch-Site tells */
    OD_HTTP_FOREIGN_KINDS,
};

/* listen: the address that the server listens on, "127.0.0.1:8080". */
enum od_http_foreign od_http_foreign_check(const struct od_http_origins *own, struct od_str listen,
                                           const struct od_http_sender *sender);
/* "host", "origin", "site"; the label of the metric. */
const char *od_http_foreign_name(enum od_http_foreign what);

/* Whether HTML forms send bodies of this Content-Type, which may be absent. */
bool od_http_form_type(struct od_str content_type);

/* Returns the name or address before the port of "shop.example.com:443" or "[::1]:8080". */
struct od_str od_http_host_name(struct od_str authority);

#endif
