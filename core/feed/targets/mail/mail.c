#include <stdlib.h>

#include "base/json/json.h"
#include "base/log.h"
#include "feed/targets/kinds.h"
#include "feed/targets/mail/letter.h"
#include "mail/smtp.h"

/*
 * Mails, to a server that takes them by SMTP. 5xx to a mail or its recipient is final, and told at
 * once; 4xx is about the one mail and tried again for days. A server that cannot be reached, or
 * that does not take us for who we say we are, rests.
 */

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KIB    INT64_C(1024)

enum { AT_ONCE = 4 };

/* About 5 days, as RFC 5321 (4.5.4.1) asks for; greylisting wants the first ones soon. */
static const int64_t waits[] = {2 * SECOND, 30 * SECOND, 5 * MINUTE, 15 * MINUTE, HOUR,
                                2 * HOUR,   4 * HOUR,    8 * HOUR,   12 * HOUR,   DAY,
                                DAY,        DAY,         DAY};

struct mail_conf {
    struct od_str url, user, password, ca_file;
    struct od_str from, reply_to, bcc, owner;
    int tls;
    int64_t timeout_ms, max_size;
};
enum { TLS_REQUIRED = 0, TLS_NONE };
static const char *const tls_words[] = {"required", "none", NULL};

#define AT(member) offsetof(struct mail_conf, member)
/* clang-format off */
static const struct od_conf_key keys[] = {
    {"target", "url", OD_CONF_STR, AT(url), "", 0, 0, NULL, true, "The server: smtp://mail.example.com:587, or smtps://mail.example.com, which begins with TLS. A path is the name that is said in EHLO."},
    {"target", "tls", OD_CONF_ENUM, AT(tls), "required", 0, 0, tls_words, true, "required: smtp:// goes on with STARTTLS, or not at all. none: it does not, for a server of one's own next door."},
    {"target", "ca_file", OD_CONF_PATH, AT(ca_file), "", 0, 0, NULL, true, "Certificates to trust instead of the system's."},
    {"target", "user", OD_CONF_STR, AT(user), "", 0, 0, NULL, true, "Who logs in. Empty: nobody."},
    {"target", "password", OD_CONF_STR, AT(password), "", 0, 0, NULL, true, "The user's password. It is not sent without TLS."},
    {"target", "from", OD_CONF_STR, AT(from), "", 0, 0, NULL, true, "Who mails are from: The Shop <orders@shop.example>."},
    {"target", "reply_to", OD_CONF_STR, AT(reply_to), "", 0, 0, NULL, true, "Where answers go, when not to from."},
    {"target", "bcc", OD_CONF_STR, AT(bcc), "", 0, 0, NULL, true, "An address that gets a copy of each mail, unseen. When it is refused, the mail goes without it."},
    {"target", "operator", OD_CONF_STR, AT(owner), "", 0, 0, NULL, true, "Who is told of trouble, and gets tests. Empty: nobody is told, and tests go to from."},
    {"target", "timeout", OD_CONF_DURATION, AT(timeout_ms), "60s", 100, 600 * SECOND, NULL, true, "For one mail."},
    {"target", "max_size", OD_CONF_SIZE, AT(max_size), "10m", 16 * KIB, 40960 * KIB, NULL, true, "Bytes of a mail with all that is attached; a larger one is not sent."},
};
/* clang-format on */

struct mailer {
    struct od_smtp *smtp;
    const struct mail_conf *conf;
    struct od_letter_from from;
    struct od_str name; /* of the target */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct attempt {
    struct mailer *mailer;
    struct od_delivery *delivery;
    struct od_arena arena;
};

/* ---- what it is set up with */

static bool valid_url(struct od_str url, bool *secure)
{
    *secure = od_str_starts_with(url, OD_STR("smtps://"));
    struct od_str prefix = *secure ? OD_STR("smtps://") : OD_STR("smtp://");
    if (!od_str_starts_with(url, prefix) || url.len == prefix.len || url.ptr[prefix.len] == '/')
        return false;
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.ptr[i] <= ' ' || (unsigned char)url.ptr[i] >= 0x7f ||
            url.ptr[i] == '@')
            return false;
    }
    return true;
}

/* An address that need not be there. */
static int read_optional(struct od_str text, struct od_mailbox *out, struct od_err *err)
{
    *out = (struct od_mailbox){0};
    return text.len ? od_mailbox_read(text, out, err) : 0;
}

/* *key is the one that is wrong. */
static int read_from(const struct mail_conf *c, struct od_letter_from *out, const char **key,
                     struct od_err *err)
{
    if (od_mailbox_read(c->from, &out->from, err))
        *key = "from";
    else if (read_optional(c->reply_to, &out->reply_to, err))
        *key = "reply_to";
    else if (read_optional(c->bcc, &out->bcc, err))
        *key = "bcc";
    else if (read_optional(c->owner, &out->owner, err))
        *key = "operator";
    else
        return 0;
    return -1;
}

