#include "script/call/calendar.h"

#include <lauxlib.h>
#include <time.h>

#include "base/money.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/* Times and amounts, as scripts want to see them. */

#define MS_MAX INT64_C(253402300799999) /* the end of year 9999 */

/* oms.now() */
static int l_oms_now(lua_State *L)
{
    l_require_context(L, ~(unsigned)OD_VM_LOAD, "oms.now");
    lua_pushinteger(L, od_vm_of(L)->now_us / 1000);
    return 1;
}

/* oms.date(ms): the date and time of day in UTC; weekday 1 is Monday (ISO 8601), yearday 1 is the
 * first of January. */
static int l_oms_date(lua_State *L)
{
    static const char *const names[] = {"year",   "month",   "day",     "hour", "minute",
                                        "second", "weekday", "yearday", NULL};
    static const struct l_shape date = {.noun = "date", .names = names};
    lua_Integer ms = luaL_checkinteger(L, 1);
    time_t seconds;
    struct tm tm;

    luaL_argcheck(L, ms >= 0 && ms <= MS_MAX, 1, "milliseconds since 1970, up to the year 9999");
    seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &tm);
    const struct {
        const char *name;
        int value;
    } parts[] = {
        {"year", tm.tm_year + 1900},
        {"month", tm.tm_mon + 1},
        {"day", tm.tm_mday},
        {"hour", tm.tm_hour},
        {"minute", tm.tm_min},
        {"second", tm.tm_sec},
        {"weekday", tm.tm_wday == 0 ? 7 : tm.tm_wday},
        {"yearday", tm.tm_yday + 1},
    };
    lua_createtable(L, 0, sizeof parts / sizeof parts[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        lua_pushinteger(L, parts[i].value);
        lua_setfield(L, -2, parts[i].name);
    }
    l_as_record(L, &date);
    return 1;
}

/* oms.format_amount(minor, currency) */
static int l_oms_format_amount(lua_State *L)
{
    lua_Integer minor = luaL_checkinteger(L, 1);
    struct od_str currency = l_check_text(L, 2, "oms.format_amount: the currency", 3);
    int digits = od_currency_digits(currency);
    struct od_buf *text = &od_vm_of(L)->scratch;

    if (digits < 0)
        return luaL_error(L, "oms.format_amount: there is no currency '%s'", currency.ptr);
    od_buf_reset(text);
    od_decimal_format(text, minor, digits);
    lua_pushlstring(L, text->ptr, text->len);
    return 1;
}

/* oms.parse_amount(text, currency): what people write and HTTP bodies hold. A Lua float is refused,
 * for 0.1 + 0.2 is not 0.3. */
static int l_oms_parse_amount(lua_State *L)
{
    struct od_str currency = l_check_text(L, 2, "oms.parse_amount: the currency", 3);
    int digits = od_currency_digits(currency);
    struct od_str text;
    struct od_err err;
    int64_t minor;

    if (digits < 0)
        return luaL_error(L, "oms.parse_amount: there is no currency '%s'", currency.ptr);
    if (lua_type(L, 1) != LUA_TSTRING && !lua_isinteger(L, 1))
        return luaL_error(L, "oms.parse_amount: an amount is a text like \"59.98\", not a %s",
                          luaL_typename(L, 1));
    text.ptr = lua_tolstring(L, 1, &text.len);
    if (od_decimal_parse(text, digits, &minor, &err) != 0)
        return luaL_error(L, "oms.parse_amount: '%s': %s", text.ptr, err.message);
    lua_pushinteger(L, minor);
    return 1;
}

const struct l_binding l_calendar_bindings[] = {
    {"now", l_oms_now, 0},
    {"date", l_oms_date, 0},
    {"format_amount", l_oms_format_amount, 0},
    {"parse_amount", l_oms_parse_amount, 0},
    {NULL, NULL, 0},
};
