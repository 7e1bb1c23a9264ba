#ifndef OD_PG_CONN_IMPL_H
#define OD_PG_CONN_IMPL_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/server.h"

/* The inside of a connection, which four files share: conn.c has its life, session.c the beginning
 * of a session, pipe.c what is in flight, and doubt.c the commits whose outcome is unknown. */

enum od_pg_state {
    OD_PG_DOWN = 0,   /* waiting for the next attempt; the timer runs */
    OD_PG_LOOKUP,     /* resolving names; from here to SETUP the timer is the deadline */
    OD_PG_CONNECTING, /* PQconnectPoll */
    OD_PG_SETUP,      /* the setup statements are running, outside pipeline mode */
    OD_PG_UP,
    OD_PG_CLOSED, /* its owner freed it; the timer's close callback frees the memory */
};

enum od_pg_kind { OD_PG_PREPARE = 0, OD_PG_DEALLOCATE, OD_PG_STATEMENT, OD_PG_SCRIPT, OD_PG_SYNC };

struct od_pg_flight {
    enum od_pg_kind kind;
    enum od_err_code refused; /* not NONE: it never reached libpq and is answered with this */
    bool warned;              /* a WARNING of the server may be about it: doubt.c */
    const struct od_pg_stmt *stmt;
    void (*on_result)(void *ctx, const struct od_pg_result *r, const struct od_err *err);
    void (*on_sync)(void *ctx, bool failed);
    void *ctx;
};

/* The origin of an error that says in orderd's own words what is wrong with the database. */
#define OD_PG_OURS "database"

struct od_pg_socket;

struct od_pg_conn {
    struct od_loop *loop;
    struct od_pg_conn_conf conf; /* conninfo is owned, setup is in setup_sql */
    char *setup_sql;             /* NULL: none */
    enum od_pg_state state;
    PGconn *pg;
    struct od_pg_socket *socket; /* NULL: not watched */
    struct od_pg_lookup *lookup;
    struct od_timer timer;
    struct od_deferred soon; /* answers what was refused, and notices a dead connection */
    struct od_err error;
    uint64_t statements;            /* od_pg_statements */
    struct od_list member;          /* on its server's list: of sessions, or of those that try */
    struct od_pg_identity identity; /* of the session, known once SETUP has asked */
    int64_t setup_began_us;         /* monotonic */
    struct {
        int pid; /* 0: none */
        int64_t started_us;
    } before; /* the backend of the last session, which the next session ends */
    /* When the server began to owe the answer at the head of the ring, monotonic. It is not loop
     * time, which stands still while a callback runs. */
    int64_t owed_since_us;
    unsigned failures; /* attempts in a row */
    unsigned rotation; /* the host to try next: it advances when an attempt times out */
    void (*closed)(void *ctx);
    void *closed_ctx;

    struct od_pg_flight *flights; /* ring */
    size_t flight_cap;            /* power of two or 0 */
    size_t flight_head, flight_count;
    struct od_map prepared;    /* statement name -> descriptor */
    bool replan;               /* `deallocate all` goes out at the next chance */
    bool refusing;             /* this pipeline is refused up to its sync */
    bool failed;               /* an answer of the pipeline that is being read was an error */
    bool session_over;         /* the server or libpq has said that it is */
    bool warned;               /* the log has told of a WARNING of this session */
    struct od_err warning;     /* the last one, as the outcome of a commit */
    struct od_err ending;      /* why orderd itself ends the session; code NONE: it does not */
    struct od_err prepare_err; /* the error of the last PREPARE, which is its statement's, too */
    PGresult *script_result;   /* the last result so far of the script that is being read */
    struct od_pg_params params;
};

/* conn.c: (re)arms the socket for reading, and for writing while libpq holds unsent bytes. */
void od_pg_conn_arm(struct od_pg_conn *c);
/* Ends the session in the next round, as a loss does. Nothing more is sent on it. Harmless when
 * there is no session. */
void od_pg_conn_end(struct od_pg_conn *c, const struct od_err *why);
/* Lets a connection that is not up begin an attempt at once, with the host that its server prefers.
 * An attempt that has not reached anybody yet is broken off. The connection leaves its server's
 * list. */
void od_pg_conn_hurry(struct od_pg_conn *c);

/* pipe.c */
void od_pg_pipe_drain(struct od_pg_conn *c); /* reads and answers all that has arrived */
/* Answers all that was in flight at the call with *err. */
void od_pg_pipe_fail(struct od_pg_conn *c, const struct od_err *err);
void od_pg_pipe_forget(struct od_pg_conn *c); /* a new session: nothing is prepared in it */

/* session.c: returns the first statements of a session as malloc'ed SQL for the simple protocol;
 * NULL: there are none. They set what the connection's owner wants. On a connection to the
 * process's database (pg/server.h) they also ask where the session is. */
char *od_pg_session_sql(const struct od_pg_conn *c);
/* Reads those of their results that have rows. */
void od_pg_session_read(struct od_pg_conn *c, const PGresult *res);

/* doubt.c: notes a message of the server that comes beside its results. */
void od_pg_doubt_notice(struct od_pg_conn *c, const PGresult *res);
/* True when the entry at the head of the ring, whose result this is, may have committed something
 * while the server warned. Then the session ends (`ending`), and the entry must not be answered
 * with the result. */
bool od_pg_doubt(struct od_pg_conn *c, const PGresult *res);

#endif
