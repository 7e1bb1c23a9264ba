#include "script/task/thread.h"

#include <lauxlib.h>

#include "base/log.h"
#include "script/bundle/loaded.h"
#include "script/task/task.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/view/view.h"
#include "script/vm/budget.h"
#include "script/vm/vm.h"

#define TEXT_MAX  (1 << 20) /* bytes of JSON of one command */
#define TRACE_MAX 4096

struct od_task_root {
    struct od_task_root *next;
    struct view *view;
    const struct od_order *order;
    int anchor;
};

static const char refusal_key;

static int l_make_thread(lua_State *L)
{
    struct od_task *t = lua_touserdata(L, 1);
    lua_State *thread = lua_newthread(L);

    t->anchor = luaL_ref(L, LUA_REGISTRYINDEX);
    t->thread = thread;
    return 0;
}

int od_task_begin(struct od_task *t, struct od_err *err)
{
    struct od_vm *vm = &t->plugin->vm;
    struct od_vm_call call = {t->context, t->plugin->task_instructions, t->now, t->arena};

    if (od_vm_run(vm, &call, l_make_thread, t, err) != 0)
        return -1;
    t->left = t->plugin->task_instructions;
    t->scope = od_vm_new_scope(vm);
    od_buf_init(&t->text, TEXT_MAX);
    /* Neither allocates: a new thread has room for both. */
    lua_pushcfunction(t->thread, t->body);
    lua_pushlightuserdata(t->thread, t->arg);
    return 0;
}

/* arg: the task, whose error object is at the top of its thread. [-0, +0, m] */
static int l_read_refusal(lua_State *L)
{
    struct od_task *t = lua_touserdata(L, 1);
    struct od_str *const texts[] = {&t->refused.code, &t->refused.message, &t->refused.policy};
    static const char *const names[] = {"code", "message", "policy"};
    struct od_str text;

    lua_settop(L, 0);
    if (!lua_checkstack(t->thread, 1))
        return 0;
    lua_pushvalue(t->thread, -1);
    lua_xmove(t->thread, L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &refusal_key);
    if (!lua_getmetatable(L, 1) || !lua_rawequal(L, 2, 3))
        return 0;
    lua_pushliteral(L, "status");
    lua_rawget(L, 1);
    t->refused.status = (int)lua_tointeger(L, -1);
    for (int i = 0; i < 3; i++) {
        lua_pushstring(L, names[i]);
        if (lua_rawget(L, 1) != LUA_TSTRING)
            continue;
        text.ptr = lua_tolstring(L, -1, &text.len);
        *texts[i] = od_arena_str(t->arena, text);
    }
    return 0;
}

/* Keeps the refusal that ended the task when the script did not catch it. */
static void read_refusal(struct od_task *t)
{
    struct od_vm_call call = {t->context, t->plugin->task_instructions, t->now, t->arena};
    struct od_err ignored;

    if (lua_gettop(t->thread) > 0 && lua_istable(t->thread, -1) &&
        od_vm_run(&t->plugin->vm, &call, l_read_refusal, t, &ignored) != 0)
        t->refused = (struct od_task_refused){0};
}

enum od_task_end od_task_resume(struct od_task *t, struct od_err *err)
{
    struct od_vm *vm = &t->plugin->vm;
    struct od_vm_call call = {t->context, t->left, t->now, t->arena};
    int nargs = lua_status(t->thread) == LUA_OK ? 1 : 0, status = LUA_OK, nresults = 0, rc;
    struct od_buf trace;

    od_buf_init(&trace, TRACE_MAX);
    vm->task = t;
    rc = od_vm_resume(vm, &call, t->scope, t->thread, nargs, &status, &nresults, &trace, err);
    vm->task = NULL;
    t->left = vm->left;
    if (rc != 0)
        t->trace = od_arena_str(t->arena, od_buf_view(&trace));
    else
        lua_pop(t->thread, nresults);
    od_buf_fini(&trace);
    if (rc != 0) {
        read_refusal(t);
        return OD_TASK_RAISED;
    }
    return status == LUA_YIELD ? OD_TASK_WAITS : OD_TASK_RETURNED;
}

void od_task_stop(struct od_task *t)
{
    lua_State *L = t->plugin->vm.L;

    /* Collecting a suspended coroutine would not close what it has open. */
    lua_resetthread(t->thread);
    for (struct od_task_root *r = t->roots; r; r = r->next)
        luaL_unref(L, LUA_REGISTRYINDEX, r->anchor);
    luaL_unref(L, LUA_REGISTRYINDEX, t->anchor);
    t->roots = NULL;
    t->thread = NULL;
    od_buf_fini(&t->text);
}

void od_task_renew(struct od_task *t)
{
    t->scope = od_vm_new_scope(&t->plugin->vm);
    for (struct od_task_root *r = t->roots; r; r = r->next)
        r->view->scope = t->scope;
}

/* Fits into a quoted value of a log line. */
static struct od_str one_line(const struct od_task *t, struct od_str s)
{
    char *out = od_arena_alloc(t->arena, s.len + 1);

