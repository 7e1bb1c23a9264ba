#include "order/ledger/data.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/step.h"
#include "order/model/limits.h"

/* ADD_ACTIVITY: what people say about an order. */

static int decide(struct od_step *step)
{
    if (step->c->text.len == 0 || step->c->text.len > OD_COMMENT_MAX)
        return od_step_invalid(step, "bad_comment", "/comment", "Must be 1 to %d bytes",
                               OD_COMMENT_MAX);
    struct od_event e = od_step_event(step, OD_EVENT_ACTIVITY_ADDED);
    e.comment = step->c->text;
    e.customer_notified = step->c->customer_notified;
    step->d->activity_id = e.seq;
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

static void read_comment(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                         struct od_command *c)
{
    c->text = od_read_str(r, v, path, OD_COMMENT_MAX);
}

static void read_notified(struct od_reader *r, const struct od_json *v, const struct od_path *path,
                          struct od_command *c)
{
    c->customer_notified = od_body_bool(r, v, path);
}

static const struct od_member body_members[] = {
    {"comment", read_comment, false, OD_TAKES_TEXT, NULL},
    {"customerNotified", read_notified, false, OD_TAKES_BOOL, NULL},
    {0}};
static const char *const body_needs[] = {"comment", NULL};
static const struct od_shape body_shape = {NULL, 0, body_members, NULL, body_needs};

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    od_read_shape(r, &body_shape, v, root, NULL, out);
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_ADD_ACTIVITY, .text = OD_STR("-")};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_service services[] = {
    {"add_activity", "add_activity", OD_COMMAND_ADD_ACTIVITY, OD_LEAD_TEXT, "comment",
     OD_TABLE_OPTIONAL},
    {0},
};

const struct od_command_kind od_add_activity = {
    .name = "add_activity",
    .permission = "orders.note",
    .alias = "activities",
    .call = "activity",
    .route = {"POST", "/api/orders/:id/activities"},
    .creates = true,
    .answer = OD_ANSWER_ACTIVITY,
    .summary = "Comment on an order",
    .body = body,
    .shape = &body_shape,
    .decide = decide,
    .emits = OD_EMITS(ACTIVITY_ADDED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = services,
    .actions = actions,
};

/* ---- activity.added */

static void write(const struct od_event_form *f, const struct od_event *e)
{
    od_jw_key(f->w, "comment");
    od_jw_str(f->w, e->comment);
    od_event_write_key(f, "customer_notified", "customerNotified");
    od_jw_bool(f->w, e->customer_notified);
    if (e->mail.ptr) {
        od_jw_key(f->w, "mail");
        od_jw_raw(f->w, e->mail);
    }
}

static int read_activity(struct od_event *e, struct od_json *data, struct od_arena *a,
                         struct od_err *err)
{
    (void)a;
    const struct od_json *comment = od_event_take(data, "comment");
    const struct od_json *notified = od_event_take(data, "customer_notified");
    const struct od_json *mail = od_event_take(data, "mail");

    if (!comment || comment->type != OD_JSON_STRING)
        return od_err_set(err, OD_ERR_INVALID, "comment is not a string");
    if (!notified || notified->type != OD_JSON_BOOL)
        return od_err_set(err, OD_ERR_INVALID, "customer_notified is not a boolean");
    if (mail && mail->type != OD_JSON_OBJECT)
        return od_err_set(err, OD_ERR_INVALID, "mail is not an object");
    if (mail)
        e->mail = mail->raw;
    e->comment = comment->text;
    e->customer_notified = notified->boolean;
    return od_event_check_empty(data, err);
}

const struct od_event_kind od_event_activity_added = {
    .name = OD_STR_INIT("activity.added"),
    .write = write,
    .read = read_activity,
    .fold = od_fold_nothing,
    .question = OD_QUESTIONS,
};
