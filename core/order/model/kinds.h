#ifndef OD_ORDER_MODEL_KINDS_H
#define OD_ORDER_MODEL_KINDS_H

/*
 * The lists of the domain: every kind of command, of event, of entity and of question, once. Enums,
 * tables and tests are made from them. The row of a command (order/machine/command_kind.h) is
 * `od_NAME`, that of an event `od_event_NAME`; both stand in the file of their subject below
 * order/commands/. A new command is a file there and a line here. The fields of an entity stand in
 * model/fields.c, its place in an order in model/parts.c.
 */

/* X(CONSTANT, row). The list of a person's actions has this order. */
#define OD_COMMANDS(X)                                                                             \
    X(PLACE, place)                                                                                \
    X(PAYMENT, payment)                                                                            \
    X(REFUND, refund)                                                                              \
    X(ISSUE_INVOICE, issue_invoice)                                                                \
    X(CREDIT_INVOICE, credit_invoice)                                                              \
    X(PATCH, patch)                                                                                \
    X(CREATE_SHIPMENT, create_shipment)                                                            \
    X(UPDATE_SHIPMENT, update_shipment)                                                            \
    X(TRACK, track)                                                                                \
    X(CREATE_RETURN, create_return)                                                                \
    X(UPDATE_RETURN, update_return)                                                                \
    X(EXCHANGE, exchange)                                                                          \
    X(PROPOSE_CHANGE, propose_change)                                                              \
    X(CONFIRM_CHANGE, confirm_change)                                                              \
    X(DISCARD_CHANGE, discard_change)                                                              \
    X(SPLIT, split)                                                                                \
    X(HOLD, hold)                                                                                  \
    X(RELEASE, release)                                                                            \
    X(CANCEL, cancel)                                                                              \
    X(ADD_ACTIVITY, add_activity)                                                                  \
    X(SEND_MAIL, send_mail)                                                                        \
    X(SET_INVENTORY, set_inventory)                                                                \
    X(COMPOSITE, composite)                                                                        \
    X(MIGRATE_STATUS, migrate_status)

/* X(CONSTANT, row) */
#define OD_EVENTS(X)                                                                               \
    X(ORDER_PLACED, order_placed)                                                                  \
    X(ORDER_UPDATED, order_updated)                                                                \
    X(ORDER_CANCELED, order_canceled)                                                              \
    X(ORDER_HELD, order_held)                                                                      \
    X(ORDER_RELEASED, order_released)                                                              \
    X(PAYMENT_AUTHORIZED, payment_authorized)                                                      \
    X(PAYMENT_CAPTURED, payment_captured)                                                          \
    X(PAYMENT_VOIDED, payment_voided)                                                              \
    X(PAYMENT_FAILED, payment_failed)                                                              \
    X(PAYMENT_STATUS_SET, payment_status_set)                                                      \
    X(SHIPMENT_CREATED, shipment_created)                                                          \
    X(SHIPMENT_UPDATED, shipment_updated)                                                          \
    X(SHIPMENT_DELIVERED, shipment_delivered)                                                      \
    X(SHIPMENT_CANCELED, shipment_canceled)                                                        \
    X(SHIPMENT_STATUS_SET, shipment_status_set)                                                    \
    X(ACTIVITY_ADDED, activity_added)                                                              \
    X(STATUS_MIGRATED, status_migrated)                                                            \
    X(ITEMS_CANCELED, items_canceled)                                                              \
    X(PAYMENT_REFUNDED, payment_refunded)                                                          \
    X(PAYMENT_CHARGED_BACK, payment_charged_back)                                                  \
    X(REFUND_CONFIRMED, refund_confirmed)                                                          \
    X(RETURN_REQUESTED, return_requested)                                                          \
    X(RETURN_APPROVED, return_approved)                                                            \
    X(RETURN_REJECTED, return_rejected)                                                            \
    X(RETURN_CANCELED, return_canceled)                                                            \
    X(RETURN_RECEIVED, return_received)                                                            \
    X(RETURN_REFUNDED, return_refunded)                                                            \
    X(RETURN_EXCHANGED, return_exchanged)                                                          \
    X(INVOICE_ISSUED, invoice_issued)                                                              \
    X(INVOICE_CREDITED, invoice_credited)                                                          \
    X(CHANGE_PROPOSED, change_proposed)                                                            \
    X(CHANGE_DISCARDED, change_discarded)                                                          \
    X(ORDER_CHANGED, order_changed)                                                                \
    X(ORDER_SPLIT, order_split)

/* X(CONSTANT, row): what decide asks the shop. The rows stand in model/policy.c. */
#define OD_QUESTION_LIST(X)                                                                        \
    X(ORDER_STATUS, order_status)                                                                  \
    X(ORDER_CANCEL, order_cancel)                                                                  \
    X(ORDER_NUMBER, order_number)                                                                  \
    X(PAYMENT_STATUS, payment_status)                                                              \
    X(SHIPMENT_STATUS, shipment_status)                                                            \
    X(ORDER_PLACE, order_place)                                                                    \
    X(ORDER_SHIP, order_ship)                                                                      \
    X(ORDER_UPDATE, order_update)                                                                  \
    X(ORDER_SERIES, order_series)                                                                  \
    X(ORDER_RETURN, order_return)                                                                  \
    X(ORDER_REFUND, order_refund)                                                                  \
    X(ORDER_CHANGE, order_change)                                                                  \
    X(ORDER_SPLIT, order_split)                                                                    \
    X(DOCUMENT_SERIES, document_series)                                                            \
    X(DOCUMENT_NUMBER, document_number)

/* X(CONSTANT): the order and the kinds of its parts. A kind that belongs to a part stands behind
 * it. Rows are written, and lists are shown, in this order. */
#define OD_ENTITIES(X)                                                                             \
    X(ORDER)                                                                                       \
    X(ITEM)                                                                                        \
    X(PAYMENT)                                                                                     \
    X(SHIPMENT)                                                                                    \
    X(SHIPMENT_ITEM)                                                                               \
    X(REFUND)                                                                                      \
    X(REFUND_ITEM)                                                                                 \
    X(RETURN)                                                                                      \
    X(RETURN_ITEM)                                                                                 \
    X(INVOICE)                                                                                     \
    X(CHANGE)                                                                                      \
    X(HOLD)                                                                                        \
    X(ADDRESS)

/* X(CONSTANT, type, member, name): the kinds that an event may be about, with the member of struct
 * od_event and the name that scripts know it by. `return` is a word of Lua's and of C's. An event
 * with two parts shows the fields of the one that stands first. */
#define OD_EVENT_PARTS(X)                                                                          \
    X(SHIPMENT, od_shipment, shipment, "shipment")                                                 \
    X(REFUND, od_refund, refund, "refund")                                                         \
    X(PAYMENT, od_payment, payment, "payment")                                                     \
    X(HOLD, od_hold, hold, "hold")                                                                 \
    X(RETURN, od_return, ret, "rma")                                                               \
    X(INVOICE, od_invoice, invoice, "invoice")                                                     \
    X(CHANGE, od_change, change, "change")

#endif
