#include "order/ledger/data.h"
#include "order/ledger/fold.h"

/* payment.authorized, .captured, .voided, .failed, .charged_back: the payment. One that goes back
 * is payment.refunded (commands/refund/event.c). */

static int fold_authorized(struct od_order *o, const struct od_event *e, struct od_arena *a,
                           struct od_err *err)
{
    return od_fold_payment(o, e, e->payment, OD_PAYMENT_AUTHORIZE, a, err);
}

const struct od_event_kind od_event_payment_authorized = {
    .name = OD_STR_INIT("payment.authorized"),
    .write = od_event_write_payment,
    .read = od_event_read_payment,
    .fold = fold_authorized,
    .question = OD_QUESTIONS,
};

static int fold_captured(struct od_order *o, const struct od_event *e, struct od_arena *a,
                         struct od_err *err)
{
    return od_fold_payment(o, e, e->payment, OD_PAYMENT_CAPTURE, a, err);
}

const struct od_event_kind od_event_payment_captured = {
    .name = OD_STR_INIT("payment.captured"),
    .write = od_event_write_payment,
    .read = od_event_read_payment,
    .fold = fold_captured,
    .question = OD_QUESTIONS,
};

static int fold_voided(struct od_order *o, const struct od_event *e, struct od_arena *a,
                       struct od_err *err)
{
    return od_fold_payment(o, e, e->payment, OD_PAYMENT_VOID, a, err);
}

const struct od_event_kind od_event_payment_voided = {
    .name = OD_STR_INIT("payment.voided"),
    .write = od_event_write_payment,
    .read = od_event_read_payment,
    .fold = fold_voided,
    .question = OD_QUESTIONS,
};

static int fold_failed(struct od_order *o, const struct od_event *e, struct od_arena *a,
                       struct od_err *err)
{
    return od_fold_payment(o, e, e->payment, OD_PAYMENT_FAIL, a, err);
}

const struct od_event_kind od_event_payment_failed = {
    .name = OD_STR_INIT("payment.failed"),
    .write = od_event_write_payment,
    .read = od_event_read_payment,
    .fold = fold_failed,
    .question = OD_QUESTIONS,
};

static int fold_charged_back(struct od_order *o, const struct od_event *e, struct od_arena *a,
                             struct od_err *err)
{
    return od_fold_payment(o, e, e->payment, OD_PAYMENT_CHARGEBACK, a, err);
}

const struct od_event_kind od_event_payment_charged_back = {
    .name = OD_STR_INIT("payment.charged_back"),
    .write = od_event_write_payment,
    .read = od_event_read_payment,
    .fold = fold_charged_back,
    .question = OD_QUESTIONS,
};
