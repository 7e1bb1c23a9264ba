#ifndef OD_BASE_CSV_CSV_H
#define OD_BASE_CSV_CSV_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * A reader of CSV (RFC 4180) over a whole text in memory. It knows quoted fields with doubled
 * quotes and line breaks inside, LF and CRLF, and a UTF-8 byte-order mark. Errors name the line.
 */
struct od_csv {
    struct od_str rest;
    char delimiter;     /* between fields */
    size_t line;        /* 1-based line of the next record */
    size_t record_line; /* line at which the last record began */
};

void od_csv_init(struct od_csv *c, struct od_str text); /* the delimiter is a comma */
/* Chooses the delimiter: semicolons or tabs when the first line has some and no comma. Spreadsheets
 * write those where a comma is part of numbers. Call it before the first record. */
void od_csv_guess(struct od_csv *c);
/*
 * Reads the next record. Returns 1 with fields[n] in the arena, 0 at the end, or -1 for an error:
 * an unterminated quote, text after a quote, invalid UTF-8, or more than max_fields. The bytes of a
 * field are borrowed from the text unless it has doubled quotes. A blank line is skipped.
 */
int od_csv_next(struct od_csv *c, struct od_arena *a, size_t max_fields, struct od_str **fields,
                size_t *n, struct od_err *err) OD_MUST_CHECK;

#endif
