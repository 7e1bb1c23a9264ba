#ifndef OD_CONF_CONF_H
#define OD_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

/*
 * The configuration is an INI file with `-o section.key=value` overrides. It is read through one
 * list of keys (conf/keys.def) into a fresh struct and checked as a whole. It never changes once it
 * is loaded: a reload loads another beside it, and whoever holds a reference keeps what it began
 * with.
 */

struct od_buf;

struct od_conf_address {
    struct od_str text; /* "127.0.0.1:8080", "[::1]:8080" */
    struct od_str host; /* an IPv4 or IPv6 address, without brackets */
    int port;           /* 0: any free one */
    bool loopback;      /* only this machine can connect to it */
};

enum od_conf_track { OD_CONF_TRACK_ALL = 0, OD_CONF_TRACK_KNOWN, OD_CONF_TRACK_NONE };
/* [check] says what is done about each kind of finding. The first OD_FINDING_KINDS kinds are those
 * of rules/trial/walk/model_check.h, in its order. */
enum od_conf_level { OD_CONF_IGNORE = 0, OD_CONF_WARN, OD_CONF_REFUSE };
enum {
    OD_CONF_CHECK_POLICY_ERROR = 0,
    OD_CONF_CHECK_UNKNOWN_STATUS,
    OD_CONF_CHECK_FORBIDDEN_MOVE,
    OD_CONF_CHECK_DEAD_END,
    OD_CONF_CHECK_STUCK,
    OD_CONF_CHECK_UNREACHABLE_STATUS,
    OD_CONF_CHECK_SHADOWED_RULE,
    OD_CONF_CHECK_TESTS,
    OD_CONF_CHECKS
};
enum od_conf_auth { OD_CONF_AUTH_OPEN = 0, OD_CONF_AUTH_KEYS };

/*
 * A key of a section in which the merchant chooses names. The sections are [order_status.CODE],
 * [payment_status.CODE], [shipment_status.CODE], [store.NAME], [metadata.KEY], [plugin.NAME],
 * [target.NAME] and [consumer.NAME]; and [policy], [grant] and [migrate], whose keys are questions,
 * plugins and statuses.
 */
struct od_conf_entry {
    struct od_str section, key, value;
    struct od_str origin;    /* "conf/orderd.ini:12", "-o policy.order.cancel", "built-in:80" */
    struct od_str directory; /* where a relative path in it begins */
    bool secret;             /* a plugin declares it as one: rules/make/secrets.h */
};

/* The C type of each type of key. */
#define OD_CONF_C_STR      struct od_str
#define OD_CONF_C_INT      int64_t
#define OD_CONF_C_BOOL     bool
#define OD_CONF_C_DURATION int64_t /* milliseconds */
#define OD_CONF_C_SIZE     int64_t /* bytes */
#define OD_CONF_C_ENUM     int
#define OD_CONF_C_ADDRESS  struct od_conf_address
#define OD_CONF_C_PATH     struct od_str /* absolute */
#define OD_CONF_C_CURRENCY struct od_str

/* Each section is a struct, such as conf->server, which is a struct od_conf_server_keys, and each
 * key is a member. conf/keys.def lists them and says what they mean. Strings end in a NUL and live
 * as long as the struct. */
struct od_conf {
    int refs;
    struct od_arena arena;
    struct od_str file; /* as given */
    const char **overrides;
    size_t override_count;

#define SECTION(name) struct od_conf_##name##_keys {
#define END(name)                                                                                  \
    }                                                                                              \
    name;
#define ARRAY(type, member, count) type member[count];
#define KEY(section, key, type, member, fallback, min, max, words, reload, help)                   \
    OD_CONF_C_##type member;
#define ELEMENT(section, key, type, member, fallback, min, max, words, reload, help)
#include "conf/keys.def"
#undef SECTION
#undef END
#undef ARRAY
#undef KEY
#undef ELEMENT

    struct od_conf_entry *entries; /* in the order of the file */
    size_t entry_count, entry_cap;
    struct od_str *origins; /* [od_conf_key_count]: where each key was set; absent: it has its
                               default */
};

/* Returns "<sources>/conf/orderd.ini" while the sources that this binary was built from are there,
 * else "/etc/orderd/orderd.ini". */
const char *od_conf_default_file(void);

/*
 * Reads the file, then the overrides ("section.key=value"), fills in what is missing and checks all
 * of it. A relative path begins at the file's directory, or in an override at the working
 * directory. A set of statuses that the file does not define is taken from the reference
 * configuration. An error is OD_ERR_CONFIG and has "file:line" or "-o section.key" as its origin.
 * *out has one reference.
 */
int od_conf_load(const char *file, const char *const *overrides, size_t override_count,
                 struct od_conf **out, struct od_err *err) OD_MUST_CHECK;
/* Does the same for a text in memory. `file` names the text in origins and gives its directory. */
int od_conf_parse(const char *file, struct od_str text, const char *const *overrides,
                  size_t override_count, struct od_conf **out, struct od_err *err) OD_MUST_CHECK;
/* Loads the file of *now again, with the same overrides. */
int od_conf_reload(const struct od_conf *now, struct od_conf **out,
                   struct od_err *err) OD_MUST_CHECK;

struct od_conf *od_conf_ref(struct od_conf *c);
void od_conf_unref(struct od_conf *c); /* NULL allowed */

/* Returns the value of an entry, absent when there is none. *origin (may be NULL) says where it was
 * set. */
struct od_str od_conf_entry_find(const struct od_conf *c, struct od_str section, struct od_str key,
                                 struct od_str *origin);

/* Prints every key with its value and where it was set. Passwords are blotted out. */
void od_conf_print(const struct od_conf *c, struct od_buf *b);
/* Prints the commented reference: every key with its unit, default and reason. */
void od_conf_reference(struct od_buf *b);
/* Returns the names of the keys that differ and take effect only after a restart, with ", " between
 * them; "" when there are none. */
struct od_str od_conf_restart_notes(const struct od_conf *now, const struct od_conf *next,
                                    struct od_arena *a);

#endif
