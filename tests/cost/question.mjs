// A policy question: may this order be put on hold?
import assert from 'node:assert/strict'

export const title = 'a policy question'
export const limit = 3
export const targets = ['test_order_table', 'test_order_policies']
export const options = { 'plugins.load': 'careful' }

export function edit(tree) {
  tree.list('core/order/model/kinds.h', 'OD_QUESTION_LIST', 'X(ORDER_HOLD, order_hold)')
  tree.ahead('core/order/model/policy.c', '#define ROW(', `static const struct od_question_kind order_hold = {
    .name = OD_STR_INIT("order.hold"),
    .answer = OD_ANSWERS_VERDICT,
    .gets = OD_GETS_ORDER_REQUEST,
    .unanswered = "it is allowed",
};

`)
  tree.ahead('core/order/commands/hold.c', 'static int decide_hold(', `static int ask_hold(struct od_step *step, const struct od_hold *hold)
{
    struct od_policy_request request = {.reason = hold->reason};
    struct od_policy_answer answer = {0};
    if (!od_step_answered(step, OD_ASK_ORDER_HOLD))
        return 0;
    return od_step_allowed(step, OD_ASK_ORDER_HOLD, &request, &answer);
}

`)
  tree.replace('core/order/commands/hold.c', '    if (check_hold(step, hold) != 0)\n',
    '    if (check_hold(step, hold) != 0 || ask_hold(step, hold) != 0)\n')
}

export function prepare(server) {
  server.writePlugin('careful', `
oms.policy("order.hold", function(order, request)
  if request.reason == "just so" then return oms.refuse("no_reason", "Say why") end
  return oms.allow()
end)
`)
  server.writePluginFile('careful', 'tests/hold.lua', `
oms.test("a hold wants a reason", function(t)
  local answer = t:ask("order.hold", t:order(), { reason = "just so" })
  t:equal(answer.code, "no_reason")
end)
`)
}

export async function prove(server) {
  const { uuid } = await server.place()
  const refused = await server.post(`/api/orders/${uuid}/holds`, { reason: 'just so' })
  assert.equal(refused.body.code, 'no_reason', JSON.stringify(refused.body))
  assert.equal((await server.post(`/api/orders/${uuid}/holds`, { reason: 'fraud?' })).status, 201)
}
