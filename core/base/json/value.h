#ifndef OD_BASE_JSON_VALUE_H
#define OD_BASE_JSON_VALUE_H

#include "base/json/json.h"

/* Writes a tree as the reader makes it, or as somebody has put it together. Numbers keep the text
 * they were written in. */
void od_jw_value(struct od_json_writer *w, const struct od_json *v);

#endif
