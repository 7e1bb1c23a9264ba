#ifndef OD_FEED_TARGETS_MAIL_LETTER_H
#define OD_FEED_TARGETS_MAIL_LETTER_H

#include "base/arena.h"
#include "feed/targets/kind.h"
#include "base/mail/address.h"

/* A delivery as the mail that leaves: what feed/letter.c has printed, or what the operator is
 * told. It is the same at each attempt. */

/* Whom the target writes for. address absent: there is none. */
struct od_letter_from {
    struct od_mailbox from, reply_to, bcc, owner;
};

/* Strings end in a NUL and live as long as the arena, or as what `from` borrows from. */
struct od_envelope {
    struct od_str from, to, copy; /* copy: empty: none */
    struct od_str message;
};

/* Fails when the delivery holds no mail, or one that is larger than max; err says what is wrong. */
int od_letter_read(const struct od_delivery *d, const struct od_letter_from *from, size_t max,
                   struct od_arena *a, struct od_envelope *out, struct od_err *err) OD_MUST_CHECK;

#endif
