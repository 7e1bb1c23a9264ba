#ifndef OD_FEED_LETTER_H
#define OD_FEED_LETTER_H

#include "feed/hooks.h"

/*
 * Mails are printed when their deliveries are planned: from the ledger, as the order was at the
 * event. So the row holds the mail itself, each attempt sends the same bytes, and later changes of
 * the order or of the templates change nothing.
 *
 * A customer hears of a thing once. The delivery's key is the template and what the event is about
 * ("order_shipped:shipment:2"), so that a status that goes back and forth writes no second
 * confirmation. A mail to somebody else has the address in its key as well.
 */

/* Completes the plan of a mail whose payload is what the hook gave; *p is in the round. The target
 * is settled; where it takes mails, the payload becomes the printed mail. A mail that cannot be
 * printed becomes a row that has failed. */
void od_letter_plan(struct od_round *r, const struct od_event *e, const struct od_order *o,
                    struct od_planned *p);
/* Plans the mail that a person asked for by event *e (order/commands/mail.c). */
void od_letter_plan_asked(struct od_round *r, const struct od_event *e, const struct od_order *o);

/* Attaches documents that show an order as it was before the mail's event; it is called behind
 * od_round_run. Returns true while a page of the past is to be read: od_recall_put(&r->past, …)
 * asks for it, and od_recall_take(&r->past, …) takes it. */
bool od_letter_attach(struct od_round *r);

#endif
