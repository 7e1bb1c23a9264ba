// What led to what: carrier's message -> command -> event -> hook -> delivery -> command -> event, both ways.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const RULES = `
oms.receiver("carrier", function(message)
  oms.message_id(message.json.id)
  oms.create_shipment(message.json.order, { carrier = "Post", tracking_number = "T:1" })
end)
oms.on("shipment.created", function(event, order)
  return {
    oms.webhook { target = "shop", event = "parcel", data = { number = order.order_number } },
    oms.run { command = "activity", args = { comment = "told the shop" } },
  }
end)
`
const server = await useServer({
  options: { 'plugins.load': 'chain' },
  prepare: s => {
    const dir = path.join(s.pluginsDir, 'chain')
    fs.mkdirSync(dir)
    fs.writeFileSync(path.join(dir, 'plugin.ini'), 'name = chain\nversion = 1.0.0\napi = 1\ncapabilities = commands, http:example.org\n')
    fs.writeFileSync(path.join(dir, 'rules.lua'), RULES)
  },
  config: text => `${text}\n[grant]\nchain = commands, http:example.org\n\n[target.shop]\nkind = log\nfile = shop.log\n`,
})

test('each event says what gave its command, and each delivery what it led to', async () => {
  const order = await server.place()
  const alone = (await server.client.events(order.uuid)).at(0)
  assert.equal(alone.cause, null, 'a customer’s system is the actor, and nothing else')
  const told = await fetch(`${server.url}/webhooks/carrier`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: 'evt:7', order: order.orderNumber }) })
  assert.equal(told.status, 200, await told.text())
  const events = await until(async () => {
    const all = await server.client.events(order.uuid)
    return all.some(e => e.type === 'activity.added') && all
  }, { what: 'the command of the hook', timeout: 60_000 })
  const shipped = events.find(e => e.type === 'shipment.created'), noted = events.find(e => e.type === 'activity.added')
  assert.deepEqual(shipped.cause, { message: 'evt:7', source: 'carrier' })
  assert.deepEqual({ ...noted.cause, delivery: 0 }, { delivery: 0, orderId: order.orderId, seq: shipped.seq, hook: 'shipment.created@chain' })

  const { body: { items } } = await server.get(`/api/orders/${order.uuid}/deliveries`)
  const parcel = items.find(d => d.target === 'shop')
  assert.deepEqual([parcel.seq, parcel.hook, parcel.name], [shipped.seq, 'shipment.created@chain', 'parcel'])
  const { body: command } = await server.get(`/api/deliveries/${noted.cause.delivery}`)
  assert.deepEqual(command.caused, [{ orderId: order.orderId, seq: noted.seq, type: 'activity.added' }])

  await until(async () => (await server.get(`/api/orders/${order.uuid}/deliveries`)).body.items.every(d => d.state === 'delivered'), { what: 'all are delivered' })
  const json = JSON.parse((await server.run('explain', ['--json', order.orderNumber])).stdout)
  const explained = json.events.find(e => e.seq === shipped.seq)
  assert.deepEqual(explained.cause, shipped.cause)
  assert.deepEqual(explained.deliveries.filter(d => d.hook === 'shipment.created@chain').map(d => d.kind).sort(), ['command', 'webhook'])
  const { stdout } = await server.run('explain', [order.orderNumber])
  assert.match(stdout, /cause: message evt:7 of carrier/)
  assert.match(stdout.replace(/\n +/g, ' '), new RegExp(`cause: hook shipment.created@chain at event ${shipped.seq}, delivery #${noted.cause.delivery}`))
  assert.match(stdout.replace(/\n +/g, ' '), /sent: webhook, target shop, delivered \S+Z, by hook shipment.created@chain, #\d+/)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line)
})

test('the books are whole', () => assertVerified(server))
