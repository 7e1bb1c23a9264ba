#ifndef OD_SCRIPT_MESSAGE_MESSAGE_H
#define OD_SCRIPT_MESSAGE_MESSAGE_H

#include "script/vm/binding.h"

/* What receivers have in common, whoever the sender is: whether a message is the sender's own,
 * whether it has the members it should have, and which orders it is about. */

/* oms.check_signature, oms.check_webhook */
extern const struct l_binding l_signature_bindings[];
/* oms.read */
extern const struct l_binding l_reading_bindings[];
/* oms.find_orders */
extern const struct l_binding l_finding_bindings[];

#endif
