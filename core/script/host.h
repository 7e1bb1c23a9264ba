#ifndef OD_SCRIPT_HOST_H
#define OD_SCRIPT_HOST_H

#include <lua.h>
#include <stdio.h>

#include "base/list.h"
#include "script/bundle.h"
#include "script/vm.h"

/* Inside of a bundle, shared by the files that load it and those that call into it. */

/* A function that a script registered. New kinds of things to register go the same way. */
struct od_registration {
    struct od_str name;   /* the question or topic */
    struct od_str plugin; /* who */
    struct od_str origin; /* "net30/rules.lua:3" */
    struct od_str label;  /* "order.cancel@net30" */
    int function;         /* luaL_ref in the registry */
};

struct od_registrations {
    struct od_registration *all;
    uint32_t count;
    size_t cap;
};

struct od_bundle {
    unsigned refs;
    struct od_vm vm;
    struct od_arena arena; /* everything below that is not a Lua value */
    struct od_bundle_limits limits;
    const struct od_status_sets *statuses;
    char hash[OD_SHA256_HEX + 1];
    struct od_bundle_file *files;
    uint32_t file_count;

    struct od_registrations policies; /* all that were offered */
    struct od_registrations hooks;
    const struct od_registration *providers[OD_QUESTIONS]; /* who answers, after linking */
    struct od_bundle_stats stats;
};

static inline struct od_bundle *od_bundle_of(lua_State *L)
{
    return OD_LIST_ENTRY(od_vm_of(L), struct od_bundle, vm);
}

/* Errors without a line of their own (out of memory) point at where the function was registered. */
static inline void od_error_origin(struct od_err *err, const struct od_registration *r)
{
    if (err && err->origin[0] == '\0')
        snprintf(err->origin, sizeof err->origin, "%s", r->origin.ptr);
}

/* oms.c: sets global `oms` of the plugin's environment at the top. The name is borrowed for as long
 * as the state lives. [-0, +0, v] */
void l_oms_open(lua_State *L, const struct od_str *plugin);
/* oms.c: the metatables and status tables that all plugins share; once per state. [-0, +0, v] */
void l_oms_prepare(lua_State *L);

/* verdict.c: oms.allow, oms.refuse and what they return. */
void l_verdict_open(lua_State *L);
int l_oms_allow(lua_State *L);
int l_oms_refuse(lua_State *L);
/* True and *out filled (strings copied to the arena) when the value at idx is a verdict. [-0, +0,
 * m] */
bool l_read_verdict(lua_State *L, int idx, struct od_arena *a, struct od_policy_answer *out);

/* intent.c: oms.mail, oms.webhook, oms.notify and what they return. */
void l_intent_open(lua_State *L);
int l_oms_mail(lua_State *L);
int l_oms_webhook(lua_State *L);
int l_oms_notify(lua_State *L);
/* True and *out filled when the value at idx is an intent. [-0, +0, m] */
bool l_read_intent(lua_State *L, int idx, struct od_arena *a, struct od_intent *out);

/* link.c: questions and topics by name; the check of names, and who answers what. */
bool od_question_parse(struct od_str name, enum od_question *out);
bool od_topic_known(struct od_str name);
struct od_str od_known_questions(struct od_arena *a); /* "order.status, order.cancel, …" */
struct od_str od_known_topics(struct od_arena *a);
int od_bundle_link(struct od_bundle *b, const struct od_bundle_source *source,
                   struct od_err *err) OD_MUST_CHECK;

#endif
