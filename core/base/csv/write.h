#ifndef OD_BASE_CSV_WRITE_H
#define OD_BASE_CSV_WRITE_H

#include "base/buf.h"
#include "base/str.h"

/*
 * A writer of CSV (RFC 4180) for files that people open in a spreadsheet. Spreadsheets run a text
 * that begins with = + - or @ as a formula. So such a text gets an apostrophe in front, which they
 * do not show. od_csv_plain takes it off again.
 */

struct od_csv_writer {
    struct od_buf *buf;
    char delimiter; /* 0: a comma */
    bool begun;     /* the record has a field already */
};

void od_csv_text(struct od_csv_writer *w, struct od_str s);   /* an absent text is an empty field */
void od_csv_number(struct od_csv_writer *w, struct od_str s); /* written as it is: -5.00 */
void od_csv_i64(struct od_csv_writer *w, int64_t v);
void od_csv_end(struct od_csv_writer *w); /* ends the record with CR LF */

/* Returns a field as it was before od_csv_text put an apostrophe in front. */
struct od_str od_csv_plain(struct od_str field);

#endif
