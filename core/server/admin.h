#ifndef OD_SERVER_ADMIN_H
#define OD_SERVER_ADMIN_H

#include "api/api.h"
#include "loop/local.h"

/* What operators ask of a running server, over HTTP and over the control socket. */

struct od_app;

/* od_api.admin and od_api.reload; app is a struct od_app. */
void od_app_admin(void *app, enum od_admin_request what, struct od_str argument, struct od_str body,
                  struct od_str actor,
                  void (*done)(void *done_ctx, int status, struct od_str json,
                               const struct od_err *err),
                  void *done_ctx);
void od_app_admin_reload(void *app, bool dry_run, od_api_reload_cb *done, void *done_ctx);
/* A line of the control socket; see control.h. */
void od_app_admin_line(void *app, struct od_local_request *r, struct od_str line);
/* A reload that nobody waits for: it logs what came of it. actor is static. */
void od_app_reload(struct od_app *app, const char *actor);

#endif
