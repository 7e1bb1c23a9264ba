#ifndef OD_CONF_SHOP_H
#define OD_CONF_SHOP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"

/*
 * Says who sells: [shop], and what a [store.NAME] says otherwise. Only documents and mails show
 * this. No decision follows it, so it is not part of the rules and changes with the configuration
 * of the process.
 */

struct od_conf_reader;

enum { OD_CONF_LOGO_MAX = 1 << 20 }; /* bytes of the logo's file */

/*
 * Returns the shop as an order of that store shows it. When the store is absent or not configured,
 * that is [shop] alone. A value that is not set is absent. Strings live as long as *c and the
 * arena. name, address, bank and footer may have several lines, with '\
 * ' between them.
 */
struct od_conf_shop_keys od_conf_shop(const struct od_conf *c, struct od_str store,
                                      struct od_arena *a);

/* Whether a key of [store.NAME] is one of [shop]'s. */
bool od_conf_shop_has_key(struct od_str key);

/* Returns the media type that a logo's name ends in: "image/png", "image/jpeg" or "image/svg+xml";
 * NULL: it is none of these. */
const char *od_conf_logo_type(struct od_str path);

/* Makes the stores' logos absolute paths and checks that every logo can be read; a step of loading.
 * An error is OD_ERR_CONFIG and has the key's place as its origin. */
int od_conf_shop_read(struct od_conf_reader *r, struct od_conf *c,
                      struct od_err *err) OD_MUST_CHECK;

#endif
