// The example conf/fulfillment.ini once more, now over Kafka: the same plugins, and other sections of
// their targets and receivers. The fraud service and the warehouse are kafkajs; what they say is signed
// in the records' headers, as it is over HTTP.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { Cluster, skip } from './kafka.mjs'
import { assertVerified, ROOT, until, useServer } from './lib.mjs'
import { SECRET, Sender, SIGN } from './senders.mjs'

const TOPICS = ['dead', 'events', 'ready', 'verdicts', 'reports']
const cluster = skip ? { brokers: 'nowhere:1' } : await Cluster.start()
for (const topic of skip ? [] : TOPICS) await cluster.tell(`topic ${topic} 2`)

const example = fs.readFileSync(path.join(ROOT, 'conf/fulfillment.ini'), 'utf8')
const target = topic => `kind = kafka\nbrokers = ${cluster.brokers}\ntopic = ${topic}\nkafka.linger.ms = 1\n`
const consumer = (name, topic) => `
[consumer.${name}]
brokers = ${cluster.brokers}
topics = ${topic}
group = shop-${name}
receiver = ${name}
dead_letter = dead
kafka.session.timeout.ms = 6000
kafka.heartbeat.interval.ms = 500
`
const server = skip ? undefined : await useServer({
  options: {
    'plugins.dir': path.join(ROOT, 'plugins'), 'check.max_states': '2000', 'plugin.fraud-review.secret': SECRET.fraud,
    'plugin.warehouse.secret': SECRET.warehouse, 'plugin.carrier.webhook_secret': SECRET.carrier,
  },
  config: () => `${example
    .replace('kind = log\nfile = ${data}/events.log\n', target('events'))
    .replace('kind = log\nfile = ${data}/warehouse.log\n', target('ready'))}
[server]
listen = 127.0.0.1:0
${consumer('fraud', 'verdicts')}${consumer('warehouse', 'reports')}`,
})
const [events, ready] = skip ? [] : await Promise.all(['events', 'ready'].map(topic => cluster.read(topic)))
const read = order => server.client.order(order.uuid)
const reaches = (order, status) => until(async () => (await read(order)).status.code === status && read(order), { what: `status ${status}`, timeout: 60_000 })
const heard = (list, order) => until(() => list.find(m => m.key === order.uuid), { what: 'the record', timeout: 60_000 })
const say = (source, topic, id, message) => {
  const value = JSON.stringify(message)
  return cluster.write(topic, [{ key: id, value, headers: SIGN[source](value, { at: Date.now(), id }) }])
}
const parcel = (data, number, lines) => ({ type: 'order.shipped', data: { order: data.order, tracking_number: number, lines } })

test('placed, checked, released, packed in two parcels, delivered: over Kafka', { skip }, async () => {
  const order = await server.place({ items: [{ sku: 'MUG', qty: 2, price: 10 }, { sku: 'TEA', qty: 1, price: 5 }], customer: { email: 'ana@example.org' } })
  assert.equal(order.status.code, 'on_hold')
  const placed = await heard(events, order)
  assert.equal(placed.headers.ce_type, 'OrderPlaced')
  const data = JSON.parse(placed.value)
  assert.equal(data.order, order.orderNumber)
  for (let i = 0; i < 2; i++) await say('fraud', 'verdicts', `verdict-${data.uuid}`, { type: 'FraudCheckPassed', data: { order: data.order, score: 3 } })
  assert.equal((await server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: 25 })).status, 201)
  const told = await heard(ready, order)
  assert.equal(told.headers.ce_type, 'ReadyForFulfillment')
  assert.equal((await reaches(order, 'ready_for_fulfillment')).activities.filter(a => a.comment === 'Fraud check passed, score 3').length, 1)
  const [mugs, teas] = JSON.parse(told.value).lines.map(({ sku, qty }) => ({ sku, qty }))
  await say('warehouse', 'reports', `${data.order}-1`, parcel(data, `${data.order}-1`, [mugs]))
  await reaches(order, 'partially_shipped')
  await say('warehouse', 'reports', `${data.order}-2`, parcel(data, `${data.order}-2`, [teas]))
  await reaches(order, 'shipped')
  const carrier = new Sender(server, 'carrier')
  for (const n of [2, 1]) {
    await carrier.told({ id: `evt_${data.uuid}_${n}`, description: 'tracker.updated', created_at: new Date().toISOString(), result: { tracking_code: `${data.order}-${n}`, status: 'delivered' } })
  }
  assert.equal((await reaches(order, 'completed')).shipments.length, 2)
})

test('what is not signed has no effect, however it comes', { skip }, async () => {
  const order = await server.place({ items: [{ sku: 'MUG', qty: 1, price: 10 }] })
  const message = { type: 'FraudCheckPassed', data: { order: order.orderNumber } }
  await cluster.write('verdicts', [{ key: 'forged', value: JSON.stringify(message) }])
  await say('fraud', 'verdicts', `real-${order.uuid}`, { ...message, type: 'FraudCheckFailed' })
  await reaches(order, 'canceled')
  assert.ok(!(await read(order)).activities.some(a => /passed/.test(a.comment ?? '')))
})

test('the books agree', { skip }, async () => {
  await assertVerified(server)
  await cluster.stop()
})
