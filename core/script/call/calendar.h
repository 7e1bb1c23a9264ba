#ifndef OD_SCRIPT_CALL_CALENDAR_H
#define OD_SCRIPT_CALL_CALENDAR_H

#include <lua.h>

#include "script/vm/binding.h"

/* Times and amounts for scripts: oms.now, oms.date, oms.format_amount, oms.parse_amount. */

extern const struct l_binding l_calendar_bindings[];

#endif
