#ifndef OD_API_ACCESS_ENTRY_H
#define OD_API_ACCESS_ENTRY_H

#include "api/access/people.h"

/* A user whose identity has been proved gets a session, however it was proved. */

enum { OD_DEVICE_S = 365 * 24 * 3600 }; /* how long a device cookie lives */

enum od_entry_outcome {
    OD_ENTRY_DONE = 0,
    OD_ENTRY_REFUSED, /* the proof does not hold any more: the password was changed, the code was
                         used, or the user is disabled */
    OD_ENTRY_UNAVAILABLE,
};

struct od_entry {
    struct od_api *api;
    struct od_http_request *req;
    const struct od_user
        *user;              /* its password_hash is the one that was checked; absent: none was */
    struct od_str better;   /* hash to keep instead, or absent */
    int64_t step;           /* of the code that was checked; 0: there was none */
    struct od_str recovery; /* digest of a recovery code, which is still to be checked */
    /* The entry's own. */
    char token[OD_TOKEN_TEXT + 1];
    int64_t session_id;
    void (*done)(void *ctx, enum od_entry_outcome outcome);
    void *ctx;
};

/* Begins the session; then calls done(ctx, outcome) once, later. When that is OD_ENTRY_DONE this
 * process knows the session, and its cookie has been set. */
void od_entry_begin(struct od_entry *e, void (*done)(void *ctx, enum od_entry_outcome outcome),
                    void *ctx);
/* Answers 200: who has logged in. */
void od_entry_answer(struct od_entry *e);

#endif
