#ifndef OD_API_ROUTES_H
#define OD_API_ROUTES_H

#include "api/route.h"

/* The chapters of the API. Each stands in the file of its handlers, whose ctx is the od_api. */
extern const struct od_api_chapter od_api_reads;
extern const struct od_api_chapter od_api_list;
extern const struct od_api_chapter od_api_inventory;
extern const struct od_api_chapter od_api_export;
extern const struct od_api_chapter od_api_drafts;
extern const struct od_api_chapter od_api_bulk;
extern const struct od_api_chapter od_api_events;
extern const struct od_api_chapter od_api_follow;
extern const struct od_api_chapter od_api_stream;
extern const struct od_api_chapter od_api_messages;
extern const struct od_api_chapter od_api_ops;
extern const struct od_api_chapter od_api_actions;
extern const struct od_api_chapter od_api_documents;
extern const struct od_api_chapter od_api_mails;
extern const struct od_api_chapter od_api_targets;
extern const struct od_api_chapter od_api_target_edit;
extern const struct od_api_chapter od_api_deliveries;
extern const struct od_api_chapter od_api_graphql;
extern const struct od_api_chapter od_api_reports;
extern const struct od_api_chapter od_api_login;
extern const struct od_api_chapter od_api_account;
extern const struct od_api_chapter od_api_links;
extern const struct od_api_chapter od_api_users;
extern const struct od_api_chapter od_api_keys;
extern const struct od_api_chapter od_api_sessions;
extern const struct od_api_chapter od_api_oidc;
extern const struct od_api_chapter od_api_me;

/* Adds the chapter that is made from the table of commands. */
void od_api_command_routes(struct od_api *api);

/* Makes paths that no chapter has be looked for among the routes of plugins. */
void od_api_script_routes(struct od_api *api);
void od_api_script_routes_free(struct od_api *api);
/* Returns the routes of the plugins that serve, for metrics; NULL: nobody has asked for one yet. */
const struct od_http_router *od_api_script_router(const struct od_api *api);

/* The listeners of GET /api/stream. */
struct od_buf;
struct od_streams;
struct od_streams *od_streams_new(struct od_api *api);
void od_streams_free(struct od_streams *s);
void od_streams_metrics(const struct od_streams *s, struct od_buf *out);

/* The zones of time that reports have found; NULL is no error. */
struct od_report_zones;
void od_report_zones_free(struct od_report_zones *zones);

/* Of POST /graphql (graphql/graphql.h); NULL is no error. */
struct od_graphql;
void od_graphql_free(struct od_graphql *g);

#endif
