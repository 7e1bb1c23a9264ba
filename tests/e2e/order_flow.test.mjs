// The example conf/fulfillment.ini with plugins/order-flow, between a fraud service and a warehouse that
// are other programs: they hear of orders by signed events, and answer with signed messages.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { after, test } from 'node:test'

import { Webhook } from 'standardwebhooks'

import { ADDRESS, assertVerified, ROOT, until, useServer } from './lib.mjs'
import { SECRET, Sender } from './senders.mjs'

const OUT = `whsec_${Buffer.from('what-orderd-signs-events-with').toString('base64')}`

/** What each service heard, in order; `answer` is called with it. */
const heard = { events: [], warehouse: [] }
const answer = { events: async () => {}, warehouse: async () => {} }
const services = http.createServer((req, res) => {
  const chunks = []
  req.on('data', c => chunks.push(c)).on('end', async () => {
    const name = req.url.slice(1)
    try {
      const event = new Webhook(OUT).verify(Buffer.concat(chunks).toString(), req.headers)
      const first = !heard[name].some(e => e.id === event.id)
      heard[name].push(event)
      if (first) await answer[name](event.type, event.data)
      res.writeHead(204).end()
    } catch (error) {
      res.writeHead(500).end(String(error))
    }
  })
})
await new Promise(resolve => services.listen(0, '127.0.0.1', resolve))
after(() => { services.closeAllConnections(); services.close() })

const target = name => `kind = webhook
url = http://127.0.0.1:${services.address().port}/${name}
secret = ${OUT}
allow_private = yes
`
const example = fs.readFileSync(path.join(ROOT, 'conf/fulfillment.ini'), 'utf8')
const server = await useServer({
  options: {
    'check.max_states': '2000', 'plugins.dir': path.join(ROOT, 'plugins'), 'plugin.fraud-review.secret': SECRET.fraud, 'plugin.warehouse.secret': SECRET.warehouse,
    'plugin.carrier.webhook_secret': SECRET.carrier, 'plugins.load': 'order-flow, fraud-review, warehouse, carrier, reminders, stripe',
  },
  config: () => `${example
    .replace('kind = log\nfile = ${data}/events.log\n', target('events'))
    .replace('kind = log\nfile = ${data}/warehouse.log\n', target('warehouse'))
    .replace('[grant]\n', '[grant]\nstripe = commands, sql.read\n')}
[server]
listen = 127.0.0.1:0
[plugin.stripe]
signing_secret = ${SECRET.stripe}
[plugin.reminders]
every = 1s
unpaid = 2s
cancel_unpaid = 4s
`,
})
const [fraud, warehouse, carrier, stripe] = ['fraud', 'warehouse', 'carrier', 'stripe'].map(s => new Sender(server, s))
const read = order => server.client.order(order.uuid)
const reaches = (order, status) => until(async () => (await read(order)).status.code === status && read(order), { what: `status ${status}`, timeout: 60_000 })
const mails = order => {
  const file = path.join(server.dataDir, 'notifications.log')
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse) : []
  return lines.filter(l => l.kind === 'mail' && l.orderId === order.orderId)
}
const about = (name, order) => heard[name].filter(e => e.data.order === order.orderNumber)
const place = more => server.place({ items: [{ sku: 'MUG', qty: 2, price: 10 }, { sku: 'TEA', qty: 1, price: 5 }], customer: { email: 'ana@example.org', fullName: 'Ana Souza' }, shippingAddress: ADDRESS, ...more })
const tracker = (number, status) => ({ id: `evt_${number}_${status}`, description: 'tracker.updated', created_at: new Date().toISOString(), result: { object: 'Tracker', tracking_code: number, status, carrier: 'DHL' } })
const parcel = (order, number, ...lines) => ({ type: 'order.shipped', timestamp: new Date().toISOString(), data: { order, carrier: 'DHL', tracking_number: number, lines: lines.map(([sku, qty]) => ({ sku, qty })) } })

