#ifndef OD_CONF_ORIGINS_H
#define OD_CONF_ORIGINS_H

#include "base/err.h"
#include "base/str.h"

/* Whether the lists of [server] can mean what http/address/origin.h compares with headers. An entry
 * that never could match is told at once instead of being found out by a proxy's users. */

/* "shop.example.com, [2001:db8::1]": names or addresses, no scheme, no port. */
int od_conf_hosts_check(struct od_str list, struct od_err *err) OD_MUST_CHECK;
/* "https://shop.example.com http://intranet:8000": scheme, name and maybe port, no path. */
int od_conf_origins_check(struct od_str list, struct od_err *err) OD_MUST_CHECK;

#endif
