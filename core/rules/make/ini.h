#ifndef OD_RULES_MAKE_INI_H
#define OD_RULES_MAKE_INI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * rules.ini is the part of the configuration that decisions follow. It is INI text in one fixed
 * order, so that the same rules make the same text. It is hashed and kept with a bundle's scripts,
 * and read back when a stored bundle serves again. A digest stands for each secret (secrets.h).
 */

struct od_conf;

/* OD_ERR_CONFIG: a value has a line break, so it would not read back as it is. */
int od_rules_ini_print(const struct od_conf *conf, struct od_buf *out,
                       struct od_err *err) OD_MUST_CHECK;
/* Makes a configuration with the rules of `text` and everything else of `base`. *out has one
 * reference. */
int od_rules_ini_parse(const struct od_conf *base, struct od_str text, struct od_conf **out,
                       struct od_err *err) OD_MUST_CHECK;

/* Cuts the next plugin's name off *rest, a list as in plugins.load; false at the end. */
bool od_rules_next_plugin(struct od_str *rest, struct od_str *name);

#endif
