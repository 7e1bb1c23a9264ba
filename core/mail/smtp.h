#ifndef OD_MAIL_SMTP_H
#define OD_MAIL_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "loop/loop.h"

/*
 * Gives mails to a server by SMTP, on the loop, by libcurl: EHLO, STARTTLS or TLS, AUTH, pipelines
 * of its own, and a connection that is used again while it is warm.
 */
struct od_smtp;

struct od_smtp_conf {
    struct od_str url; /* smtp://host:587 or smtps://host; a path is the name it says in EHLO */
    bool plain;        /* smtp:// without STARTTLS; else a server that has no TLS is refused */
    struct od_str user, password; /* empty: no AUTH */
    struct od_str ca_file;        /* certificates to trust instead of the system's; empty: those */
    int64_t timeout_ms;           /* for one mail; connecting may take half of it */
};

enum { OD_SMTP_REPLY_KEPT = 2048 };

enum od_smtp_outcome {
    OD_SMTP_SENT = 0,
    OD_SMTP_REFUSED, /* 5xx to this mail or its recipient: again would be the same */
    OD_SMTP_LATER,   /* 4xx to this mail */
    OD_SMTP_FAILED,  /* the server itself does not work, or takes nothing from us */
    OD_SMTP_CLOSED,  /* the client was closed before there was an answer */
};

struct od_smtp_answer {
    enum od_smtp_outcome outcome;
    int status;          /* of the last reply; 0: there was none */
    struct od_str reply; /* the last reply's text */
    const char *error;   /* not SENT: what went wrong */
    bool without_copy;   /* SENT, but the copy's recipient was refused */
};

/* Strings are borrowed until `done`. Addresses are valid (base/mail/address.h). */
struct od_smtp_call {
    struct od_str from, to; /* the envelope's */
    struct od_str copy;     /* another recipient; empty: none */
    struct od_str message;
    void *ctx;
    /* Called once, later; *answer is borrowed. */
    void (*done)(void *ctx, const struct od_smtp_answer *answer);
};

/* conf's strings are borrowed as long as the client lives, and end in a NUL. */
struct od_smtp *od_smtp_new(struct od_loop *loop, const struct od_smtp_conf *conf);
void od_smtp_send(struct od_smtp *s, const struct od_smtp_call *call);
/* Mails under way are done at once (CLOSED); then, later, closed(ctx). */
void od_smtp_free(struct od_smtp *s, void (*closed)(void *ctx), void *ctx);

#endif
