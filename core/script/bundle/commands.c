#include "script/bundle/commands.h"

#include <lauxlib.h>

#include "base/nearest.h"
#include "order/machine/command_kind.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"

/* The names of commands: those of orderd, and those that plugins register. */

bool od_is_own_command(struct od_str name)
{
    for (int i = 0; i < OD_COMMAND_TYPES; i++) {
        const char *call = od_command_call(od_command_kinds[i]);
        if (call && od_str_is(name, call))
            return true;
    }
    return false;
}

const struct od_registration *od_bundle_command(const struct od_bundle *b, struct od_str name)
{
    const struct od_registrations *commands = &b->offers[OD_OFFER_COMMAND];

    for (uint32_t i = 0; i < commands->count; i++)
        if (od_str_eq(commands->all[i]->offer.name, name))
            return commands->all[i];
    return NULL;
}

int l_unknown_command(lua_State *L, const char *binding, struct od_str name, bool with_own)
{
    const struct od_registrations *commands = &od_bundle_of(L)->offers[OD_OFFER_COMMAND];
    struct od_nearest near;

    od_nearest_init(&near, name);
    for (int i = 0; with_own && i < OD_COMMAND_TYPES; i++) {
        const char *call = od_command_call(od_command_kinds[i]);
        if (call)
            od_nearest_try(&near, od_str_of(call));
    }
    for (uint32_t i = 0; i < commands->count; i++)
        od_nearest_try(&near, commands->all[i]->offer.name);
    return luaL_error(L, "%s: there is no command '%s'%s", binding, name.ptr,
                      od_nearest_hint(&near));
}
