#ifndef OD_CONF_SHOP_H
#define OD_CONF_SHOP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"

/*
 * Who sells: [shop], and what a [store.NAME] says otherwise. For documents and mails alone: no
 * decision follows it, so it is not part of the rules and changes with the configuration of the
 * process.
 */

struct od_conf_reader;

enum { OD_CONF_LOGO_MAX = 1 << 20 }; /* bytes of the logo's file */

/*
 * The shop as an order of that store shows it; store absent, or not configured: [shop] alone. What
 * is not set is absent. Strings live as long as *c and the arena. name, address, bank and footer
 * may have several lines, with '\n' between them.
 */
struct od_conf_shop od_conf_shop(const struct od_conf *c, struct od_str store, struct od_arena *a);

/* Whether a key of [store.NAME] is one of [shop]'s. */
bool od_conf_shop_has_key(struct od_str key);

/* The media type that a logo's name tells: "image/png", "image/jpeg", "image/svg+xml"; NULL: none
 * of these. */
const char *od_conf_logo_type(struct od_str path);

/* The part of loading that makes the stores' logos absolute paths and looks whether every logo can
 * be read. Errors (OD_ERR_CONFIG) have the key's place as their origin. */
int od_conf_shop_read(struct od_conf_reader *r, struct od_conf *c,
                      struct od_err *err) OD_MUST_CHECK;

#endif
