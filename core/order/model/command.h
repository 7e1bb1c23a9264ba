#ifndef OD_ORDER_MODEL_COMMAND_H
#define OD_ORDER_MODEL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json/json.h"
#include "order/model/event.h"
#include "order/model/model.h"
#include "order/model/status.h"

/*
 * A command is a request to change one order, or the stock of one SKU, as data. The API, imports
 * and scripts make commands; only the engine runs them. Several that are linked by `next` run on
 * one order and take effect together or not at all.
 */

/* The kinds are listed in kinds.h. */
enum od_command_type {
#define OD_COMMAND_TYPE(NAME, row) OD_COMMAND_##NAME,
    OD_COMMANDS(OD_COMMAND_TYPE)
#undef OD_COMMAND_TYPE
        OD_COMMAND_TYPES
};

/* A caller names an order by exactly one of the first three. For PLACE all are unset. */
struct od_order_ref {
    int64_t order_id;           /* > 0 */
    struct od_uuid uuid;        /* not zero */
    struct od_str order_number; /* present */
    /* The number is digits alone, so this id may be meant; else 0. store/names.h says when it
     * is. */
    int64_t digits;
};

/* Reads a reference as text, from a path, a line of a batch, a cell or a string: a uuid, `id:42`
 * for an internal id, else an order number. False: it is empty or longer than a number may be. */
bool od_order_ref_parse(struct od_str s, struct od_order_ref *out);

/*
 * PROPOSE_CHANGE asks for new quantities of existing lines (0 removes a line), for new lines, and
 * for other values that should hold afterwards. Amounts that are left out follow: a line's discount
 * and tax go with its quantity, a fee stays as it is. Literals are in the order's currency, which
 * only decide knows, so the parser keeps them and decide reads the amounts.
 */
struct od_change_line {
    int32_t order_item_id;
    int32_t qty;                               /* 0 … OD_QTY_MAX */
    struct od_str tax_amount, discount_amount; /* decimal literals, or absent */
};

struct od_change_request {
    struct od_change_line *lines;
    uint32_t line_count;
    const struct od_json *add; /* array of items as PLACE takes them; or NULL */
    struct od_address addresses[2];
    bool has_address[2];
    /* decimal literals, or absent */
    struct od_str shipping_fee_excl_tax, shipping_fee_incl_tax, discount_amount, tax_amount;
    struct od_str reason;
};

enum { OD_REFUND_LIMIT_DIGITS = 4 }; /* as many as any currency has */

struct od_command {
    enum od_command_type type;
    struct od_command *next;

    struct od_str actor; /* principal */
    /* REFUND: the amount must be below this, in 10^-OD_REFUND_LIMIT_DIGITS of the currency, because
     * the actor may give back no more; 0: any amount. */
    int64_t refund_below;
    int64_t at; /* microseconds; 0: now. placedAt, createdAt and imports set it */
    /* An import of history records what happened. It overrules refusals of policies and the graph
     * of moves, which the event says. Its items reserve no stock. */
    bool historical;

    /* PLACE */
    struct od_order
        *draft; /* header fields, addresses, items; derived fields unset; uuid zero = make one;
                   order_number absent = ask the policy; payment_status may name the first */
    /* PATCH */
    struct od_patch patch;
    struct od_str payment_status, shipment_status; /* explicit statuses; absent = untouched */
    /* PAYMENT */
    struct od_payment
        payment; /* type, method, transaction_id; amount unless payment_amount is set */
    struct od_str payment_amount; /* decimal literal in the order's currency, or absent */
    /* CREATE_SHIPMENT, UPDATE_SHIPMENT, TRACK (shipment_id 0: the one it belongs to) */
    struct od_shipment shipment; /* CREATE: items (none = all that is left), carrier, …; UPDATE:
                                    shipment_id, fields that are present change; status moves it */
    /* CREATE_SHIPMENT: records a parcel that has left although its units are cancelled. No rule is
     * asked, because it has happened. */
    bool handed_over;
    /* CANCEL: units of some items; none: the whole order */
    struct od_units *units;
    uint32_t unit_count;
    /* REFUND: items (order_item_id, qty, qty_restocked, keep), reason, method, transaction_id,
     * return_id; amount and shipping_amount unless the literals below are set */
    struct od_refund refund;
    enum od_keep refund_keep;       /* of items that do not say it themselves, and where no units
                                       are named */
    struct od_str refund_amount;    /* decimal literal, or absent: what items and shipping come to;
                                       without those either, all that is left to refund */
    bool refund_shipping;           /* refund what is left of the shipping fee */
    struct od_str shipping_literal; /* or this much of the shipping fee */
    /* CREATE_RETURN: items (order_item_id, qty, reason), reason, status (requested or approved);
     * UPDATE_RETURN: return_id, status, note, and to receive: items (order_item_id, qty_received,
     * qty_restocked, condition), none: all that was announced, restocked when restock_all.
     * EXCHANGE: return_id, exchange_uuid */
    struct od_return ret;
    bool restock_all;
    /* PROPOSE_CHANGE; CONFIRM_CHANGE and DISCARD_CHANGE: change_id (0: the one that is proposed) */
    struct od_change_request *change;
    int32_t change_id;
    /* HOLD, RELEASE */
    struct od_hold hold;
    /* CANCEL, SET_INVENTORY: reason; ADD_ACTIVITY, SEND_MAIL: comment */
    struct od_str text;
    bool customer_notified;
    /* COMPOSITE, SEND_MAIL */
    struct od_str name; /* the registered name, "counter_sale"; the template */
    struct od_str args; /* JSON object; absent: {} */
    /* MIGRATE_STATUS: when the order is in another status by now, nothing happens (DONE without an
     * event) */
    enum od_status_kind status_kind;
    struct od_str status_from, status_to;
    /* SET_INVENTORY */
    struct od_str sku;
    int64_t qty;            /* new on_hand, or the difference */
    bool is_delta, has_qty; /* without qty it only sets `backorder` */
    struct od_str location; /* absent: the first configured one */
    bool backorder, has_backorder;
};

/* Something wrong with a request body. `pointer` is a JSON pointer (RFC 6901). */
struct od_problem_item {
    struct od_str pointer, detail;
};

struct od_problem_list {
    struct od_arena *arena;
    struct od_problem_item *items;
    size_t count, cap;
};

void od_problem_add(struct od_problem_list *l, const char *pointer, const char *fmt, ...)
    OD_PRINTF(3, 4);

#endif
