#ifndef OD_SCRIPT_BUNDLE_LOADED_H
#define OD_SCRIPT_BUNDLE_LOADED_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "script/bundle/bundle.h"
#include "script/vm/vm.h"

/* The inside of a bundle, for the code that loads it and the code that calls into it. */

/* A plugin as it is loaded: one Lua state, in which nothing but its own scripts runs. */
struct od_script_plugin {
    struct od_bundle *bundle;
    struct od_vm vm;
    const struct od_plugin *source; /* copied to the bundle's arena */
    struct od_str name;
    unsigned capabilities;
    struct od_str *hosts; /* those of http:HOST; "*" is any */
    uint32_t host_count;
    int64_t policy_instructions, hook_instructions, task_instructions;

    /* The call that runs, for bindings that look beyond their arguments. */
    enum od_question question;
    const struct od_policy_request *request; /* NULL outside of policies */
    const struct od_order *order;            /* NULL outside of hooks */
    struct od_printing *printing;            /* NULL outside of templates */
};

/* Counts how often calls of a function failed, by the place of the error. The last element counts
 * all other places. */
struct od_failures {
    struct {
        uint64_t place; /* hash of "file:line" */
        uint64_t count;
    } at[16];
};

/* A function that a script registered: its public offer, and how it is called. */
struct od_registration {
    struct od_offer offer;
    struct od_failures *failures;
    struct od_script_plugin *plugin;
    int function;                          /* luaL_ref in the registry of the plugin's state */
    const struct od_script_file *template; /* for templates, which have no `function` */
};

struct od_registrations {
    struct od_registration **all;
    uint32_t count;
    size_t cap;
};

struct od_bundle {
    unsigned refs;
    bool testing;          /* it runs tests, which tell themselves what failed: nothing is logged */
    struct od_arena arena; /* everything below that is not a Lua value */
    struct od_bundle_limits limits;
    const struct od_status_sets *statuses;
    const struct od_shop *shop; /* NULL: none is configured */
    struct od_str currency;     /* the default currency in the configuration that rules follow */
    char hash[OD_SHA256_HEX + 1];
    struct od_bundle_file *files;
    uint32_t file_count;

    struct od_plugin *sources;         /* [plugin_count] */
    struct od_script_plugin **plugins; /* [plugin_count] in load order */
    uint32_t plugin_count;
    struct od_registrations offers[OD_OFFER_KINDS];
    struct od_offer *offer_lists[OD_OFFER_KINDS];          /* for od_bundle_offers */
    const struct od_registration *providers[OD_QUESTIONS]; /* who answers, after linking; NULL:
                                                              nobody, to an optional question */
    const struct od_registration *defaults[OD_QUESTIONS];  /* plugin "default", for oms.default */
    struct od_script_finding *findings;
    uint32_t finding_count;
    size_t finding_cap;
    struct od_bundle_stats stats;
};

static inline struct od_script_plugin *od_plugin_of(lua_State *L)
{
    return OD_LIST_ENTRY(od_vm_of(L), struct od_script_plugin, vm);
}

static inline struct od_bundle *od_bundle_of(lua_State *L)
{
    return od_plugin_of(L)->bundle;
}

/* Makes the bundle with its sources copied and hashed, and a Lua state for each plugin that has run
 * nothing yet. */
struct od_bundle *od_bundle_new(const struct od_bundle_source *source,
                                const struct od_bundle_limits *limits);
/* Adds what the plugin offers to its bundle. The name is copied; the origin lives as long as the
 * bundle. The caller fills what else its kind has. */
struct od_registration *od_registration_add(struct od_script_plugin *p, enum od_offer_kind kind,
                                            struct od_str name, struct od_str origin);

#endif
