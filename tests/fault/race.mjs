#!/usr/bin/env node
// Commands that exclude each other, sent at once over separate connections to two orderd processes on
// one database: exactly one wins, and stock is conserved to the unit.
//   node tests/fault/race.mjs [--orders 2000] [--buyers 64] [--units 10]
import assert from 'node:assert/strict'

import { Client, order, pool, Server } from '../e2e/lib.mjs'
import { main, options } from './run.mjs'

const { orders, buyers, units } = options({ orders: 2000, buyers: 64, units: 10 })
const WIDTH = 24 // orders raced at the same time

const one = new Server()
const servers = [one]
// A connection pool of its own for each side: nothing queues behind the rival in the client.
const sides = () => servers.map(server => new Client(server.url))

async function stocked(client, count, qty) {
  const sku = `RACE-${Math.random().toString(36).slice(2)}`
  await client.setStock(sku, count * qty)
  const placed = await pool(count, WIDTH, () => client.place({ items: [{ sku, qty, price: 1 }] }))
  return { sku, placed }
}

async function stockOf(sku) {
  const [row] = await one.sql('select on_hand, reserved from stock where sku = $1', [sku])
  return row
}

/** Runs both requests on every order; returns how often the first and the second won. */
async function duel(placed, [left, right]) {
  const wins = [0, 0]
  await pool(placed.length, WIDTH, async i => {
    // Sides swap, so that neither process has an advantage.
    const requests = i % 2 ? [left, right] : [right, left]
    const answers = await Promise.all(requests.map(request => request(placed[i], i)))
    const won = answers.map(a => a.status < 300)
    assert.equal(won.filter(Boolean).length, 1, `${placed[i].uuid}: ${answers.map(a => `${a.status} ${a.text}`).join('\n')}`)
    assert.equal(answers[won.indexOf(false)].status, 409)
    wins[requests.indexOf(left) === won.indexOf(true) ? 0 : 1]++
  })
  return wins
}

async function cancelAgainstShip() {
  const [a, b] = sides()
  const qty = 3
  const { sku, placed } = await stocked(a, orders, qty)
  const [canceled, shipped] = await duel(placed, [
    o => a.post(`/api/orders/${o.uuid}/cancel`), o => b.post(`/api/orders/${o.uuid}/shipments`),
  ])
  assert.deepEqual(await stockOf(sku), { on_hand: canceled * qty, reserved: 0 })
  const [{ n }] = await one.sql(`select count(*)::int as n from orders o where canceled_at is not null
    and exists (select 1 from shipment s where s.order_id = o.order_id)`)
  assert.equal(n, 0, 'cancelled and shipped')
  return `${orders} cancel against ship: ${canceled} cancelled, ${shipped} shipped`
}

async function cancelTwice() {
  const [a, b] = sides()
  const { sku, placed } = await stocked(a, orders, 2)
  await duel(placed, [o => a.post(`/api/orders/${o.uuid}/cancel`), o => b.post(`/api/orders/${o.uuid}/cancel`)])
  assert.deepEqual(await stockOf(sku), { on_hand: orders * 2, reserved: 0 })
  return `${orders} cancelled twice, once each`
}

async function lastUnits() {
  const [a, b] = sides()
  const sku = `LAST-${Date.now()}`
  await a.setStock(sku, units)
  const answers = await Promise.all(Array.from({ length: buyers }, (_, i) =>
    (i % 2 ? a : b).post('/api/orders', order({ items: [{ sku, qty: 1, price: 1 }] }))))
  const sold = answers.filter(x => x.status === 201).length
  assert.equal(sold, Math.min(units, buyers))
  for (const { status, body } of answers.filter(x => x.status !== 201)) {
    assert.deepEqual([status, body.code], [409, 'stock_unavailable'])
  }
  assert.deepEqual(await stockOf(sku), { on_hand: units, reserved: sold })
  return `${buyers} buyers for the last ${units} units: ${sold} sold`
}

/** A client that retries over both processes at once, for the last unit of each SKU. */
async function oneKeyTwice() {
  const [a, b] = sides()
  const count = Math.ceil(orders / 10)
  await pool(count, WIDTH, async i => {
    const sku = `KEY-${i}`
    await a.setStock(sku, 1)
    const send = side => side.post('/api/orders', order({ items: [{ sku, qty: 1, price: 1 }] }), { 'idempotency-key': `key-${i}` })
    const [first, second] = await Promise.all([send(a), send(b)])
    assert.deepEqual([first.status, second.status], [201, 201], `${first.text}\n${second.text}`)
    assert.equal(first.body.uuid, second.body.uuid, 'one key, two orders')
    assert.deepEqual(await stockOf(sku), { on_hand: 1, reserved: 1 })
  })
  return `${count} keys sent to both: one order each`
}

async function firstStock() {
  const both = sides()
  const count = Math.ceil(orders / 10)
  await pool(count, WIDTH, async i => {
    const answers = await Promise.all(both.map(side => side.api('PUT', `/api/inventory/FIRST-${i}`, { delta: 5 })))
    assert.deepEqual(answers.map(answer => answer.status), [200, 200], answers.map(answer => answer.text).join('\n'))
    assert.deepEqual(await stockOf(`FIRST-${i}`), { on_hand: 10, reserved: 0 })
  })
  return `${count} new SKUs stocked by both`
}

await main('race', servers, async () => {
  await one.start()
  const two = new Server({ options: { 'database.url': one.databaseUrl() } })
  servers.unshift(two) // stopped before the one whose database it uses
  await two.start()
  const said = [await cancelAgainstShip(), await cancelTwice(), await lastUnits(), await oneKeyTwice(),
    await firstStock()]
  const { code, stdout, stderr } = await one.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return said.join('; ')
})
