#ifndef OD_ACCESS_ROLE_H
#define OD_ACCESS_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access/permission.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The roles of a configuration: its sections [role.NAME], and those of the reference configuration
 * that it does not have. A role says what its holders may do, which classes of fields they see, and
 * orders of which stores. Roles never change; a reload makes others beside them.
 */
struct od_role {
    struct od_str name;
    uint64_t permissions;
    unsigned classes;      /* bits of enum od_field_class; PUBLIC is always in it */
    struct od_str *stores; /* ascending; NULL: all of them */
    size_t store_count;
    int64_t
        refund_limit; /* of one refund, in 10^-OD_REFUND_LIMIT_DIGITS of any currency; -1: none */
};

struct od_conf;
struct od_roles;

/* Reads all roles. An error is OD_ERR_CONFIG and has the key's place as its origin. *out has one
 * reference. */
int od_roles_new(const struct od_conf *conf, struct od_roles **out,
                 struct od_err *err) OD_MUST_CHECK;
struct od_roles *od_roles_ref(struct od_roles *r);
void od_roles_unref(struct od_roles *r); /* NULL allowed */

/* Returns the role of that name, which lives as long as *r; NULL: there is none. */
const struct od_role *od_roles_find(const struct od_roles *r, struct od_str name);
/* All of them in the order of the file; *count says how many. */
const struct od_role *od_roles_all(const struct od_roles *r, size_t *count);

static inline bool od_role_may(const struct od_role *role, enum od_permission p)
{
    return role && role->permissions & OD_PERMISSION_BIT(p);
}

#endif
