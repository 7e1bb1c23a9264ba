#ifndef OD_ACCESS_KEYS_H
#define OD_ACCESS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The keys that work, as the database had them a moment ago. They are read on a connection of their
 * own, so that no list, report or write can hold them up: at every change, which the database
 * notifies, and every OD_KEYS_POLL_MS besides, for a notification may be lost.
 *
 * Knowledge older than OD_KEYS_FRESH_MS is none: a key may have been revoked since. So a revoked
 * key is refused at most that long after its revocation was committed, whatever the database does.
 */

enum { OD_KEYS_POLL_MS = 500, OD_KEYS_FRESH_MS = 2000 };

enum od_role { OD_ROLE_READER = 0, OD_ROLE_STAFF, OD_ROLE_ADMIN };

const char *od_role_name(enum od_role role);
bool od_role_parse(struct od_str name, enum od_role *out);

struct od_key {
    struct od_str name;
    enum od_role role;
};

struct od_keys;
struct od_loop;
struct od_pg_server;

/* connect_timeout_ms: for one attempt to connect. */
struct od_keys *od_keys_new(struct od_loop *loop, struct od_pg_server *server,
                            uint32_t connect_timeout_ms);
/* closed(ctx) runs once the connection is gone. */
void od_keys_free(struct od_keys *keys, void (*closed)(void *ctx), void *ctx);

/* Whether what is known is young enough to answer by. */
bool od_keys_fresh(const struct od_keys *keys);
/* How old what is known is at most, in microseconds; -1: nothing is known yet. */
int64_t od_keys_age_us(const struct od_keys *keys);
/* NULL: no key that works. Only while fresh. Valid until the loop runs again. */
const struct od_key *od_keys_find(const struct od_keys *keys, struct od_str token);

/* A new key: "od_" and 40 characters, NUL-terminated. */
#define OD_KEY_TEXT 43
void od_key_make(char out[OD_KEY_TEXT + 1]);

#endif
