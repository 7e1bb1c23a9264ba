// orderd explain tells why an order is as it is and what may be done with it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertVerified, fullOrder, useServer, withServer } from './lib.mjs'

const server = await useServer()

async function held() {
  const placed = await server.place(fullOrder({ currency: 'EUR' }))
  await server.post(`/api/orders/${placed.uuid}/payments`, { type: 'capture' })
  await server.post(`/api/orders/${placed.uuid}/holds`, { handle: 'fraud', reason: 'To be looked at' })
  return placed
}

async function explain(...args) {
  const { code, stdout, stderr } = await server.run('explain', args)
  return { code, stdout, stderr }
}

test('the ledger is shown with bundles, rules and reasons', async () => {
  const placed = await held()
  const { code, stdout, stderr } = await explain(placed.orderNumber)
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`^Order ${placed.orderNumber} \\(id ${placed.orderId}, uuid ${placed.uuid}\\), version 3$`, 'm'))
  assert.match(stdout, /hold fraud by .*: To be looked at/)
  assert.match(stdout, /^ +1 \S+ order\.placed/m)
  assert.match(stdout, /^ +3 \S+ order\.held/m)
  assert.match(stdout, /rules: .*order\.number@default/)
  const [{ hash }] = await server.sql('select b.hash from order_event e join bundle b using (bundle_id) where order_id = $1 and seq = 1', [placed.orderId])
  assert.ok(stdout.includes(`bundle: ${hash.slice(0, 12)}\n`), stdout)
})

test('each event says what it moved', async () => {
  const { uuid } = await server.place(fullOrder({ currency: 'EUR' }))
  const give = async (path, body) => {
    const answer = await server.post(`/api/orders/${uuid}/${path}`, body)
    assert.ok(answer.status < 300, answer.text)
    return answer.body
  }
  await give('payments', { type: 'capture', method: 'card', transactionId: 'ch_1' })
  await give('cancel', { items: [{ orderItemId: 1, qty: 1 }] })
  await give('shipments', { carrier: 'Post', trackingNumber: 'RR 1' })
  const { creditMemoNumber } = await give('refunds', { amount: 24.19 })
  const { invoiceNumber } = await give('invoices')
  await give('returns', { items: [{ orderItemId: 1, qty: 1 }] })
  const { stdout } = await explain(uuid)
  for (const line of ['payment: capture 162.23 EUR, by card, transaction ch_1', 'canceled: 24.19 EUR, 1 of item 1',
    'shipment: 1, Post RR 1, 1 of item 1', `refund: 24.19 EUR, by card, credit memo ${creditMemoNumber}`,
    `invoice: ${invoiceNumber}, 138.04 EUR`, 'return: 1, 1 of item 1']) {
    assert.ok(stdout.includes(`       ${line}`), `no "${line}" in\n${stdout}`)
  }
})

test('every command is shown with who allows or refuses it', async () => {
  const placed = await held()
  const { stdout } = await explain(placed.uuid)
  assert.match(stdout, /^ {2}create_shipment +no {2}on_hold: /m)
  assert.match(stdout, /^ {2}release fraud +yes status -> /m)
  assert.match(stdout, /^ {2}cancel +no .*\n +order\.cancel@default, default\/\S+\.lua:\d+/m)
})

test('--json has the same, for programs', async () => {
  const placed = await held()
  const { code, stdout } = await explain(String(placed.orderId), '--json')
  assert.equal(code, 0)
  const told = JSON.parse(stdout)
  assert.equal(told.order.orderNumber, placed.orderNumber)
  assert.deepEqual(told.events.map(e => e.seq), [1, 2, 3])
  assert.ok(told.events.every(e => e.bundle === told.bundle))
  const api = (await server.get(`/api/orders/${placed.uuid}/actions`)).body
  assert.equal(told.bundle, api.bundle)
  assert.deepEqual(told.actions, api.items)
  const cancel = told.actions.find(a => a.command === 'cancel')
  assert.equal(cancel.allowed, false)
  assert.equal(cancel.policy, 'order.cancel@default')
})

test('nothing is changed by it', async () => {
  const placed = await held()
  const before = (await server.get(`/api/orders/${placed.uuid}`)).body
  await explain(placed.uuid)
  assert.deepEqual((await server.get(`/api/orders/${placed.uuid}`)).body, before)
})

test('an order that is not there is an error', async () => {
  const { code, stderr } = await explain('NOBODY-1')
  assert.equal(code, 1)
  assert.match(stderr, /there is no order "NOBODY-1"/)
  assert.equal((await explain()).code, 2)
})

const WINDOW = `
oms.policy("order.cancel", function() return oms.allow("Within the window") end)
`

test("what the rules said stands beside the person's reason", async () => {
  const prepare = s => s.writePlugin('window', WINDOW, { provides: ['order.cancel'] })
  await withServer({ options: { 'plugins.load': 'window' }, prepare }, async server => {
    const placed = await server.place(fullOrder({ currency: 'EUR' }))
    assert.equal((await server.post(`/api/orders/${placed.uuid}/cancel`, { reason: 'Changed my mind' })).status, 200)
    const { body: { items } } = await server.get(`/api/orders/${placed.uuid}/events`)
    const canceled = items.find(event => event.type === 'order.canceled')
    assert.equal(canceled.reason, 'Changed my mind')
    assert.equal(canceled.policyReason.split('; ')[0], 'Within the window')
    const [row] = await server.sql(`select reason, policy_reason from order_history where type = 'order.canceled'`)
    assert.deepEqual(row, { reason: canceled.reason, policy_reason: canceled.policyReason })
    const { stdout } = await server.run('explain', [placed.orderNumber])
    assert.match(stdout, /reason: Changed my mind\n +policy reason: Within the window/)
    await assertVerified(server)
  })
})
