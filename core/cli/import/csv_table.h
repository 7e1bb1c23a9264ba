#ifndef OD_CLI_IMPORT_CSV_TABLE_H
#define OD_CLI_IMPORT_CSV_TABLE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* A CSV file whose first record names its columns, as rows of the columns that are wanted. */
struct od_csv_table {
    struct od_str *cells; /* [rows * columns], trimmed; an empty field is "" */
    size_t *lines;        /* [rows]: where each began */
    size_t rows, columns;
    char *text; /* the file; cells borrow from it */
};

/* names[columns]: the wanted columns, which become column 0, 1, … Further ones are left out. Errors
 * name the file and line: unreadable, malformed, a wanted column or a field of a row is missing. */
int od_csv_table_read(struct od_csv_table *t, struct od_arena *a, const char *directory,
                      const char *file, const char *const *names, size_t columns,
                      struct od_err *err) OD_MUST_CHECK;
void od_csv_table_free(struct od_csv_table *t); /* the text; the rest is the arena's */

static inline const struct od_str *od_csv_table_row(const struct od_csv_table *t, size_t row)
{
    return &t->cells[row * t->columns];
}

#endif
