#ifndef OD_READ_GRAPHQL_PRINT_H
#define OD_READ_GRAPHQL_PRINT_H

#include "base/buf.h"
#include "read/graphql/document.h"

/*
 * Prints trees as text that parses to the same tree. A whole document has a line for each
 * definition; graphql-js prints the same after its blanks are folded.
 */

void od_gql_print_document(struct od_buf *out, const struct od_gql_document *document);
void od_gql_print_value(struct od_buf *out, const struct od_gql_value *v);
void od_gql_print_type_ref(struct od_buf *out, const struct od_gql_type_ref *t);
void od_gql_print_string(struct od_buf *out, struct od_str s);

#endif
