#ifndef OD_STORE_BOOKS_H
#define OD_STORE_BOOKS_H

#include <stddef.h>

#include "pg/stmt.h"

/*
 * The rules that must hold between rows of different kinds, with a statement for each. Units are
 * where shipments, refunds and returns say. Money that went back was captured. Documents are
 * numbered without gaps. Stock is conserved at every location. A statement selects a line of text
 * for every breach of its rule, at most 1000.
 */
extern const struct od_pg_stmt od_books_rules[];
extern const size_t od_books_rule_count;

#endif
