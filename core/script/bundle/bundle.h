#ifndef OD_SCRIPT_BUNDLE_BUNDLE_H
#define OD_SCRIPT_BUNDLE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "order/model/event.h"
#include "order/model/policy.h"
#include "order/model/status.h"
#include "script/bundle/manifest.h"

struct od_shop;

/*
 * A bundle is all plugins of one configuration, loaded together and checked, each in a Lua state of
 * its own. It is named by the SHA-256 of their sources and of the configuration that rules follow.
 * It is immutable and counted: whoever decides with it holds a reference, and a reload makes a new
 * one beside it. No call waits, and no error of a script is fatal.
 */

/* `[policy] order.cancel = net30` says who answers when several could. */
struct od_provider_choice {
    struct od_str question, plugin;
    struct od_str origin; /* "conf/orderd.ini:12", for errors */
};

/* A line of `[plugin.NAME]`, or of `[grant]`: then the value is capabilities and the key absent. */
struct od_plugin_setting {
    struct od_str plugin, key, value;
    struct od_str origin;
};

/* Everything that a bundle is made of. It is borrowed during the load only. */
struct od_bundle_source {
    const struct od_plugin *plugins; /* in the order in which they load */
    uint32_t plugin_count;
    const struct od_provider_choice *choices;
    uint32_t choice_count;
    const struct od_plugin_setting *settings;
    uint32_t setting_count;
    const struct od_plugin_setting *grants; /* plugin "default" needs none */
    uint32_t grant_count;
    struct od_str rules_ini; /* the configuration that rules follow, as INI text. It is hashed, and
                                kept as the file "rules.ini". Absent in tests */
    const struct od_status_sets *statuses;
    const struct od_shop *shop; /* stores, locations, metadata; NULL: none is configured */
    bool with_tests; /* also runs the plugins' tests/ files, which register tests; see testing/run.h
                      */
    struct od_coverage_map *coverage; /* of testing/run.h's runs: the scripts are loaded measured */
};

/* The limits of each plugin. Its manifest may ask for less. */
struct od_bundle_limits {
    int64_t load_instructions;   /* for all files of one plugin */
    int64_t policy_instructions; /* for one answer */
    int64_t hook_instructions;   /* for one hook on one event */
    int64_t task_instructions;   /* for one composite command, route or job, over all its waits */
    int64_t pattern_steps;       /* the worst case of one find, match, gmatch or gsub */
    int64_t cpu_us;              /* thread CPU time of one call; instructions end a call first */
    size_t memory;               /* bytes of a plugin's Lua state, at least 1 MiB */
};
extern const struct od_bundle_limits od_bundle_default_limits;

struct od_bundle;

struct od_bundle *od_bundle_ref(struct od_bundle *b);
void od_bundle_unref(struct od_bundle *b); /* the last reference closes it; NULL is accepted */

/* Returns the SHA-256 over rules_ini, plugins, file names and texts, in order: 64 hex digits and a
 * NUL. */
const char *od_bundle_hash(const struct od_bundle *b);

/* A file for the archive of sources. The files stand in load order, rules.ini first, and live as
 * long as the bundle. */
struct od_bundle_file {
    char hash[OD_SHA256_HEX + 1]; /* the SHA-256 of the text */
    struct od_str plugin, file;   /* "default", "order_status.lua"; rules.ini: plugin "" */
    struct od_str name;           /* "default/order_status.lua", "rules.ini" */
    struct od_str text;
};
const struct od_bundle_file *od_bundle_files(const struct od_bundle *b, uint32_t *count);

/* Something that a plugin offers. Offers stand in load order; their strings live as long as the
 * bundle. */
struct od_offer {
    struct od_str name;   /* question, topic, command, job, template, or pattern of a route */
    struct od_str plugin; /* "net30" */
    struct od_str origin; /* "net30/rules.lua:3" */
    struct od_str label;  /* "order.cancel@net30", "command.counter_sale@pos" */
    struct od_str method; /* route: "GET", … */
    struct od_str role;   /* route: reader, staff, admin or public; default staff */
    int64_t every_ms;     /* job: period; 0: once a day, at_ms after midnight UTC */
    int64_t at_ms;
    bool chosen; /* policy: this one answers; template: this one is printed */
};
enum od_offer_kind {
    OD_OFFER_POLICY = 0,
    OD_OFFER_HOOK,
    OD_OFFER_COMMAND,
    OD_OFFER_ROUTE,
    OD_OFFER_JOB,
    OD_OFFER_RECEIVER,
    OD_OFFER_TEST,
    OD_OFFER_TEMPLATE,
    OD_OFFER_KINDS
};
const struct od_offer *od_bundle_offers(const struct od_bundle *b, enum od_offer_kind kind,
                                        uint32_t *count);

/* Returns the plugins as loaded, for lists: name, version, description, capabilities. */
const struct od_plugin *od_bundle_plugins(const struct od_bundle *b, uint32_t *count);

/* Something that a plugin found wrong with its configuration while loading: oms.finding(kind,
 * text).
 */
struct od_script_finding {
    struct od_str kind; /* "shadowed_rule" */
    struct od_str plugin, origin, text;
};
const struct od_script_finding *od_bundle_findings(const struct od_bundle *b, uint32_t *count);

/* Return who answers the question: "default", and "default/order_status.lua:3". Absent for an
 * optional question that nobody answers. They live as long as the bundle. */
struct od_str od_bundle_provider(const struct od_bundle *b, enum od_question q);
struct od_str od_bundle_provider_origin(const struct od_bundle *b, enum od_question q);

struct od_script_stats {
    uint64_t calls, errors, us; /* us: wall time of all calls together */
};
struct od_bundle_stats {
    struct od_script_stats policy[OD_QUESTIONS];
    struct od_script_stats hooks, commands, tasks, templates;
    size_t memory; /* bytes of all Lua states now */
};
struct od_bundle_stats od_bundle_stats(const struct od_bundle *b);

#endif
