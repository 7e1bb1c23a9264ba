#ifndef OD_CLI_IMPORT_CSV_TABLE_H
#define OD_CLI_IMPORT_CSV_TABLE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The wanted columns of a CSV file whose first record names its columns. */
struct od_csv_table {
    struct od_str *cells; /* [rows * columns], trimmed; an empty field is "" */
    size_t *lines;        /* [rows]: the line at which each row began */
    size_t rows, columns;
    char *text; /* the file; cells borrow from it */
};

/* Reads the file. names[columns]: the wanted columns, which become column 0, 1, …; further ones are
 * left out. It fails when the file is unreadable or malformed, or when a wanted column or a field
 * of a row is missing. Errors name the file and line. */
int od_csv_table_read(struct od_csv_table *t, struct od_arena *a, const char *directory,
                      const char *file, const char *const *names, size_t columns,
                      struct od_err *err) OD_MUST_CHECK;
void od_csv_table_free(struct od_csv_table *t); /* frees the text; the rest belongs to the arena */

static inline const struct od_str *od_csv_table_row(const struct od_csv_table *t, size_t row)
{
    return &t->cells[row * t->columns];
}

#endif
