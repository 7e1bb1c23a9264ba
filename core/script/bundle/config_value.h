#ifndef OD_SCRIPT_BUNDLE_CONFIG_VALUE_H
#define OD_SCRIPT_BUNDLE_CONFIG_VALUE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct od_config_key;

/* The values of a plugin's configuration. */

/* Returns [order] default_currency of rules.ini, in the arena. */
struct od_str od_rules_currency(struct od_str rules_ini, struct od_arena *a);
/* Reads a text as a value of the key. `digits` is how many fraction digits the currency of amounts
 * has. *out is left alone for texts, lists and choices. Fills err's message only. */
int od_config_value_read(const struct od_config_key *key, struct od_str text, int digits,
                         int64_t *out, struct od_err *err) OD_MUST_CHECK;
/* Checks the type, range and default of a declared key. Fills err's message only. */
int od_config_key_check(const struct od_config_key *key, struct od_err *err) OD_MUST_CHECK;

#endif
