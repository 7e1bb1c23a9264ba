#ifndef OD_MAIL_MESSAGE_H
#define OD_MAIL_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/mail/address.h"

/*
 * A mail as the bytes that go to a server: text and HTML as multipart/alternative, with files
 * around them as multipart/mixed. The bytes depend on nothing but the struct, so that a second
 * attempt sends the same mail. They are ASCII in lines of at most 76 bytes, whatever the texts
 * hold, so that no server on the way has reason to change them; an address that is not ASCII stays
 * as it is and needs SMTPUTF8.
 */

struct od_mail_file {
    struct od_str name, type; /* type: "text/html; charset=utf-8" */
    struct od_str content;
};

struct od_mail {
    struct od_str id; /* of Message-ID, "…@example.com" */
    int64_t date_us;
    struct od_mailbox from, to;
    struct od_mailbox reply_to; /* address absent: none */
    struct od_str subject, text;
    struct od_str html;     /* absent: there is only text */
    struct od_str language; /* "de"; empty: not known */
    const struct od_mail_file *files;
    size_t file_count;
};

/* out->overflow says that it did not fit. */
void od_mail_write(const struct od_mail *m, struct od_buf *out);

#endif
