#ifndef OD_BASE_MAIL_ADDRESS_H
#define OD_BASE_MAIL_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* Addresses of mails (RFC 5322, with the UTF-8 of RFC 6531). */

enum { OD_MAIL_ADDRESS_MAX = 320 }; /* RFC 5321, 4.5.3.1: 64 + "@" + 255 */

struct od_mailbox {
    struct od_str name; /* as people see it; empty: there is none */
    struct od_str address;
};

/*
 * Whether the text is one address and nothing else. It stands in a header and in a command of SMTP,
 * so there is no blank, no control character, no bracket, comma or quote in it: nobody's address
 * can add a recipient, a header or a command. Local parts in quotes are not taken.
 */
bool od_mail_address_valid(struct od_str address);
/* Reads "Shop <shop@example.com>" or "shop@example.com"; *out borrows from the text. */
int od_mailbox_read(struct od_str text, struct od_mailbox *out, struct od_err *err) OD_MUST_CHECK;

#endif
