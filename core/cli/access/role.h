#ifndef OD_CLI_ACCESS_ROLE_H
#define OD_CLI_ACCESS_ROLE_H

#include "base/err.h"

struct od_conf;

/* Refuses a name that is none of the configuration's roles. */
int od_cli_role_check(const struct od_conf *conf, const char *name,
                      struct od_err *err) OD_MUST_CHECK;

#endif
