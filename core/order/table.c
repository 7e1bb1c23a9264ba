#include "order/ledger/event_kind.h"
#include "order/machine/command_kind.h"

/* The two tables: the lists of model/kinds.h, each name with its row. */

#define COMMAND_ROW(NAME, row) [OD_COMMAND_##NAME] = &od_##row,
const struct od_command_kind *const od_command_kinds[OD_COMMAND_TYPES] = {OD_COMMANDS(COMMAND_ROW)};

#define EVENT_ROW(NAME, row) [OD_EVENT_##NAME] = &od_event_##row,
const struct od_event_kind *const od_event_kinds[OD_EVENT_TYPES] = {OD_EVENTS(EVENT_ROW)};
