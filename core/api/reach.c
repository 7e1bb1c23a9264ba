#include "api/reach.h"

#include "http/problem.h"
#include "http/reply.h"
#include "order/model/model.h"
#include "read/projection/projection.h"
#include "read/projection/projector.h"
#include "store/search/search.h"

struct wait {
    struct od_reach reach;
    struct od_position position;
    void (*done)(void *ctx, int status);
    void *ctx;
};

static void on_reached(void *ctx, bool reached)
{
    struct wait *w = ctx;
    w->done(w->ctx, reached ? 0 : 503);
}

void od_api_await(struct od_api *api, struct od_http_request *req, const char *projection,
                  void (*done)(void *ctx, int status), void *ctx)
{
    struct od_str header = od_http_header(req, "Orderd-At-Least");
    int index = od_projection_find(projection);
    if (!header.ptr && od_projector_current(api->projector, index)) {
        done(ctx, 0);
        return;
    }
    struct wait *w = OD_NEW(&req->arena, struct wait);
    if (header.ptr && !od_position_parse(header, &w->position)) {
        done(ctx, 400);
        return;
    }
    w->done = done;
    w->ctx = ctx;
    w->reach = (struct od_reach){
        .projection = index,
        .at_least = header.ptr ? &w->position : NULL,
        .ctx = w,
        .done = on_reached,
    };
    od_projector_reach(api->projector, &w->reach);
}

struct answering {
    struct od_http_request *req;
    void (*then)(void *ctx);
    void *ctx;
};

static void on_status(void *ctx, int status)
{
    struct answering *a = ctx;
    struct od_problem behind = {
        .status = 503,
        .retry_after_s = 1,
        .code = "behind",
        .detail = OD_STR("What this read must show is not there yet. Retry in a moment."),
    };
    if (status == 0)
        a->then(a->ctx);
    else if (status == 400)
        od_problem_sendf(a->req, 400, "bad_position",
                         "Orderd-At-Least must be the Orderd-Position of a command's answer.");
    else
        od_problem_send(a->req, &behind);
}

void od_api_reach(struct od_api *api, struct od_http_request *req, const char *projection,
                  void (*then)(void *ctx), void *ctx)
{
    struct answering *a = OD_NEW(&req->arena, struct answering);
    *a = (struct answering){req, then, ctx};
    od_api_await(api, req, projection, on_status, a);
}

struct listing {
    struct od_api *api;
    struct od_http_request *req;
    void (*then)(void *ctx);
    void *ctx;
};

static void reach_lists(void *ctx)
{
    struct listing *l = ctx;
    od_api_reach(l->api, l->req, "list", l->then, l->ctx);
}

void od_api_reach_search(struct od_api *api, struct od_http_request *req,
                         const struct od_search *search, void (*then)(void *ctx), void *ctx)
{
    struct listing *l = OD_NEW(&req->arena, struct listing);
    *l = (struct listing){api, req, then, ctx};
    for (uint32_t i = 0; i < search->filter_count; i++) {
        if (search->filters[i].field == OD_FILTER_OF_FIGURE) {
            od_api_reach(api, req, "reports", reach_lists, l);
            return;
        }
    }
    reach_lists(l);
}

static void add(struct od_api_changed *c, const struct od_order *o)
{
    if (o && !od_position_add(&c->position, o->order_id, o->version))
        c->too_many = true;
}

void od_api_add_changed(struct od_api_changed *c, const struct od_submission *s,
                        const struct od_outcome *outcome)
{
    bool decided = outcome->kind == OD_OUTCOME_DECIDED;
    bool done = decided && outcome->decision->verdict == OD_VERDICT_DONE;
    if (s->dry_run || (!done && outcome->kind != OD_OUTCOME_REPLAYED))
        return;
    add(c, outcome->order);
    for (uint32_t i = 0; done && i < s->more_count; i++)
        add(c, s->more[i].decision ? od_part_answer(&s->more[i])->order : NULL);
}

void od_api_join_changed(struct od_api_changed *c, const struct od_api_changed *also)
{
    c->too_many = c->too_many || also->too_many;
    for (size_t i = 0; i < also->position.count; i++) {
        if (!od_position_add(&c->position, also->position.order_ids[i], also->position.versions[i]))
            c->too_many = true;
    }
}

void od_api_set_position(struct od_http_request *req, const struct od_api_changed *c)
{
    struct od_buf text;
    if (!c->position.count || c->too_many)
        return;
    od_buf_init(&text, OD_POSITION_TEXT_MAX);
    od_position_write(&c->position, &text);
    od_http_set_header(req, "Orderd-Position", od_buf_view(&text));
    od_buf_fini(&text);
}
