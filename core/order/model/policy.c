#include "order/model/policy.h"

/* The rows of the table of questions. A name of the list without one does not compile. */

static const struct od_question_kind order_status = {
    .name = OD_STR_INIT("order.status"),
    .answer = OD_ANSWERS_STATUS,
    .gets = OD_GETS_ORDER,
};

static const struct od_question_kind order_cancel = {
    .name = OD_STR_INIT("order.cancel"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_UNITS,
};

static const struct od_question_kind order_number = {
    .name = OD_STR_INIT("order.number"),
    .answer = OD_ANSWERS_NUMBER,
    .gets = OD_GETS_SEQ_ORDER,
    .own_request = true,
};

static const struct od_question_kind payment_status = {
    .name = OD_STR_INIT("payment.status"),
    .answer = OD_ANSWERS_STATUS,
    .gets = OD_GETS_ORDER,
};

static const struct od_question_kind shipment_status = {
    .name = OD_STR_INIT("shipment.status"),
    .answer = OD_ANSWERS_STATUS,
    .gets = OD_GETS_ORDER,
};

/* Asked before the order is placed. */
static const struct od_question_kind order_place = {
    .name = OD_STR_INIT("order.place"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .may_hold = true,
    .unanswered = "it is allowed",
};

/* The items of the shipment are explicit. */
static const struct od_question_kind order_ship = {
    .name = OD_STR_INIT("order.ship"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_SHIPMENT,
    .own_request = true,
    .unanswered = "it is allowed",
};

static const struct od_question_kind order_update = {
    .name = OD_STR_INIT("order.update"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_PATCH,
    .own_request = true,
    .unanswered = "it is allowed",
};

/* Asked of the draft. */
static const struct od_question_kind order_series = {
    .name = OD_STR_INIT("order.series"),
    .answer = OD_ANSWERS_SERIES,
    .gets = OD_GETS_ORDER,
    .unanswered = "the series of all orders",
};

/* Asked when a return is announced. */
static const struct od_question_kind order_return = {
    .name = OD_STR_INIT("order.return"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_RETURN,
    .own_request = true,
    .unanswered = "it is allowed",
};

static const struct od_question_kind order_refund = {
    .name = OD_STR_INIT("order.refund"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_REFUND,
    .own_request = true,
    .unanswered = "it is allowed",
};

/* Asked when a change is proposed, and again when it is confirmed. */
static const struct od_question_kind order_change = {
    .name = OD_STR_INIT("order.change"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_CHANGE,
    .own_request = true,
    .unanswered = "it is allowed",
};

/* Asked when units become an order of their own. */
static const struct od_question_kind order_split = {
    .name = OD_STR_INIT("order.split"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .about = OD_ABOUT_UNITS,
    .own_request = true,
    .unanswered = "it is allowed",
};

/* Asked before the command is decided. */
static const struct od_question_kind document_series = {
    .name = OD_STR_INIT("document.series"),
    .answer = OD_ANSWERS_SERIES,
    .gets = OD_GETS_REQUEST_ORDER,
    .about = OD_ABOUT_DOCUMENT,
    .own_request = true,
    .unanswered = "invoice or credit_memo",
};

static const struct od_question_kind document_number = {
    .name = OD_STR_INIT("document.number"),
    .answer = OD_ANSWERS_NUMBER,
    .gets = OD_GETS_SEQ_ORDER,
    .about = OD_ABOUT_DOCUMENT,
    .own_request = true,
    .unanswered = "<series>-<value>",
};

#define ROW(NAME, row) [OD_ASK_##NAME] = &row,
const struct od_question_kind *const od_question_kinds[OD_QUESTIONS] = {OD_QUESTION_LIST(ROW)};
#undef ROW

_Static_assert(OD_QUESTIONS <= 32, "sets of questions are bits of an unsigned");

struct od_str od_question_name(enum od_question q)
{
    return q < OD_QUESTIONS ? od_question_kinds[q]->name : OD_STR_NONE;
}

bool od_question_optional(enum od_question q)
{
    return q >= OD_QUESTIONS || od_question_kinds[q]->unanswered;
}

struct od_str od_document_name(enum od_document kind)
{
    switch (kind) {
    case OD_DOCUMENT_INVOICE:
        return OD_STR("invoice");
    case OD_DOCUMENT_CREDIT_MEMO:
        return OD_STR("credit_memo");
    case OD_DOCUMENTS:
        break;
    }
    return OD_STR_NONE;
}
