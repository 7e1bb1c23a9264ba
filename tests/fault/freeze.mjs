#!/usr/bin/env node
// PostgreSQL, all of its processes, is frozen for a while, and so is one of two orderd processes: every
// caller of a process that runs is answered within the deadline (statement_timeout and answer_grace),
// the other process goes on with the feed, nothing acknowledged is lost or sent twice, keys resolve
// what was open, and no descriptor is leaked.
//   node tests/fault/freeze.mjs [--rounds 1] [--short 5] [--medium 30] [--long 120] [--width 8]
//   [--late-ms 3000: what a machine with other work adds to the deadlines]
import assert from 'node:assert/strict'
import fs from 'node:fs'

import { Cluster } from '../e2e/clusters.mjs'
import { assertVerified, order, Server, until } from '../e2e/lib.mjs'
import { Ledger, ORDERS } from './ledger.mjs'
import { main, options } from './run.mjs'

const { rounds, short, medium, long, width, lateMs } = options({ rounds: 1, short: 5, medium: 30, long: 120, width: 8, lateMs: 3000 })

const DEADLINE_MS = 12_000 // by the defaults of statement_timeout and answer_grace
// A process that stands still inside a round loses the feed after feed.transaction_limit, 30 s by default.
const FEED_MS = 30_000 + DEADLINE_MS
const DESCRIPTORS = 40 // more than that beside the callers' is a leak: connections to the database are some 10
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const now = () => performance.now()

const database = await Cluster.start('frozen')
const first = new Server({
  options: { 'database.url': database.url(), 'plugins.load': 'tell', 'grant.tell': 'mail' },
})
first.writePlugin('tell', `
  oms.on("order.placed", function(event, order)
    if order.customer_email then return oms.mail { to = order.customer_email, template = "new", data = {} } end
  end)
`, { capabilities: ['mail'] })
const second = first.peer()
const servers = [first, second]

const descriptors = server => fs.readdirSync(`/proc/${server.pid}/fd`).length

/** How long until an order that is placed here is told of; by whom is the same. */
async function told(server) {
  const from = now()
  const body = order({ customer: { email: `at${from}@example.org` } })
  const key = { 'idempotency-key': body.customer.email }
  const placed = await until(async () => {
    const answer = await server.post('/api/orders', body, key)
    return answer.status === 201 && answer.body
  }, { what: 'an order', every: 100 })
  await until(async () => (await database.sql("select 1 from delivery where order_id = $1 and target = $2 and state = 'delivered'",
    [placed.orderId, body.customer.email])).length, { what: 'its notification', every: 50 })
  extra.add(placed.uuid)
  return now() - from
}

// Orders beside the ledger's.
const extra = new Set()

/** Runs `frozen` with loads on those servers, and checks what must hold afterwards. */
async function under(loads, ledgers, frozen) {
  for (const ledger of loads) ledger.longest = { ms: 0 }
  const counts = loads.map(ledger => ledger.successes.length)
  await until(() => loads.every((ledger, i) => ledger.successes.length > counts[i] + 50), { what: 'load' })
  await pause(Math.random() * 500)
  const before = servers.map(descriptors)
  const most = { descriptors: 0 }
  const figures = await frozen(most)
  const thawed = now()
  await until(() => ledgers.every(ledger => ledger.firstSince(thawed)), { what: 'writes afterwards', every: 5 })
  figures.back = Math.max(...ledgers.map(ledger => ledger.firstSince(thawed))) - thawed
  const known = ledgers.map(ledger => ledger.copy())
  const rows = await database.sql(ORDERS)
  known.forEach(each => Ledger.assertKept(each, rows))
  await until(() => servers.every((server, i) => descriptors(server) <= before[i] + 5), { what: 'descriptors to be closed' })
  const longest = loads.map(ledger => ledger.longest).sort((a, b) => b.ms - a.ms)[0]
  assert.ok(longest.ms < DEADLINE_MS + lateMs, `${longest.what} was answered ${longest.status} after ${longest.ms} ms`)
  assert.ok(most.descriptors < width + DESCRIPTORS, `${most.descriptors} descriptors`)
  return { ...figures, longest }
}

/** PostgreSQL stands still; nobody is answered anything but 503. */
const freezeDatabase = (ledgers, seconds) => under(ledgers, ledgers, async most => {
  database.signal('SIGSTOP')
  const from = now()
  let unready
  while (now() - from < seconds * 1000) {
    most.descriptors = Math.max(most.descriptors, ...servers.map(descriptors))
    const readyz = await Promise.all(servers.map(server => server.get('/readyz')))
    if (!unready && readyz.every(({ status }) => status === 503)) unready = now() - from
    await pause(100)
  }
  database.signal('SIGCONT')
  if (seconds * 1000 > DEADLINE_MS + lateMs) assert.ok(unready < DEADLINE_MS + lateMs, '/readyz did not tell')
  return { unready }
})

/** One process stands still, at any moment of a batch or of the feed; the other is used on. */
const freezeProcess = (ledgers, seconds) => under([ledgers[1]], ledgers, async most => {
  first.signal('SIGSTOP')
  const from = now()
  const times = []
  while (now() - from < seconds * 1000) {
    most.descriptors = Math.max(most.descriptors, descriptors(second))
    times.push(await told(second))
    await pause(100)
  }
  first.signal('SIGCONT')
  const feed = Math.max(...times)
  assert.ok(feed < FEED_MS + lateMs, `a notification took ${feed} ms`)
  return { feed }
})

await main('freeze', servers, async () => {
  try {
    for (const server of servers) await server.start()
    const ledgers = servers.map(server => new Ledger([server], { width, readers: 1 }).start())
    const lines = []
    for (let i = 0; i < rounds; i++) {
      for (const seconds of [short, medium, long]) {
        for (const [name, freeze] of [['PostgreSQL', freezeDatabase], ['orderd', freezeProcess]]) {
          const { longest, back, unready, feed } = await freeze(ledgers, seconds)
          const line = `${name} ${seconds} s: longest answer ${longest.ms.toFixed(0)} ms (${longest.status}), writes back in ${back.toFixed(0)} ms` +
            (unready ? `, /readyz told after ${unready.toFixed(0)} ms` : '') + (feed ? `, slowest notification ${feed.toFixed(0)} ms` : '')
          console.log(`  ${line}`)
          lines.push(line)
        }
      }
    }
    for (const ledger of ledgers) await ledger.stop()
    for (const [i, ledger] of ledgers.entries()) await ledger.resolve(servers[i])
    const rows = async text => (await database.sql(text)).filter(({ uuid }) => !extra.has(uuid))
    for (const [i, ledger] of ledgers.entries()) {
      const other = ledgers[1 - i].orders
      await ledger.assertWhole(async text => (await rows(text)).filter(({ uuid }) => !other.has(uuid)))
    }
    const [{ twice }] = await database.sql("select count(*)::int as twice from (select from delivery group by order_id, seq, intent having count(*) > 1) d")
    assert.equal(twice, 0, 'deliveries were made twice')
    await assertVerified(first)
    return lines.join('; ')
  } finally {
    database.signal('SIGCONT')
    database.disposeNow()
  }
})
process.exit()
