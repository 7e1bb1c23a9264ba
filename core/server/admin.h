#ifndef OD_SERVER_ADMIN_H
#define OD_SERVER_ADMIN_H

#include "api/route.h"
#include "loop/local.h"

/* What operators ask of a running server, over HTTP and over the control socket. */

struct od_app;

/* /admin/…, for callers with the role admin; the ctx of its handlers is the struct od_app. */
extern const struct od_api_chapter od_server_admin;
extern const struct od_api_chapter od_server_reload;
/* A line of the control socket; see control.h. */
void od_app_admin_line(void *app, struct od_local_request *r, struct od_str line);
/* A reload that nobody waits for: it logs what came of it. actor is static. */
void od_app_reload(struct od_app *app, const char *actor);

#endif
