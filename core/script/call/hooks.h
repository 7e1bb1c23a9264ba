#ifndef OD_SCRIPT_CALL_HOOKS_H
#define OD_SCRIPT_CALL_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/event.h"

struct od_bundle;
struct od_script_plugin;

/* Hooks look at an event after its commit and return intents. */

/* A side effect as data; delivered by C. Strings live in the arena of the call. */
struct od_intent {
    struct od_str kind;      /* "mail", "webhook", "notify", "command" */
    struct od_str recipient; /* address, URL or channel; command: the order's id, decimal */
    struct od_str name;      /* mail: the template; webhook: the event; command: "cancel",
                                "commands/NAME"; notify: absent */
    struct od_str payload;   /* JSON object: what remains (subject, text, data); command: the body,
                                as the HTTP API takes it */
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

/* The same for the hooks of one plugin alone. */
int od_plugin_run_hooks(const struct od_script_plugin *p, struct od_str topic,
                        const struct od_event *e, const struct od_order *o, struct od_arena *a,
                        struct od_intent **intents, uint32_t *n, struct od_err *err) OD_MUST_CHECK;

#endif
