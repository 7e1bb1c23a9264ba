#include "access/password.h"

#include <argon2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/list.h"
#include "loop/work.h"

enum { SALT = 16, TAG = 32, LANES = 1 };

/* ---- one password */

int od_password_hash(const struct od_password_cost *cost, struct od_str password,
                     char out[OD_PASSWORD_HASH_MAX], struct od_err *err)
{
    uint8_t salt[SALT];
    od_random(salt, sizeof salt);
    int code =
        argon2id_hash_encoded(cost->passes, cost->memory_kib, LANES, password.ptr, password.len,
                              salt, sizeof salt, TAG, out, OD_PASSWORD_HASH_MAX);
    if (code == ARGON2_OK)
        return 0;
    return od_err_set(err, OD_ERR_LIMIT, "the password cannot be hashed: %s",
                      argon2_error_message(code));
}

bool od_password_right(struct od_str hash, struct od_str password)
{
    char text[OD_PASSWORD_HASH_MAX];
    if (!hash.ptr || hash.len >= sizeof text)
        return false;
    memcpy(text, hash.ptr, hash.len);
    text[hash.len] = '\0';
    return argon2id_verify(text, password.ptr, password.len) == ARGON2_OK;
}

bool od_password_outdated(struct od_str hash, const struct od_password_cost *cost)
{
    char begin[64];
    int n = snprintf(begin, sizeof begin, "$argon2id$v=%d$m=%u,t=%u,p=%d$", ARGON2_VERSION_NUMBER,
                     cost->memory_kib, cost->passes, LANES);
    return !od_str_starts_with(hash, od_str_n(begin, (size_t)n));
}

const char *od_password_weak(struct od_str password)
{
    size_t characters = 0;
    for (size_t i = 0; i < password.len; i++)
        characters += ((unsigned char)password.ptr[i] & 0xc0) != 0x80;
    if (characters < OD_PASSWORD_MIN)
        return "A password needs at least 10 characters.";
    if (password.len > OD_PASSWORD_MAX)
        return "A password has at most 1024 bytes.";
    for (size_t i = 1; i < password.len; i++) {
        if (password.ptr[i] != password.ptr[0])
            return NULL;
    }
    return "A password needs more than one character that repeats.";
}

/* ---- the queue */

struct job {
    struct od_list link;
    struct od_passwords *owner;
    char *password; /* wiped with the job */
    size_t password_len;
    char hash[OD_PASSWORD_HASH_MAX], made[OD_PASSWORD_HASH_MAX];
    bool checks, stranger;
    struct od_password_answer answer;
    void (*done)(void *ctx, const struct od_password_answer *answer);
    void *ctx;
};

struct od_passwords {
    struct od_loop *loop;
    struct od_passwords_conf conf;
    char nobody[OD_PASSWORD_HASH_MAX]; /* a hash of random bytes, for users that are not there */
    struct od_list known, strangers;   /* that wait */
    uint32_t waiting, strangers_waiting;
    unsigned running, at_once;
    bool stopped;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct od_passwords *od_passwords_new(struct od_loop *loop, const struct od_passwords_conf *conf)
{
    struct od_passwords *p = calloc(1, sizeof *p);
    char random[TAG];
    struct od_err err;
    if (!p)
        abort();
    p->loop = loop;
    p->conf = *conf;
    /* The loop keeps a core of its own. */
    p->at_once = od_work_cores() > OD_PASSWORDS_AT_ONCE ? OD_PASSWORDS_AT_ONCE : 1;
    od_list_init(&p->known);
    od_list_init(&p->strangers);
    od_random(random, sizeof random);
    if (od_password_hash(&conf->cost, od_str_n(random, sizeof random), p->nobody, &err))
        abort(); /* no memory at the start */
    return p;
}

static void end(struct job *j)
{
    j->done(j->ctx, &j->answer);
    explicit_bzero(j->password, j->password_len);
    free(j->password);
    free(j);
}

static void compute(void *ctx)
{
    struct job *j = ctx;
    const struct od_password_cost *cost = &j->owner->conf.cost;
    struct od_str password = od_str_n(j->password, j->password_len);
    struct od_err err;
    if (j->checks) {
        j->answer.right = od_password_right(od_str_of(j->hash), password) &&
                          strcmp(j->hash, j->owner->nobody) != 0;
        if (!j->answer.right || !od_password_outdated(od_str_of(j->hash), cost))
            return;
    }
    if (od_password_hash(cost, password, j->made, &err) == 0)
        j->answer.hash = od_str_of(j->made);
    else
        j->answer.failed = !j->checks; /* a better hash can wait */
}

static void run_next(struct od_passwords *p);

static void on_computed(void *ctx)
{
    struct job *j = ctx;
    struct od_passwords *p = j->owner;
    p->running--;
    run_next(p);
    end(j);
    if (p->closed && p->running == 0) {
        void (*closed)(void *ctx) = p->closed;
        void *closed_ctx = p->closed_ctx;
        free(p);
        closed(closed_ctx);
    }
}

static struct job *shift(struct od_passwords *p)
{
    struct od_list *first = od_list_shift(&p->known);
    if (!first)
        first = od_list_shift(&p->strangers);
    if (!first)
        return NULL;
    struct job *j = OD_LIST_ENTRY(first, struct job, link);
    p->waiting--;
    p->strangers_waiting -= j->stranger;
    return j;
}

static void run_next(struct od_passwords *p)
{
    struct job *j = p->running == p->at_once ? NULL : shift(p);
    if (!j)
        return;
    p->running++;
    od_work_start(p->loop, compute, on_computed, j);
}

static bool start(struct od_passwords *p, const struct job *from, struct od_str password)
{
    if (p->stopped || p->waiting >= p->conf.queue ||
        (from->stranger && p->strangers_waiting >= (p->conf.queue + 1) / 2))
        return false;
    struct job *j = malloc(sizeof *j);
    if (!j)
        abort();
    *j = *from;
    j->owner = p;
    j->password = malloc(password.len + 1);
    if (!j->password)
        abort();
    memcpy(j->password, password.ptr ? password.ptr : "", password.len);
    j->password_len = password.len;
    od_list_push(j->stranger ? &p->strangers : &p->known, &j->link);
    p->waiting++;
    p->strangers_waiting += j->stranger;
    run_next(p);
    return true;
}

bool od_passwords_check(struct od_passwords *p, struct od_str hash, struct od_str password,
                        bool known,
                        void (*done)(void *ctx, const struct od_password_answer *answer), void *ctx)
{
    struct job j = {.checks = true, .stranger = !known, .done = done, .ctx = ctx};
    bool there = hash.ptr && hash.len < sizeof j.hash;
    if (there)
        memcpy(j.hash, hash.ptr, hash.len);
    else
        memcpy(j.hash, p->nobody, sizeof j.hash);
    return start(p, &j, password);
}

bool od_passwords_make(struct od_passwords *p, struct od_str password,
                       void (*done)(void *ctx, const struct od_password_answer *answer), void *ctx)
{
    const struct job j = {.done = done, .ctx = ctx};
    return start(p, &j, password);
}

void od_passwords_stop(struct od_passwords *p)
{
    p->stopped = true;
    for (struct job *j = shift(p); j; j = shift(p)) {
        j->answer.failed = true;
        end(j);
    }
}

void od_passwords_free(struct od_passwords *p, void (*closed)(void *ctx), void *ctx)
{
    od_passwords_stop(p);
    p->closed = closed;
    p->closed_ctx = ctx;
    if (p->running > 0)
        return;
    free(p);
    closed(ctx);
}
