// The plugin stripe: messages of recorded shape, signed as Stripe signs them, in the order in which
// they come and in others.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertVerified, until } from './lib.mjs'
import { assaulted, SECRET, Sender, usePlugins } from './senders.mjs'

const server = await usePlugins({
  plugins: ['stripe'], grants: { stripe: 'commands, sql.read' }, settings: { stripe: { signing_secret: `whsec_old, ${SECRET.stripe}` } },
})
const stripe = new Sender(server, 'stripe')

let events = 0
const event = (type, object, { id = `evt_${++events}`, before } = {}) => ({
  id, object: 'event', api_version: '2024-06-20', created: Math.floor(Date.now() / 1000), livemode: false, type,
  data: { object, ...before && { previous_attributes: before } }, pending_webhooks: 1, request: { id: null, idempotency_key: null },
})
const read = order => server.client.order(order.uuid)
const minor = order => Math.round(order.grandTotal * 100)
const chargeId = order => `ch_${order.orderId}`
const intent = (order, more = {}) => ({
  id: `pi_${order.orderId}`, object: 'payment_intent', amount: minor(order), amount_received: minor(order),
  currency: order.currency.toLowerCase(), latest_charge: chargeId(order), metadata: { order_number: order.orderNumber }, ...more,
})
const charge = (order, refunded, more = {}) => ({
  id: chargeId(order), object: 'charge', amount: minor(order), amount_refunded: refunded, currency: order.currency.toLowerCase(),
  payment_intent: `pi_${order.orderId}`, metadata: { order_number: order.orderNumber }, ...more,
})
// Neither has the order's metadata: the charge says whose they are.
const refund = (order, amount, more = {}) => ({
  id: `re_${order.orderId}`, object: 'refund', amount, charge: chargeId(order), currency: order.currency.toLowerCase(), metadata: {},
  payment_intent: `pi_${order.orderId}`, reason: null, status: 'succeeded', ...more,
})
const dispute = (order, status, more = {}) => ({
  id: `dp_1Nx${order.orderId}`, object: 'dispute', amount: minor(order), charge: chargeId(order), currency: order.currency.toLowerCase(),
  metadata: {}, reason: 'fraudulent', status, ...more,
})
const paid = async () => {
  const placed = await server.place()
  await stripe.told(event('payment_intent.succeeded', intent(placed)))
  return read(placed)
}
const holds = order => order.holds.map(h => h.handle)

test('a payment that succeeded is captured once', async () => {
  const placed = await server.place()
  for (let i = 0; i < 3; i++) await stripe.told(event('payment_intent.succeeded', intent(placed), { id: `evt_paid_${placed.orderId}` }))
  const order = await read(placed)
  assert.equal(order.paymentStatus.code, 'paid')
  assert.deepEqual(order.payments.map(p => [p.type, p.amount, p.transactionId]), [['capture', order.grandTotal, chargeId(placed)]])
})

test('a refund at Stripe is one of the order, also when it is told of before the payment', async () => {
  const placed = await server.place()
  const refunds = { data: [{ id: `re_${placed.orderId}`, amount: minor(placed), status: 'succeeded' }] }
  await stripe.told(event('charge.refunded', charge(placed, minor(placed), { refunds })), 202)
  await stripe.told(event('payment_intent.succeeded', intent(placed)))
  await until(async () => (await read(placed)).paymentStatus.code === 'refunded', { what: 'the refund', timeout: 60_000 })
  const order = await read(placed)
  assert.equal(order.amountRefunded, order.grandTotal)
  assert.equal(order.refunds.length, 1)
})

test('a charge that does not list its refunds says by how much they grew, in any order', async () => {
  const order = await paid(), all = minor(order)
  const second = event('charge.refunded', charge(order, all), { before: { amount_refunded: 1000 } })
  const first = event('charge.refunded', charge(order, 1000), { before: { amount_refunded: 0 } })
  for (const message of [second, first, second, first]) await stripe.told(message)
  const { refunds, paymentStatus } = await read(order)
  assert.deepEqual(refunds.map(r => Math.round(r.amount * 100)), [all - 1000, 1000])
  assert.equal(paymentStatus.code, 'refunded')
})

