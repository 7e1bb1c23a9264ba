// The plugin stripe: messages of recorded shape, signed as Stripe signs them, in the order in which
// they come and in others.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, ROOT, until, useServer } from './lib.mjs'

const SECRET = 'whsec_test_4f1d'

const server = await useServer({
  options: { 'plugins.dir': path.join(ROOT, 'plugins'), 'plugins.load': 'stripe' },
  config: text => `${text}\n[grant]\nstripe = commands\n\n[plugin.stripe]\nsigning_secret = ${SECRET}\n`,
})

let events = 0
async function tell(type, object, { id = `evt_${++events}`, at = Date.now(), secret = SECRET, before } = {}) {
  const data = { object, previous_attributes: before }
  const body = JSON.stringify({ id, object: 'event', api_version: '2024-06-20', type, data }, null, 2)
  const time = Math.floor(at / 1000)
  const v1 = crypto.createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  const answer = await fetch(`${server.url}/webhooks/stripe`, {
    method: 'POST', body, headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': `t=${time},v0=00,v1=${v1}` },
  })
  return { status: answer.status, body: await answer.json() }
}

const read = async uuid => (await server.get(`/api/orders/${uuid}`)).body
const minor = order => Math.round(order.grandTotal * 100)
const intent = (order, id = `pi_${order.orderId}`) => ({
  id, object: 'payment_intent', amount: minor(order), amount_received: minor(order), currency: order.currency.toLowerCase(),
  latest_charge: `ch_${order.orderId}`, metadata: { order_number: order.orderNumber },
})
const charge = (order, amount) => ({
  id: `ch_${order.orderId}`, object: 'charge', amount: minor(order), amount_refunded: amount, currency: order.currency.toLowerCase(),
  metadata: { order_number: order.orderNumber },
})

test('a payment that succeeded is captured once', async () => {
  const placed = await server.place()
  for (let i = 0; i < 3; i++) assert.equal((await tell('payment_intent.succeeded', intent(placed), { id: `evt_paid_${placed.orderId}` })).status, 200)
  const order = await read(placed.uuid)
  assert.equal(order.paymentStatus.code, 'paid')
  assert.deepEqual(order.payments.map(p => [p.type, p.amount, p.transactionId]), [['capture', order.grandTotal, `ch_${placed.orderId}`]])
})

test('a refund at Stripe is one of the order, also when it is told of before the payment', async () => {
  const placed = await server.place()
  const refund = { ...charge(placed, minor(placed)), refunds: { data: [{ id: `re_${placed.orderId}`, amount: minor(placed) }] } }
  const early = await tell('charge.refunded', refund)
  assert.equal(early.status, 202, JSON.stringify(early.body))
  assert.equal((await tell('payment_intent.succeeded', intent(placed))).status, 200)
  await until(async () => (await read(placed.uuid)).paymentStatus.code === 'refunded', { what: 'the refund' })
  const order = await read(placed.uuid)
  assert.equal(order.amountRefunded, order.grandTotal)
  assert.equal(order.refunds.length, 1)
})

// Since 2022-11-15 a charge does not list its refunds.
test('each of several refunds counts, in whatever order and however often it is told of', async () => {
  const placed = await server.place()
  assert.equal((await tell('payment_intent.succeeded', intent(placed))).status, 200)
  const first = () => tell('charge.refunded', charge(placed, 1000), { id: `evt_r1_${placed.orderId}`, before: { amount_refunded: 0, refunded: false } })
  const second = () => tell('charge.refunded', charge(placed, 1500), { id: `evt_r2_${placed.orderId}`, before: { amount_refunded: 1000 } })
  for (const send of [second, first, first, second]) assert.equal((await send()).status, 200)
  const order = await read(placed.uuid)
  assert.equal(order.amountRefunded, 15)
  assert.deepEqual(order.payments.filter(p => p.type === 'refund').map(p => p.amount).sort(), [10, 5])
})

test('a dispute holds the order until it is closed', async () => {
  const placed = await server.place()
  await tell('payment_intent.succeeded', intent(placed))
  const dispute = { id: `dp_${placed.orderId}`, object: 'dispute', reason: 'fraudulent', status: 'needs_response', metadata: { order_number: placed.orderNumber } }
  assert.equal((await tell('charge.dispute.created', dispute)).status, 200)
  assert.deepEqual((await read(placed.uuid)).holds.map(h => h.handle), ['dispute'])
  assert.equal((await tell('charge.dispute.closed', { ...dispute, status: 'won' })).status, 200)
  const order = await read(placed.uuid)
  assert.deepEqual(order.holds, [])
  assert.match(order.activities.at(-1).comment, /dispute was won/)
})

test('a payment that failed is told on the order, and pays nothing', async () => {
  const placed = await server.place()
  assert.equal((await tell('payment_intent.payment_failed', { ...intent(placed), last_payment_error: { message: 'Your card was declined.' } })).status, 200)
  const order = await read(placed.uuid)
  assert.equal(order.paymentStatus.code, 'pending')
  assert.match(order.activities.at(-1).comment, /card was declined/)
})

test('what is forged, old or of no interest changes nothing', async () => {
  const placed = await server.place()
  assert.equal((await tell('payment_intent.succeeded', intent(placed), { secret: 'whsec_guessed' })).status, 401)
  assert.equal((await tell('payment_intent.succeeded', intent(placed), { at: Date.now() - 3_600_000 })).status, 401)
  assert.deepEqual((await tell('customer.created', { id: 'cus_1' })).body, { outcome: 'ignored', reason: 'customer.created changes no order' })
  assert.equal((await read(placed.uuid)).paymentStatus.code, 'pending')
})

test('what is forged is refused before it is read, whatever its size', async () => {
  const now = Math.floor(Date.now() / 1000), forged = `t=${now},v1=${'0'.repeat(64)}`
  const many = '[[],[],[],[]],'.repeat(70_000), deep = '['.repeat(100_000)
  const bodies = [`[${many}0]`, many, deep, `{"a":"${'x'.repeat(1_000_000)}"}`, Buffer.from([0, 0xff, 0xfe, 0xc3, 0x28]), '']
  const headers = [forged, 'a'.repeat(12_000), `t=${now}${',v1=00'.repeat(2000)}`, '=,='.repeat(4000), 't=,v1=', `t=${'9'.repeat(590)},v1=00`, '='.repeat(600), ','.repeat(600), 'a,'.repeat(300), 'v1='.repeat(200), `t=-9223372036854775808,v1=00`]
  for (const [body, signature] of [...bodies.map(b => [b, forged]), ...headers.map(h => ['{}', h])]) {
    const answer = await fetch(`${server.url}/webhooks/stripe`, { method: 'POST', body, headers: { 'stripe-signature': signature } })
    assert.equal(answer.status, 401, `${body.length} bytes, signature ${signature.slice(0, 40)}: ${await answer.text()}`)
  }
  assert.doesNotMatch(server.log, /script_failed/)
})

test('the books agree', () => assertVerified(server))
