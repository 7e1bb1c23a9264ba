#ifndef OD_CONF_ORIGINS_H
#define OD_CONF_ORIGINS_H

#include "base/err.h"
#include "base/str.h"

/* Checks the lists of [server] that http/address/origin.h compares with headers. An entry that
 * could never match is refused at once, so that nobody has to find it out behind a proxy. */

/* Checks a list of names or addresses without scheme and port: "shop.example.com,
 * [2001:db8::1]". */
int od_conf_hosts_check(struct od_str list, struct od_err *err) OD_MUST_CHECK;
/* Checks a list of origins, each with scheme, name and maybe a port but no path:
 * "https://shop.example.com http://intranet:8000". */
int od_conf_origins_check(struct od_str list, struct od_err *err) OD_MUST_CHECK;

#endif
