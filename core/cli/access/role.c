#include "cli/access/role.h"

#include "access/role.h"

int od_cli_role_check(const struct od_conf *conf, const char *name, struct od_err *err)
{
    struct od_roles *roles;
    if (od_roles_new(conf, &roles, err))
        return -1;
    bool known = od_roles_find(roles, od_str_of(name)) != NULL;
    od_roles_unref(roles);
    return known ? 0
                 : od_err_set(err, OD_ERR_INVALID,
                              "there is no role %s; `orderd access roles` lists them", name);
}
