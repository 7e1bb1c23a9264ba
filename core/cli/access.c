#include <stdio.h>
#include <string.h>

#include "access/role.h"
#include "api/auth.h"
#include "cli/cli.h"
#include "conf/conf.h"
#include "order/machine/command_kind.h"
#include "order/model/fields.h"

/* orderd access: who may do what, as the configuration says. */

static void print_permissions(void)
{
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++)
        printf("%-20s %s\n", od_permission_name(p), od_permission_help(p));
}

static void print_classes(unsigned classes)
{
    for (unsigned c = 0, any = 0; c < OD_CLASSES; c++) {
        if (classes & OD_CLASS_BIT(c))
            printf("%s%s", any++ ? ", " : "", od_field_class_name((enum od_field_class)c));
    }
}

static void print_stores(const struct od_role *role)
{
    if (!role->stores) {
        printf("all stores");
        return;
    }
    for (size_t i = 0; i < role->store_count; i++)
        printf("%s%.*s", i ? ", " : "stores ", OD_STR_ARG(role->stores[i]));
}

static void print_roles(const struct od_role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%-12.*s fields ", OD_STR_ARG(roles[i].name));
        print_classes(roles[i].classes);
        printf("; ");
        print_stores(&roles[i]);
        printf("\n");
    }
}

/* A row for each permission, with what needs it below, and a column for each role. */
static void print_matrix(const struct od_role *roles, size_t count)
{
    printf("%-20s", "");
    for (size_t i = 0; i < count; i++)
        printf(" %.*s", OD_STR_ARG(roles[i].name));
    printf("\n");
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++) {
        printf("%-20s", od_permission_name(p));
        for (size_t i = 0; i < count; i++)
            printf(" %-*s", (int)roles[i].name.len, od_role_may(&roles[i], p) ? "x" : "-");
        for (unsigned t = 0, any = 0; t < OD_COMMAND_TYPES; t++) {
            if (od_auth_of_command(od_command_kinds[t]) == p)
                printf("%s%s", any++ ? ", " : "  commands: ", od_command_kinds[t]->name);
        }
        printf("\n");
    }
}

int od_cli_access(struct od_cli *cli)
{
    const char *what = cli->argc == 1 ? cli->argv[0] : "";
    bool matrix = strcmp(what, "matrix") == 0, roles = strcmp(what, "roles") == 0;
    struct od_roles *all;
    struct od_err err;
    size_t count;

    if (strcmp(what, "permissions") == 0) {
        print_permissions();
        return 0;
    }
    if (!matrix && !roles)
        return od_cli_misuse(cli, "needs matrix, roles or permissions");
    struct od_conf *conf = od_cli_conf(cli);
    if (!conf)
        return 1;
    int failed = od_roles_new(conf, &all, &err);
    od_conf_unref(conf);
    if (failed)
        return od_cli_fail(&err);
    const struct od_role *items = od_roles_all(all, &count);
    matrix ? print_matrix(items, count) : print_roles(items, count);
    od_roles_unref(all);
    return 0;
}
