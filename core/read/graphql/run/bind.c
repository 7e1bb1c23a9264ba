#include "order/model/parts.h"
#include "read/graphql/run/resolvers.h"
#include "read/graphql/types.h"

/* Which resolver each field has. */

/* Types whose objects are trees of JSON. */
static const char *const trees[] = {"Activity",    "Event",     "StatusChange",  "Customer",
                                    "CustomerSum", "Stock",     "StockLocation", "ChangeTotals",
                                    "UserError",   "OrderMatch"};

static bool by_hand(const struct od_gql_hand *hands, const struct od_gql_type *t,
                    struct od_gql_field *f)
{
    for (; hands->type; hands++) {
        if (!od_str_is(t->name, hands->type) || (hands->field && !od_str_is(f->name, hands->field)))
            continue;
        f->resolver = &hands->resolver;
        return true;
    }
    return false;
}

static bool by_table(const struct od_gql_type *t, struct od_gql_field *f)
{
    f->bound = od_entity_json_field(&od_entities[t->entity], f->name);
    f->resolver = &od_gql_resolve_field;
    if (f->bound)
        return true;
    OD_EACH_PART_KIND (p) {
        if (p->owner != t->entity || !od_str_is(f->name, p->name))
            continue;
        f->bound = p;
        f->resolver = &od_gql_resolve_parts;
        return true;
    }
    return false;
}

static bool by_tree(const struct od_gql_type *t, struct od_gql_field *f)
{
    f->resolver = &od_gql_resolve_member;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        if (od_str_is(t->name, trees[i]))
            return true;
    }
    return false;
}

static bool bind_field(const struct od_gql_type *t, struct od_gql_field *f)
{
    if (od_str_is(t->name, "Mutation"))
        f->bound = od_gql_mutation(f->name);
    return by_hand(od_gql_order_hands, t, f) || by_hand(od_gql_introspection_hands, t, f) ||
           (t->is_entity && by_table(t, f)) || by_tree(t, f);
}

static void bind_meta(struct od_gql_field *f)
{
    static const struct od_gql_type meta = {.name = OD_STR_INIT("__Meta")};

    (void)by_hand(od_gql_introspection_hands, &meta, f);
}

int od_gql_bind(struct od_gql_schema *schema, struct od_err *err)
{
    for (struct od_gql_type *t = schema->types; t; t = t->next) {
        for (struct od_gql_field *f = t->fields; f; f = f->next) {
            if (!bind_field(t, f))
                return od_err_set(err, OD_ERR_INVALID, "%.*s.%.*s has no resolver",
                                  OD_STR_ARG(t->name), OD_STR_ARG(f->name));
        }
    }
    bind_meta(schema->typename_field);
    bind_meta(schema->schema_field);
    bind_meta(schema->type_field);
    return 0;
}
