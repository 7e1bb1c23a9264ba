#include "script/load/oms.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "script/bundle/capabilities.h"
#include "script/bundle/loaded.h"
#include "script/call/ask.h"
#include "script/call/calendar.h"
#include "script/call/intent.h"
#include "script/call/status.h"
#include "script/call/store.h"
#include "script/load/register.h"
#include "script/load/register_tasks.h"
#include "script/load/settings.h"
#include "script/message/message.h"
#include "script/task/query_builder.h"
#include "script/task/receiver.h"
#include "script/task/service.h"
#include "script/task/services.h"
#include "script/value/record.h"
#include "script/value/secrets.h"
#include "script/value/verdict.h"
#include "script/view/view.h"
#include "script/vm/frozen.h"
#include "script/vm/vm.h"

/*
 * The table `oms`: what a script can say. Every binding checks its context first; one that needs a
 * capability which the plugin does not have is replaced by an error.
 */

#define LOG_LINES 20  /* per call; then one that says that there were more */
#define LOG_BYTES 300 /* per line */

/* oms.log(text) */
static int l_log(lua_State *L)
{
    struct od_vm *vm = od_vm_of(L);
    char line[LOG_BYTES + 1];
    struct od_str text;
    size_t n;

    text.ptr = luaL_checklstring(L, 1, &text.len);
    if (vm->log_lines > LOG_LINES)
        return 0;
    if (vm->log_lines++ == LOG_LINES)
        text = OD_STR("… more lines dropped");
    n = text.len < LOG_BYTES ? text.len : LOG_BYTES;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        line[i] = iscntrl(c) ? ' ' : c == '"' ? '\'' : (char)c;
    }
    line[n] = '\0';
    od_info("script_log", "plugin=%s text=\"%s\"", od_plugin_of(L)->name.ptr, line);
    return 0;
}

static const struct l_binding own[] = {
    {"log", l_log, 0},
    {"config", NULL, 0},
    {"transaction", NULL, OD_CAP_COMMANDS}, /* comes with the services */
    {NULL, NULL, 0},
};

static const struct l_binding *const lists[] = {
    l_register_bindings,
    l_register_task_bindings,
    l_verdict_bindings,
    l_default_bindings,
    l_status_bindings,
    l_store_bindings,
    l_calendar_bindings,
    l_list_bindings,
    l_intent_bindings,
    l_order_bindings,
    l_query_bindings,
    l_receiver_bindings,
    l_secret_bindings,
    l_signature_bindings,
    l_reading_bindings,
    l_finding_bindings,
    own,
};

const struct l_binding *od_oms_binding(size_t i)
{
    for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++)
        for (const struct l_binding *b = lists[list]; b->name; b++)
            if (i-- == 0)
                return b;
    return NULL;
}

/* Stands for a binding whose capability is missing. Upvalues: its name, the capability. */
static int l_forbidden(lua_State *L)
{
    l_require_capability(L, (enum od_capability)lua_tointeger(L, lua_upvalueindex(2)),
                         lua_tostring(L, lua_upvalueindex(1)));
    return 0;
}

/* Puts an error in the place of a binding that the plugin may not use. [-0, +0, m] */
static void l_forbid(lua_State *L, const char *name, unsigned capability)
{
    if ((capability & ~od_plugin_of(L)->capabilities) == 0)
        return;
    lua_pushfstring(L, "oms.%s", name);
    lua_pushinteger(L, capability);
    lua_pushcclosure(L, l_forbidden, 2);
    lua_setfield(L, -2, name);
}

void l_oms_open(lua_State *L, const struct od_bundle_source *source)
{
    const struct od_service *s;
    const struct l_binding *b;

    lua_newtable(L);
    l_services_open(L);
    for (uint32_t i = 0; (s = od_service_at(i)); i++)
        l_forbid(L, s->name, OD_CAP_COMMANDS);
    for (size_t i = 0; (b = od_oms_binding(i)) != NULL; i++) {
        if (b->function) {
            lua_pushcfunction(L, b->function);
            lua_setfield(L, -2, b->name);
        }
        l_forbid(L, b->name, b->capability);
    }
    l_push_config(L, source);
    lua_setfield(L, -2, "config");
    l_freeze(L);
    lua_setfield(L, -2, "oms");
}

void l_oms_prepare(lua_State *L)
{
    l_view_open(L, l_order_method);
    l_verdict_open(L);
    l_intent_open(L);
    l_query_open(L);
    l_status_open(L);
    l_store_open(L);
}
