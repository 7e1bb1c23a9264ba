#ifndef OD_SCRIPT_TASK_COMPOSITE_H
#define OD_SCRIPT_TASK_COMPOSITE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "order/model/policy.h"

/* Runs a composite command. This is the `run` of order/model/policy.h, with a bundle as its ctx. */
enum od_run od_bundle_run_command(void *ctx, struct od_str name, struct od_str args,
                                  struct od_order *o, const struct od_policy_request *request,
                                  struct od_arena *a, const struct od_steps *steps,
                                  struct od_policy_answer *out, struct od_err *err);

#endif
