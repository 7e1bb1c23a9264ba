#include "order/model/policy.h"

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
    case OD_ASK_ORDER_PLACE:
        return OD_STR("order.place");
    case OD_ASK_ORDER_SHIP:
        return OD_STR("order.ship");
    case OD_ASK_ORDER_UPDATE:
        return OD_STR("order.update");
    case OD_ASK_ORDER_SERIES:
        return OD_STR("order.series");
    case OD_ASK_ORDER_RETURN:
        return OD_STR("order.return");
    case OD_ASK_ORDER_REFUND:
        return OD_STR("order.refund");
    case OD_ASK_ORDER_CHANGE:
        return OD_STR("order.change");
    case OD_ASK_ORDER_SPLIT:
        return OD_STR("order.split");
    case OD_ASK_DOCUMENT_SERIES:
        return OD_STR("document.series");
    case OD_ASK_DOCUMENT_NUMBER:
        return OD_STR("document.number");
    case OD_QUESTIONS:
        break;
    }
    return OD_STR_NONE;
}

bool od_question_optional(enum od_question q)
{
    switch (q) {
    case OD_ASK_ORDER_STATUS:
    case OD_ASK_ORDER_CANCEL:
    case OD_ASK_ORDER_NUMBER:
    case OD_ASK_PAYMENT_STATUS:
    case OD_ASK_SHIPMENT_STATUS:
        return false;
    case OD_ASK_ORDER_PLACE:
    case OD_ASK_ORDER_SHIP:
    case OD_ASK_ORDER_UPDATE:
    case OD_ASK_ORDER_SERIES:
    case OD_ASK_ORDER_RETURN:
    case OD_ASK_ORDER_REFUND:
    case OD_ASK_ORDER_CHANGE:
    case OD_ASK_ORDER_SPLIT:
    case OD_ASK_DOCUMENT_SERIES:
    case OD_ASK_DOCUMENT_NUMBER:
    case OD_QUESTIONS:
        break;
    }
    return true;
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
