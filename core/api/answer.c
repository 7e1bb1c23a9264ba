#include "api/answer.h"

#include <assert.h>

#include "base/json.h"
#include "base/money.h"
#include "order/codec.h"

static void write_payment(struct od_json_writer *w, const struct od_rules *rules,
                          const struct od_order *o, int32_t payment_id)
{
    od_jw_object(w);
    od_jw_key(w, "payment");
    if (payment_id > 0 && (uint32_t)payment_id <= o->payment_count)
        od_payment_write(w, o, &o->payments[payment_id - 1]);
    else
        od_jw_null(w);
    od_jw_key(w, "orderId");
    od_jw_i64(w, o->order_id);
    od_jw_key(w, "version");
    od_jw_i64(w, o->version);
    od_jw_key(w, "status");
    od_status_write(w, &rules->statuses.of[OD_STATUS_ORDER], o->status);
    od_jw_key(w, "paymentStatus");
    od_status_write(w, &rules->statuses.of[OD_STATUS_PAYMENT], o->payment_status);
    od_jw_key(w, "shipmentStatus");
    od_status_write(w, &rules->statuses.of[OD_STATUS_SHIPMENT], o->shipment_status);
    int digits = od_currency_digits(o->currency);
    od_jw_key(w, "amountAuthorized");
    od_jw_decimal(w, o->amount_authorized, digits);
    od_jw_key(w, "amountCaptured");
    od_jw_decimal(w, o->amount_captured, digits);
    od_jw_key(w, "amountRefunded");
    od_jw_decimal(w, o->amount_refunded, digits);
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
    od_jw_object_end(w);
}

void od_api_write_stock(struct od_buf *out, const struct od_stock *stock)
{
    struct od_json_writer w;
    od_jw_init(&w, out);
    od_stock_write(&w, stock);
}

/* The body of a success with an order. ref_id: the payment, shipment or activity it is about. */
void od_answer_order(struct od_call *c, const struct od_rules *rules, const struct od_order *o,
                     struct od_str activities, int32_t ref_id)
{
    struct od_buf *body = od_http_body(c->req);
    struct od_json_writer w;
    od_buf_reset(body);
    od_jw_init(&w, body);
    const struct od_shipment *shipment;
    assert(o);
    switch (c->command.type) {
    case OD_COMMAND_PAYMENT:
        write_payment(&w, rules, o, ref_id);
        break;
    case OD_COMMAND_CREATE_SHIPMENT:
    case OD_COMMAND_UPDATE_SHIPMENT:
        shipment = od_order_shipment(o, ref_id);
        if (shipment)
            od_shipment_write(&w, o, shipment);
        else
            od_jw_null(&w);
        break;
    case OD_COMMAND_ADD_ACTIVITY:
        write_activity(&w, c, o, ref_id);
        break;
    case OD_COMMAND_PLACE:
    case OD_COMMAND_PATCH:
    case OD_COMMAND_CANCEL:
    case OD_COMMAND_HOLD:
    case OD_COMMAND_RELEASE:
    case OD_COMMAND_COMPOSITE:
    case OD_COMMAND_MIGRATE_STATUS: /* not over HTTP */
    case OD_COMMAND_SET_INVENTORY:  /* about stock, not an order: see od_answer_stock */
    case OD_COMMAND_TYPES:
        od_order_write(&w, o, &rules->statuses, activities);
        break;
    }
    c->version = o->version;
    c->uuid = o->uuid;
}

void od_answer_stock(struct od_call *c, const struct od_stock *stock)
{
    od_buf_reset(od_http_body(c->req));
    od_api_write_stock(od_http_body(c->req), stock);
}

/* The problem document of a refusal, into the body. */
void od_answer_refusal(struct od_call *c, const struct od_decision *d)
{
    const struct od_refusal *r = &d->refusal;
    struct od_problem_error error = {r->pointer, r->detail};
    struct od_problem problem = {
        .status = od_verdict_status(d->verdict),
        .code = od_arena_str(&c->req->arena, r->code).ptr,
        .detail = r->detail,
        .policy = r->policy,
        .errors = &error,
        .error_count = r->pointer.ptr != NULL,
    };
    c->status = problem.status;
    c->version = d->verdict == OD_VERDICT_STALE && d->order ? d->order->version : 0;
    od_buf_reset(od_http_body(c->req));
    od_problem_write(od_http_body(c->req), &problem);
}

void od_answer_problem(struct od_call *c, int status, const char *code, const char *detail)
{
    struct od_problem problem = {.status = status, .code = code, .detail = od_str_of(detail)};
    c->status = status;
    c->version = 0;
    od_buf_reset(od_http_body(c->req));
    od_problem_write(od_http_body(c->req), &problem);
}