    if (s.len > 0 && s.ptr[s.len - 1] == '\n')
        s.len--;
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.ptr[i] == '\n' ? ';' : s.ptr[i] == '"' ? '\'' : s.ptr[i];
    out[s.len] = '\0';
    return od_str_n(out, s.len);
}

void od_task_log(const struct od_task *t, const struct od_err *err)
{
    struct od_str message = one_line(t, od_str_of(err->message));
    struct od_str trace = one_line(t, t->trace);

    if (t->plugin->bundle->testing)
        return;
    od_error("script_failed", "plugin=%.*s label=%.*s order=%.*s at=%s error=\"%s\" trace=\"%s\"",
             OD_STR_ARG(t->plugin->name), OD_STR_ARG(t->label), OD_STR_ARG(t->order), err->origin,
             message.ptr, trace.ptr);
}

void l_task_root(lua_State *L, const struct od_order *o)
{
    struct od_task *t = od_task_of(L);
    struct od_task_root *r;
    int anchor;

    l_push_order(L, o);
    lua_pushvalue(L, -1);
    anchor = luaL_ref(L, LUA_REGISTRYINDEX);
    r = OD_NEW(t->arena, struct od_task_root);
    *r = (struct od_task_root){t->roots, lua_touserdata(L, -1), o, anchor};
    t->roots = r;
}

const struct od_order *od_task_root_order(lua_State *L, int idx)
{
    const struct od_task *t = od_task_of(L);
    const void *v = lua_touserdata(L, idx);

    for (const struct od_task_root *r = t ? t->roots : NULL; r; r = r->next)
        if (r->view == v)
            return r->order;
    return NULL;
}

void l_task_may_wait(lua_State *L)
{
    if (od_task_of(L)->parts)
        luaL_error(L, "the function given to oms.transaction collects commands and cannot wait; "
                      "ask before oms.transaction");
    if (!lua_isyieldable(L))
        luaL_error(L, "nothing can wait inside of a function that a library function calls "
                      "(table.sort, string.gsub, a metamethod of tostring)");
}

int l_task_wait(lua_State *L, lua_KFunction resumed)
{
    l_task_may_wait(L);
    return lua_yieldk(L, 0, 0, resumed);
}

const struct od_task_answer *l_task_answer(lua_State *L)
{
    const struct od_task_answer *a = od_task_of(L)->answer;

    if (!a->error_code.ptr)
        return a;
    l_push_refusal(L, a->error_code, a->error, a->error_policy);
    if (a->error_status != 0) {
        lua_pushinteger(L, a->error_status);
        lua_setfield(L, -2, "status");
    }
    od_task_forget(od_task_of(L));
    lua_error(L);
    return NULL;
}

void od_task_forget(struct od_task *t)
{
    if (t->forget)
        od_arena_reset(t->arena);
}

static int l_refusal_tostring(lua_State *L)
{
    static const char *const names[] = {"message", "code"};

    for (int i = 0; i < 2; i++) {
        lua_pushstring(L, names[i]);
        if (!lua_istable(L, 1) || lua_rawget(L, 1) != LUA_TSTRING)
            return luaL_error(L, "tostring: not a refusal");
    }
    lua_pushfstring(L, "%s (%s)", lua_tostring(L, -2), lua_tostring(L, -1));
    return 1;
}

void l_push_refusal(lua_State *L, struct od_str code, struct od_str message, struct od_str policy)
{
    lua_createtable(L, 0, 3);
    l_set_text(L, "code", code);
    l_set_text(L, "message", message.ptr ? message : code);
    l_set_text(L, "policy", policy);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &refusal_key);
    lua_setmetatable(L, -2);
}

int l_refuse(lua_State *L, const char *code, int status, const char *message)
{
    l_push_refusal(L, od_str_of(code), od_str_of(message), OD_STR_NONE);
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    return lua_error(L);
}

void l_check_body(lua_State *L, struct od_str body)
{
    size_t most = od_vm_of(L)->limits.memory / OD_VM_TEXT_SHARE;

    if (body.len <= most)
        return;
    l_refuse(L, "body_too_large", 413,
             lua_pushfstring(L,
                             "The plugin has room for bodies of %d bytes: a sixteenth of its "
                             "memory, [script] memory or its manifest's",
                             (int)most));
}

void l_refusal_open(lua_State *L)
{
    static const char *const names[] = {"code", "message", "policy", "status", NULL};
    static const struct l_shape shape = {.noun = "refusal", .names = names};

    lua_createtable(L, 0, 4);
    l_push_record_index(L, &shape);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "refusal");
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, l_refusal_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &refusal_key);
}

struct od_str od_task_next_key(struct od_task *t)
{
    if (!t->message_id)
        return OD_STR_NONE;
    return od_arena_printf(t->arena, "%s/%u", t->message_id, ++t->keys);
}

struct od_str od_task_cause(const struct od_task *t)
{
    const struct od_str receiver = OD_STR("webhook:");
    if (!t->message_id || !od_str_starts_with(t->actor, receiver))
        return OD_STR_NONE;
    struct od_str source = od_str_slice(t->actor, receiver.len, t->actor.len);
    return od_arena_printf(t->arena, "message:%.*s:%s", OD_STR_ARG(source), t->message_id);
}