test('placed, checked, released, packed in two parcels, mailed, delivered', async () => {
  answer.events = (type, data) => type === 'OrderPlaced' && fraud.told({ type: 'FraudCheckPassed', data: { order: data.order, score: 7 } }, 200, { id: `fraud-${data.uuid}` })
  answer.warehouse = async (type, data) => {
    assert.equal(type, 'ReadyForFulfillment')
    const [mugs, teas] = data.lines
    assert.deepEqual([mugs, teas].map(l => [l.sku, l.qty]), [['MUG', 2], ['TEA', 1]])
    assert.equal(data.shipping_address.city, 'Lisboa')
    await warehouse.told({ type: 'order.packed', data: { order: data.order, lines: data.lines } })
    await warehouse.told(parcel(data.order, `${data.order}-1`, ['MUG', 2]), 200, { id: `${data.order}-1` })
  }
  const order = await place()
  assert.equal(order.status.code, 'on_hold', 'it waits from the moment it is placed')
  await stripe.told({ id: `evt_${order.uuid}`, type: 'payment_intent.succeeded', data: { object: { id: 'pi', amount_received: 2500, currency: order.currency.toLowerCase(), latest_charge: `ch_${order.orderId}`, metadata: { order_number: order.orderNumber } } } })
  const sent = await reaches(order, 'partially_shipped')
  assert.deepEqual(sent.shipments.map(s => s.trackingNumber), [`${order.orderNumber}-1`])
  assert.equal(about('events', order).length, 1)
  assert.equal(about('warehouse', order).length, 1)
  const history = JSON.stringify(await server.client.events(order.uuid))
  assert.ok(history.includes('"ready_for_fulfillment"'), history)

  // The second parcel leaves later; the carrier tells of it before the warehouse does.
  await carrier.told(tracker(`${order.orderNumber}-2`, 'delivered'), 202)
  await warehouse.told(parcel(order.orderNumber, `${order.orderNumber}-2`, ['TEA', 1]))
  await carrier.told(tracker(`${order.orderNumber}-1`, 'delivered'))
  const done = await reaches(order, 'completed')
  assert.ok(done.shipments.every(s => s.deliveredAt))
  const templates = ['order_confirmation', 'payment_received', 'order_shipped', 'order_shipped', 'order_delivered', 'order_delivered']
  await until(() => mails(order).length >= templates.length, { what: 'the mails', timeout: 60_000 })
  assert.deepEqual(mails(order).map(m => m.name).sort(), templates.sort())
  assert.deepEqual(mails(order).filter(m => m.name === 'order_shipped').map(m => JSON.stringify(m.payload).match(/"tracking_number":"([^"]*)"/)[1]), [`${order.orderNumber}-1`, `${order.orderNumber}-2`])
})

test('what fails the check is cancelled, and its stock is free', async () => {
  answer.events = (type, data) => type === 'OrderPlaced' && fraud.told({ type: 'FraudCheckFailed', data: { order: data.order, reason: 'Stolen card' } }, 200, { id: `fraud-${data.uuid}` })
  await server.client.setStock('RING', 3)
  const order = await place({ items: [{ sku: 'RING', qty: 2, price: 100 }] })
  assert.equal((await reaches(order, 'canceled')).cancelReason, 'Fraud check failed: Stolen card')
  assert.deepEqual(await server.client.stock('RING'), { sku: 'RING', qty: 3, reserved: 0, available: 3 })
  await until(() => about('events', order).some(e => e.type === 'OrderCanceled'), { what: 'the event', timeout: 60_000 })
  assert.deepEqual(about('warehouse', order), [])
})

test('a payment that fails: the customer is reminded, the order is cancelled in time, its stock returns', async () => {
  answer.events = (type, data) => type === 'OrderPlaced' && fraud.told({ type: 'FraudCheckPassed', data: { order: data.order } }, 200, { id: `fraud-${data.uuid}` })
  await server.client.setStock('LAMP', 5)
  const order = await place({ items: [{ sku: 'LAMP', qty: 2, price: 30 }] })
  await stripe.told({ id: `evt_f_${order.uuid}`, type: 'payment_intent.payment_failed', data: { object: { id: `pi_${order.uuid}`, currency: order.currency.toLowerCase(), last_payment_error: { message: 'Your card was declined.' }, metadata: { order_number: order.orderNumber } } } })
  const failed = await read(order)
  assert.equal(failed.paymentStatus.code, 'failed')
  const done = await reaches(order, 'canceled')
  assert.equal(done.cancelReason, 'Not paid in time')
  assert.deepEqual(await server.client.stock('LAMP'), { sku: 'LAMP', qty: 5, reserved: 0, available: 5 })
  await until(() => ['payment_reminder', 'order_canceled'].every(t => mails(order).some(m => m.name === t)), { what: 'the mails', timeout: 60_000 })
  assert.deepEqual(about('warehouse', order), [])
})

test('the books agree', () => assertVerified(server))
