#ifndef OD_API_ROUTES_H
#define OD_API_ROUTES_H

#include "api/route.h"

/* The chapters of the API, each in the file of its handlers, whose ctx is the od_api. */
extern const struct od_api_chapter od_api_reads;
extern const struct od_api_chapter od_api_list;
extern const struct od_api_chapter od_api_inventory;
extern const struct od_api_chapter od_api_export;
extern const struct od_api_chapter od_api_drafts;
extern const struct od_api_chapter od_api_bulk;
extern const struct od_api_chapter od_api_events;
extern const struct od_api_chapter od_api_ops;
extern const struct od_api_chapter od_api_actions;
extern const struct od_api_chapter od_api_documents;

/* A chapter made from the table of commands. */
void od_api_command_routes(struct od_api *api);

/* Paths that no chapter takes are looked for among the routes of plugins. */
void od_api_script_routes(struct od_api *api);
void od_api_script_routes_free(struct od_api *api);
/* The routes of the plugins that serve, for metrics; NULL: none was asked for yet. */
const struct od_http_router *od_api_script_router(const struct od_api *api);

#endif
