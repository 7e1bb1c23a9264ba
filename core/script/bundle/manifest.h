#ifndef OD_SCRIPT_BUNDLE_MANIFEST_H
#define OD_SCRIPT_BUNDLE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The manifest plugin.ini says what a plugin is, what it needs, and which keys its section of the
 * configuration may have.
 *
 *     name = vip-window
 *     version = 1.0.0
 *     api = 1
 *     description = VIP customers may cancel for longer
 *     provides = order.cancel
 *     capabilities = mail, http:api.example.com, sql.read
 *
 *     [limits]
 *     instructions = 200000
 *     memory = 2m
 *
 *     [config.window]
 *     type = duration
 *     default = 48h
 *     description = How long after placing
 */

#define OD_PLUGIN_API 1 /* the version of `oms`; the manifest's api must be this one */

enum od_config_type {
    OD_CONFIG_TEXT = 0,
    OD_CONFIG_INTEGER,
    OD_CONFIG_BOOL,
    OD_CONFIG_DURATION, /* "48h"; milliseconds in Lua */
    OD_CONFIG_AMOUNT,   /* "59.98" in the default currency; minor units in Lua */
    OD_CONFIG_LIST,     /* texts separated by commas */
    OD_CONFIG_CHOICE,   /* one of `choices` */
    OD_CONFIG_SECRET,   /* texts separated by commas or blanks; never stored, never shown */
};

/* A section [config.NAME]. When it has `keys`, a pattern with one or more `*`, it takes every key
 * that matches, and oms.config.NAME is a list of {key, value, origin} in the order of the
 * configuration. */
struct od_config_key {
    struct od_str name;
    enum od_config_type type;
    struct od_str keys;          /* "*:*"; absent: the one key `name` */
    struct od_str default_value; /* absent: nil, unless the key is required */
    bool required;
    int64_t min, max;      /* for INTEGER */
    struct od_str choices; /* for CHOICE, separated by commas */
    struct od_str description;
    struct od_str origin; /* "vip-window/plugin.ini:12" */
};

/* One file of a plugin. Files whose name ends in .lua are run; the others are kept with them. */
struct od_script_file {
    struct od_str name; /* "rules.lua"; a test: "tests/rules.lua" */
    struct od_str text;
};

/* A plugin as od_plugin_read (plugin.h) finds it on disk, or as a test writes it down. */
struct od_plugin {
    struct od_str name; /* [a-z0-9_-]{1,32}; every other plugin replaces answers of "default" */
    struct od_str version, description; /* may be absent */
    int api;                            /* 0: the present one, because none is given */
    struct od_str provides;             /* all that it may and must register, separated by commas:
                                           questions and "command:NAME"; absent: not checked */
    struct od_str capabilities;         /* separated by commas: mail, notify, http:HOST (or http:*),
                                           commands, sql.read */
    int64_t instructions, memory;       /* [limits]; 0: those of the configuration */
    struct od_config_key *config;
    uint32_t config_count;
    struct od_script_file *files; /* plugin.ini first, then scripts in the order they run */
    uint32_t file_count;
    struct od_script_file *tests; /* tests/ *.lua; the bundle's hash leaves them out */
    uint32_t test_count;
    struct od_str path; /* the folder; absent for one from the database */
};

/* Reads the text of plugin.ini into *out, whose name is set. Errors are OD_ERR_CONFIG at
 * "NAME/plugin.ini:line", with the nearest known key for an unknown one. */
int od_manifest_parse(struct od_str text, struct od_arena *a, struct od_plugin *out,
                      struct od_err *err) OD_MUST_CHECK;

#endif
