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
 * table of keys (conf/keys.h) into a fresh struct and checked as a whole. It never changes once it
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
 * [payment_status.CODE], [shipment_status.CODE], [store.NAME], [metadata.KEY] and [plugin.NAME];
 * and [policy], [grant] and [migrate], whose keys are questions, plugins and statuses.
 */
struct od_conf_entry {
    struct od_str section, key, value;
    struct od_str origin;    /* "conf/orderd.ini:12", "-o policy.order.cancel", "built-in:80" */
    struct od_str directory; /* where a relative path in it begins */
};

/* [shop] says who sells, as documents for people show it. A key that is not set is absent; `logo`
 * is an absolute path. conf/shop.h says what a store has of its own. */
struct od_conf_shop {
    struct od_str name, address, email, telephone, tax_id, registration, bank, footer, logo;
};

/* Durations are milliseconds, sizes are bytes, and paths are absolute. Strings end in a NUL and
 * live as long as the struct. The table (conf/keys.c) says what each key means. */
struct od_conf {
    int refs;
    struct od_arena arena;
    struct od_str file; /* as given */
    const char **overrides;
    size_t override_count;

    struct {
        struct od_conf_address listen;
        struct od_str hosts, origins; /* entries, blanks or commas between them (conf/origins.h) */
        bool reuse_port;
        int64_t max_connections, max_pipeline;
        int64_t max_header_bytes, max_body_bytes, max_batch_bytes;
        int64_t header_timeout_ms, body_timeout_ms, idle_timeout_ms, write_timeout_ms;
        int64_t drain_timeout_ms, half_timeout_ms;
    } server;
    struct {
        struct od_str url; /* "private", or a libpq connection URL */
        struct od_str data_dir;
        int64_t lanes;
        int64_t statement_timeout_ms, lock_timeout_ms, connect_timeout_ms;
        int64_t watch_ms, answer_grace_ms;
    } database;
    struct {
        int64_t max_batch, max_queue;
        int64_t idempotency_ttl_ms;
    } engine;
    struct {
        struct od_str dir, scripts;
        struct od_str load; /* names, separated by blanks or commas; empty: none */
        bool watch;
    } plugins;
    struct {
        int64_t instructions, load_instructions; /* the budget of one call, and of loading a
                                                    plugin */
        int64_t task_instructions, task_timeout_ms, max_tasks;
        int64_t cpu_ms;
        int64_t memory;
        int64_t pattern_steps;
    } script;
    struct {
        int level[OD_CONF_CHECKS]; /* enum od_conf_level */
        int64_t time_ms, max_states;
    } check;
    struct {
        struct od_str dir, scripts; /* dir empty: no shadow; scripts empty: those of [plugins] */
        struct od_str load;         /* empty: what [plugins] loads */
        int64_t share;              /* percent */
        int64_t samples;
    } shadow;
    struct {
        int64_t error_rate; /* percent; 0: rules are never rolled back */
        int64_t min_calls, window_ms;
    } rollback;
    struct {
        bool enabled;
        int64_t interval_ms, lease_ms;
    } jobs;
    struct {
        int track;               /* enum od_conf_track */
        struct od_str locations; /* names, commas between them */
    } stock;
    struct {
        bool strict;
    } metadata;
    struct od_conf_shop shop;
    struct {
        struct od_str default_currency;
    } order;
    struct {
        int mode; /* enum od_conf_auth */
    } auth;
    struct {
        int level; /* enum od_log_level */
    } log;
    struct {
        struct od_str log_file;
        int64_t interval_ms;
        int64_t transaction_limit_ms, held_after_ms;
        int64_t batch, share, max_attempts;
        int64_t retry_min_ms, retry_max_ms;
    } feed;

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
