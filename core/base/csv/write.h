#ifndef OD_BASE_CSV_WRITE_H
#define OD_BASE_CSV_WRITE_H

#include "base/buf.h"
#include "base/str.h"

/*
 * RFC 4180 writer for files that people open in a spreadsheet. Spreadsheets run what begins with
 * = + - or @ as a formula, so a text that does gets an apostrophe in front, which they do not show;
 * od_csv_plain takes it off again.
 */

struct od_csv_writer {
    struct od_buf *buf;
    char delimiter; /* 0: a comma */
    bool begun;     /* the record has a field already */
};

void od_csv_text(struct od_csv_writer *w, struct od_str s);   /* absent: empty */
void od_csv_number(struct od_csv_writer *w, struct od_str s); /* as it is: -5.00 */
void od_csv_i64(struct od_csv_writer *w, int64_t v);
void od_csv_end(struct od_csv_writer *w); /* of the record: CR LF */

/* A field as it was before od_csv_text put an apostrophe in front. */
struct od_str od_csv_plain(struct od_str field);

#endif
