#ifndef OD_READ_GRAPHQL_CHECK_H
#define OD_READ_GRAPHQL_CHECK_H

#include "base/map.h"
#include "read/graphql/validate.h"

/* One validation under way. Internal to validate*.c. */

/* A variable in a value, and what its place asks for. */
struct od_gql_usage {
    const struct od_gql_value *value;
    const struct od_gql_type *type; /* NULL: the place is unknown */
    bool has_default;               /* the place has a default value */
    struct od_gql_usage *next;
};

struct od_gql_spread {
    struct od_gql_selection *selection;
    struct od_gql_spread *next;
};

/* What a definition uses, without what its fragments use. */
struct od_gql_uses {
    struct od_gql_definition *definition;
    struct od_gql_usage *usages, **last_usage;
    struct od_gql_spread *spreads, **last_spread;
};

struct od_gql_check {
    const struct od_gql_schema *schema;
    struct od_gql_document *document;
    struct od_arena *arena;
    struct od_gql_faults *faults;
    struct od_map fragments;  /* name -> struct od_gql_uses * */
    struct od_gql_uses *uses; /* [use_count] of the definitions, in their order */
    uint32_t use_count;
    struct od_gql_uses *at; /* of the definition that is being walked */
    uint32_t work_left;
};

/* Takes n units of work. False: there are none left, which is a fault once. */
bool od_gql_work(struct od_gql_check *c, uint32_t n);

/* validate_values.c */
/* type NULL: the place is unknown, so only what holds everywhere is checked. */
void od_gql_check_value(struct od_gql_check *c, struct od_gql_value *v,
                        const struct od_gql_type *type, bool has_default);
/* Checks arguments against those that are declared. known false: nothing is known of them.
 * `of` names their owner: `field "Query.order"`, `directive "@skip"`. */
void od_gql_check_arguments(struct od_gql_check *c, struct od_gql_argument *first, bool known,
                            const struct od_gql_input *declared, uint32_t at, struct od_str of);

/* validate_uses.c: rules about variables and fragments as a whole. */
void od_gql_check_variables(struct od_gql_check *c);
void od_gql_check_fragments(struct od_gql_check *c);
void od_gql_check_subscription(struct od_gql_check *c, const struct od_gql_definition *d);
struct od_gql_uses *od_gql_uses_of(const struct od_gql_check *c, struct od_str fragment);

/* validate_merge.c: rule 5.3.2. */
void od_gql_check_merging(struct od_gql_check *c);

#endif
