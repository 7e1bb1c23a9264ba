#include "order/machine/step.h"

#include "base/clock.h"
#include "order/model/limits.h"

/* Numbers of documents: invoices and credit memos. LOAD takes them from their series, decide has
 * the policies write them, and what no document uses is given back, so that no number is missing.
 */

bool od_step_is_number(struct od_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    }
    return s.len > 0 && s.len <= OD_ORDER_NUMBER_MAX && od_utf8_valid(s);
}

/* The counters of documents are called "invoice:NAME" and "credit_memo:NAME". */
static bool is_reserved(struct od_str s)
{
    return od_str_starts_with(s, OD_STR("invoice:")) ||
           od_str_starts_with(s, OD_STR("credit_memo:"));
}

bool od_step_is_series(struct od_str s)
{
    return !s.ptr || (s.len > 0 && s.len <= OD_SERIES_MAX && od_utf8_valid(s) &&
                      !od_str_has_nul(s) && !is_reserved(s));
}

uint32_t od_command_documents(const struct od_command *c, enum od_document kind)
{
    return od_command_kinds[c->type]->documents[kind];
}

int od_decide_document_series(const struct od_decide_env *env, const struct od_order *order,
                              const struct od_command *c, struct od_document_number *out)
{
    const struct od_policies *p = env->policies;
    struct od_policy_request request = {.actor = c->actor,
                                        .now = c->at ? c->at : env->now,
                                        .document = od_document_name(out->kind)};
    struct od_policy_answer answer = {0};
    struct od_err err;
    out->series = od_document_name(out->kind);
    out->policy = OD_STR_NONE;
    if (!p->answers || !p->answers(p->ctx, OD_ASK_DOCUMENT_SERIES))
        return 0;
    od_err_clear(&err);
    request.seq_year = od_time_year(request.now);
    if (p->ask(p->ctx, OD_ASK_DOCUMENT_SERIES, order, &request, env->arena, &answer, &err) != 0 ||
        answer.refused || !od_step_is_series(answer.value))
        return -1;
    out->policy = answer.policy.ptr ? answer.policy : od_question_name(OD_ASK_DOCUMENT_SERIES);
    if (answer.value.ptr)
        out->series = answer.value;
    return 0;
}

static struct od_policy_request document_request(const struct od_step *step, enum od_document kind)
{
    struct od_policy_request request = od_step_request(step);
    request.document = od_document_name(kind);
    request.seq_year = od_time_year(step->at);
    return request;
}

/* No number was taken because the policy failed before LOAD: now it says why. */
static int series_failed(struct od_step *step, enum od_document kind)
{
    struct od_policy_request request = document_request(step, kind);
    struct od_policy_answer answer;
    if (od_step_ask(step, OD_ASK_DOCUMENT_SERIES, &request, &answer) != 0)
        return -1;
    if (answer.refused)
        return od_step_refused(step, OD_ASK_DOCUMENT_SERIES, &answer);
    return od_step_policy_failed(step, answer.policy,
                                 "Policy %.*s answered no usable series: 1 to %d bytes, or nil",
                                 OD_STR_ARG(answer.policy), OD_SERIES_MAX);
}

static struct od_document_number *next_number(const struct od_decision *d, enum od_document kind)
{
    for (uint32_t i = 0; i < d->document_count; i++) {
        if (d->documents[i].kind == kind && !d->documents[i].used)
            return &d->documents[i];
    }
    return NULL;
}

/* Who named the series has decided as well. */
static void credit_series(struct od_step *step, struct od_str policy)
{
    if (!policy.ptr)
        return;
    step->asked = step->asked.ptr ? od_arena_printf(step->env->arena, "%.*s %.*s",
                                                    OD_STR_ARG(step->asked), OD_STR_ARG(policy))
                                  : policy;
}

/* Asks the shop what it calls number `value` of its series. */
static int ask_number(struct od_step *step, const struct od_document_number *n,
                      const struct od_refund *refund, struct od_str *number)
{
    struct od_policy_request request = document_request(step, n->kind);
    struct od_policy_answer answer;
    if (!od_step_answered(step, OD_ASK_DOCUMENT_NUMBER)) {
        *number = od_arena_printf(step->env->arena, "%.*s-%lld", OD_STR_ARG(n->series),
                                  (long long)n->value);
        return 0;
    }
    request.series = n->series;
    request.seq_value = n->value;
    request.refund = refund;
    if (od_step_ask(step, OD_ASK_DOCUMENT_NUMBER, &request, &answer) != 0)
        return -1;
    if (answer.refused)
        return od_step_refused(step, OD_ASK_DOCUMENT_NUMBER, &answer);
    if (!od_step_is_number(answer.value))
        return od_step_policy_failed(
            step, answer.policy,
            "Policy %.*s answered no usable number: 1 to %d bytes without control characters",
            OD_STR_ARG(answer.policy), OD_ORDER_NUMBER_MAX);
    *number = answer.value;
    return 0;
}

int od_step_document(struct od_step *step, enum od_document kind, const struct od_refund *refund,
                     struct od_str *number, const struct od_document_number **taken)
{
    struct od_document_number *n = next_number(step->d, kind);
    if (!n) {
        step->d->wanted = kind;
        return od_step_refuse(step, OD_VERDICT_UNNUMBERED, "unnumbered",
                              "No number of %.*s was taken", OD_STR_ARG(od_document_name(kind)));
    }
    if (n->value < 1)
        return series_failed(step, kind);
    credit_series(step, n->policy);
    if (ask_number(step, n, refund, number) != 0)
        return -1;
    n->used = true;
    *taken = n;
    return 0;
}
