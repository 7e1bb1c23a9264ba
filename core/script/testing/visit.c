#include <string.h>

#include "base/nearest.h"
#include "script/bundle/bundle.h"
#include "script/bundle/loaded.h"
#include "script/task/task.h"
#include "script/testing/test.h"
#include "script/value/json.h"
#include "script/value/record.h"
#include "script/value/scalar.h"
#include "script/vm/vm.h"

/* t:request, t:job and t:receive: a route, job or receiver of the plugin under test, run to its end
 * over the orders of the test. It is a task of its own, while the test waits. */

static void on_start(void *ctx, struct od_task *task, const struct od_task_request *request)
{
    struct od_test *t = ctx;

    t->visit.waiting = task;
    t->visit.asked = request;
}

static void on_done(void *ctx, struct od_task *task, const struct od_err *err)
{
    struct od_test *t = ctx;

    t->visit.instructions = task->plugin->task_instructions - task->left;
    t->failed = err != NULL;
    if (err) {
        t->err = *err;
        return;
    }
    t->visit.reply = *od_task_reply(task);
    t->visit.reply.body = od_arena_str(&t->arena, t->visit.reply.body);
    t->visit.reply.message_id = od_arena_str(&t->arena, t->visit.reply.message_id);
    t->visit.reply.thanks = od_arena_str(&t->arena, t->visit.reply.thanks);
}

static void visit(struct od_test *t)
{
    struct od_test_visit *v = &t->visit;
    struct od_task_host host = {t, on_start, on_done, &t->arena};
    struct od_job_request job = {t->task.now};
    enum od_offer_kind kind = v->kind;

    v->waiting = NULL;
    if (kind == OD_OFFER_RECEIVER)
        od_task_start_receiver(t->bundle, v->index, &v->message, t->task.now, &host, t);
    else if (kind == OD_OFFER_ROUTE)
        od_task_start_route(t->bundle, v->index, &v->request, t->task.now, &host, t);
    else
        od_task_start_job(t->bundle, v->index, &job, t->task.now, &host, t);
    while (v->waiting) {
        struct od_task *task = v->waiting;
        struct od_task_answer answer;

        v->waiting = NULL;
        od_test_answer(t, v->asked, &answer);
        od_task_answer(task, &answer, t->task.now);
    }
}

/* Raises when it failed. The instructions that it used count as the test's. [-0, +0, v] */
static void l_check_visit(lua_State *L, const struct od_test *t)
{
    l_charge(L, (double)t->visit.instructions);
    if (t->failed)
        luaL_error(L, "%s failed at %s: %s", t->visit.offer->offer.label.ptr, t->err.origin,
                   t->err.message);
}

/* The problem that the API would answer with. [-0, +1, m] */
static void l_push_problem(lua_State *L, const struct od_task_refused *r)
{
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, r->status);
    lua_setfield(L, -2, "status");
    l_set_text(L, "code", r->code);
    l_set_text(L, "detail", r->message);
    l_set_text(L, "policy", r->policy);
}

/* [-0, +0, v] */
static void l_set_body(lua_State *L, const struct od_route_reply *r)
{
    if (r->refused.code.ptr) {
        l_push_problem(L, &r->refused);
        lua_setfield(L, -2, "json");
    } else if (r->type.ptr && memmem(r->type.ptr, r->type.len, "json", 4)) {
        l_push_json(L, r->body);
        lua_setfield(L, -2, "json");
    } else if (r->type.ptr) {
        bool html = od_str_starts_with(r->type, OD_STR("text/html"));
        l_set_text(L, html ? "html" : "text", r->body);
    }
}

/* {status =, json =, html =, text =, headers =} */
static int l_replied(lua_State *L, int status, lua_KContext ctx)
{
    static const char *const names[] = {"status", "json", "html", "text", "headers", NULL};
    static const struct l_shape shape = {.noun = "reply", .names = names};
    const struct od_test *t = l_test_of(L);
    const struct od_route_reply *r = &t->visit.reply;

    (void)status;
    (void)ctx;
    l_check_visit(L, t);
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, r->status);
    lua_setfield(L, -2, "status");
    l_set_body(L, r);
    lua_createtable(L, 0, (int)r->header_count);
    for (uint32_t i = 0; i < r->header_count; i++) {
        l_push_str(L, r->headers[i].name);
        l_push_str(L, r->headers[i].value);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "headers");
    l_as_record(L, &shape);
    return 1;
}

static int l_job_done(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    l_check_visit(L, l_test_of(L));
    return 0;
}

