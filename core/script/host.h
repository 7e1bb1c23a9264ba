#ifndef OD_SCRIPT_HOST_H
#define OD_SCRIPT_HOST_H

#include <lua.h>
#include <stdio.h>

#include "base/list.h"
#include "script/bundle.h"
#include "script/vm.h"

/* Inside of a bundle, shared by the files that load it and those that call into it. */

/* What a plugin may do beside looking and answering; bits. */
enum od_capability {
    OD_CAP_MAIL = 1 << 0,
    OD_CAP_NOTIFY = 1 << 1,
    OD_CAP_HTTP = 1 << 2,     /* oms.webhook, to the hosts it names */
    OD_CAP_COMMANDS = 1 << 3, /* give commands: from routes and jobs, and as intents of hooks */
    OD_CAP_SQL_READ = 1 << 4, /* oms.orders() */
};

/* A plugin as it is loaded: one Lua state, which nothing but its own scripts runs in. */
struct od_script_plugin {
    struct od_bundle *bundle;
    struct od_vm vm;
    const struct od_plugin *source; /* copied to the bundle's arena */
    struct od_str name;
    unsigned capabilities;
    struct od_str *hosts; /* of http:HOST; "*" is any */
    uint32_t host_count;
    int64_t policy_instructions, hook_instructions, task_instructions;

    /* The policy or hook that runs, for bindings that look beyond their arguments. */
    enum od_question question;
    const struct od_policy_request *request; /* NULL outside of policies */
    const struct od_order *order;            /* the hook's; NULL outside of hooks */
    struct od_printing *printing;            /* the document's; NULL outside of templates */
};

/* How often calls of a function failed, by where; the last counts all other places. */
struct od_failures {
    struct {
        uint64_t place; /* hash of "file:line" */
        uint64_t count;
    } at[16];
};

/* A function that a script registered: the public offer, and how to call it. */
struct od_registration {
    struct od_offer offer;
    struct od_failures *failures;
    struct od_script_plugin *plugin;
    int function;                          /* luaL_ref in the registry of the plugin's state */
    const struct od_script_file *template; /* of templates, which have no `function` */
};

struct od_registrations {
    struct od_registration **all;
    uint32_t count;
    size_t cap;
};

struct od_bundle {
    unsigned refs;
    bool testing;          /* runs tests, which tell themselves what failed: it is not logged */
    struct od_arena arena; /* everything below that is not a Lua value */
    struct od_bundle_limits limits;
    const struct od_status_sets *statuses;
    const struct od_trade *trade; /* NULL: none is configured */
    struct od_str currency;       /* the default one of the configuration that rules follow */
    char hash[OD_SHA256_HEX + 1];
    struct od_bundle_file *files;
    uint32_t file_count;

