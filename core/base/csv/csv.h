#ifndef OD_BASE_CSV_CSV_H
#define OD_BASE_CSV_CSV_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * RFC 4180 reader: quoted fields with doubled quotes and line breaks inside, LF or CRLF, an
 * optional UTF-8 byte-order mark. Works on a whole text in memory. Errors name the line.
 */
struct od_csv {
    struct od_str rest;
    char delimiter;     /* between fields */
    size_t line;        /* 1-based line of the next record */
    size_t record_line; /* line at which the last record began */
};

void od_csv_init(struct od_csv *c, struct od_str text); /* commas */
/* Takes semicolons or tabs for the delimiter when the first line has some and no comma:
 * spreadsheets write them where a comma is part of numbers. To be called before the first record.
 */
void od_csv_guess(struct od_csv *c);
/*
 * 1: a record, fields[n] in the arena, their bytes borrowed from the text where it has no doubled
 * quotes; 0: end; -1: error (unterminated quote, text after a quote, invalid UTF-8, more than
 * max_fields). A blank line is skipped.
 */
int od_csv_next(struct od_csv *c, struct od_arena *a, size_t max_fields, struct od_str **fields,
                size_t *n, struct od_err *err) OD_MUST_CHECK;

#endif
