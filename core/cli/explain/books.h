#ifndef OD_CLI_EXPLAIN_BOOKS_H
#define OD_CLI_EXPLAIN_BOOKS_H

#include <stdio.h>

#include "order/model/event.h"

/* Prints the line that says what an event moved: "payment: capture 39.98 EUR, by card". An event
 * that moves neither money nor units has no line. */
void od_explain_books(const struct od_event *e, struct od_str currency, FILE *out);

#endif
