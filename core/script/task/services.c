#include "script/task/services.h"

#include <lauxlib.h>

#include "order/machine/decide.h"
#include "script/bundle/capabilities.h"
#include "script/task/service.h"
#include "script/task/task.h"
#include "script/task/thread.h"
#include "script/task/transaction.h"
#include "script/value/json.h"
#include "script/value/record.h"
#include "script/view/push.h"
#include "script/vm/vm.h"

/* Services by their names: fields of oms in routes and jobs, methods of an order in composite
 * commands and tests. */

#define WAITING (OD_VM_ROUTE | OD_VM_JOB | OD_VM_RECEIVER)
#define ACTING  (OD_VM_COMMAND | OD_VM_TEST)

void l_require_service(lua_State *L, const char *what, const char *method)
{
    if (!(od_vm_of(L)->context & WAITING)) {
        if (method)
            luaL_error(
                L,
                "%s may wait: routes, jobs and receivers only; a composite command acts on its "
                "order: order:%s",
                what, method);
        luaL_error(L, "%s may wait: routes, jobs and receivers only", what);
    }
    l_require_capability(L, OD_CAP_COMMANDS, what);
}

void l_service_part(lua_State *L, const struct od_service *s, const char *what, int first,
                    struct od_task_part *out)
{
    struct od_arena *a = od_task_of(L)->arena;

    bool on_order = od_command_kinds[s->type]->subject == OD_SUBJECT_ORDER;

    *out = (struct od_task_part){0};
    if (on_order)
        out->ref = l_check_ref(L, first, what, a);
    out->command =
        l_service_command(L, s, what, on_order ? first + 1 : first, OD_STR_NONE, a, &out->body);
}

const struct l_shape *l_part_answer_shape(const struct od_task_part *part)
{
    static const char *const names[] = {"sku", "qty", "reserved", "available", "locations", NULL};
    static const char *const location_names[] = {"location",  "qty",      "reserved", "available",
                                                 "backorder", "oversold", NULL};
    static const struct l_shape location = {.noun = "location", .names = location_names};
    static const struct l_part parts[] = {{"locations", &location}, {NULL, NULL}};
    static const struct l_shape stock = {.noun = "stock", .names = names, .parts = parts};

    return od_command_kinds[part->command->type]->subject == OD_SUBJECT_SKU ? &stock
                                                                            : &l_order_shape;
}

/* The one text of the answer, nil when it is absent. */
static int l_answered(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_task_answer *a = l_task_answer(L);
    const struct od_task_request *r = &od_task_of(L)->request;

    (void)status;
    (void)ctx;
    l_push_json_as(L, a->count > 0 ? a->texts[0] : OD_STR_NONE,
                   r->part_count > 0 ? l_part_answer_shape(r->parts) : &l_order_shape);
    od_task_forget(od_task_of(L));
    return 1;
}

/* oms.cancel_order(ref, …) and its like. Upvalue 1: the service. */
static int l_oms_service(lua_State *L)
{
    const struct od_service *s = lua_touserdata(L, lua_upvalueindex(1));
    struct od_task_part *part;
    const char *what;
    struct od_task *t;

    lua_settop(L, 4);
    what = lua_pushfstring(L, "oms.%s", s->name);
    l_require_service(L, what, s->method);
    t = od_task_of(L);
    part = OD_NEW(t->arena, struct od_task_part);
    l_service_part(L, s, what, 1, part);
    /* Only now: reading the arguments may run the script, which may ask for something else. */
    t->request = (struct od_task_request){
        .wait = OD_WAIT_COMMANDS,
        .parts = part,
        .part_count = 1,
        .key = od_task_next_key(t),
        .cause = od_task_cause(t),
    };
    return l_task_wait(L, l_answered);
}

/* oms.order(ref) */
static int l_oms_order(lua_State *L)
{
    struct od_task *t = od_task_of(L);
    struct od_order_ref ref;

    if (!(od_vm_of(L)->context & WAITING))
        return luaL_error(L, "oms.order may wait: routes, jobs and receivers only");
    lua_settop(L, 1);
    ref = l_check_ref(L, 1, "oms.order", t->arena);
    t->request = (struct od_task_request){.wait = OD_WAIT_ORDER, .ref = ref};
    return l_task_wait(L, l_answered);
}

void l_services_open(lua_State *L)
{
    const struct od_service *s;

    l_refusal_open(L);
    l_transaction_open(L);
    for (uint32_t i = 0; (s = od_service_at(i)); i++) {
        lua_pushlightuserdata(L, (void *)s);
        lua_pushcclosure(L, l_oms_service, 1);
        lua_setfield(L, -2, s->name);
    }
    lua_pushcfunction(L, l_oms_transaction);
    lua_setfield(L, -2, "transaction");
}

/* A composite command goes on only when its step was done; a test is told. */
static int l_stepped(lua_State *L, int status, lua_KContext ctx)
{
    const struct od_refusal *refusal = od_task_of(L)->refusal;

    (void)status;
    (void)ctx;
    lua_pushboolean(L, !refusal);
    if (!refusal)
        return 1;
    l_push_refusal(L, refusal->code, refusal->detail, refusal->policy);
    return 2;
}

/* order:cancel(…) and its like. Upvalue 1: the service. */
static int l_call_method(lua_State *L)
{
    const struct od_service *s = lua_touserdata(L, lua_upvalueindex(1));
    struct od_task *t = od_task_of(L);
    const struct od_order *o = od_task_root_order(L, 1);
    const char *what;

    lua_settop(L, 3);
    what = lua_pushfstring(L, "order:%s", s->method);
    l_require_context(L, ACTING, what);
    if (!o)
        return luaL_error(L, "%s is called on an order, with a colon: %s(…)", what, what);
    l_view(L, 1);
    t->refusal = NULL;
    t->step.order = o;
    t->step.command = l_service_command(L, s, what, 2, o->currency, t->arena, NULL);
    return l_task_wait(L, l_stepped);
}

int l_order_method(lua_State *L)
{
    const struct od_service *s = od_service_method(lua_tostring(L, 1));

    if (!s)
        return 0;
    lua_pushlightuserdata(L, (void *)s);
    lua_pushcclosure(L, l_call_method, 1);
    return 1;
}

const struct l_binding l_order_bindings[] = {
    {"order", l_oms_order, 0},
    {NULL, NULL, 0},
};
