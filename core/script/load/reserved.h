#ifndef OD_SCRIPT_LOAD_RESERVED_H
#define OD_SCRIPT_LOAD_RESERVED_H

#include <stdbool.h>

#include "base/str.h"

/* Tells whether paths whose first segment is this one are orderd's own. A plugin may not register a
 * route there, and a pattern that begins with a parameter does not match there. */
bool od_path_reserved(struct od_str segment);

#endif
