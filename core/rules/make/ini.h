#ifndef OD_RULES_MAKE_INI_H
#define OD_RULES_MAKE_INI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * rules.ini: the part of the configuration that decisions follow, as INI text in one order, so that
 * the same rules make the same text. It is hashed and kept with a bundle's scripts, and read back
 * when a stored bundle is to serve again.
 */

struct od_conf;

/* Refuses (OD_ERR_CONFIG) what would not read back as it is: a line break inside of a value. */
int od_rules_ini_print(const struct od_conf *conf, struct od_buf *out,
                       struct od_err *err) OD_MUST_CHECK;
/* A configuration with the rules of `text` and everything else of `base`. *out has one reference.
 */
int od_rules_ini_parse(const struct od_conf *base, struct od_str text, struct od_conf **out,
                       struct od_err *err) OD_MUST_CHECK;

/* Plugins' names as they are listed in plugins.load: cuts the next off *rest; false at the end. */
bool od_rules_next_plugin(struct od_str *rest, struct od_str *name);

#endif
