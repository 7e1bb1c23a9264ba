#ifndef OD_CONF_SECTION_H
#define OD_CONF_SECTION_H

#include "conf/conf.h"
#include "conf/keys.h"

/*
 * Sections whose names the merchant chooses and whose keys have types: [target.NAME]. Whoever knows
 * what such a section is about brings the table of its keys; od_conf_key.section is not looked at
 * and offsets are into a struct of the caller's.
 */
struct od_conf_table {
    const struct od_conf_key *keys;
    size_t count;
    void *base; /* what the offsets are into */
    /* Keys that begin so have names and values that somebody else knows: "kafka." NULL: there are
     * none. */
    const char *prefix;
    struct od_conf_pairs *pairs; /* where they go */
};

/* Settings that are handed on as they are. */
struct od_conf_pair {
    struct od_str name, value; /* the name without the prefix; both end in a NUL */
    struct od_str key;         /* with it, for messages */
};
struct od_conf_pairs {
    struct od_conf_pair *items; /* in the order of the file */
    size_t count, cap;
};

/* Fills the bases and pairs of all tables: what the section sets, else the defaults. Strings live
 * in the arena. Refuses a key that is in no table, and a value that its key does not take
 * (OD_ERR_CONFIG; the origin is the line). */
int od_conf_section_read(const struct od_conf *c, struct od_str section,
                         const struct od_conf_table *tables, size_t count, struct od_arena *arena,
                         struct od_err *err) OD_MUST_CHECK;

/* The section's entry of this name said something wrong: fills *err with its origin. -1 */
int od_conf_section_refuse(const struct od_conf *c, struct od_str section, const char *key,
                           const char *message, struct od_err *err);

/* Whether the value of a key of that name is nobody's business: a secret, password or token. */
bool od_conf_key_secret(struct od_str key);

/* Each section of the family once, in the order of the file: calls next(ctx, section, name) with
 * "target.erp" and "erp"; stops when it returns -1, which is then returned. */
int od_conf_sections(const struct od_conf *c, const char *family,
                     int (*next)(void *ctx, struct od_str section, struct od_str name), void *ctx);

#endif
