#include "api/command/answer.h"

#include "base/assert.h"
#include "api/documents/mails.h"
#include "api/outcome.h"
#include "base/json/json.h"
#include "order/machine/command_kind.h"
#include "order/model/parts.h"
#include "order/show/render.h"
#include "order/show/sight.h"

/* Where a movement of money has left the order. */
static void write_account(struct od_json_writer *w, const struct od_rules *rules,
                          const struct od_order *o, struct od_sight *sight)
{
    od_jw_key(w, "orderId");
    od_jw_i64(w, o->order_id);
    od_statuses_write(w, o, &rules->statuses, rules->shop);
    od_amounts_write(w, o, sight);
    od_sight_write_masked(w, sight);
}

static void write_payment(struct od_json_writer *w, const struct od_rules *rules,
                          const struct od_order *o, const void *payment, struct od_sight *sight)
{
    od_jw_object(w);
    od_jw_key(w, "payment");
    od_part_write(w, o, OD_ENTITY_PAYMENT, payment, sight);
    od_jw_key(w, "version");
    od_jw_i64(w, o->version);
    write_account(w, rules, o, sight);
    od_jw_object_end(w);
}

static void write_refund(struct od_json_writer *w, const struct od_rules *rules,
                         const struct od_order *o, const void *refund, struct od_sight *sight)
{
    od_jw_object(w);
    od_part_write_members(w, o, OD_ENTITY_REFUND, refund, sight);
    write_account(w, rules, o, sight);
    od_jw_object_end(w);
}

static void write_activity(struct od_json_writer *w, const struct od_call *c,
                           const struct od_order *o, int32_t activity_id)
{
    od_jw_object(w);
    od_jw_key(w, "activityId");
    od_jw_i64(w, activity_id);
    od_jw_key(w, "comment");
    od_jw_str(w, c->command.text);
    od_jw_key(w, "customerNotified");
    od_jw_bool(w, c->command.customer_notified);
    od_jw_key(w, "createdAt");
    od_jw_time(w, o->updated_at);
    od_jw_key(w, "username");
    od_jw_str(w, c->command.actor);
    if (c->command.type == OD_COMMAND_SEND_MAIL) {
        od_jw_key(w, "mail");
        od_jw_object(w);
        od_jw_key(w, "template");
        od_jw_str(w, c->command.name);
        od_jw_key(w, "target");
        od_jw_str(w, od_api_mail_target(c->api));
        od_jw_object_end(w);
    }
    od_jw_object_end(w);
}

static void write_plain(struct od_json_writer *w, const struct od_order *o,
                        enum od_entity_kind kind, const void *part, struct od_sight *sight)
{
    od_jw_object(w);
    od_part_write_members(w, o, kind, part, sight);
    od_sight_write_masked(w, sight);
    od_jw_object_end(w);
}

/* Movements of money say with the part where they have left the order. */
static void write_part(struct od_json_writer *w, const struct od_rules *rules,
                       const struct od_order *o, enum od_entity_kind kind, int32_t id,
                       unsigned classes)
{
    struct od_sight sight = {.classes = classes};
    const void *part = od_part_numbered(kind, o, id);
    OD_ASSERT(part);
    if (kind == OD_ENTITY_PAYMENT)
        write_payment(w, rules, o, part, &sight);
    else if (kind == OD_ENTITY_REFUND)
        write_refund(w, rules, o, part, &sight);
    else
        write_plain(w, o, kind, part, &sight);
}

/* Writes the part that the command was about; false: the answer is the order. */
static bool write_subject(struct od_json_writer *w, const struct od_call *c,
                          const struct od_rules *rules, const struct od_order *o, int32_t id)
{
    const struct od_command_kind *kind = od_command_kinds[c->command.type];
    if (kind->shows_order)
        return false;
    switch (kind->answer) {
    case OD_ANSWER_PART:
        write_part(w, rules, o, kind->part, id, c->who->classes);
        return true;
    case OD_ANSWER_ACTIVITY:
        write_activity(w, c, o, id);
        return true;
    case OD_ANSWER_ORDER:
    case OD_ANSWER_STOCK: /* see od_answer_stock */
        break;
    }
    return false;
}

void od_answer_order(struct od_call *c, const struct od_outcome *outcome)
{
    const struct od_rules *rules = outcome->rules;
    const struct od_order *o = outcome->order;
    struct od_json_writer w;
    OD_ASSERT(o);
    od_buf_reset(od_http_body(c->req));
    od_jw_init(&w, od_http_body(c->req));
    if (!write_subject(&w, c, rules, o, outcome->ref_id))
        od_order_write_seen(&w, o, &rules->statuses, rules->shop, outcome->activities,
                            c->who->classes);
    c->version = o->version;
    c->uuid = o->uuid;
}

void od_answer_stock(struct od_call *c, const struct od_stock *first, const struct od_stock *about)
{
    struct od_json_writer w;
    od_buf_reset(od_http_body(c->req));
    od_jw_init(&w, od_http_body(c->req));
    od_stock_write(&w, first, about);
}

/* A refusal of a further order's share is about no member of the body; which return it is about is
 * said beside it. */
static void point_at_return(struct od_call *c, struct od_problem *p, struct od_problem_member *m)
{
    const struct od_part *part = c->submission.more;
    if (c->submission.more_count == 0 || !part->decision)
        return;
    p->error_count = 0;
    *m = (struct od_problem_member){
        "returnId", od_arena_printf(&c->req->arena, "%d", part->command->ret.return_id)};
    p->extra = m;
    p->extra_count = 1;
}

bool od_answer_problem(struct od_call *c, const struct od_outcome *outcome)
{
    const struct od_decision *d = outcome->decision;
    struct od_problem problem;
    if (!od_outcome_problem(outcome, &c->req->arena, &problem))
        return false;
    struct od_problem_member about;
    if (outcome->kind == OD_OUTCOME_DECIDED)
        point_at_return(c, &problem, &about);
    bool stale = outcome->kind == OD_OUTCOME_DECIDED && d->verdict == OD_VERDICT_STALE;
    c->status = problem.status;
    c->version = stale && d->order ? d->order->version : 0;
    od_buf_reset(od_http_body(c->req));
    od_problem_write(od_http_body(c->req), &problem);
    return true;
}

bool od_answer_unseen(struct od_call *c, const struct od_outcome *outcome)
{
    if (!outcome->order || od_principal_sees_store(c->who, outcome->order->store))
        return false;
    c->status = 404;
    c->version = 0;
    od_buf_reset(od_http_body(c->req));
    od_problem_write(od_http_body(c->req),
                     &(struct od_problem){.status = 404,
                                          .code = "order_not_found",
                                          .detail = OD_STR("There is no such order.")});
    return true;
}
