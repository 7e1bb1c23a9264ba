#ifndef OD_PG_SERVER_H
#define OD_PG_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/loop.h"

/*
 * The database of a process: where it is, and the one server that all its connections are on. With
 * several hosts in a URL each connection would choose for itself. After a failover, with the old
 * primary back, they would choose differently, and the process would write to two databases. So
 * each new session says which cluster it is on, by the system identifier, which initdb draws, and
 * the timeline, which a promotion counts up. Then it is admitted or refused:
 *
 *   the cluster and timeline of the others      admitted
 *   a newer timeline of that cluster            admitted; the sessions on the older one end first
 *   an older timeline, or a standby             refused: it was the primary before, or is none
 *   another cluster                             refused, but for the first session of a process:
 *                                               a restored database is a new cluster
 *
 * A file keeps what was learnt for other processes on the same data directory and for the next
 * start, so a restart does not go back to an old primary either. Scouts look at each host of the
 * URL, because a primary that is cut off from its standbys but not from orderd answers as if
 * nothing had happened. The scouts also read the server's clock (base/clock.h).
 *
 * A host that has vanished answers no attempt to connect. So the first session that comes about
 * tells the connections which are still trying where it is, and they begin there at once.
 */
struct od_pg_server;

struct od_pg_identity {
    uint64_t system;   /* pg_control_system() */
    uint32_t timeline; /* 0: a standby */
};

/* conninfo: for every connection to the database. path: the file; NULL for none. A file that cannot
 * be read counts as none. Both strings are copied. */
struct od_pg_server *od_pg_server_new(struct od_loop *loop, const char *conninfo, const char *path);

/*
 * Looks at every host of the URL and settles on the newest timeline. It runs the loop for up to
 * timeout_ms. When nobody answers, that is no failure: the first session settles it later.
 * OD_ERR_CONFIG: the hosts are different clusters, of which none is the file's, or all are older
 * than the file says.
 */
int od_pg_server_choose(struct od_pg_server *s, uint32_t timeout_ms,
                        struct od_err *err) OD_MUST_CHECK;

/* Sends a scout to each host every interval_ms. */
void od_pg_server_watch(struct od_pg_server *s, uint32_t interval_ms);

const char *od_pg_server_conninfo(const struct od_pg_server *s);
/* Says for people what is wrong with the database; "" when the last session began without trouble.
 * It does not say where the database is. */
const char *od_pg_server_trouble(const struct od_pg_server *s);
/* Ends every session as a loss does and admits no other. A stop that takes too long calls this. */
void od_pg_server_give_up(struct od_pg_server *s);
/* Returns the cluster and timeline that the sessions are on; timeline 0: it is not known yet. */
struct od_pg_identity od_pg_server_identity(const struct od_pg_server *s);

/* Frees it after its connections. It runs the loop until the scouts are gone. Accepts NULL. */
void od_pg_server_free(struct od_pg_server *s);

#endif
