#ifndef OD_CONF_BUILTIN_H
#define OD_CONF_BUILTIN_H

#include "base/str.h"

/* The text of conf/orderd.ini as it was when this binary was built (tools/embed.cmake). */
struct od_str od_conf_builtin(void);

#endif
