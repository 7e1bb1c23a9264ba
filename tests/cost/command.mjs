// A command: somebody has seen the order. It has a route, a service for scripts, an event and an action.
import assert from 'node:assert/strict'

export const title = 'a command'
export const limit = 4
export const targets = ['test_order_table']

const SOURCE = `#include "order/ledger/data.h"
#include "order/machine/action.h"
#include "order/machine/body.h"
#include "order/machine/step.h"

/* ACKNOWLEDGE: somebody has seen the order. */

static int decide(struct od_step *step)
{
    if (step->order->canceled_at)
        return od_step_refuse(step, OD_VERDICT_CONFLICT, "order_canceled",
                              "The order is cancelled");
    struct od_event e = od_step_event(step, OD_EVENT_ORDER_ACKNOWLEDGED);
    return od_step_emit(step, &e, OD_SETTLE_NONE);
}

static void body(struct od_reader *r, const struct od_json *v, const struct od_path *root,
                 struct od_command *out)
{
    static const struct od_shape nothing = {NULL, 0, NULL};
    od_read_shape(r, &nothing, v, root, NULL, out);
}

static void actions(struct od_action_list *l)
{
    struct od_command c = {.type = OD_COMMAND_ACKNOWLEDGE};
    od_action_try(l, &c, (struct od_action){0});
}

static const struct od_service services[] = {
    {"acknowledge_order", "acknowledge", OD_COMMAND_ACKNOWLEDGE, OD_LEAD_NONE, NULL, OD_TABLE_NONE},
    {0},
};

const struct od_command_kind od_acknowledge = {
    .name = "acknowledge",
    .route = {"POST", "/api/orders/:id/acknowledge"},
    .body_optional = true,
    .summary = "Say that somebody has seen an order",
    .body = body,
    .decide = decide,
    .emits = OD_EMITS(ORDER_ACKNOWLEDGED),
    .is_step = true,
    .question = OD_QUESTIONS,
    .services = services,
    .actions = actions,
};

/* ---- order.acknowledged */

const struct od_event_kind od_event_order_acknowledged = {
    .name = OD_STR_INIT("order.acknowledged"),
    .write = od_event_write_nothing,
    .read = od_event_read_nothing,
    .fold = od_fold_nothing,
    .question = OD_QUESTIONS,
};
`

export function edit(tree) {
  tree.create('core/order/commands/acknowledge.c', SOURCE)
  tree.list('core/order/model/kinds.h', 'OD_COMMANDS', 'X(ACKNOWLEDGE, acknowledge)')
  tree.list('core/order/model/kinds.h', 'OD_EVENTS', 'X(ORDER_ACKNOWLEDGED, order_acknowledged)')
}

export async function prove(server) {
  const { uuid } = await server.place()
  const answer = await server.post(`/api/orders/${uuid}/acknowledge`, {})
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const line = `${JSON.stringify({ command: 'acknowledge', order: uuid })}\n`
  const batch = await server.post('/api/batch', line, { 'content-type': 'application/x-ndjson' })
  assert.equal(JSON.parse(batch.text).status, 200, batch.text)
  const events = await server.client.events(uuid)
  assert.equal(events.filter(event => event.type === 'order.acknowledged').length, 2)
  const { paths } = (await server.get('/openapi.json')).body
  assert.equal(paths['/api/orders/{id}/acknowledge'].post.operationId, 'acknowledge')
  const actions = (await server.get(`/api/orders/${uuid}/actions`)).body
  assert.match(JSON.stringify(actions), /acknowledge/)
}
