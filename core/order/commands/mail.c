#include <stddef.h>

#include "base/buf.h"
#include "base/mail/address.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/command_kind.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/*
 * SEND_MAIL: somebody wants the customer, or another person, to have a mail. The order's history
 * says so at once; the feed prints and sends it (feed/letter.h). Asked for again, it is sent again.
 */

enum { TEMPLATE_MAX = 100, LANGUAGE_MAX = 40, ARGS_MAX = 64 << 10, FILES_MAX = 3 };

static const char *const members_in_order[] = {"template", "to",       "language", "shipmentId",
                                               "refundId", "returnId", "attach",   "data"};

/* ---- its body: checked, and kept as it is */

static void read_template(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->name = od_read_str(r, v, path, TEMPLATE_MAX);
}

static void read_to(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                    struct od_command *c)
{
    struct od_str to = od_read_str(r, v, path, OD_MAIL_ADDRESS_MAX);
    if (to.ptr && !od_mail_address_valid(to))
        od_read_problem(r, path, "Must be an e-mail address");
    c->customer_notified = false;
}

static void read_language(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    (void)c;
    (void)od_read_str(r, v, path, LANGUAGE_MAX);
}

static int32_t read_id(struct od_reader *r, const struct od_json *v, const struct od_path *path)
{
    int64_t id = 0;
    if (!od_json_i64(v, 1, INT32_MAX, &id))
        od_read_problem(r, path, "Must be a number of this order's, from 1 on");
    return (int32_t)id;
}

static void read_shipment(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->shipment.shipment_id = read_id(r, v, path);
}

static void read_refund(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    c->refund.refund_id = read_id(r, v, path);
}

static void read_return(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    c->ret.return_id = read_id(r, v, path);
}

static void read_attach(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                        struct od_command *c)
{
    static const char *const documents[] = {"invoice", "packing_slip", "credit_memo"};
    bool good = v->type == OD_JSON_ARRAY && v->count <= FILES_MAX;
    (void)c;
    for (const struct od_json *e = good ? v->child : NULL; e; e = e->next) {
        bool known = false;
        for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
            known = known || (e->type == OD_JSON_STRING && od_str_is(e->text, documents[i]));
        good = good && known;
    }
    if (!good)
        od_read_problem(r, path, "Must be a list of invoice, packing_slip and credit_memo");
}

static void read_data(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                      struct od_command *c)
{
    (void)c;
    if (v->type != OD_JSON_OBJECT)
        od_read_problem(r, path, "Must be an object");
}

/* Keeps what the body says, without what it leaves out. */
static struct od_str keep(struct od_reader *r, const struct od_json *body,
                          const struct od_path *root)
{
    struct od_json_writer w;
    struct od_buf buf;
    od_buf_init(&buf, ARGS_MAX);
    od_jw_init(&w, &buf);
    od_jw_object(&w);
    for (size_t i = 0; i < sizeof members_in_order / sizeof *members_in_order; i++) {
        const char *name = members_in_order[i];
        if (!od_body_has(body, name))
            continue;
        od_jw_key(&w, name);
        od_jw_raw(&w, od_json_get(body, name)->raw);
    }
    od_jw_object_end(&w);
    if (buf.overflow)
        od_read_problem(r, root, "Must be at most %d bytes", ARGS_MAX);
    struct od_str args = od_arena_str(r->arena, od_buf_view(&buf));
    od_buf_fini(&buf);
    return args;
}

static const struct od_member body_members[] = {
    {"template", read_template, false, OD_TAKES_TEXT, NULL},
    {"to", read_to, false, OD_TAKES_TEXT, NULL},
    {"language", read_language, false, OD_TAKES_TEXT, NULL},
    {"shipmentId", read_shipment, false, OD_TAKES_WHOLE, NULL},
    {"refundId", read_refund, false, OD_TAKES_WHOLE, NULL},
    {"returnId", read_return, false, OD_TAKES_WHOLE, NULL},
    {"attach", read_attach, false, OD_TAKES_TEXTS, NULL},
    {"data", read_data, false, OD_TAKES_JSON, NULL},
    {0}};
static const char *const body_needs[] = {"template", NULL};
static const struct od_shape body_shape = {NULL, 0, body_members, NULL, body_needs};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    out->customer_notified = true;
    od_read_shape(r, &body_shape, v, root, NULL, out);
    out->args = keep(r, v, root);
    out->text = od_arena_printf(r->arena, "Mail %.*s", OD_STR_ARG(out->name));
}

/* ---- its decision */

static int check(struct od_step *step)
{
    const struct od_command *c = step->c;
    const struct od_order *o = step->order;
    if (c->customer_notified && !o->customer_email.len)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "no_recipient",
                              "The order has no customer's e-mail address; say to whom");
    if (c->customer_notified && !od_mail_address_valid(o->customer_email))
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "no_recipient",
                              "What the order has for its customer is no e-mail address");
    if (c->shipment.shipment_id && !od_order_shipment(o, c->shipment.shipment_id))
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "shipment_not_found",
                              "The order has no such shipment");
    if (c->refund.refund_id && !od_order_refund(o, c->refund.refund_id))
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "refund_not_found",
                              "The order has no such refund");
    if (c->ret.return_id && !od_order_return(o, c->ret.return_id))
        return od_step_refuse(step, OD_VERDICT_NOT_FOUND, "return_not_found",
                              "The order has no such return");
    return 0;
}

static int decide(struct od_step *step)
{
    if (check(step) != 0)
        return -1;
    struct od_event e = od_step_event(step, OD_EVENT_ACTIVITY_ADDED);
    e.comment = step->c->text;
    e.customer_notified = step->c->customer_notified;
    e.mail = step->c->args;
    step->d->activity_id = e.seq;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_SEND_MAIL,
                           .name = OD_STR("-"),
                           .text = OD_STR("-"),
                           .args = OD_STR("{\"template\":\"-\"}"),
                           .customer_notified = true};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_service services[] = {
    {"send_mail", "send_mail", OD_COMMAND_SEND_MAIL, OD_LEAD_TEXT, "template", OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_send_mail = {
    .name = "send_mail",
    .permission = "mails.send",
    .alias = "mails",
    .call = "mail",
    .route = {"POST", "/api/orders/:id/mails"},
    .creates = true,
    .answer = OD_ANSWER_ACTIVITY,
    .summary = "Send a mail, also one that was sent before",
    .description =
        "Prints the mail `template` of the rules that serve, as the order is now, and "
        "sends it to the customer, or `to` somebody else. The order's history has it as "
        "an activity, with `customerNotified` when it goes to the customer. `mail.target` "
        "says who carries it out: `log` is the file, where no target for mails is "
        "configured. Where there is one, a mail without a template is 422 "
        "`unknown_template`.",
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(ACTIVITY_ADDED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = services,
    .actions = actions,
};