static int check(const struct od_conf *c, const struct od_target_conf *t, struct od_err *err)
{
    const struct mail_conf *own = t->own;
    struct od_letter_from from;
    struct od_err wrong;
    const char *key;
    bool secure;
    if (!valid_url(own->url, &secure))
        return od_conf_section_refuse(c, t->section, "url",
                                      "is needed, like smtp://mail.example.com:587", err);
    if (read_from(own, &from, &key, &wrong))
        return od_conf_section_refuse(c, t->section, key, wrong.message, err);
    if (own->user.len && !secure && own->tls == TLS_NONE)
        return od_conf_section_refuse(c, t->section, "tls",
                                      "a password is sent by TLS alone: required, or no user", err);
    if (t->events.len)
        return od_conf_section_refuse(
            c, t->section, "events",
            "hooks say what a mail tells of: oms.on(…, function … return oms.mail {…} end)", err);
    return 0;
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    struct mailer *m = calloc(1, sizeof *m);
    const char *key;
    struct od_err err;
    if (!m)
        abort();
    m->conf = conf->own;
    m->name = conf->name;
    if (read_from(m->conf, &m->from, &key, &err))
        abort(); /* check has read them */
    const struct od_smtp_conf smtp = {
        .url = m->conf->url,
        .plain = m->conf->tls == TLS_NONE,
        .user = m->conf->user,
        .password = m->conf->password,
        .ca_file = m->conf->ca_file,
        .timeout_ms = m->conf->timeout_ms,
    };
    m->smtp = od_smtp_new(host->loop, &smtp);
    return m;
}

/* ---- attempts */

static void finish(struct attempt *at, const struct od_delivery_result *result)
{
    od_delivery_done(at->delivery, result);
    od_arena_fini(&at->arena);
    free(at);
}

static enum od_delivery_outcome outcome_of(enum od_smtp_outcome outcome)
{
    switch (outcome) {
    case OD_SMTP_SENT:
        return OD_DELIVERED;
    case OD_SMTP_REFUSED:
        return OD_DELIVERY_REFUSED;
    case OD_SMTP_LATER:
    case OD_SMTP_FAILED:
        return OD_DELIVERY_LATER;
    case OD_SMTP_CLOSED:
        break;
    }
    return OD_DELIVERY_DROPPED;
}

static void on_answer(void *ctx, const struct od_smtp_answer *answer)
{
    struct attempt *at = ctx;
    const struct od_delivery_result result = {
        .outcome = outcome_of(answer->outcome),
        .why = od_str_of(answer->error),
        .status = answer->status,
        .answer = answer->reply,
        .one_alone = answer->outcome == OD_SMTP_LATER,
    };
    if (answer->without_copy)
        od_warn("mail_without_copy", "target=%.*s delivery=%lld reason=\"bcc was refused\"",
                OD_STR_ARG(at->mailer->name), (long long)at->delivery->delivery_id);
    finish(at, &result);
}

static void begin(struct mailer *m, struct od_delivery *d)
{
    struct attempt *at = calloc(1, sizeof *at);
    struct od_envelope envelope;
    struct od_err err;
    if (!at)
        abort();
    od_arena_init(&at->arena);
    at->mailer = m;
    at->delivery = d;
    if (od_letter_read(d, &m->from, (size_t)m->conf->max_size, &at->arena, &envelope, &err)) {
        finish(at, &(struct od_delivery_result){.outcome = OD_DELIVERY_REFUSED,
                                                .why = od_str_of(err.message)});
        return;
    }
    od_smtp_send(m->smtp, &(struct od_smtp_call){
                              .from = envelope.from,
                              .to = envelope.to,
                              .copy = envelope.copy,
                              .message = envelope.message,
                              .ctx = at,
                              .done = on_answer,
                          });
}

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    for (size_t i = 0; i < n; i++)
        begin(target, batch[i]);
}

static void on_closed(void *ctx)
{
    struct mailer *m = ctx;
    void (*closed)(void *ctx) = m->closed;
    void *closed_ctx = m->closed_ctx;
    free(m);
    closed(closed_ctx);
}

static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    struct mailer *m = target;
    m->closed = closed;
    m->closed_ctx = ctx;
    od_smtp_free(m->smtp, on_closed, m);
}

const struct od_target_kind od_target_mail = {
    .name = "mail",
    .file_only =
        "its server may be any address, where webhooks are held to public ones, and it is given a "
        "password and names files of this machine.",
    .help = "Mails, to a server that takes them by SMTP.",
    .keys = keys,
    .key_count = sizeof keys / sizeof *keys,
    .conf_size = sizeof(struct mail_conf),
    .concurrency = AT_ONCE,
    .waits = waits,
    .wait_count = sizeof waits / sizeof *waits,
    .disable_after_ms = 5 * DAY,
    .leaves = true,
    .answers = true,
    .mails = true,
    .check = check,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
