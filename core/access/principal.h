#ifndef OD_ACCESS_PRINCIPAL_H
#define OD_ACCESS_PRINCIPAL_H

#include "access/role.h"
#include "order/model/field_class.h"

/*
 * Whoever makes a request. The one check (api/auth.h) fills it in, and handlers take it; it lives
 * as long as the request is open.
 */
enum od_principal_kind {
    OD_PRINCIPAL_NOBODY = 0, /* of a route that anybody may use */
    OD_PRINCIPAL_ANONYMOUS,  /* everybody in the mode `open` */
    OD_PRINCIPAL_KEY,
    OD_PRINCIPAL_USER,
};

struct od_principal {
    enum od_principal_kind kind;
    struct od_str name; /* the actor that events record: "erp", "ana@example.org" */
    int64_t id;         /* of the key or user; 0: none */
    int64_t session_id; /* of a user's session; 0: none */
    struct od_str role;
    uint64_t permissions;        /* the role's, less what its key leaves out */
    unsigned classes;            /* of fields that it sees: bits of enum od_field_class */
    const struct od_str *stores; /* whose orders it sees; NULL: all */
    size_t store_count;
    int64_t refund_limit; /* as od_role has it */
};

static inline bool od_principal_may(const struct od_principal *who, enum od_permission p)
{
    return who->permissions & OD_PERMISSION_BIT(p);
}

/* Whether nothing of any order is hidden from it. */
static inline bool od_principal_sees_all(const struct od_principal *who)
{
    return !who->stores && (who->classes & OD_CLASSES_ALL) == OD_CLASSES_ALL;
}

/* What od_command.refund_below says of it. */
static inline int64_t od_principal_refund_below(const struct od_principal *who)
{
    return who->refund_limit + 1;
}

/* Whether it sees orders of that store; absent: of none. */
static inline bool od_principal_sees_store(const struct od_principal *who, struct od_str store)
{
    bool seen = !who->stores;

    for (size_t i = 0; !seen && store.ptr && i < who->store_count; i++)
        seen = od_str_eq(who->stores[i], store);
    return seen;
}

#endif
