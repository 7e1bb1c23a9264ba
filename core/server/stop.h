#ifndef OD_SERVER_STOP_H
#define OD_SERVER_STOP_H

struct od_app;

/* Stops every part that was started: first the callers, then the feed and the engine, then the
 * query connection and the database. It runs the loop until all is closed. */
void od_app_stop(struct od_app *app);

/*
 * A stop always ends the process. Its stages begin with the signal, also while the process still
 * starts:
 *
 *   drain       requests under way are answered, for server.drain_timeout
 *   drop        connections and scripts are dropped; the database may end what it has begun
 *   give up     2 s later: what the database still owes is given up, its sessions are ended
 *   force       3 s later: the process exits with status 1
 *
 * A private cluster has time of its own to stop (pg/cluster/private.h), after the sessions are
 * gone. The next start adopts one that is left running.
 */
enum od_stop_stage {
    OD_STOP_NONE = 0,
    OD_STOP_DRAIN,
    OD_STOP_DROP,
    OD_STOP_GIVE_UP,
    OD_STOP_CLUSTER, /* all is closed but the private cluster */
};

void od_app_stop_init(struct od_app *app); /* before the first signal */
/* A signal came, so the next stage begins. The second signal asks for haste, a fourth forces the
 * end. */
void od_app_stop_signal(struct od_app *app);

#endif
