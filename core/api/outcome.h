#ifndef OD_API_OUTCOME_H
#define OD_API_OUTCOME_H

#include "api/handler.h"

/*
 * Turns outcomes and errors of the engine into problem documents, for answers to one command and to
 * many.
 */

/* Fills *out with the problem of a decided outcome, whose strings are in the arena. False: it is no
 * problem, because it was done, now or before. */
bool od_outcome_problem(const struct od_outcome *outcome, struct od_arena *a,
                        struct od_problem *out);

/* Returns the problem of an error of the engine: 503 or 500, or 409 or 404 for a reference that it
 * could not resolve. reads: the request would have changed nothing. */
struct od_problem od_err_problem(const struct od_err *err, bool reads, struct od_arena *a);

/* Returns the problem of a body that does not fit its command: 422 `invalid` with every finding, in
 * the list's arena. */
struct od_problem od_findings_problem(const struct od_problem_list *list);

#endif
