#include "read/graphql/run/resolvers.h"

/* Objects that are trees of JSON: what the API renders, and what a statement has aggregated. */

static void to_datum(const struct od_json *v, struct od_gql_datum *out);

static bool next_element(struct od_gql_datum *list, struct od_gql_datum *element)
{
    const struct od_json *v = list->data;

    if (!v)
        return false;
    to_datum(v, element);
    list->data = v->next;
    list->index++;
    return true;
}

static void to_datum(const struct od_json *v, struct od_gql_datum *out)
{
    if (!v || v->type == OD_JSON_NULL)
        return;
    out->kind = v->type == OD_JSON_ARRAY    ? OD_GQL_DATUM_LIST
                : v->type == OD_JSON_OBJECT ? OD_GQL_DATUM_OBJECT
                                            : OD_GQL_DATUM_TREE;
    out->object = v;
    out->next = next_element;
    out->data = v->child;
}

void od_gql_tree_list(const struct od_json *array, struct od_gql_datum *out)
{
    to_datum(array, out);
}

static void resolve_member(const struct od_gql_call *call, struct od_gql_datum *out)
{
    od_gql_tree_member(call, call->object, out);
}

void od_gql_tree_member(const struct od_gql_call *call, const struct od_json *object,
                        struct od_gql_datum *out)
{
    const struct od_gql_type *t = call->field->type;

    const struct od_json *v = od_json_get_str(object, call->field->name);

    if (od_gql_named_type(t)->scalar == OD_GQL_SCALAR_ID && v && v->type == OD_JSON_NUMBER &&
        od_json_i64(v, INT64_MIN, INT64_MAX, &out->number)) {
        out->kind = OD_GQL_DATUM_INT;
        return;
    }
    to_datum(v, out);
    /* A scalar may be any value of JSON, lists and objects among them. */
    if (od_gql_is_leaf(t->kind == OD_GQL_TYPE_NON_NULL ? t->of : t) &&
        out->kind != OD_GQL_DATUM_NULL)
        out->kind = OD_GQL_DATUM_TREE;
}

const struct od_gql_resolver od_gql_resolve_member = {resolve_member};
