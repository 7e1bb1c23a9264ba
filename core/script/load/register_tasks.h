#ifndef OD_SCRIPT_LOAD_REGISTER_TASKS_H
#define OD_SCRIPT_LOAD_REGISTER_TASKS_H

#include <lua.h>

#include "script/vm/binding.h"

/* oms.command, oms.route, oms.job and oms.test register what plugins offer beside answers and
 * hooks. */

extern const struct l_binding l_register_task_bindings[];

#endif
