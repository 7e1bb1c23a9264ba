#!/usr/bin/env node
// Two processes take numbers from the same series under load, with refusals between, while one or the
// other is killed with -9: what is in the books is 1, 2, 3 … of each series, each once, and no number
// that was acknowledged is another order's.
//   node tests/fault/series.mjs [--rounds 20] [--width 12]
import assert from 'node:assert/strict'

import { order, Server, until } from '../e2e/lib.mjs'
import { checkAcknowledged, Load } from './load.mjs'
import { main, options } from './run.mjs'

const { rounds, width } = options({ rounds: 20, width: 12 })
const MOMENT_MS = 500 // the kill comes within this, from the first acknowledged order on

const first = new Server({ options: { 'plugins.load': 'invoices' } })
const servers = [first, first.peer()]

const rules = `
oms.policy("order.series", function(order) return order.store end)
oms.policy("order.number", function(seq) return ("%s-%d"):format(seq.series, seq.value) end)
oms.policy("order.place", function(order)
  if order.shipping_note == "no" then return oms.refuse("no", "Not this one") end
  return oms.allow()
end)
`

// Two series, so that batches take from both.
let sent = 0
const body = () => order({ store: sent++ % 3 ? 'basel' : 'zug' })

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Orders that are refused after they took their number, until the load ends. */
async function refuse(load) {
  while (load.running) {
    const answer = await load.server.post('/api/orders', { ...body(), shippingNote: 'no' }).catch(() => undefined)
    if (answer) assert.ok(answer.body.code === 'no' || answer.status === 503, answer.text)
    else await pause(20)
  }
}

async function round(victim) {
  const loads = servers.map(server => new Load(server, { width, body }).start())
  const refusals = loads.flatMap(load => [refuse(load), refuse(load)])
  await until(() => loads.every(load => load.acknowledged.length > 0), { what: 'first orders' })
  await pause(Math.random() * MOMENT_MS)
  await victim.kill()
  await Promise.all(loads.map(load => load.stop()))
  await Promise.all(refusals)
  await victim.start()
  return loads
}

async function check() {
  const rows = await first.sql(`select store, count(*)::int as orders, count(distinct order_number)::int as numbers,
      max(split_part(order_number, '-', 2)::int) as last, value::int as counted
    from orders join counter on series = store group by store, value`)
  assert.equal(rows.length, 2)
  for (const { store, orders, numbers, last, counted } of rows) {
    assert.deepEqual({ store, orders: numbers, last, counted }, { store, orders, last: orders, counted: orders })
  }
  return rows.reduce((sum, row) => sum + row.orders, 0)
}

await main('series', servers, async () => {
  first.writePlugin('invoices', rules, { provides: ['order.series', 'order.number', 'order.place'] })
  for (const server of servers) await server.start()
  let acknowledged = 0
  for (let i = 0; i < rounds; i++) {
    for (const load of await round(servers[i % servers.length])) {
      assert.deepEqual(load.refused.map(answer => answer.text), [])
      await checkAcknowledged(load.server, load)
      acknowledged += load.acknowledged.length
    }
    await check()
  }
  const orders = await check()
  assert.ok(orders >= acknowledged)
  const { code, stdout, stderr } = await first.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return `${rounds} kills of one of two processes: ${orders} orders, ${acknowledged} of them acknowledged at once, are ` +
    `numbered without a gap; ${stdout.trim()}`
})
