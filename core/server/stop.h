#ifndef OD_SERVER_STOP_H
#define OD_SERVER_STOP_H

struct od_app;

/* Stops whatever of the app was started, in stages: first the callers, then the feed and the
 * engine, then the query connection and the database. Runs the loop until all is closed. */
void od_app_stop(struct od_app *app);
/* The signal that began the stop came again: connections are dropped at once, the rest stops as it
 * should. */
void od_app_hurry(struct od_app *app);

#endif
