#include "api/handler.h"
#include "api/routes.h"
#include "base/embed.h"
#include "base/json/json.h"
#include "order/model/fields.h"

/* GET /api/me: who the caller is, what it may do and what it sees. */

static const char *kind_of(const struct od_principal *who)
{
    switch (who->kind) {
    case OD_PRINCIPAL_NOBODY:
    case OD_PRINCIPAL_ANONYMOUS:
        break;
    case OD_PRINCIPAL_KEY:
        return "key";
    case OD_PRINCIPAL_USER:
        return "user";
    }
    return "anonymous";
}

static void write_permissions(struct od_json_writer *w, const struct od_principal *who)
{
    od_jw_key(w, "permissions");
    od_jw_array(w);
    for (enum od_permission p = 0; p < OD_PERMISSIONS; p++) {
        if (od_principal_may(who, p))
            od_jw_cstr(w, od_permission_name(p));
    }
    od_jw_array_end(w);
}

static void write_sight(struct od_json_writer *w, const struct od_principal *who)
{
    od_jw_key(w, "fields");
    od_jw_array(w);
    for (unsigned c = 0; c < OD_CLASSES; c++) {
        if (who->classes & OD_CLASS_BIT(c))
            od_jw_cstr(w, od_field_class_name((enum od_field_class)c));
    }
    od_jw_array_end(w);
    od_jw_key(w, "stores");
    if (!who->stores) {
        od_jw_null(w);
        return;
    }
    od_jw_array(w);
    for (size_t i = 0; i < who->store_count; i++)
        od_jw_str(w, who->stores[i]);
    od_jw_array_end(w);
}

static void get_me(void *ctx, struct od_http_request *req, const struct od_principal *who)
{
    static const char *const none[] = {NULL};
    struct od_json_writer w;
    (void)ctx;
    if (!od_api_query_known(req, none))
        return;
    od_jw_init(&w, od_http_body(req));
    od_jw_object(&w);
    od_jw_key(&w, "kind");
    od_jw_cstr(&w, kind_of(who));
    od_jw_key(&w, "name");
    od_jw_str(&w, who->name);
    od_jw_key(&w, "role");
    od_jw_str(&w, who->role);
    write_permissions(&w, who);
    write_sight(&w, who);
    od_jw_object_end(&w);
    od_http_send(req, 200);
}

OD_EMBED(od_api_me_text, "api/access/me.json");

static const struct od_api_route routes[] = {
    {"get_me", OD_HTTP_GET, "/api/me", OD_API_NO_ORDERS, OD_SIGNED_IN, get_me},
};

const struct od_api_chapter od_api_me = OD_API_CHAPTER(routes, od_api_me_text);
