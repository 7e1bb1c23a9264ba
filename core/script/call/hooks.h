#ifndef OD_SCRIPT_CALL_HOOKS_H
#define OD_SCRIPT_CALL_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/model/event.h"

struct od_bundle;
struct od_script_plugin;

/* Hooks look at an event after its commit and return intents. */

/* A side effect as data, which C delivers. Strings live in the arena of the call. */
struct od_intent {
    struct od_str kind;      /* "mail", "webhook", "notify", "command" */
    struct od_str recipient; /* address, URL or channel; for a command the order's id, decimal */
    struct od_str name;      /* the template of a mail, the event of a webhook, or the command:
                                "cancel", "commands/NAME"; absent for notify */
    struct od_str payload;   /* JSON object: the rest (subject, text, data), or the body of the
                                command, as the HTTP API takes it */
    struct od_str target;    /* the name of the target that delivers it; absent: the file */
    struct od_str hook;      /* the hook that returned it: "shipment.created@default" */
};

bool od_bundle_has_hooks(const struct od_bundle *b, struct od_str topic);

/*
 * Runs the topic's hooks in load order. *intents (n of them, in the arena) come from the hooks that
 * succeeded, also when this returns -1 because one or more failed: one broken hook does not silence
 * the others. err tells the first failure.
 */
int od_bundle_run_hooks(struct od_bundle *b, struct od_str topic, const struct od_event *e,
                        const struct od_order *o, struct od_arena *a, struct od_intent **intents,
                        uint32_t *n, struct od_err *err) OD_MUST_CHECK;

/* Does the same for the hooks of one plugin alone. */
int od_plugin_run_hooks(const struct od_script_plugin *p, struct od_str topic,
                        const struct od_event *e, const struct od_order *o, struct od_arena *a,
                        struct od_intent **intents, uint32_t *n, struct od_err *err) OD_MUST_CHECK;

#endif
