#ifndef OD_ACCESS_KEYS_H
#define OD_ACCESS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Knows the API keys that are valid and the browsers that users have logged in with, as the
 * database had them a moment ago. They are read on a connection of their own, so that no list,
 * report or write can hold them up. They are read at every change, which the database notifies, and
 * every OD_KEYS_POLL_MS, because a notification may be lost.
 *
 * Keys that were read more than OD_KEYS_FRESH_MS ago do not count, because one may have been
 * revoked since. So a revoked key is refused at the latest that long after its revocation was
 * committed, whatever the database does. The same holds for sessions and disabled users.
 *
 * When a key or session was used last is written once a minute at most.
 */

enum { OD_KEYS_POLL_MS = 500, OD_KEYS_FRESH_MS = 2000, OD_KEYS_USED_S = 60 };

struct od_key {
    int64_t id;
    struct od_str name;
    struct od_str role;    /* the name of one of the configuration's, or of none (access/role.h) */
    uint64_t scopes;       /* permissions that it has of its role's */
    struct od_str *stores; /* [store_count] whose orders it sees of its role's; NULL: all */
    size_t store_count;
    int64_t expires_us, used_us; /* 0: never */
    bool previous;               /* the one that a rotation lets live on for a while */
};

/* A session: a browser in which a user has logged in. */
struct od_login {
    int64_t session_id, user_id;
    struct od_str email, name, role;
    int64_t expires_us, used_us;
};

struct od_keys;
struct od_loop;
struct od_pg_server;

struct od_keys_conf {
    struct od_pg_server *server;
    uint32_t connect_timeout_ms; /* the time for one attempt to connect */
    int64_t session_idle_ms;     /* a session that is not used for so long has ended */
};

struct od_keys *od_keys_new(struct od_loop *loop, const struct od_keys_conf *conf);
/* closed(ctx) runs once the connection is gone. */
void od_keys_free(struct od_keys *keys, void (*closed)(void *ctx), void *ctx);

/* Whether the known keys are young enough to answer by. */
bool od_keys_fresh(const struct od_keys *keys);
/* Returns how old the known keys are at most, in microseconds; -1: none are known yet. */
int64_t od_keys_age_us(const struct od_keys *keys);
/* Finds the valid key with that text; NULL: there is none. Call it only while the keys are fresh.
 * The result is valid until the loop runs again. */
const struct od_key *od_keys_find(const struct od_keys *keys, struct od_str token);

/* The same for the session with that cookie. */
const struct od_login *od_keys_find_login(const struct od_keys *keys, struct od_str token);

/* Both say that a request came with it, for the time of its last use. */
void od_keys_used(struct od_keys *keys, const struct od_key *key);
void od_keys_used_login(struct od_keys *keys, const struct od_login *login);

/* Calls done(ctx) later, once what is known was read after this call, or cannot be read now.
 * Whoever has changed something waits for it, so that his own next request finds it here. */
void od_keys_renew(struct od_keys *keys, void (*done)(void *ctx), void *ctx);

/* Makes a new key: "od_" and 40 characters, with a NUL. */
#define OD_KEY_TEXT 43
void od_key_make(char out[OD_KEY_TEXT + 1]);
/* So many characters of a key are shown, to recognise it by. */
enum { OD_KEY_PREFIX = 9 };

/* Makes the secret of a session or a one-time link: 64 hexadecimal digits, with a NUL, of 256
 * random bits. */
#define OD_TOKEN_TEXT 64
void od_token_make(char out[OD_TOKEN_TEXT + 1]);

#endif
