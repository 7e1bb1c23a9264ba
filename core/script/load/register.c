#include "script/load/register.h"

#include <lauxlib.h>
#include <string.h>

#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/bundle/questions.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/* Keeps what scripts offer while they load as registrations, in the order in which they were
 * made. */

#define OFFERS_MAX   1000 /* of one kind in one bundle; what a loop would do to the arena */
#define FINDINGS_MAX 1000
#define FINDING_MAX  500 /* bytes */

/* The line of the script that calls, also when it calls through pcall. */
static struct od_str l_caller(lua_State *L, struct od_arena *a)
{
    lua_Debug ar;

    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0)
            return od_arena_printf(a, "%s:%d", ar.short_src, ar.currentline);
    }
    luaL_error(L, "a registration must stand in a file");
    return OD_STR("");
}

/* Hooks may be many for a topic, and routes are one per method: link.c looks at those. [-0, +0, v]
 */
static void l_check_twice(lua_State *L, enum od_offer_kind kind, struct od_str name)
{
    struct od_script_plugin *p = od_plugin_of(L);
    const struct od_registrations *list = &p->bundle->offers[kind];

    if (list->count >= OFFERS_MAX)
        luaL_error(L, "more than %d registrations of this kind", OFFERS_MAX);
    if (kind == OD_OFFER_HOOK || kind == OD_OFFER_ROUTE)
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct od_registration *r = list->all[i];
        if (r->plugin == p && od_str_eq(r->offer.name, name))
            luaL_error(L, "%s is registered twice in this plugin, first at %s", name.ptr,
                       r->offer.origin.ptr);
    }
}

/* Tests stand in the folder tests/, and nothing else does: it is not part of what serves. [-0, +0,
 * v] */
static void l_check_place(lua_State *L, enum od_offer_kind kind, struct od_str origin)
{
    bool in_tests = strstr(origin.ptr, "/tests/") != NULL;

    if (kind == OD_OFFER_TEST && !in_tests)
        luaL_error(L, "oms.test stands in files of the plugin's folder tests/ only");
    if (kind != OD_OFFER_TEST && in_tests)
        luaL_error(L, "files in tests/ may only call oms.test");
}

struct od_registration *l_register(lua_State *L, enum od_offer_kind kind, int function)
{
    struct od_script_plugin *p = od_plugin_of(L);
    struct od_bundle *b = p->bundle;
    struct od_registration *r;
    struct od_str name, origin;
    int ref;

    name.ptr = luaL_checklstring(L, 1, &name.len);
    luaL_checktype(L, function, LUA_TFUNCTION);
    l_check_twice(L, kind, name);
    origin = l_caller(L, &b->arena);
    l_check_place(L, kind, origin);
    lua_pushvalue(L, function);
    ref = luaL_ref(L, LUA_REGISTRYINDEX);

    r = od_registration_add(p, kind, name, origin);
    r->function = ref;
    return r;
}

/* Names that orderd itself knows, and where a plugin registers functions under them. */
struct known_names {
    const char *binding, *what;
    enum od_offer_kind kind;
    bool (*is_known)(struct od_str name);
    struct od_str (*list)(struct od_arena *a);
};

static int l_register_known(lua_State *L, const struct known_names *known)
{
    struct od_arena *work = &od_vm_of(L)->work;
    struct od_str name;

    l_require_context(L, OD_VM_LOAD, known->binding);
    name.ptr = luaL_checklstring(L, 1, &name.len);
    od_arena_reset(work);
    if (!known->is_known(name))
        return luaL_error(L, "there is no %s '%s'; known: %s", known->what, name.ptr,
                          known->list(work).ptr);
    l_register(L, known->kind, 2);
    return 0;
}

static bool is_question(struct od_str name)
{
    enum od_question q;
    return od_question_parse(name, &q);
}

/* oms.policy(question, fn) */
static int l_oms_policy(lua_State *L)
{
    static const struct known_names questions = {"oms.policy", "policy", OD_OFFER_POLICY,
                                                 is_question, od_known_questions};
    return l_register_known(L, &questions);
}

static bool is_topic(struct od_str name)
{
    enum od_event_type type;
    return od_topic_parse(name, &type);
}

/* oms.on(topic, fn) */
static int l_oms_on(lua_State *L)
{
    static const struct known_names topics = {"oms.on", "event", OD_OFFER_HOOK, is_topic,
                                              od_known_topics};
    return l_register_known(L, &topics);
}

/* oms.finding(kind, text) */
static int l_oms_finding(lua_State *L)
{
    struct od_bundle *b = od_bundle_of(L);
    struct od_script_finding *f;
    struct od_str kind, text;

    l_require_context(L, OD_VM_LOAD, "oms.finding");
    kind = l_check_text(L, 1, "oms.finding: the kind", 40);
    text = l_check_text(L, 2, "oms.finding: the text", FINDING_MAX);
    if (!od_str_is(kind, "shadowed_rule"))
        return luaL_error(L, "oms.finding: there is no kind '%s'; known: shadowed_rule", kind.ptr);
    if (b->finding_count >= FINDINGS_MAX)
        return luaL_error(L, "oms.finding: more than %d findings", FINDINGS_MAX);
    b->findings = od_arena_grow(&b->arena, b->findings, b->finding_count, &b->finding_cap,
                                sizeof *b->findings);
    f = &b->findings[b->finding_count];
    *f = (struct od_script_finding){
        .kind = od_arena_str(&b->arena, kind),
        .plugin = od_plugin_of(L)->name,
        .origin = l_caller(L, &b->arena),
        .text = od_arena_str(&b->arena, text),
    };
    b->finding_count++;
    return 0;
}

const struct l_binding l_register_bindings[] = {
    {"policy", l_oms_policy, 0},
    {"on", l_oms_on, 0},
    {"finding", l_oms_finding, 0},
    {NULL, NULL, 0},
};
