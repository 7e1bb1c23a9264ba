#ifndef OD_SCRIPT_BUNDLE_H
#define OD_SCRIPT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "order/event.h"
#include "order/policy.h"
#include "order/status.h"

/*
 * A bundle: all plugins of one configuration, loaded together into one Lua state and checked, named
 * by the SHA-256 of their sources. It is immutable and counted: whoever decides with it holds a
 * reference, and a reload makes a new one beside it. No call waits; no script error is fatal.
 */

/* One file of a plugin. Files whose name ends in .lua are run; the others are kept with them. */
struct od_script_file {
    struct od_str name; /* "rules.lua" */
    struct od_str text;
};

/* A plugin as od_plugin_read (plugin.h) finds it on disk, or a test writes it down. */
struct od_plugin {
    struct od_str
        name; /* [a-z0-9_-]{1,32}; "default" is replaced by any other, question by question */
    struct od_str version, description; /* may be absent */
    struct od_str provides;       /* questions separated by commas; when present it must be so */
    struct od_script_file *files; /* in the order in which they run */
    uint32_t file_count;
};

/* `[policy] order.cancel = net30`: who answers when several could. */
struct od_provider_choice {
    struct od_str question, plugin;
    struct od_str origin; /* "conf/orderd.ini:12", for errors */
};

/* Everything a bundle is made of; borrowed during the load only, except for `statuses`. */
struct od_bundle_source {
    const struct od_plugin *plugins; /* in the order in which they load */
    uint32_t plugin_count;
    const struct od_provider_choice *choices;
    uint32_t choice_count;
    const struct od_status_sets *statuses; /* must outlive the bundle */
};

struct od_bundle_limits {
    int64_t load_instructions;   /* for all files of one bundle */
    int64_t policy_instructions; /* for one answer */
    int64_t hook_instructions;   /* for one hook on one event */
    int64_t pattern_steps;       /* worst case of one find, match, gmatch or gsub */
    int64_t cpu_us;              /* thread CPU time of one call; a backstop */
    size_t memory;               /* bytes of the whole Lua state, at least 1 MiB */
};
extern const struct od_bundle_limits od_bundle_default_limits;

struct od_bundle;

/*
 * Loads, links and checks. On failure nothing is left behind; err (OD_ERR_SCRIPT or, for [policy]
 * lines, OD_ERR_CONFIG) names file:line. Found here: syntax errors, errors while running a file,
 * unknown questions and topics, a question without or with several providers.
 */
int od_bundle_load(const struct od_bundle_source *source, const struct od_bundle_limits *limits,
                   struct od_bundle **out, struct od_err *err) OD_MUST_CHECK;
struct od_bundle *od_bundle_ref(struct od_bundle *b);
void od_bundle_unref(struct od_bundle *b); /* the last one closes it; NULL is accepted */

/* 64 hex digits and a NUL: SHA-256 over plugins, file names, texts and choices, in order. */
const char *od_bundle_hash(const struct od_bundle *b);

/* The files for the archive of sources, in load order; they live as long as the bundle. */
struct od_bundle_file {
    char hash[OD_SHA256_HEX + 1]; /* of the text */
    struct od_str name;           /* "default/order_status.lua" */
    struct od_str text;
};
const struct od_bundle_file *od_bundle_files(const struct od_bundle *b, uint32_t *count);

/* Who answers: "default" and "default/order_status.lua:3". They live as long as the bundle. */
struct od_str od_bundle_provider(const struct od_bundle *b, enum od_question q);
struct od_str od_bundle_provider_origin(const struct od_bundle *b, enum od_question q);

/* The bundle as the policies of decide; valid while the caller holds a reference. */
struct od_policies od_bundle_policies(struct od_bundle *b, int32_t bundle_id);

/* A side effect as data; delivered by C. Strings live in the arena of the call. */
struct od_intent {
    struct od_str kind;      /* "mail", "webhook", "notify" */
    struct od_str recipient; /* address, URL or channel */
    struct od_str name;      /* mail: the template; webhook: the event; notify: absent */
    struct od_str payload;   /* JSON object: what remains (subject, text, data) */
    struct od_str hook;      /* who asked for it: "shipment.created@default" */
};

bool od_bundle_has_hooks(const struct od_bundle *b, struct od_str topic);

/*
 * Runs the topic's hooks in load order. *intents (n of them, in the arena) come from the hooks that
 * succeeded, also when it returns -1 because one or more failed; err tells the first failure. So
 * one broken hook does not silence the others.
 */
int od_bundle_run_hooks(struct od_bundle *b, struct od_str topic, const struct od_event *e,
                        const struct od_order *o, struct od_arena *a, struct od_intent **intents,
                        uint32_t *n, struct od_err *err) OD_MUST_CHECK;

struct od_script_stats {
    uint64_t calls, errors, us; /* us: wall time of all calls together */
};
struct od_bundle_stats {
    struct od_script_stats policy[OD_QUESTIONS];
    struct od_script_stats hooks;
    size_t memory; /* bytes of the Lua state now */
};
struct od_bundle_stats od_bundle_stats(const struct od_bundle *b);

#endif
