#include "mail/smtp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "http/client/multi.h"

enum {
    IDLE_S = 30,
    /* More than a target may have at once: to close one for want of room, libcurl says QUIT and the
     * loop waits for the reply. One that is too old is closed without. */
    KEPT = 1000,
};

/* How far the dialogue is: which command of ours the server answers. */
enum stage { GREETING = 0, MAIL, RCPT, DATA, BODY };

struct sending {
    struct od_smtp *smtp;
    struct od_list node;
    struct od_smtp_call call;
    CURL *easy;
    struct curl_slist *recipients;
    enum stage stage;
    unsigned recipient; /* which RCPT it is, from 1 on */
    bool without_copy;
    bool left;  /* QUIT was said */
    size_t at;  /* bytes of the message that libcurl has */
    int status; /* of the reply; 0: it has not come */
    char reply[OD_SMTP_REPLY_KEPT];
    size_t reply_len;
    char error[CURL_ERROR_SIZE];
};

struct od_smtp {
    struct od_smtp_conf conf;
    struct od_curl *curl;
    struct od_list sendings;
    void (*closed)(void *ctx);
    void *ctx;
};

static void add(struct sending *s);

static void take_out(struct sending *s)
{
    od_curl_remove(s->smtp->curl, s->easy);
    curl_easy_cleanup(s->easy);
    curl_slist_free_all(s->recipients);
    s->recipients = NULL;
}

static void finish(struct sending *s, const struct od_smtp_answer *answer)
{
    od_list_remove(&s->node);
    take_out(s);
    s->call.done(s->call.ctx, answer);
    free(s);
}

/* ---- what it came to */

/* 530, 535 and 538 want another AUTH, 421 closes the connection; and who may not be the sender of
 * this mail may not be the sender of the next. All that is about the server and us. */
static enum od_smtp_outcome judge(const struct sending *s)
{
    int code = s->status;
    bool ours = code == 421 || code == 530 || code == 535 || code == 538;
    if (s->stage < MAIL || code < 400 || ours)
        return OD_SMTP_FAILED;
    if (s->stage == MAIL && code != 552) /* 552: it is too large */
        return OD_SMTP_FAILED;
    return code >= 500 ? OD_SMTP_REFUSED : OD_SMTP_LATER;
}

static const char *stage_name(enum stage stage)
{
    static const char *const names[] = {"the connection", "MAIL", "RCPT", "DATA", "the mail"};
    return names[stage];
}

static void complete(void *transfer, CURLcode code)
{
    struct sending *s = transfer;
    struct od_smtp_answer answer = {
        .status = s->status,
        .reply = od_str_n(s->reply, s->reply_len),
        .without_copy = s->without_copy,
    };
    if (code != CURLE_OK) {
        answer.outcome = judge(s);
        if (!s->error[0])
            snprintf(s->error, sizeof s->error, "%s", curl_easy_strerror(code));
        answer.error = s->error;
    }
    if (answer.outcome != OD_SMTP_SENT && s->status >= 400)
        snprintf(s->error, sizeof s->error, "to %s it answered %.*s", stage_name(s->stage),
                 (int)s->reply_len, s->reply);
    if (answer.outcome == OD_SMTP_REFUSED && s->stage == RCPT && s->recipient > 1) {
        take_out(s); /* the copy's address; the mail itself is none the worse for it */
        s->without_copy = true;
        add(s);
        return;
    }
    finish(s, &answer);
}

/* ---- the dialogue */

static bool is_command(const char *data, size_t size, const char *word)
{
    size_t n = strlen(word);
    return size >= n && strncasecmp(data, word, n) == 0;
}

static void on_command(struct sending *s, const char *data, size_t size)
{
    if (is_command(data, size, "QUIT")) { /* the reply before says why; this one is a farewell */
        s->left = true;
        return;
    }
    s->status = 0;
    if (is_command(data, size, "MAIL FROM")) {
        s->stage = MAIL;
    } else if (is_command(data, size, "RCPT TO")) {
        s->stage = RCPT;
        s->recipient++;
    } else if (is_command(data, size, "DATA")) {
        s->stage = DATA;
    }
}

