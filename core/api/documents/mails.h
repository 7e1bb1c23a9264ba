#ifndef OD_API_DOCUMENTS_MAILS_H
#define OD_API_DOCUMENTS_MAILS_H

#include "api/api.h"
#include "base/arena.h"

struct od_command;
struct od_problem;

/* The target that carries mails out: "log", the file, when none is configured for them. */
struct od_str od_api_mail_target(const struct od_api *api);

/* Whether a command, if it asks for a mail, asks for one that can be printed. False: *problem says
 * that no plugin has its template. Where no target prints mails, every name will do: a program that
 * reads the file may know other ones. */
bool od_api_knows_mail(const struct od_api *api, const struct od_command *c, struct od_arena *a,
                       struct od_problem *problem);

#endif
