#include "cli/import/csv_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv/csv.h"

enum { FIELDS_MAX = 64, COLUMNS_MAX = 16 };

/* The whole file on the heap. */
static char *read_file(const char *path, size_t *len, struct od_err *err)
{
    char *text = NULL;
    long size = -1;
    FILE *f = fopen(path, "rbe");
    if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        text = malloc((size_t)size + 1);
        if (!text)
            abort();
        *len = fread(text, 1, (size_t)size, f);
        if (*len != (size_t)size) {
            free(text);
            text = NULL;
        }
    }
    if (!text)
        od_err_set(err, OD_ERR_IO, "cannot read %s: %s", path, strerror(errno));
    if (f)
        fclose(f);
    return text;
}

/* positions[columns]: where the wanted columns stand among the file's. */
static int find_columns(const struct od_str *header, size_t n, const char *const *names,
                        size_t columns, size_t *positions, struct od_err *err)
{
    for (size_t c = 0; c < columns; c++) {
        size_t i = 0;
        while (i < n && !od_str_is(od_str_trim(header[i]), names[c]))
            i++;
        if (i == n)
            return od_err_set(err, OD_ERR_INVALID, "there is no column %s", names[c]);
        positions[c] = i;
    }
    return 0;
}

/* A field with doubled quotes lies in the scratch arena, every other one in the text. */
static struct od_str keep(const struct od_csv_table *t, size_t len, struct od_arena *a,
                          struct od_str field)
{
    field = od_str_trim(field);
    bool in_text = field.ptr >= t->text && field.ptr <= t->text + len;
    return in_text ? field : od_arena_str(a, field);
}

static int read_rows(struct od_csv_table *t, struct od_arena *a, struct od_arena *scratch,
                     size_t len, const char *const *names, struct od_err *err)
{
    struct od_csv csv;
    struct od_str *fields = NULL;
    size_t n = 0, positions[COLUMNS_MAX] = {0}, row_cap = 0, line_cap = 0;
    od_csv_init(&csv, od_str_n(t->text, len));
    int more = od_csv_next(&csv, scratch, FIELDS_MAX, &fields, &n, err);
    if (more < 0 || find_columns(fields, n, names, t->columns, positions, err) != 0)
        return -1;

    size_t row_size = t->columns * sizeof *t->cells;
    for (;;) {
        od_arena_reset(scratch);
        more = od_csv_next(&csv, scratch, FIELDS_MAX, &fields, &n, err);
        if (more <= 0)
            return more;
        t->cells = od_arena_grow(a, t->cells, t->rows, &row_cap, row_size);
        t->lines = od_arena_grow(a, t->lines, t->rows, &line_cap, sizeof *t->lines);
        t->lines[t->rows] = csv.record_line;
        for (size_t c = 0; c < t->columns; c++) {
            if (positions[c] >= n)
                return od_err_set(err, OD_ERR_MALFORMED, "line %zu: %s is missing", csv.record_line,
                                  names[c]);
            t->cells[t->rows * t->columns + c] = keep(t, len, a, fields[positions[c]]);
        }
        t->rows++;
    }
}

int od_csv_table_read(struct od_csv_table *t, struct od_arena *a, const char *directory,
                      const char *file, const char *const *names, size_t columns,
                      struct od_err *err)
{
    size_t len = 0;
    struct od_arena scratch;
    struct od_str path = od_arena_printf(a, "%s/%s", directory, file);
    *t = (struct od_csv_table){.columns = columns};
    t->text = read_file(path.ptr, &len, err);
    if (!t->text)
        return -1;
    od_arena_init(&scratch);
    int rc = read_rows(t, a, &scratch, len, names, err);
    od_arena_fini(&scratch);
    return rc == 0 ? 0 : od_err_wrap(err, "%s", path.ptr);
}

void od_csv_table_free(struct od_csv_table *t)
{
    free(t->text);
    t->text = NULL;
}
