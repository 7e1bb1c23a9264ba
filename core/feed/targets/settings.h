#ifndef OD_FEED_TARGETS_SETTINGS_H
#define OD_FEED_TARGETS_SETTINGS_H

#include "base/arena.h"
#include "conf/conf.h"
#include "feed/targets/kind.h"

/*
 * The settings of a target that the API made: a JSON object whose members are the keys of a section
 * [target.NAME] in camel case, "maxAttempts" for max_attempts. The database keeps them as they are.
 */

struct od_json;
struct od_json_writer;
struct od_pg_result;

struct od_stored_target {
    struct od_str name, settings;
};

/* Reads the rows of od_select_settings into (*out)[returned], in the arena. */
size_t od_stored_targets_read(const struct od_pg_result *r, struct od_stored_target **out,
                              struct od_arena *a);

/* Reads settings into entries of a section, so that they are checked as those of a file are. The
 * origin of each is its JSON pointer. They are in the arena. */
int od_target_entries(const struct od_stored_target *t, struct od_conf_entry **out, size_t *count,
                      struct od_arena *a, struct od_err *err) OD_MUST_CHECK;

/* Refuses what only the operator may set, who writes the file: a path, and private addresses unless
 * [feed] private_targets allows them. */
int od_target_allowed(const struct od_conf *c, const struct od_target_conf *t,
                      struct od_err *err) OD_MUST_CHECK;

/* Returns the settings with the members of `patch`, an object; one that is null there is removed.
 * Absent: they are too large, or nest too deeply. */
struct od_str od_target_merge(struct od_str settings, const struct od_json *patch,
                              struct od_arena *a);

/* A member of the settings as it would stand in a file; absent: there is none. */
struct od_str od_target_text(struct od_str settings, const char *key, struct od_arena *a);

/* Writes the object of all keys that are set for the target, wherever that is, but paths; of a
 * secret only its sort and until when it counts. */
void od_target_settings_write(struct od_json_writer *w, const struct od_target_conf *t);

#endif
