#ifndef OD_API_DOCUMENTS_MAILS_H
#define OD_API_DOCUMENTS_MAILS_H

#include "api/api.h"

/* The target that carries mails out: "log", the file, when none is configured for them. */
struct od_str od_api_mail_target(const struct od_api *api);

#endif
