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
 * The configuration: an INI file and `-o section.key=value` overrides, read through one table of
 * keys (conf/keys.h) into a fresh struct that is checked as a whole. It never changes once loaded:
 * a reload loads another beside it, and whoever holds a reference keeps what it began with.
 */

struct od_buf;

struct od_conf_address {
    struct od_str text; /* "127.0.0.1:8080", "[::1]:8080" */
    struct od_str host; /* an IPv4 or IPv6 address, without brackets */
    int port;           /* 0: any free one */
    bool loopback;      /* only this machine can connect to it */
};

enum od_conf_track { OD_CONF_TRACK_ALL = 0, OD_CONF_TRACK_KNOWN, OD_CONF_TRACK_NONE };
/* [check]: what is done about each kind of finding; the first OD_FINDING_KINDS are those of
 * rules/trial/walk/model_check.h, in its order. */
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
 * A key of a section whose names the merchant chooses: [order_status.CODE], [payment_status.CODE],
 * [shipment_status.CODE], [store.NAME], [metadata.KEY], [plugin.NAME], and [policy], [grant] and
 * [migrate], whose keys are questions, plugins and statuses.
 */
struct od_conf_entry {
    struct od_str section, key, value;
    struct od_str origin;    /* "conf/orderd.ini:12", "-o policy.order.cancel", "built-in:80" */
    struct od_str directory; /* where a relative path in it begins */
};

/* [shop]: who sells, as documents for people say it. Absent stands for what is not set; `logo` is
 * an absolute path. conf/shop.h tells what a store has of its own. */
struct od_conf_shop {
    struct od_str name, address, email, telephone, tax_id, registration, bank, footer, logo;
};

/* Durations are milliseconds, sizes bytes, paths absolute. Strings end in a NUL and live as long as
 * the struct. What each key means stands in the table. */
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
        int64_t instructions, load_instructions; /* of one call; of loading a plugin */
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
        struct od_str dir, scripts; /* empty: none; that of [plugins] */
        struct od_str load;         /* empty: that of [plugins] */
        int64_t share;              /* percent */
        int64_t samples;
    } shadow;
    struct {
        int64_t error_rate; /* percent; 0: never */
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
    struct od_str *origins; /* [od_conf_key_count]: where each key was set; absent: its default */
};

/* "<sources>/conf/orderd.ini" while the sources it was built from are there, else
 * "/etc/orderd/orderd.ini". */
const char *od_conf_default_file(void);

/*
 * Reads the file, then the overrides ("section.key=value"), fills what is missing and checks all of
 * it. Relative paths are relative to the file's directory, in overrides to the working directory.
 * A set of statuses that the file does not define is the one of the reference configuration.
 * Errors (OD_ERR_CONFIG) have "file:line" or "-o section.key" as their origin. *out has one
 * reference.
 */
int od_conf_load(const char *file, const char *const *overrides, size_t override_count,
                 struct od_conf **out, struct od_err *err) OD_MUST_CHECK;
/* The same for a text in memory; `file` names it in origins and gives the directory. */
int od_conf_parse(const char *file, struct od_str text, const char *const *overrides,
                  size_t override_count, struct od_conf **out, struct od_err *err) OD_MUST_CHECK;
/* Loads the file of *now again, with the same overrides. */
int od_conf_reload(const struct od_conf *now, struct od_conf **out,
                   struct od_err *err) OD_MUST_CHECK;

struct od_conf *od_conf_ref(struct od_conf *c);
void od_conf_unref(struct od_conf *c); /* NULL allowed */

/* The value of an entry, absent when there is none; *origin (may be NULL) says where it was set. */
struct od_str od_conf_entry_find(const struct od_conf *c, struct od_str section, struct od_str key,
                                 struct od_str *origin);

/* Every key with its value, and where it was set; passwords are blotted out. */
void od_conf_print(const struct od_conf *c, struct od_buf *b);
/* The commented reference: every key with its unit, default and reason. */
void od_conf_reference(struct od_buf *b);
/* The names, ", " between them, of the keys that differ and take effect only after a restart; ""
 * when there is none. */
struct od_str od_conf_restart_notes(const struct od_conf *now, const struct od_conf *next,
                                    struct od_arena *a);

#endif
