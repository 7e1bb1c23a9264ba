// Reminders, over two processes of which one is killed: each level once for each order, and what stays
// unpaid is cancelled in time and gives its stock back.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, until } from './lib.mjs'
import { usePlugins } from './senders.mjs'

const server = await usePlugins({
  plugins: ['reminders'],
  grants: { reminders: 'sql.read, commands, mail, notify' },
  settings: { reminders: { every: '1s', unpaid: '1s, 3s', cancel_unpaid: '12s', unshipped: '1s, 4s', alert_target: 'operations' } },
  config: text => `${text}\n[target.operations]\nkind = log\nfile = operations.log\n`,
})
const peer = server.peer()
await peer.start()

const ORDERS = 8
const read = order => server.client.order(order.uuid)
const lines = file => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '').split('\n').filter(Boolean).map(JSON.parse)
const comments = order => order.activities.map(a => a.comment).filter(c => /^(Reminder|Alert) /.test(c))
const unique = list => new Set(list).size === list.length
const all = (orders, check, what) => until(async () => (await Promise.all(orders.map(read))).every(check), { what, timeout: 120_000, every: 200 })

await server.client.setStock('VASE', 1000)
const place = () => Promise.all(Array.from({ length: ORDERS }, () => server.place({ items: [{ sku: 'VASE', qty: 3, price: 7 }], customer: { email: 'ana@example.org' } })))
const unpaid = await place(), late = await place(), quiet = await place()
for (const order of [...late, ...quiet]) {
  const { status, text } = await server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: 21 })
  assert.equal(status, 201, text)
}
for (const order of quiet) assert.equal((await server.post(`/api/orders/${order.uuid}/shipments`, {})).status, 201)

test('each level is told once, whichever process looks and dies', async () => {
  await all(late, o => comments(o).length >= 1, 'the first alerts')
  await server.kill()
  await server.start()
  await all(late, o => comments(o).at(-1) === 'Alert 2: paid, not shipped for 4s', 'the last alerts')
  await all(unpaid, o => o.status.code === 'canceled', 'the cancellations')
  for (const order of await Promise.all([...unpaid, ...late].map(read))) assert.ok(unique(comments(order)), String(comments(order)))
  for (const order of await Promise.all(unpaid.map(read))) {
    assert.equal(order.cancelReason, 'Not paid in time')
    assert.ok(comments(order).length >= 1 && comments(order).every(c => /^Reminder [12]: not paid for [13]s$/.test(c)), String(comments(order)))
  }
  for (const order of await Promise.all(quiet.map(read))) assert.deepEqual(comments(order), [])
})

test('the customer and the shop are told by the targets, once for each level', async () => {
  const operations = path.join(server.dir, 'operations.log')
  const notes = order => lines(operations).filter(l => l.orderId === order.orderId)
  const mails = order => lines(path.join(server.dataDir, 'notifications.log')).filter(l => l.orderId === order.orderId && l.name === 'payment_reminder')
  for (const [orders, told] of [[late, notes], [unpaid, mails]]) {
    for (const order of orders) {
      const wanted = comments(await read(order)).length
      // What was delivered twice around a kill has the same id.
      const ids = () => new Set(told(order).map(l => l.deliveryId))
      await until(() => ids().size >= wanted, { what: 'the notes', timeout: 60_000 })
      assert.equal(ids().size, wanted)
    }
  }
  assert.match(JSON.stringify(notes(late[0])[0]), /is paid and not shipped for/)
})

test('the stock of what was cancelled is free again', async () => {
  assert.deepEqual(await server.client.stock('VASE'), { sku: 'VASE', qty: 1000 - 3 * ORDERS, reserved: 3 * ORDERS, available: 1000 - 6 * ORDERS })
})

test('the books agree', () => assertVerified(server))
