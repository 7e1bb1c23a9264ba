#ifndef OD_CONF_VALUE_H
#define OD_CONF_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/keys.h"

/* Turns text into a key's typed value and back. */

struct od_conf;

/* A value is read with these. */
struct od_conf_reader {
    struct od_arena *arena;
    struct od_str directory; /* relative paths begin here */
    struct od_str data_dir;  /* ${data} */
    struct od_str share_dir; /* ${share} */
    struct od_str state_dir; /* ${state} */
};

/* Reads a path as a key of type OD_CONF_PATH is read. `key` names it in errors. */
int od_conf_path_read(const struct od_conf_reader *r, const struct od_conf_key *key,
                      struct od_str text, struct od_str *out, struct od_err *err) OD_MUST_CHECK;

/* Stores the value of `key` in the struct that its offset is into. An error is OD_ERR_CONFIG and
 * says what is accepted; it has no origin. */
int od_conf_value_read(const struct od_conf_reader *r, void *base, const struct od_conf_key *key,
                       struct od_str text, struct od_err *err) OD_MUST_CHECK;

/* Prints the value as one would write it. Passwords are blotted out. */
void od_conf_value_print(const struct od_conf *c, const struct od_conf_key *key, struct od_buf *b);

bool od_conf_value_equal(const struct od_conf *a, const struct od_conf *b,
                         const struct od_conf_key *key);

/* Reads yes, no, on, off, true, false, 1 or 0. Flags of statuses are read by it, too. */
bool od_conf_bool(struct od_str text, bool *out);
bool od_conf_duration(struct od_str text, int64_t *ms); /* "200ms", "30s", "5m", "24h", "7d" */
bool od_conf_size(struct od_str text, int64_t *bytes);  /* "512", "64k", "2m", "1g" */

#endif
