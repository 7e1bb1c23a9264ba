#ifndef OD_SERVER_ADMIN_H
#define OD_SERVER_ADMIN_H

#include "api/route.h"
#include "loop/local.h"

/* Answers what operators ask of a running server, over HTTP and over the control socket. */

struct od_app;

/* The routes below /admin, for callers with the role admin. The ctx of their handlers is the struct
 * od_app. */
extern const struct od_api_chapter od_server_admin;
extern const struct od_api_chapter od_server_reload;
/* Answers a line of the control socket (control.h). */
void od_app_admin_line(void *app, struct od_local_request *r, struct od_str line);
/* Starts a reload that nobody waits for. It logs the outcome. actor: a static string. */
void od_app_reload(struct od_app *app, const char *actor);

#endif
