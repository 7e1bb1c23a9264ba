#ifndef OD_CONF_KEYS_H
#define OD_CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The one table of configuration keys. Parsing, defaults, limits, what `orderd check` prints and
 * the reference in conf/orderd.ini all follow it. A new key is a line of conf/keys.def, which the
 * table and struct od_conf are made from. */

enum od_conf_type {
    OD_CONF_STR = 0,  /* struct od_str */
    OD_CONF_INT,      /* int64_t */
    OD_CONF_BOOL,     /* bool: yes, no, on, off, true, false, 1, 0 */
    OD_CONF_DURATION, /* int64_t milliseconds: 200ms, 10s, 5m, 24h, 7d */
    OD_CONF_SIZE,     /* int64_t bytes: 512, 64k, 1m, 2g */
    OD_CONF_ENUM,     /* int: index into `words` */
    OD_CONF_ADDRESS,  /* struct od_conf_address */
    OD_CONF_PATH,     /* struct od_str, absolute */
    OD_CONF_CURRENCY, /* struct od_str: an ISO 4217 code */
};

struct od_conf_key {
    const char *section, *name;
    enum od_conf_type type;
    size_t offset;            /* into struct od_conf */
    const char *fallback;     /* the default, as it would be written */
    int64_t min, max;         /* INT, DURATION, SIZE */
    const char *const *words; /* ENUM: NULL-terminated */
    bool reload;              /* it takes effect at a reload; else after a restart */
    const char *help;         /* what it means and why it has this default, for the reference */
};

extern const struct od_conf_key od_conf_keys[];
extern const size_t od_conf_key_count;

/* A family of sections whose names or keys the merchant chooses. */
struct od_conf_family {
    const char *name; /* "policy", or the part before the dot: "order_status" */
    bool dotted;      /* sections are name.SOMETHING */
    /* The keys that it may have, NULL-terminated. "order_status.*" stands for every key that begins
     * so. NULL: it may have any key. */
    const char *const *keys;
    /* What is taken from the reference configuration: nothing, the whole set when the file has no
     * such section at all, or each section that the file does not have. */
    enum { OD_CONF_BUILTIN_NONE = 0, OD_CONF_BUILTIN_SET, OD_CONF_BUILTIN_EACH } builtin;
};

extern const struct od_conf_family od_conf_families[];
extern const size_t od_conf_family_count;

const struct od_conf_key *od_conf_key_find(struct od_str section, struct od_str name);
/* a section with fixed keys */
bool od_conf_section_known(struct od_str section);
const struct od_conf_family *od_conf_family_of(struct od_str section); /* or NULL */

/* Both return the known name that is nearest to what was written, or "" when none is near. */
const char *od_conf_nearest_section(struct od_str section);
const char *od_conf_nearest_key(struct od_str section, struct od_str name);

#endif
