#include "api/command/exchange.h"

#include "api/command/call.h"
#include "base/clock.h"
#include "base/json/json.h"
#include "order/model/fields.h"

/*
 * The goods of a return sent again as another order: the new one is placed, and the returned one
 * told so, in one submission. Values that the body leaves out are taken from the returned order,
 * which is therefore read first.
 */

struct exchange {
    struct od_call call; /* places the new order; first, for the engine hands it back */
    struct od_json *body;
    struct od_read original;
    struct od_exchange both;
};

static void copy_address(struct od_arena *a, const struct od_address *from, struct od_address *to)
{
    const struct od_entity *e = &od_entities[OD_ENTITY_ADDRESS];
    *to = (struct od_address){.present = from->present};
    for (uint32_t i = 0; i < e->field_count; i++) { /* all of them are strings */
        const struct od_str *s = (const void *)((const char *)from + e->fields[i].offset);
        *(struct od_str *)((char *)to + e->fields[i].offset) = od_arena_str(a, *s);
    }
}

static void fill_in(struct od_order *draft, const struct od_json *body,
                    const struct od_order *original, struct od_arena *a)
{
    const struct od_json *customer = od_json_get(body, "customer");
    if (!customer || customer->type == OD_JSON_NULL) {
        draft->customer_id = od_arena_str(a, original->customer_id);
        draft->customer_email = od_arena_str(a, original->customer_email);
        draft->customer_full_name = od_arena_str(a, original->customer_full_name);
    }
    for (int i = 0; i < 2; i++) {
        if (!draft->addresses[i].present)
            copy_address(a, &original->addresses[i], &draft->addresses[i]);
    }
    if (!draft->store.ptr)
        draft->store = od_arena_str(a, original->store);
    if (!draft->locale.ptr)
        draft->locale = od_arena_str(a, original->locale);
    if (od_uuid_is_zero(&draft->uuid))
        draft->uuid = od_uuid_v7(od_clock_us());
    draft->exchange_of = original->uuid;
}

void od_exchange_join(struct od_exchange *x, struct od_submission *s, struct od_command *placed,
                      const struct od_json *body, const struct od_order *original,
                      struct od_arena *a)
{
    fill_in(placed->draft, body, original, a);
    x->exchanged.type = OD_COMMAND_EXCHANGE;
    x->exchanged.actor = s->principal;
    x->exchanged.ret.exchange_uuid = placed->draft->uuid;
    x->part = (struct od_part){
        .command = &x->exchanged,
        .ref = {.order_id = original->order_id},
        .if_match = s->if_match,
    };
    s->ref = (struct od_order_ref){0};
    s->if_match = 0;
    s->more = &x->part;
    s->more_count = 1;
}

static void on_original(void *ctx, const struct od_outcome *outcome, const struct od_err *err)
{
    struct exchange *x = ctx;
    if (err) {
        od_api_send_err(x->call.req, err);
    } else if (!od_api_sees_order(x->call.req, x->call.who, outcome->order)) {
        return;
    } else if (!od_order_return(outcome->order, x->both.exchanged.ret.return_id)) {
        od_problem_sendf(x->call.req, 404, "return_not_found", "The order has no such return.");
    } else if (od_call_parse(&x->call, OD_COMMAND_PLACE, x->body, outcome->order->currency)) {
        od_exchange_join(&x->both, &x->call.submission, &x->call.command, x->body, outcome->order,
                         &x->call.req->arena);
        od_call_submit(&x->call);
    }
}

void od_api_exchange(struct od_api *api, struct od_http_request *req,
                     const struct od_principal *who)
{
    struct exchange *x = OD_NEW(&req->arena, struct exchange);
    od_call_begin(&x->call, api, req, who);
    if (!od_call_body(&x->call, false, &x->body) ||
        !od_call_part(&x->call, "returnId", "return", &x->both.exchanged.ret.return_id) ||
        !od_call_terms(&x->call))
        return;
    x->original.ref = x->call.submission.ref;
    x->original.ctx = x;
    x->original.done = on_original;
    od_engine_read(x->call.api->engine, &x->original);
}
