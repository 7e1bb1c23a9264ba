#ifndef OD_ACCESS_PERMISSION_H
#define OD_ACCESS_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What a principal may do: permissions.def lists it, "resource.verb" each. */
enum od_permission {
#define PERMISSION(NAME, name, help) OD_MAY_##NAME,
#include "access/permissions.def"
#undef PERMISSION
    OD_PERMISSIONS
};
_Static_assert(OD_PERMISSIONS <= 64, "a set of permissions is a uint64_t");

/* A set has a bit for each. */
#define OD_PERMISSION_BIT(p) (UINT64_C(1) << (p))
#define OD_PERMISSIONS_ALL   (OD_PERMISSION_BIT(OD_PERMISSIONS) - 1)

const char *od_permission_name(enum od_permission p);
const char *od_permission_help(enum od_permission p);
/* Finds the permission of that name; false: there is none. */
bool od_permission_named(struct od_str name, enum od_permission *out);

/*
 * Reads a list such as "orders.*, refunds.create, -orders.export": each word adds to *set or, with
 * a minus, takes away from it, one after the other. "*" is all. OD_ERR_INVALID: a word names none;
 * the message names the nearest.
 */
int od_permissions_read(struct od_str list, uint64_t *set, struct od_err *err) OD_MUST_CHECK;

#endif
