#include "api/outcome.h"

#include "base/log.h"

static bool refusal_problem(const struct od_decision *d, struct od_arena *a, struct od_problem *out)
{
    const struct od_refusal *r = &d->refusal;
    if (d->verdict == OD_VERDICT_DONE)
        return false;
    struct od_problem_error *error = OD_NEW(a, struct od_problem_error);
    *error = (struct od_problem_error){od_arena_str(a, r->pointer), od_arena_str(a, r->detail)};
    *out = (struct od_problem){
        .status = od_verdict_status(d->verdict),
        .code = od_arena_str(a, r->code).ptr,
        .detail = error->detail,
        .policy = od_arena_str(a, r->policy),
        .errors = error,
        .error_count = r->pointer.ptr != NULL,
    };
    return true;
}

bool od_outcome_problem(const struct od_outcome *outcome, struct od_arena *a,
                        struct od_problem *out)
{
    switch (outcome->kind) {
    case OD_OUTCOME_DECIDED:
        return refusal_problem(outcome->decision, a, out);
    case OD_OUTCOME_REPLAYED:
        return false;
    case OD_OUTCOME_KEY_REUSED:
        *out = (struct od_problem){
            .status = 422,
            .code = "idempotency_key_reused",
            .detail = OD_STR("This Idempotency-Key was used before for another request."),
        };
        return true;
    case OD_OUTCOME_NUMBER_TAKEN:
        *out = (struct od_problem){
            .status = 409,
            .code = "order_number_taken",
            .detail = OD_STR("An order with this number or uuid exists already. If the number came "
                             "from the order.number policy, it must use seq.value."),
        };
        return true;
    }
    return false;
}

struct od_problem od_err_problem(const struct od_err *err, bool reads, struct od_arena *a)
{
    struct od_problem problem = {.status = 503, .retry_after_s = 1};
    if (err && err->code == OD_ERR_UNAVAILABLE) {
        problem.code = "unavailable";
        problem.detail =
            reads ? OD_STR("The database cannot be reached. Retry in a moment.")
                  : OD_STR("The database cannot be reached or did not answer, so whether this took "
                           "effect is not known. Retry with the same Idempotency-Key.");
    } else if (err && err->code == OD_ERR_LIMIT) {
        problem.code = "overloaded";
        problem.detail = OD_STR("Too many commands are waiting. Retry in a moment.");
    } else if (err && (err->code == OD_ERR_AMBIGUOUS || err->code == OD_ERR_NOT_FOUND)) {
        bool ambiguous = err->code == OD_ERR_AMBIGUOUS;
        problem.status = ambiguous ? 409 : 404;
        problem.retry_after_s = 0;
        problem.code = ambiguous ? "ambiguous_order" : "order_not_found";
        problem.detail = od_arena_str(a, od_str_of(err->message));
    } else {
        od_error("internal_error", "sqlstate=%s message=\"%s\"", err ? err->sqlstate : "",
                 err ? err->message : "");
        problem.status = 500;
        problem.retry_after_s = 0;
        problem.code = "internal_error";
        problem.detail =
            OD_STR("Something failed in the server; its log says what. Nothing was changed.");
    }
    return problem;
}

struct od_problem od_findings_problem(const struct od_problem_list *list)
{
    struct od_problem_error *errors =
        OD_NEW_ARRAY(list->arena, struct od_problem_error, list->count);
    for (size_t i = 0; i < list->count; i++)
        errors[i] = (struct od_problem_error){list->items[i].pointer, list->items[i].detail};
    return (struct od_problem){
        .status = 422,
        .code = "invalid",
        .detail = list->items[0].detail,
        .errors = errors,
        .error_count = list->count,
    };
}
