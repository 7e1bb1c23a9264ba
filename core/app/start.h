#ifndef OD_APP_START_H
#define OD_APP_START_H

#include "app/rules.h"
#include "base/err.h"

/* Starting the parts of a server, in the order of struct od_app. */

struct od_app;

/* Which rules a server begins with, and which activation they are. */
struct od_first_rules {
    struct od_rules *rules; /* counted */
    int32_t activation_id;
    int64_t age_us;
    bool automatic;        /* it is an automatic rollback */
    struct od_err failed;  /* why these are not the activation's own; code NONE: they are */
    struct od_err refused; /* why the files do not serve though they should; code NONE: they may */
};

/* What the configuration and the plugins' folders make. */
struct od_files {
    struct od_rules_source source;
    bool read;              /* source is there */
    struct od_rules *rules; /* counted; NULL: the files are broken, err says where */
    struct od_err err;
};

/*
 * Files that were not edited since this data directory's last start or reload do not speak: the
 * last activation in the database serves, so that a rollback outlasts a restart. Edited ones, and
 * the first of a new database, are checked and activated. When they are broken or refused, the last
 * activation serves; a database without one has nothing to begin with, and the start fails.
 */
int od_start_rules(struct od_app *app, struct od_files *files, struct od_first_rules *out,
                   struct od_err *err) OD_MUST_CHECK;

/* The database and the query connection. */
int od_start_database(struct od_app *app, struct od_err *err) OD_MUST_CHECK;
/* Everything that needs rules, up to where requests are taken. */
int od_start_parts(struct od_app *app, const struct od_first_rules *first,
                   struct od_err *err) OD_MUST_CHECK;

#endif
