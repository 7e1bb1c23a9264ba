#ifndef OD_STORE_BOOKS_H
#define OD_STORE_BOOKS_H

#include <stddef.h>

#include "pg/stmt.h"

/*
 * What must hold between rows of different kinds, a statement for each rule: units are where
 * shipments, refunds and returns say; money that went back was captured; documents are numbered
 * without gaps; stock is conserved at every location. Each selects a line of text for every breach
 * of its rule, at most 1000.
 */
extern const struct od_pg_stmt od_books_rules[];
extern const size_t od_books_rule_count;

#endif
