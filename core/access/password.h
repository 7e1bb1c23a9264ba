#ifndef OD_ACCESS_PASSWORD_H
#define OD_ACCESS_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "loop/loop.h"

/*
 * Passwords are kept as argon2id hashes (RFC 9106) in PHC strings, which name their parameters. So
 * hashes that were made with other parameters can still be checked.
 *
 * A hash takes some 30 ms of a core and megabytes of memory on purpose. Hashes are therefore
 * computed on libuv's thread pool, at most OD_PASSWORDS_AT_ONCE at a time, and one at a time where
 * the loop would lose its core otherwise. Those that wait stand in a queue with a bound. Somebody
 * who tries passwords by the thousand fills that queue and takes no more of the machine.
 */

enum {
    OD_PASSWORDS_AT_ONCE = 2,
    OD_PASSWORD_HASH_MAX = 128, /* bytes of a PHC string of ours, with its NUL */
    OD_PASSWORD_MIN = 10,       /* characters; a hash cannot save a shorter one */
    OD_PASSWORD_MAX = 1024,     /* bytes */
};

struct od_password_cost {
    uint32_t memory_kib, passes;
};

/* Hashes with a new salt. It computes on the calling thread. OD_ERR_LIMIT: there is not so much
 * memory. */
int od_password_hash(const struct od_password_cost *cost, struct od_str password,
                     char out[OD_PASSWORD_HASH_MAX], struct od_err *err) OD_MUST_CHECK;
/* Whether it is the password of that hash. It computes on the calling thread. */
bool od_password_right(struct od_str hash, struct od_str password);
/* Whether the hash was made with other parameters, so that it should be made anew when the password
 * is known next. */
bool od_password_outdated(struct od_str hash, const struct od_password_cost *cost);
/* Says why nobody may choose this password, or NULL. */
const char *od_password_weak(struct od_str password);

/* ---- on the thread pool */

struct od_passwords;

struct od_passwords_conf {
    struct od_password_cost cost;
    uint32_t queue; /* passwords that may wait */
};

struct od_passwords *od_passwords_new(struct od_loop *loop, const struct od_passwords_conf *conf);
/* Passwords that wait are answered as failed, inside this call, and no more are taken. */
void od_passwords_stop(struct od_passwords *p);
/* Does the same; closed(ctx) runs, perhaps inside this call, when no
 * thread computes any more. */
void od_passwords_free(struct od_passwords *p, void (*closed)(void *ctx), void *ctx);

/* What became of a password. Strings are valid during the call of done. */
struct od_password_answer {
    bool failed;        /* there was no memory for it, or the server stops */
    bool right;         /* of a check */
    struct od_str hash; /* made: the hash; checked, right and outdated: the better hash */
};

/*
 * Checks a password against a hash. An absent hash costs the same time and is never right, so that
 * nobody can tell by a clock which users there are. known: the caller is somebody whom the server
 * has seen before; he waits in front of strangers, who may fill half of the queue at most.
 *
 * False: the queue is full, done is not called. Else done(ctx, answer) is called later, once. Both
 * strings are copied.
 */
bool od_passwords_check(struct od_passwords *p, struct od_str hash, struct od_str password,
                        bool known,
                        void (*done)(void *ctx, const struct od_password_answer *answer),
                        void *ctx);
/* Makes the hash of a new password, in front of strangers. */
bool od_passwords_make(struct od_passwords *p, struct od_str password,
                       void (*done)(void *ctx, const struct od_password_answer *answer), void *ctx);

#endif
