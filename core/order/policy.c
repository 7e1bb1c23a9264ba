#include "order/policy.h"

struct od_str od_question_name(enum od_question q)
{
    switch (q) {
    case OD_ASK_ORDER_STATUS:
        return OD_STR("order.status");
    case OD_ASK_ORDER_CANCEL:
        return OD_STR("order.cancel");
    case OD_ASK_ORDER_NUMBER:
        return OD_STR("order.number");
    case OD_ASK_PAYMENT_STATUS:
        return OD_STR("payment.status");
    case OD_ASK_SHIPMENT_STATUS:
        return OD_STR("shipment.status");
    case OD_QUESTIONS:
        break;
    }
    return OD_STR_NONE;
}
