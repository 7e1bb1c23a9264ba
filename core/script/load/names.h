#ifndef OD_SCRIPT_LOAD_NAMES_H
#define OD_SCRIPT_LOAD_NAMES_H

#include "base/err.h"
#include "base/str.h"

/*
 * Finds every `oms.NAME` in a source text, comments and strings aside. A NAME that `oms` does not
 * have is an error (with the nearest one), and so is one whose capability is not among
 * `capabilities`. Errors stand at "file:line". The search ends where the name oms is given to
 * something else.
 */
int od_names_check(struct od_str file, struct od_str text, unsigned capabilities,
                   struct od_err *err) OD_MUST_CHECK;

#endif
