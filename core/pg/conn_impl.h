#ifndef OD_PG_CONN_IMPL_H
#define OD_PG_CONN_IMPL_H

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "loop/timer.h"
#include "pg/conn.h"
#include "pg/server.h"

/* What conn.c (the connection's life), session.c (how a session begins), pipe.c (what is in flight
 * on it) and doubt.c (which commits have no known outcome) share. */

enum od_pg_state {
    OD_PG_DOWN = 0,   /* waiting for the next attempt; the timer runs */
    OD_PG_LOOKUP,     /* names are being resolved; from here to SETUP the timer is the deadline */
    OD_PG_CONNECTING, /* PQconnectPoll */
    OD_PG_SETUP,      /* the setup statements are running, outside pipeline mode */
    OD_PG_UP,
    OD_PG_CLOSED, /* freed by its owner; the memory goes with the timer's close callback */
};

enum od_pg_kind { OD_PG_PREPARE = 0, OD_PG_DEALLOCATE, OD_PG_STATEMENT, OD_PG_SCRIPT, OD_PG_SYNC };

struct od_pg_flight {
    enum od_pg_kind kind;
    enum od_err_code refused; /* not NONE: never given to libpq, answered with this */
    bool warned;              /* a WARNING of the server may be about it: doubt.c */
    const struct od_pg_stmt *stmt;
    void (*on_result)(void *ctx, const struct od_pg_result *r, const struct od_err *err);
    void (*on_sync)(void *ctx, bool failed);
    void *ctx;
};

/* The origin of errors that say in orderd's own words what is wrong with the database. */
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
    struct od_deferred soon; /* answers what was refused, notices a connection found dead */
    struct od_err error;
    struct od_list member;          /* of its server's sessions, from SETUP on */
    struct od_pg_identity identity; /* of the session, once SETUP has asked */
    int64_t setup_began_us;         /* monotonic */
    struct {
        int pid; /* 0: none */
        int64_t started_us;
    } before; /* the backend of the last session, whose successor ends it */
    /* Monotonic: since when the answer at the head of the ring is owed. Not loop time, which stands
     * still while a callback runs. */
    int64_t owed_since_us;
    unsigned failures; /* attempts in a row */
    unsigned rotation; /* of the host list: advances when an attempt times out */
    void (*closed)(void *ctx);
    void *closed_ctx;

    struct od_pg_flight *flights; /* ring */
    size_t flight_cap;            /* power of two or 0 */
    size_t flight_head, flight_count;
    struct od_map prepared;    /* statement name -> descriptor */
    bool replan;               /* `deallocate all` goes out at the next chance */
    bool refusing;             /* the rest of this pipeline is refused, up to its sync */
    bool failed;               /* an answer of the pipeline being read was an error */
    bool session_over;         /* the server or libpq has said so */
    bool warned;               /* the log has told of a WARNING of this session */
    struct od_err warning;     /* the last one, as the outcome of a commit */
    struct od_err ending;      /* why orderd itself ends the session; NONE: it does not */
    struct od_err prepare_err; /* of the PREPARE read last: the error of its statement */
    PGresult *script_result;   /* of the script being read, so far */
    struct od_pg_params params;
};

/* conn.c: (re)arms the socket for reading, and for writing while libpq holds unsent bytes. */
void od_pg_conn_arm(struct od_pg_conn *c);
/* Ends the session as a loss does, in the next round; nothing more is sent on it. Harmless when
 * there is none. */
void od_pg_conn_end(struct od_pg_conn *c, const struct od_err *why);

/* pipe.c */
void od_pg_pipe_drain(struct od_pg_conn *c); /* reads and answers all that has arrived */
/* Answers all that was in flight at the call with *err. */
void od_pg_pipe_fail(struct od_pg_conn *c, const struct od_err *err);
void od_pg_pipe_forget(struct od_pg_conn *c); /* a new session: nothing is prepared in it */

/* session.c: the first statements of a session: what the connection's owner wants set, and for a
 * connection to the process's database (pg/server.h) where the session is. SQL for the simple
 * protocol, malloc'ed; NULL: nothing to run. */
char *od_pg_session_sql(const struct od_pg_conn *c);
/* Looks at a result of it that has rows. */
void od_pg_session_read(struct od_pg_conn *c, const PGresult *res);

/* doubt.c: takes note of what the server says beside its results. */
void od_pg_doubt_notice(struct od_pg_conn *c, const PGresult *res);
/* The entry at the head, whose result this is, may have committed something while the server
 * warned. Then the session ends (`ending`), and the entry is not to be answered with the result. */
bool od_pg_doubt(struct od_pg_conn *c, const PGresult *res);

#endif