/* One line of a reply, "250-SIZE" or "250 OK": the last line counts. */
static void on_reply(struct sending *s, const char *data, size_t size)
{
    size_t n = 0;
    while (size && (data[size - 1] == '\n' || data[size - 1] == '\r'))
        size--;
    if (s->left || size < 3 || !isdigit((unsigned char)data[0]) ||
        !isdigit((unsigned char)data[1]) || !isdigit((unsigned char)data[2]))
        return;
    s->status = (data[0] - '0') * 100 + (data[1] - '0') * 10 + (data[2] - '0');
    for (size_t i = 0; i < size && n < sizeof s->reply; i++)
        s->reply[n++] = (unsigned char)data[i] < ' ' ? ' ' : data[i];
    s->reply_len = n;
}

/* libcurl tells all that passes. Passwords pass as well: nothing is kept of what we say. */
static int on_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *ctx)
{
    struct sending *s = ctx;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT) {
        on_command(s, data, size);
    } else if (type == CURLINFO_HEADER_IN) {
        on_reply(s, data, size);
    }
    return 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *ctx)
{
    struct sending *s = ctx;
    size_t room = size * count, left = s->call.message.len - s->at;
    size_t n = left < room ? left : room;
    if (s->stage == DATA) { /* the reply to come is about the whole */
        s->stage = BODY;
        s->status = 0;
    }
    memcpy(out, s->call.message.ptr + s->at, n);
    s->at += n;
    return n;
}

static size_t on_write(const char *data, size_t size, size_t count, void *ctx)
{
    (void)data;
    (void)ctx;
    return size * count;
}

static void set_up(struct sending *s)
{
    const struct od_smtp_conf *conf = &s->smtp->conf;
    CURL *e = s->easy;
    curl_easy_setopt(e, CURLOPT_URL, conf->url.ptr);
    curl_easy_setopt(e, CURLOPT_PRIVATE, s);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->error);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(conf->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)conf->timeout_ms);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(conf->timeout_ms / 2));
    curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
    curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(e, CURLOPT_DEBUGDATA, s);
    curl_easy_setopt(e, CURLOPT_MAIL_FROM, s->call.from.ptr);
    curl_easy_setopt(e, CURLOPT_MAIL_RCPT, s->recipients);
    curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(e, CURLOPT_READDATA, s);
    curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->call.message.len);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
    if (conf->user.len) {
        curl_easy_setopt(e, CURLOPT_USERNAME, conf->user.ptr);
        curl_easy_setopt(e, CURLOPT_PASSWORD, conf->password.ptr);
    }
    if (conf->ca_file.len)
        curl_easy_setopt(e, CURLOPT_CAINFO, conf->ca_file.ptr);
}

static void add(struct sending *s)
{
    s->stage = GREETING;
    s->recipient = 0;
    s->at = 0;
    s->left = false;
    s->status = 0;
    s->reply_len = 0;
    s->error[0] = '\0';
    s->recipients = curl_slist_append(NULL, s->call.to.ptr);
    if (s->call.copy.len && !s->without_copy)
        s->recipients = curl_slist_append(s->recipients, s->call.copy.ptr);
    if (!(s->easy = curl_easy_init()))
        abort();
    set_up(s);
    od_curl_add(s->smtp->curl, s->easy);
}

void od_smtp_send(struct od_smtp *smtp, const struct od_smtp_call *call)
{
    struct sending *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->smtp = smtp;
    s->call = *call;
    od_list_push(&smtp->sendings, &s->node);
    add(s);
}

struct od_smtp *od_smtp_new(struct od_loop *loop, const struct od_smtp_conf *conf)
{
    struct od_smtp *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->conf = *conf;
    od_list_init(&s->sendings);
    s->curl = od_curl_new(loop, complete);
    od_curl_keep(s->curl, KEPT);
    return s;
}

static void on_closed(void *ctx)
{
    struct od_smtp *s = ctx;
    void (*closed)(void *ctx) = s->closed;
    void *closed_ctx = s->ctx;
    free(s);
    closed(closed_ctx);
}

void od_smtp_free(struct od_smtp *s, void (*closed)(void *ctx), void *ctx)
{
    const struct od_smtp_answer answer = {.outcome = OD_SMTP_CLOSED, .error = "closed"};
    s->closed = closed;
    s->ctx = ctx;
    while (!od_list_empty(&s->sendings))
        finish(OD_LIST_ENTRY(s->sendings.next, struct sending, node), &answer);
    od_curl_free(s->curl, on_closed, s);
}
