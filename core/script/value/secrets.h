#ifndef OD_SCRIPT_VALUE_SECRETS_H
#define OD_SCRIPT_VALUE_SECRETS_H

#include "script/vm/binding.h"

/* oms.hmac_sha256, oms.same, oms.hex, oms.from_hex, oms.base64, oms.from_base64: what signatures of
 * messages are checked with. */
extern const struct l_binding l_secret_bindings[];

#endif
