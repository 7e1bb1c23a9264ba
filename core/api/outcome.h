#ifndef OD_API_OUTCOME_H
#define OD_API_OUTCOME_H

#include "api/handler.h"

/*
 * Outcomes and errors of the engine as problem documents, for answers to one command and to many.
 */

/* The problem that a decided outcome is, its strings in the arena; false: it is none (done, or
 * answered before). */
bool od_outcome_problem(const struct od_outcome *outcome, struct od_arena *a,
                        struct od_problem *out);

/* Of an error of the engine: 503 or 500; 409 or 404 of a reference that it could not resolve.
 * `reads`: nothing was to be changed. */
struct od_problem od_err_problem(const struct od_err *err, bool reads, struct od_arena *a);

/* Of a body that does not fit its command: 422 `invalid` with every finding, in the list's arena.
 */
struct od_problem od_findings_problem(const struct od_problem_list *list);

#endif
