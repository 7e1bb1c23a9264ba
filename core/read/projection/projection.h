#ifndef OD_READ_PROJECTION_PROJECTION_H
#define OD_READ_PROJECTION_PROJECTION_H

#include <stddef.h>
#include <stdint.h>

/*
 * A projection keeps in tables of its own what many reads ask for. It is a fold of the books' rows
 * of an order as they stand: whatever was there before, folding an order makes its rows say what
 * the books say now. So a fold may be repeated, may come late, and several changes of an order cost
 * one fold.
 *
 * Commands write nothing of it in their transactions. A process folds the orders that it changed
 * right after their commit (projector.h), a sweep of the ledger finds what a killed process left
 * (projector.h), and `orderd projection rebuild` makes the tables anew beside the live ones
 * (rebuild.h). An advisory lock lets the folds of all processes follow one another.
 */
struct od_projection {
    const char *name; /* "list": the name in the table `projection` and on the command line */
    /* One statement of SQL; $1 int8[]: order ids, ascending, without repetition. It makes the rows
     * of these orders what the books say, and repeating it changes nothing. Tables are named
     * without a schema, because a rebuild folds into another one. */
    const char *fold;
    /* The tables, NULL-terminated. The first has a row for each order, with order_id int8 as its
     * key and version int4: the version of the order that was folded. The others have an order_id,
     * or hold sums of one that has, or a dictionary; folding every order makes them anew. */
    const char *const *tables;
    /* One statement; $1 int8[]: order ids. rows: (order_id int8, what text), one for each
     * difference between the rows of these orders and a fold made anew. */
    const char *differ;
    /* One statement without parameters; rows: (what text), one for each sum that differs from the
     * rows it is a sum of. NULL: there are no sums. */
    const char *sums_differ;
    /* How long changes may gather before they are folded, when nobody reads meanwhile. */
    uint32_t gather_ms;
};

/* All projections, in the order in which they are folded; NULL-terminated (read/projections.c). */
extern const struct od_projection *const od_projections[];

enum { OD_PROJECTIONS_MAX = 8 };
size_t od_projection_count(void);
/* Returns the index of a projection of that name; -1: there is none. */
int od_projection_find(const char *name);

#endif
