#!/usr/bin/env node
// Activations, each asked of another of three processes, during sustained writes to all of them: every
// event names a bundle that was activated, no command is decided by a mixture, no process goes back
// to rules it had left, and no request fails.
//   node tests/fault/rolling.mjs [--activations 30] [--width 8]
import assert from 'node:assert/strict'

import { order, Server, until } from '../e2e/lib.mjs'
import { main, options } from './run.mjs'

const { activations, width } = options({ activations: 30, width: 8 })

const first = new Server({ options: { 'plugins.load': 'generation' } })
const servers = [first, first.peer(), first.peer()]

// An order's number and its hold name the generation of the rules; its two events name the bundle.
const rules = n => `
oms.policy("order.number", function(seq) return ("G${n}-%d"):format(seq.value) end)
oms.policy("order.place", function() return oms.hold("generation", "G${n}") end)
`
const provides = ['order.number', 'order.place']
const generation = placed => Number(/^G(\d+)-/.exec(placed.orderNumber)[1])

/** Places orders one after the other until told to stop. */
async function work(server, state) {
  let last = 0
  while (state.running) {
    const answer = await server.post('/api/orders', order())
    assert.equal(answer.status, 201, answer.text)
    const now = generation(answer.body)
    assert.ok(now >= last, `pid ${server.pid} went back from generation ${last} to ${now}`)
    last = now
    state.placed++
    state.served.set(server, Math.max(now, state.served.get(server) ?? 0))
  }
}

async function roll(state, bundles) {
  const late = []
  for (let n = 1; n <= activations; n++) {
    first.writePlugin('generation', rules(n), { provides })
    const answer = await servers[n % servers.length].post('/admin/reload')
    assert.equal(answer.status, 200, answer.text)
    bundles.set(answer.body.bundle, n)
    const from = Date.now()
    await until(() => servers.every(server => state.served.get(server) === n),
      { what: `generation ${n} everywhere`, every: 2 })
    late.push(Date.now() - from)
  }
  return late.sort((a, b) => a - b)
}

async function check(bundles) {
  const events = await first.sql(`select o.order_number, e.type, e.reason, e.data, b.hash from order_event e
    join orders o using (order_id) left join bundle b using (bundle_id)`)
  const counts = new Map()
  for (const { order_number: number, type, hash, ...event } of events) {
    assert.ok(bundles.has(hash), `${number}: ${type} was decided by an unknown bundle ${hash}`)
    const n = bundles.get(hash)
    assert.ok(number.startsWith(`G${n}-`), `${number}: ${type} was decided by generation ${n}`)
    if (type === 'order.held') assert.match(JSON.stringify(event), new RegExp(`"G${n}"`), `${number}: a mixture`)
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  assert.equal(counts.get('order.placed'), counts.get('order.held'))
  return events.length
}

await main('rolling', servers, async () => {
  first.writePlugin('generation', rules(0), { provides })
  for (const server of servers) await server.start()
  const { body } = await first.get('/admin/bundles')
  const bundles = new Map([[body.bundles[0].hash, 0]])
  const state = { running: true, placed: 0, served: new Map() }
  const workers = servers.flatMap(server => Array.from({ length: width }, () => work(server, state)))
  const broken = Promise.all(workers)
  const late = await Promise.race([roll(state, bundles), broken])
  state.running = false
  await broken
  const events = await check(bundles)
  const made = (await first.sql('select count(*)::int as n from activation'))[0].n
  assert.equal(made, activations + 1)
  const { code, stdout, stderr } = await first.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return `${activations} activations over ${servers.length} processes, ${state.placed} orders, ${events} events by ` +
    `${bundles.size} bundles, none mixed; all moved within ${late[late.length >> 1]} ms (median), ${late.at(-1)} ms (longest)`
})
