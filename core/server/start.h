#ifndef OD_SERVER_START_H
#define OD_SERVER_START_H

#include "base/err.h"

/* Starts the parts of a server, in the order of struct od_app. */

struct od_app;
struct od_first_rules;

/* Starts the database and the query connection. */
int od_start_database(struct od_app *app, struct od_err *err) OD_MUST_CHECK;
/* Starts everything that needs rules; at the end requests are taken. */
int od_start_parts(struct od_app *app, const struct od_first_rules *first,
                   struct od_err *err) OD_MUST_CHECK;

#endif
