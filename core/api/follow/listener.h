#ifndef OD_API_FOLLOW_LISTENER_H
#define OD_API_FOLLOW_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/list.h"
#include "feed/tail.h"
#include "http/request.h"

/*
 * A client that follows the end of the ledger over server-sent events (WHATWG HTML section 9.2): it
 * is counted, kept alive by heartbeats, and dropped when it does not read or its key is revoked.
 * What it is told of events is its kind's affair.
 */

struct od_listener;
struct od_timer;

struct od_listener_kind {
    /* As od_tail_listener.events. The kind moves `passed` on. */
    void (*events)(struct od_listener *l, const struct od_tail_event *events, size_t count);
    /* Whether it can take another page, beside having read all that was before; NULL: always. */
    bool (*ready)(const struct od_listener *l);
    /* It has left the ledger: writes its last words, at most OD_LISTENER_END_BYTES, and ends the
     * stream, at once or as soon as it can. reason: slow, gone, server_stops, database_unavailable,
     * key_not_valid. */
    void (*end)(struct od_listener *l, const char *reason);
    /* It is about to be answered with an error, before it began; NULL: nothing is to be freed. */
    void (*refused)(struct od_listener *l);
};

enum {
    OD_LISTENER_END_BYTES = 512,
    OD_LISTENER_EVENT_BYTES = 64 << 20, /* the largest event that is put */
};

/* It lives in its request's arena. */
struct od_listener {
    const struct od_listener_kind *kind;
    struct od_streams *streams;
    struct od_http_request *req;
    struct od_tail_listener tail;
    struct od_place told;   /* the id that the client knows */
    struct od_place passed; /* all events to this one it was told of or does not want */
    int64_t quiet_since_us;
    uint64_t put, taken; /* bytes: given to it, and of these taken by the socket at the last tick */
    int64_t taken_at_us; /* when it last took some, or had none to take */
    bool latest, ahead;
    struct od_list node;
};

/* All of a process. */
struct od_streams {
    struct od_api *api;
    struct od_timer *timer; /* NULL: nobody has listened yet */
    struct od_list listeners;
    uint32_t count; /* of them, and of those about to be */
    uint64_t total, events, dropped;
    /* stream.c's: the events of the last call, as text, counted from the last of them: all
     * listeners at the end are told of the same. */
    struct od_arena arena;
    struct od_place last;
    struct od_str *texts;
    size_t text_count;
};

/* Begins behind `after`: the position of an event, "latest" or absent. It has been answered when
 * that is none, or when there is no room or no database. l: zeroed but for its kind. */
void od_listener_begin(struct od_listener *l, struct od_api *api, struct od_http_request *req,
                       struct od_str after);

/* One event is taken by whoever has read all that was before it, whatever its size. */
bool od_listener_takes(const struct od_listener *l, struct od_str text);
void od_listener_put(struct od_listener *l, struct od_str text);
/* It was told of the event at that place. */
void od_listener_told(struct od_listener *l, const struct od_place *place);

#endif
