#ifndef OD_ACCESS_KEYS_H
#define OD_ACCESS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Knows the API keys that are valid, as the database had them a moment ago. They are read on a
 * connection of their own, so that no list, report or write can hold them up. They are read at
 * every change, which the database notifies, and every OD_KEYS_POLL_MS, because a notification may
 * be lost.
 *
 * Keys that were read more than OD_KEYS_FRESH_MS ago do not count, because one may have been
 * revoked since. So a revoked key is refused at the latest that long after its revocation was
 * committed, whatever the database does.
 */

enum { OD_KEYS_POLL_MS = 500, OD_KEYS_FRESH_MS = 2000 };

struct od_key {
    struct od_str name;
    struct od_str role; /* the name of one of the configuration's, or of none (access/role.h) */
};

struct od_keys;
struct od_loop;
struct od_pg_server;

/* connect_timeout_ms: the time for one attempt to connect. */
struct od_keys *od_keys_new(struct od_loop *loop, struct od_pg_server *server,
                            uint32_t connect_timeout_ms);
/* closed(ctx) runs once the connection is gone. */
void od_keys_free(struct od_keys *keys, void (*closed)(void *ctx), void *ctx);

/* Whether the known keys are young enough to answer by. */
bool od_keys_fresh(const struct od_keys *keys);
/* Returns how old the known keys are at most, in microseconds; -1: none are known yet. */
int64_t od_keys_age_us(const struct od_keys *keys);
/* Finds the valid key with that text; NULL: there is none. Call it only while the keys are fresh.
 * The result is valid until the loop runs again. */
const struct od_key *od_keys_find(const struct od_keys *keys, struct od_str token);

/* Makes a new key: "od_" and 40 characters, with a NUL. */
#define OD_KEY_TEXT 43
void od_key_make(char out[OD_KEY_TEXT + 1]);

#endif