/* Whether the path fits the pattern; *parameters: how many of its parts are, written into w when it
 * is given. */
static bool matches(struct od_str pattern, struct od_str path, uint32_t *parameters,
                    struct od_json_writer *w)
{
    struct od_str part = OD_STR_NONE, given = OD_STR_NONE;

    *parameters = 0;
    while (pattern.len > 0 && path.len > 0) {
        od_str_cut(&pattern, '/', &part);
        od_str_cut(&path, '/', &given);
        if (part.len > 0 && part.ptr[0] == ':' && given.len > 0) {
            ++*parameters;
            if (w) {
                od_jw_key_str(w, od_str_slice(part, 1, part.len));
                od_jw_str(w, given);
            }
        } else if (!od_str_eq(part, given)) {
            return false;
        }
    }
    return pattern.len == path.len;
}

/* The plugin's route; of several the one with the fewest parameters. */
static bool find_route(struct od_test *t, struct od_str method, struct od_str path)
{
    const struct od_registrations *routes = &t->bundle->offers[OD_OFFER_ROUTE];
    uint32_t fewest = UINT32_MAX, parameters;

    for (uint32_t i = 0; i < routes->count; i++) {
        const struct od_registration *r = routes->all[i];
        if (r->plugin != t->task.plugin || !od_str_eq(r->offer.method, method) ||
            !matches(r->offer.name, path, &parameters, NULL) || parameters >= fewest)
            continue;
        fewest = parameters;
        t->visit.offer = r;
        t->visit.index = i;
        t->visit.kind = OD_OFFER_ROUTE;
    }
    return fewest < UINT32_MAX;
}

static struct od_str params_of(struct od_test *t, struct od_str pattern, struct od_str path)
{
    struct od_json_writer w;
    struct od_str text;
    struct od_buf b;
    uint32_t ignored;

    od_buf_init(&b, 1 << 20);
    od_jw_init(&w, &b);
    od_jw_object(&w);
    (void)matches(pattern, path, &ignored, &w);
    od_jw_object_end(&w);
    text = od_arena_str(&t->arena, od_buf_view(&b));
    od_buf_fini(&b);
    return text;
}

/* A table of texts by names. [-0, +0, v] */
static struct od_str l_texts(lua_State *L, struct od_test *t, const struct od_json *v)
{
    const char *what = od_arena_str(&t->arena, v->key).ptr;

    if (v->type != OD_JSON_OBJECT)
        luaL_error(L, "t:request: %s must be a table of names and texts", what);
    for (const struct od_json *m = v->child; m; m = m->next)
        if (m->type != OD_JSON_STRING)
            luaL_error(L, "t:request: %s: %s must be a text", what,
                       od_arena_str(&t->arena, m->key).ptr);
    return v->raw;
}

/* {query =, headers =, json =, body =, actor =} [-0, +0, v] */
static void l_read_options(lua_State *L, struct od_test *t, const struct od_json *options,
                           struct od_route_request *r)
{
    static const char *const names[] = {"query", "headers", "json", "body", "actor", NULL};

    for (const struct od_json *m = options ? options->child : NULL; m; m = m->next) {
        struct od_str near = od_nearest_of(m->key, names);
        const char *name = od_arena_str(&t->arena, m->key).ptr;

        if (od_str_is(m->key, "query"))
            r->query = l_texts(L, t, m);
        else if (od_str_is(m->key, "headers"))
            r->headers = l_texts(L, t, m);
        else if (od_str_is(m->key, "json"))
            r->json = r->body = m->raw;
        else if (od_str_is(m->key, "body") && m->type == OD_JSON_STRING)
            r->body = m->text;
        else if (od_str_is(m->key, "actor") && m->type == OD_JSON_STRING)
            r->actor = m->text;
        else if (od_str_eq(m->key, near))
            luaL_error(L, "t:request: %s must be a text", name);
        else
            luaL_error(L,
                       "t:request has no option '%s'%s%s%s; known: query, headers, json, body, "
                       "actor",
                       name, near.len ? " (did you mean '" : "", near.ptr, near.len ? "'?)" : "");
    }
}

/* t:request(method, path, options?) */
int l_test_request(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str method = l_test_text(L, t, 2), path = l_test_text(L, t, 3);
    struct od_route_request r = {.method = method, .path = path, .actor = t->task.actor};

    lua_settop(L, 4);
    l_read_options(L, t, l_test_json(L, t, 4), &r);
    if (memchr(path.ptr, '?', path.len))
        return luaL_error(L, "t:request: what follows the ? is given as query = { … }");
    if (!find_route(t, method, path))
        return luaL_error(L, "t:request: no route of this plugin takes %s %s", method.ptr,
                          path.ptr);
    r.params = params_of(t, t->visit.offer->offer.name, path);
    t->visit.request = r;
    return l_test_wait(L, t, visit, l_replied);
}

