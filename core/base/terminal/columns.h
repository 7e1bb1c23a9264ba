#ifndef OD_BASE_TERMINAL_COLUMNS_H
#define OD_BASE_TERMINAL_COLUMNS_H

#include <stdio.h>

#include "base/buf.h"

/* Breaks text between words for a terminal of 100 columns. */

enum { OD_WRAP_COLUMNS = 100 };

int od_wrap_columns(struct od_str s); /* how many columns the text takes */

/*
 * Appends the text and a newline. The line holds `column` columns already (0: none), and a blank
 * follows them; further lines are indented by `indent`. Lines of the text stay lines of their own.
 * An absent text appends nothing.
 */
void od_wrap(struct od_buf *out, int column, int indent, struct od_str text);
void od_wrap_to(FILE *out, int column, int indent, struct od_str text);
/* The same for tables that a narrower terminal must hold: `most` columns. */
void od_wrap_within(FILE *out, int most, int column, int indent, struct od_str text);
/* The same for bodies, such as JSON without blanks: a word that is longer than a line is broken. */
void od_wrap_body(FILE *out, int most, int column, int indent, struct od_str text);

/* Writes lines that fit as they are, with their own columns. It breaks the others and indents what
 * follows. */
void od_wrap_long(FILE *out, struct od_str text);

#endif
