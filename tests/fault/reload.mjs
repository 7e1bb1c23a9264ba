#!/usr/bin/env node
// Reloads, half of them broken on purpose, during sustained writes: no request fails, no order is
// decided by a mixture of rules, memory stays flat.
//   node tests/fault/reload.mjs [--reloads 200]
import assert from 'node:assert/strict'
import fs from 'node:fs'

import { order, Server } from '../e2e/lib.mjs'
import { Load } from './load.mjs'
import { main, options } from './run.mjs'

const { reloads } = options({ reloads: 200 })
// What the allocator may keep for itself; a leak of one bundle a reload would pass it soon.
const GROWTH_KB = 16 * 1024
const WARM_UP = 0.25 // part of the reloads before memory is first measured

// A sanitizer keeps freed memory back for a while, which would look like growth.
process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1', 'thread_local_quarantine_size_kb=64']
  .filter(Boolean).join(':')

const server = new Server({ options: { 'plugins.load': 'generation' } })

// An order's number names the generation of the rules that made it; its event names the bundle.
const rules = n => `
oms.policy("order.number", function(seq) return ("G${n}-%d"):format(seq.value) end)
oms.policy("order.cancel", function() return oms.refuse("generation_${n}", "Generation ${n}") end)
`
const provides = ['order.number', 'order.cancel']
const breakages = ['local x = \n', 'error("broken on purpose")', 'while true do end', 'oms.policy("order.number", 42)']

const rss = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])

async function reloadOften(bundles) {
  let measured = 0
  for (let i = 1; i <= reloads; i++) {
    const broken = i % 2 === 0
    server.writePlugin('generation', broken ? breakages[i / 2 % breakages.length] : rules(i), { provides })
    const answer = await server.post('/admin/reload')
    assert.equal(answer.status, broken ? 422 : 200, answer.text)
    if (broken) assert.match(answer.body.detail, /init\.lua:\d+/)
    else bundles.set(answer.body.bundle, i)
    if (i === Math.ceil(reloads * WARM_UP)) measured = rss()
  }
  return rss() - measured
}

await main('reload', [server], async () => {
  server.writePlugin('generation', rules(0), { provides })
  await server.start()
  const bundles = new Map([[(await server.post('/admin/reload')).body.bundle, 0]])
  const load = new Load(server, { width: 16, body: () => order() }).start()
  const growth = await reloadOften(bundles)
  await load.stop()
  assert.deepEqual(load.refused.map(answer => answer.text), [], 'requests failed')
  assert.equal(load.broken, 0, 'connections broke')

  const placed = await server.sql(`select o.order_number, b.hash from orders o
    join order_event e on e.order_id = o.order_id and e.seq = 1 left join bundle b using (bundle_id)`)
  for (const { order_number: number, hash } of placed) {
    assert.ok(bundles.has(hash), `${number} was decided by an unknown bundle ${hash}`)
    assert.ok(number.startsWith(`G${bundles.get(hash)}-`), `${number} was decided by generation ${bundles.get(hash)}`)
  }
  assert.ok(growth < GROWTH_KB, `memory grew by ${growth} KB`)
  const { code, stdout, stderr } = await server.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return `${reloads} reloads, ${placed.length} orders by ${new Set(placed.map(p => p.hash)).size} bundles, ` +
    `no failed request, memory ${growth >= 0 ? '+' : ''}${growth} KB`
})
