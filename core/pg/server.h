#ifndef OD_PG_SERVER_H
#define OD_PG_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * The database of a process: where it is, and the one server that all its connections are on. A URL
 * of several hosts lets every connection choose for itself; after a failover with the old primary
 * back they would choose differently, and the process would write to two databases. So each new
 * session says which cluster it is on (its system identifier, which initdb draws, and its timeline,
 * which a promotion counts up), and is admitted or not:
 *
 *   the cluster and timeline of the others      admitted
 *   a newer timeline of that cluster            admitted; the sessions on the older one end first
 *   an older timeline, or a standby             refused: it was the primary before, or is none
 *   another cluster                             refused, but for the first session of a process:
 *                                               a restored database is a new cluster
 *
 * What was learnt is kept in a file, from which the other processes on the same data directory and
 * the next start know it: a restart does not go back to an old primary either. A scout looks at
 * each host of the URL in turn, for a primary that is cut off from its standbys, but not from
 * orderd, answers as if nothing had happened. It also reads the server's clock (base/clock.h).
 */
struct od_pg_server;

struct od_pg_identity {
    uint64_t system;   /* pg_control_system() */
    uint32_t timeline; /* 0: a standby */
};

/* conninfo: for every connection to it. path: the file, NULL for none; what cannot be read is as
 * none. Both are copied. */
struct od_pg_server *od_pg_server_new(struct od_loop *loop, const char *conninfo, const char *path);

/*
 * Looks at every host of the URL, running the loop for up to timeout_ms, and settles on the newest
 * timeline. Nobody answering is no failure: then the first session settles it. OD_ERR_CONFIG: the
 * hosts are different clusters, and none is the one of the file; or all are older than the file.
 */
int od_pg_server_choose(struct od_pg_server *s, uint32_t timeout_ms,
                        struct od_err *err) OD_MUST_CHECK;

/* Sends the scout out every interval_ms. */
void od_pg_server_watch(struct od_pg_server *s, uint32_t interval_ms);

const char *od_pg_server_conninfo(const struct od_pg_server *s);
/* What is wrong with the database, for people: "" when the last session came about. Says nothing of
 * where it is. */
const char *od_pg_server_trouble(const struct od_pg_server *s);
/* Ends every session like one that is lost, and admits none any more: a stop that takes too long.
 */
void od_pg_server_give_up(struct od_pg_server *s);
/* What the sessions are on; timeline 0: not known yet. */
struct od_pg_identity od_pg_server_identity(const struct od_pg_server *s);

/* Its connections must have been freed. Runs the loop until the scout is gone. Accepts NULL. */
void od_pg_server_free(struct od_pg_server *s);

#endif
