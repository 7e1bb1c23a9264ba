// Backups under load, and what becomes of them in another cluster.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'

import { assertVerified, pool, Server, until } from '../e2e/lib.mjs'
import { Load } from './load.mjs'

const MORE = 10 // orders that are placed after a restore

/** Backs up beside a running load; returns the orders that were acknowledged before it began. */
export async function backupUnderLoad(server, file, { atLeast = 100 } = {}) {
  const load = new Load(server, { width: 8 }).start()
  await until(() => load.acknowledged.length >= atLeast, { what: `${atLeast} orders`, timeout: 60_000 })
  const before = load.acknowledged.map(({ uuid }) => uuid)
  const { code, stdout, stderr } = await server.run('backup', [file])
  await load.stop()
  assert.equal(code, 0, stdout + stderr)
  return before
}

/** How often each event's hooks have had a delivery attempted, by order. */
async function deliveries(server) {
  const rows = await server.sql('select order_id, state, attempts from delivery')
  return Map.groupBy ? Map.groupBy(rows, row => row.order_id)
    : rows.reduce((map, row) => map.set(row.order_id, [...map.get(row.order_id) ?? [], row]), new Map())
}

/**
 * Restores the backup into a new private cluster and starts a server there. The orders of `before` are
 * there; every event, of old orders and of new ones, is delivered once in all. Returns the server.
 */
export async function restoreFresh(file, before) {
  const server = new Server()
  try {
    const { code, stdout, stderr } = await server.run('restore', [file])
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /verified \d+ orders, 0 differ/)
    await server.start()
    await pool(before.length, 16, async i => {
      assert.equal((await server.get(`/api/orders/${before[i]}`)).status, 200, `lost ${before[i]}`)
    })
    const fresh = []
    for (let i = 0; i < MORE; i++) fresh.push((await server.place({ customer: { email: `new${i}@example.org` } })).orderId)
    await checkDelivered(server, fresh)
    await assertVerified(server)
    return server
  } catch (error) {
    server.disposeNow()
    throw error
  }
}

/** Every event has been read and delivered, none twice, though another server had read some before. */
async function checkDelivered(server, fresh) {
  const all = (await server.sql('select order_id as id from orders where customer_email is not null')).map(({ id }) => id)
  const sent = await until(async () => {
    const found = await deliveries(server)
    return all.every(id => found.get(id)?.every(row => row.state === 'delivered')) && found
  }, { what: 'a delivery for each order', timeout: 60_000 })
  for (const id of all) assert.deepEqual(sent.get(id).map(row => row.attempts), [1], `order ${id} was told of once`)
  const log = path.join(server.dataDir, 'notifications.log')
  const lines = fs.readFileSync(log, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  assert.equal(new Set(lines.map(line => line.deliveryId)).size, lines.length, 'a line was written twice')
  for (const id of fresh) assert.equal(lines.filter(line => line.orderId === id).length, 1, `order ${id}`)
}
