#ifndef OD_RULES_ACTIVATE_FIRST_RULES_H
#define OD_RULES_ACTIVATE_FIRST_RULES_H

#include "rules/make/rules.h"
#include "base/err.h"

/* Chooses the rules that a server begins with: those of the files or those of the last
 * activation. */

struct od_serving;

struct od_first_rules {
    struct od_rules *rules; /* counted */
    int32_t activation_id;  /* the activation that they are */
    int64_t age_us;
    bool automatic;        /* it is an automatic rollback */
    struct od_err failed;  /* why these are not the activation's own; code NONE: they are */
    struct od_err refused; /* why the files do not serve though they should; code NONE: they may */
};

/* The rules that the configuration and the plugins' folders make. */
struct od_files {
    struct od_rules_source source;
    bool read;              /* source is there */
    struct od_rules *rules; /* counted; NULL: the files are broken, err says where */
    struct od_err err;
};

/*
 * When the files were not edited since this data directory's last start or reload, the last
 * activation in the database serves, so that a rollback outlasts a restart. Edited files, and the
 * first files of a new database, are checked and activated. When they are broken or refused, the
 * last activation serves. A database without an activation has nothing to begin with, so the start
 * fails. The call runs the loop until it is decided; serving has no engine yet.
 */
int od_first_rules_choose(const struct od_serving *serving, struct od_files *files,
                          struct od_first_rules *out, struct od_err *err) OD_MUST_CHECK;

#endif
