#include "api/access/form.h"

#include "api/handler.h"
#include "base/json/json.h"
#include "base/mail/address.h"

void od_form_refuse(struct od_http_request *req, const char *name, const char *why)
{
    struct od_str pointer = od_arena_printf(&req->arena, "/%s", name);
    struct od_str detail = od_arena_printf(&req->arena, "%s %s", name, why);
    od_problem_send(req, &(struct od_problem){
                             .status = 422,
                             .code = "invalid",
                             .detail = detail,
                             .errors = &(struct od_problem_error){pointer, detail},
                             .error_count = 1,
                         });
}

static bool take(struct od_http_request *req, const struct od_form_member *m,
                 const struct od_json *v)
{
    if (v->type == OD_JSON_NULL && !m->required)
        return true;
    if (m->flag) {
        *m->flag = v->boolean;
        if (v->type == OD_JSON_BOOL)
            return true;
        od_form_refuse(req, m->name, "must be true or false.");
        return false;
    }
    if (v->type != OD_JSON_STRING || v->text.len > m->max || (m->required && v->text.len == 0)) {
        od_form_refuse(req, m->name, "must be a text, neither empty nor too long.");
        return false;
    }
    *m->text = v->text;
    return true;
}

static const struct od_form_member *find(const struct od_form_member *members, size_t count,
                                         struct od_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (od_str_is(name, members[i].name))
            return &members[i];
    }
    return NULL;
}

bool od_form_read(struct od_http_request *req, const struct od_form_member *members, size_t count)
{
    struct od_json *body = NULL;
    for (size_t i = 0; i < count; i++) {
        if (members[i].flag)
            *members[i].flag = -1;
        else
            *members[i].text = OD_STR_NONE;
    }
    if (req->body.len && !od_api_object(req, &body))
        return false;
    for (const struct od_json *v = body ? body->child : NULL; v; v = v->next) {
        const struct od_form_member *m = find(members, count, v->key);
        if (!m) {
            od_problem_sendf(req, 422, "invalid", "There is no member \"%.*s\".",
                             (int)(v->key.len > 60 ? 60 : v->key.len), v->key.ptr);
            return false;
        }
        if (!take(req, m, v))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].required &&
            (members[i].flag ? *members[i].flag < 0 : !members[i].text->ptr)) {
            od_form_refuse(req, members[i].name, "is needed.");
            return false;
        }
    }
    return true;
}

bool od_form_email(struct od_http_request *req, struct od_str email)
{
    if (od_mail_address_valid(email))
        return true;
    od_form_refuse(req, "email", "must be an e-mail address.");
    return false;
}
