// The books against an independent model of them, in short; tests/model/run.mjs goes on for as long as
// one likes.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { life } from '../model/life.mjs'
import { apply, cut, place, Refusal } from '../model/model.mjs'
import { lineAmounts, outstanding, overpaid, paymentStatus, refundable, shipmentStatus, unitsAmount } from '../model/money.mjs'
import { Disagreement, shrink, tally } from '../model/play.mjs'
import { Shop } from '../model/shop.mjs'
import { Client, pool } from './client.mjs'

const shop = new Shop({ processes: 2 })
after(async () => {
  for (const server of [...shop.servers].reverse()) await server.stop()
  for (const server of shop.servers) server.disposeNow()
})
await shop.start()
const clients = shop.servers.map(server => new Client(server.url))
const COMMANDS = ['authorize', 'capture', 'void', 'fail', 'refund', 'chargeback', 'cancel', 'ship', 'deliver', 'cancelShipment',
  'track', 'return', 'updateReturn', 'exchange', 'invoice', 'credit', 'propose', 'confirm', 'discard', 'split', 'hold', 'release']
after(() => clients.forEach(client => client.close()))

test('the model itself: an order worked out by hand', () => {
  // 3 x 10.00 + 1 x 5.00, 1.00 off the order, 4.95 for shipping: 38.95.
  const order = place({ items: [{ sku: 'A', qty: 3, price: 1000 }, { sku: 'B', qty: 1, price: 500 }], discount: 100, shipping: 495 })
  assert.equal(order.grandTotal, 3895)
  assert.deepEqual(lineAmounts(order), [2914, 486])
  assert.deepEqual([unitsAmount(order, 0, 0, 1), unitsAmount(order, 0, 1, 2), unitsAmount(order, 0, 2, 3)], [971, 971, 972])
  const give = command => apply(order, command)
  give({ do: 'cancel', items: [{ item: 1, qty: 1 }] })
  assert.deepEqual([order.amountCanceled, outstanding(order), shipmentStatus(order)], [971, 2924, 'partially_canceled'])
  give({ do: 'pay', type: 'capture', amount: 3895, method: 'card', transaction: 't' })
  assert.equal(give({ do: 'pay', type: 'capture', amount: 3895, method: 'card', transaction: 't' }), 0)
  assert.deepEqual([overpaid(order), paymentStatus(order)], [971, 'paid'])
  give({ do: 'refund', amount: 971, method: 'card' })
  assert.deepEqual([overpaid(order), refundable(order), paymentStatus(order)], [0, 2924, 'paid'])
  assert.equal(give({ do: 'pay', type: 'refund', amount: 971, method: 'card', transaction: 'r' }), 1)
  assert.equal(order.refunds.length, 1, 'the gateway\'s word of our own refund')
  give({ do: 'ship', status: 'delivered' })
  assert.equal(shipmentStatus(order), 'delivered')
  give({ do: 'refund', items: [{ item: 1, qty: 2, restock: 1 }], shipping: true, method: 'card' })
  assert.deepEqual([order.refunded, order.items[0].restocked, shipmentStatus(order)], [971 + 971 + 971 + 495, 1, 'partially_returned'])
  assert.throws(() => give({ do: 'refund', amount: 488, method: 'card' }), Refusal)
})

test('the model itself: units that leave with their refund by hand', () => {
  // 2 x 10.00 and 5.00 for shipping, 25.00, of which 15.00 is paid.
  const order = place({ items: [{ sku: 'A', qty: 2, price: 1000 }], shipping: 500 })
  const give = command => apply(order, command)
  give({ do: 'pay', type: 'capture', amount: 1500, method: 'card' })
  give({ do: 'refund', items: [{ item: 1, qty: 1 }], method: 'card' })
  // 15.00 is left of the order, and 5.00 of what was paid.
  assert.deepEqual([order.items[0].canceled, order.amountCanceled, outstanding(order), paymentStatus(order)], [1, 1000, 1000, 'partially_paid'])
  give({ do: 'invoice' })
  assert.deepEqual(order.invoices, [2500])
  give({ do: 'pay', type: 'capture', amount: 1000, method: 'card' })
  assert.deepEqual([outstanding(order), overpaid(order), paymentStatus(order)], [0, 0, 'partially_refunded'])
  assert.deepEqual(give({ do: 'ship' }) && order.shipments[0].units, [{ at: 0, qty: 1 }])
  assert.equal(shipmentStatus(order), 'shipped')
  // All that is left, by the gateway: what has left stays out.
  give({ do: 'pay', type: 'refund', amount: 1500, method: 'card', transaction: 'r' })
  assert.deepEqual([order.refunds[1].units, paymentStatus(order), shipmentStatus(order)], [[], 'refunded', 'shipped'])
})

test('the model itself: an order cut in two by hand', () => {
  // 3 x 3.33 with 1.00 of tax and 5.00 for shipping, 15.99: a third of it is 3.33 + 0.33 + 1.66.
  const order = place({ items: [{ sku: 'A', qty: 3, price: 333, tax: 100 }], shipping: 500 })
  apply(order, { do: 'pay', type: 'authorize', amount: 1599, method: 'card' })
  apply(order, { do: 'pay', type: 'capture', amount: 800, method: 'card' })
  const made = cut(order, { items: [{ item: 1, qty: 1 }] })
  assert.deepEqual([made.grandTotal, made.shipping, order.grandTotal, order.shipping], [532, 166, 1067, 334])
  assert.deepEqual([made.captured, made.authorized, order.captured, order.authorized], [266, 531, 534, 1068])
  assert.deepEqual(order.payments.map(each => each.moved), [531, 266])
  assert.throws(() => cut(order, { items: [{ item: 1, qty: 2 }] }), Refusal)
})

test('random commands of several writers at two processes leave what the model says', async () => {
  const plays = await pool(100, 8, number => life(clients, { seed: 20261121, number, length: 40 }))
  const played = plays.filter(Boolean)
  assert.ok(played.length >= 90, 'stock was enough')
  const accepted = tally(played)
  const missing = COMMANDS.filter(command => !accepted[command])
  assert.deepEqual(missing, [], `each is accepted now and then: ${JSON.stringify(accepted)}`)
  assert.ok(played.reduce((sum, play) => sum + play.refused, 0) > 100)
  await shop.checkStock(played.flatMap(play => [play.order, ...play.others]))
  assert.match(await shop.verify(), /0 differ/)
})

test('what disagrees is found, and shrunk to the commands that matter', async () => {
  // Sees one cent less refunded than there was, once something has been.
  const liar = new Client(shop.servers[0].url)
  const honest = liar.api.bind(liar)
  liar.api = async (...args) => {
    const answer = await honest(...args)
    if (answer.body?.amountRefunded) answer.body.amountRefunded = Number((answer.body.amountRefunded - 0.01).toFixed(2))
    return answer
  }
  let found
  for (let number = 1000; !found && number < 1100; number++) {
    found = await life([liar], { seed: 1, number, length: 40 }).then(() => undefined, error => error)
  }
  assert.ok(found instanceof Disagreement, String(found))
  const { script, message } = await shrink([liar], found.start, found.script, { currency: found.currency })
  liar.close()
  assert.match(message, /amountRefunded/)
  // A capture and a refund, and what goods that come back with it need.
  assert.ok(script.length <= 4 && script.length < found.script.length, JSON.stringify(script))
  assert.ok(['capture', 'refund'].every(kind => script.flat().some(each => (each.type ?? each.do) === kind)), JSON.stringify(script))
})