/* t:job(name) */
int l_test_job(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_str name = l_test_text(L, t, 2);
    const struct od_registrations *jobs = &t->bundle->offers[OD_OFFER_JOB];
    struct od_nearest near;

    od_nearest_init(&near, name);
    for (uint32_t i = 0; i < jobs->count; i++) {
        if (jobs->all[i]->plugin != t->task.plugin)
            continue;
        od_nearest_try(&near, jobs->all[i]->offer.name);
        if (!od_str_eq(jobs->all[i]->offer.name, name))
            continue;
        t->visit.offer = jobs->all[i];
        t->visit.index = i;
        t->visit.kind = OD_OFFER_JOB;
        return l_test_wait(L, t, visit, l_job_done);
    }
    return luaL_error(L, "t:job: this plugin has no job '%s'%s", name.ptr, od_nearest_hint(&near));
}

/* {outcome =, code =, reason =, id =, acknowledged =} */
static int l_received(lua_State *L, int status, lua_KContext ctx)
{
    static const char *const names[] = {"outcome", "code", "reason", "id", "acknowledged", NULL};
    static const struct l_shape shape = {.noun = "receipt", .names = names};
    static const char *const outcomes[] = {"accepted", "ignored", "parked", "rejected"};
    const struct od_test *t = l_test_of(L);
    const struct od_route_reply *r = &t->visit.reply;
    bool refused = r->refused.code.ptr != NULL;
    bool later = refused && (r->refused.status == 404 || r->refused.status == 409);

    (void)status;
    (void)ctx;
    l_check_visit(L, t);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, later ? "parked" : refused ? "rejected" : outcomes[r->receipt]);
    lua_setfield(L, -2, "outcome");
    l_set_text(L, "code", refused ? r->refused.code : r->receipt_code);
    l_set_text(L, "reason", refused ? r->refused.message : r->receipt_reason);
    l_set_text(L, "id", r->message_id);
    l_set_text(L, "acknowledged", r->thanks);
    l_as_record(L, &shape);
    return 1;
}

/* {headers =, json =, body =, topic =, partition =, offset =, key =} [-0, +0, v] */
static void l_read_message(lua_State *L, struct od_test *t, const struct od_json *options,
                           struct od_message *out)
{
    for (const struct od_json *m = options ? options->child : NULL; m; m = m->next) {
        int64_t number;
        if (od_str_is(m->key, "headers"))
            out->headers = l_texts(L, t, m);
        else if (od_str_is(m->key, "topic") && m->type == OD_JSON_STRING)
            out->topic = m->text;
        else if (od_str_is(m->key, "key") && m->type == OD_JSON_STRING)
            out->key = m->text;
        else if (od_str_is(m->key, "partition") && od_json_i64(m, 0, INT32_MAX, &number))
            out->partition = (int32_t)number;
        else if (od_str_is(m->key, "offset") && od_json_i64(m, 0, INT64_MAX, &number))
            out->offset = number;
        else if (od_str_is(m->key, "json"))
            out->body = m->raw;
        else if (od_str_is(m->key, "body") && m->type == OD_JSON_STRING)
            out->body = m->text;
        else
            luaL_error(L,
                       "t:receive has the options headers, json, body, topic, partition, offset "
                       "and key, but no '%s'",
                       od_arena_str(&t->arena, m->key).ptr);
    }
}

/* t:receive(source, message) */
int l_test_receive(lua_State *L)
{
    struct od_test *t = l_test_of(L);
    struct od_message m = {
        .source = l_test_text(L, t, 2), .body = OD_STR(""), .received_at = t->task.now};
    const struct od_registrations *list = &t->bundle->offers[OD_OFFER_RECEIVER];

    lua_settop(L, 3);
    l_read_message(L, t, l_test_json(L, t, 3), &m);
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->all[i]->plugin != t->task.plugin ||
            !od_str_eq(list->all[i]->offer.name, m.source))
            continue;
        t->visit.offer = list->all[i];
        t->visit.index = i;
        t->visit.kind = OD_OFFER_RECEIVER;
        t->visit.message = m;
        return l_test_wait(L, t, visit, l_received);
    }
    return luaL_error(L, "t:receive: this plugin has no receiver '%s'", m.source.ptr);
}