test('a refund that failed at the bank holds the order for somebody to look at', async () => {
  const order = await paid()
  for (let i = 0; i < 2; i++) {
    await stripe.told(event('refund.failed', refund(order, 500, { status: 'failed', failure_reason: 'expired_or_canceled_card' }), { id: `evt_rf_${order.orderId}` }))
  }
  const told = await read(order)
  assert.deepEqual(holds(told), ['refund-failed'])
  assert.equal(told.activities.filter(a => /refund of 5\.00 .* failed \(expired_or_canceled_card\)/.test(a.comment)).length, 1)
})

test('disputes hold the order until they are closed, whatever comes first; a lost one takes the money', async () => {
  const won = await paid(), lost = await paid()
  await stripe.told(event('charge.dispute.closed', dispute(lost, 'lost')), 202)
  await stripe.told(event('charge.dispute.created', dispute(won, 'needs_response')))
  assert.deepEqual(holds(await read(won)), [`dispute-dp_1nx${won.orderId}`])
  await stripe.told(event('charge.dispute.closed', dispute(won, 'won')))
  await stripe.told(event('charge.dispute.created', dispute(lost, 'needs_response')))
  // A message's commands are carried out one after the other; the comment is the last.
  await until(async () => /dispute was lost/.test((await read(lost)).activities.at(-1).comment), { what: 'the comment', timeout: 60_000 })
  for (const order of [await read(won), await read(lost)]) {
    assert.deepEqual(holds(order), [])
    assert.match(order.activities.at(-1).comment, /dispute was (won|lost)/)
  }
  assert.equal((await read(won)).paymentStatus.code, 'paid')
  assert.equal((await read(lost)).paymentStatus.code, 'charged_back')
})

test('a payment that failed is told on the order, and a later one pays', async () => {
  const placed = await server.place()
  const failure = { latest_charge: `ch_no_${placed.orderId}`, last_payment_error: { code: 'card_declined', message: 'Your card was declined.' } }
  await stripe.told(event('payment_intent.payment_failed', intent(placed, failure)))
  const order = await read(placed)
  assert.equal(order.paymentStatus.code, 'failed')
  assert.match(order.activities.at(-1).comment, /card was declined/)
  await stripe.told(event('payment_intent.succeeded', intent(placed)))
  assert.equal((await read(placed)).paymentStatus.code, 'paid')
})

test('long words of the bank are cut, between characters', async () => {
  const placed = await server.place()
  await stripe.told(event('payment_intent.payment_failed', intent(placed, { latest_charge: `ch_long_${placed.orderId}`, last_payment_error: { message: 'é'.repeat(2000) } })))
  const { comment } = (await read(placed)).activities.at(-1)
  assert.match(comment, /^Stripe: the payment failed: é+…$/)
  assert.ok(Buffer.byteLength(comment) > 1900 && Buffer.byteLength(comment) <= 2000, String(Buffer.byteLength(comment)))
})

test('what is forged, old, of another currency or of no interest changes nothing', async () => {
  const placed = await server.place()
  await stripe.told(event('payment_intent.succeeded', intent(placed)), 401, { secret: 'whsec_guessed' })
  await stripe.told(event('payment_intent.succeeded', intent(placed)), 401, { at: Date.now() - 3_600_000 })
  assert.equal((await stripe.told(event('payment_intent.succeeded', intent(placed, { currency: 'xts' })), 422)).body.code, 'wrong_currency')
  assert.deepEqual((await stripe.told(event('customer.created', { id: 'cus_1' }))).body, { outcome: 'ignored', reason: 'customer.created changes no order' })
  assert.equal((await read(placed)).paymentStatus.code, 'pending')
})

test('wrong forms of a message pay nothing, and say why', async () => {
  const placed = await server.place()
  assert.ok(await assaulted(stripe, event('charge.refunded', { ...charge(placed, 1000), refunds: { data: [{ id: 're_1', amount: 5, status: 'succeeded' }] } })) > 200)
  const order = await read(placed)
  assert.deepEqual([order.payments, order.version], [[], placed.version])
  assert.doesNotMatch(server.log, /script_failed/)
})

test('the books agree', () => assertVerified(server))