    struct od_plugin *sources;         /* [plugin_count] */
    struct od_script_plugin **plugins; /* [plugin_count] in load order */
    uint32_t plugin_count;
    struct od_registrations offers[OD_OFFER_KINDS];
    struct od_offer *offer_lists[OD_OFFER_KINDS];          /* for od_bundle_offers */
    const struct od_registration *providers[OD_QUESTIONS]; /* who answers, after linking; NULL for
                                                              an optional one that nobody does */
    const struct od_registration *defaults[OD_QUESTIONS];  /* plugin "default"'s, for oms.default */
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

/* Errors without a line of their own (out of memory) point at where the function was registered. */
static inline void od_error_origin(struct od_err *err, const struct od_registration *r)
{
    if (err && err->origin[0] == '\0')
        snprintf(err->origin, sizeof err->origin, "%s", r->offer.origin.ptr);
}

/* bundle.c: the bundle with its sources copied and hashed, and a state for each plugin, which has
 * run nothing yet. */
struct od_bundle *od_bundle_new(const struct od_bundle_source *source,
                                const struct od_bundle_limits *limits);

/* oms.c: sets global `oms` of the environment at the top. [-0, +0, v] */
void l_oms_open(lua_State *L, const struct od_bundle_source *source);
/* oms.c: the metatables and status tables; once per state. [-0, +0, v] */
void l_oms_prepare(lua_State *L);
/* register.c: keeps the function at `function` as an offer of that kind, named by the string at
 * index 1; where it stands is the line of the call. The caller fills what else its kind has. A name
 * twice in one plugin is an error (hooks excepted). [-0, +0, v] */
struct od_registration *l_register(lua_State *L, enum od_offer_kind kind, int function);
/* Raises unless the plugin declared (and was granted) the capability. [-0, +0, v] */
void l_require_capability(lua_State *L, enum od_capability cap, const char *binding);
/* settings.c: pushes oms.config, a frozen table of the plugin's checked settings. Amounts are read
 * in the currency. [-0, +1, m] */
void l_push_config(lua_State *L, const struct od_bundle_source *source);
/* Every `[plugin.NAME]` line against the keys that plugin declares. err at the line. */
int od_settings_check(const struct od_bundle_source *source, struct od_str currency,
                      struct od_err *err) OD_MUST_CHECK;
/* [order] default_currency of rules.ini, in the arena. */
struct od_str od_rules_currency(struct od_str rules_ini, struct od_arena *a);
/* What a text means for the key, which is in a currency of so many fraction digits: *out, which is
 * left alone for texts, lists and choices. err's message only. */
int od_config_value_read(const struct od_config_key *key, struct od_str text, int digits,
                         int64_t *out, struct od_err *err) OD_MUST_CHECK;
/* The type, range and default of a declared key; err's message only. */
int od_config_key_check(const struct od_config_key *key, struct od_err *err) OD_MUST_CHECK;

/* capabilities.c: what the plugin declares, which must have been granted, into *p. err at
 * plugin.ini's line; *p's arrays are in the arena. */
int od_capabilities_check(struct od_script_plugin *p, const struct od_bundle_source *source,
                          struct od_arena *a, struct od_err *err) OD_MUST_CHECK;
const char *od_capability_word(enum od_capability cap); /* "mail", "http:HOST", … */
/* Whether the plugin may send to the URL; *host: its host, absent when it has no plain one. */
bool od_capability_reaches(const struct od_script_plugin *p, struct od_str url,
                           struct od_str *host);

/* task_services.c: the fields of `oms` that give commands from routes and jobs (oms.cancel_order,
 * …) and oms.transaction; set into the table at the top. [-0, +0, m] */
void l_services_open(lua_State *L);
/* task_services.c: pushes the method of an order under that name (order:cancel) and returns true,
 * when the context is a composite command or a test and there is such a method; view.c asks before
 * it calls a field unknown. [-0, +0|1, v] */
bool l_push_order_method(lua_State *L, int name);
/* task_services.c: oms.order. */
int l_oms_order(lua_State *L);
/* register_tasks.c: oms.command, oms.route, oms.job. */
int l_oms_command(lua_State *L);
int l_oms_route(lua_State *L);
int l_oms_job(lua_State *L);
/* query_builder.c: oms.orders(), and its metatables. */
void l_query_open(lua_State *L);
int l_oms_orders(lua_State *L);
/* test.c: oms.test, and the metatables of its handles. */
void l_test_open(lua_State *L);
int l_oms_test(lua_State *L);

/* oms.c: the kind of status that argument 1 names. [-0, +0, v] */
enum od_status_kind l_check_status_kind(lua_State *L);
/* trade.c: oms.store, oms.status_name, oms.rollup_status, and their tables. */
void l_trade_prepare(lua_State *L);
int l_oms_store(lua_State *L);
int l_oms_status_name(lua_State *L);
int l_oms_rollup_status(lua_State *L);
const struct od_trade *od_bundle_trade_copy(struct od_arena *a, const struct od_trade *from);

/* verdict.c: oms.allow, oms.refuse, oms.hold and what they return; a verdict has readable fields
 * (allowed, code, reason, hold), so that a rule can look at what oms.default answered. */
void l_verdict_open(lua_State *L);
int l_oms_allow(lua_State *L);
int l_oms_refuse(lua_State *L);
int l_oms_hold(lua_State *L);
void l_push_verdict(lua_State *L, const struct od_policy_answer *answer); /* [-0, +1, m] */
/* True and *out filled (strings copied to the arena) when the value at idx is a verdict. [-0, +0,
 * m] */
bool l_read_verdict(lua_State *L, int idx, struct od_arena *a, struct od_policy_answer *out);

/* ask.c: whether it is answered with oms.allow or oms.refuse. */
bool od_question_gives_verdict(enum od_question q);
/* ask.c: the answer of one registration to its question, in its plugin's state. */
int od_ask_registration(const struct od_registration *r, enum od_question q,
                        const struct od_order *o, const struct od_policy_request *request,
                        struct od_arena *a, struct od_policy_answer *out,
                        struct od_err *err) OD_MUST_CHECK;

/* commands.c: what a composite command may be called, and what those of orderd are. */
const struct od_registration *od_bundle_command(const struct od_bundle *b, struct od_str name);
bool od_is_own_command(struct od_str name); /* "cancel", "hold", …: what oms.run may name */
/* Raises: no plugin of the bundle registers it. `own`: orderd's are meant, too. [-0, +0, v] */
int l_unknown_command(lua_State *L, const char *binding, struct od_str name, bool own);

/* command.c: runs a composite command (policy.h's `run`). */
enum od_run od_bundle_run_command(void *ctx, struct od_str name, struct od_str args,
                                  struct od_order *o, const struct od_policy_request *request,
                                  struct od_arena *a, const struct od_steps *steps,
                                  struct od_policy_answer *out, struct od_err *err);

/* intent.c: oms.mail, oms.webhook, oms.notify, oms.run and what they return. */
void l_intent_open(lua_State *L);
int l_oms_mail(lua_State *L);
int l_oms_webhook(lua_State *L);
int l_oms_notify(lua_State *L);
int l_oms_run(lua_State *L);
/* True and *out filled when the value at idx is an intent. [-0, +0, m] */
bool l_read_intent(lua_State *L, int idx, struct od_arena *a, struct od_intent *out);

/* link.c: questions and topics by name; the check of names, and who answers what. */
bool od_question_parse(struct od_str name, enum od_question *out);
bool od_topic_known(struct od_str name);
struct od_str od_known_questions(struct od_arena *a); /* "order.status, order.cancel, …" */
struct od_str od_known_topics(struct od_arena *a);
int od_bundle_link(struct od_bundle *b, const struct od_bundle_source *source,
                   struct od_err *err) OD_MUST_CHECK;

/* ask.c: oms.default. */
int l_oms_default(lua_State *L);
/* calendar.c: oms.now, oms.date, oms.format_amount. */
int l_oms_now(lua_State *L);
int l_oms_date(lua_State *L);
int l_oms_format_amount(lua_State *L);
int l_oms_parse_amount(lua_State *L);
/* register.c: oms.policy, oms.on, oms.finding. */
int l_oms_policy(lua_State *L);
int l_oms_on(lua_State *L);
int l_oms_finding(lua_State *L);
/* Logs a failed call with its traceback: of each place the 1st, 2nd, 4th, 8th … failure, for one
 * broken rule must not fill the disk. `order` may be absent. */
void od_script_failed(const struct od_registration *r, struct od_str order,
                      const struct od_err *err);
/* hooks.c: od_bundle_run_hooks of one plugin's hooks alone. */
int od_plugin_run_hooks(const struct od_script_plugin *p, struct od_str topic,
                        const struct od_event *e, const struct od_order *o, struct od_arena *a,
                        struct od_intent **intents, uint32_t *n, struct od_err *err) OD_MUST_CHECK;

/*
 * names.c: finds every `oms.NAME` in a source text, comments and strings aside. A NAME that `oms`
 * does not have is an error (with the nearest one), and so is one whose capability is not among
 * `capabilities`. err at "file:line". It ends where the name oms is given to something else.
 */
int od_names_check(struct od_str file, struct od_str text, unsigned capabilities,
                   struct od_err *err) OD_MUST_CHECK;
/* names.c: the next include("NAME") of a template's Lua; false past the last. Begins with all of
 * the text and line 1. */
struct od_include {
    struct od_str rest, name;
    int line; /* of the name */
};
bool od_include_next(struct od_include *i);
/* True and *capability what it needs when `oms` has the name. */
bool od_oms_name_find(struct od_str name, unsigned *capability);
/* The names of `oms` with the capability each needs (0: none); the list oms.c registers from. */
struct od_oms_name {
    const char *name;
    lua_CFunction function; /* NULL: a value, set elsewhere (config) */
    unsigned capability;
};
extern const struct od_oms_name od_oms_names[]; /* name NULL at the end */

#endif
