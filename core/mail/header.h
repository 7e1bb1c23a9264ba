#ifndef OD_MAIL_HEADER_H
#define OD_MAIL_HEADER_H

#include "base/buf.h"
#include "base/mail/address.h"

/*
 * Writes the header fields of a mail, each with its end of line. Whatever a value holds, it stays
 * one field: line breaks and control characters become blanks, text that is not ASCII becomes
 * encoded words (RFC 2047) or an extended parameter (RFC 2231), and lines are folded at 76 bytes.
 */

/* A value of ours, ASCII and short, as it is. */
void od_header_plain(struct od_buf *out, const char *name, struct od_str value);
/* Text for people: Subject. */
void od_header_text(struct od_buf *out, const char *name, struct od_str text);
/* The address must be valid (od_mail_address_valid). */
void od_header_mailbox(struct od_buf *out, const char *name, const struct od_mailbox *m);
/* "Content-Disposition: attachment; filename=…"; filename is any text. */
void od_header_attachment(struct od_buf *out, struct od_str filename);

#endif
