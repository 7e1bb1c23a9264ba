#!/usr/bin/env node
// Two PostgreSQL with synchronous replication on machines of their own, orderd on a third with both in
// its URL, and writers who keep a ledger. Again and again the primary is killed, cut off, or just left by its
// standby; the standby is promoted; the old primary comes back alive as if nothing had happened, ready to
// take writes; at last it is made the new standby. Nothing acknowledged is lost, no number is given
// twice, writes are back within back-ms of the promotion, and what each server's own tables say is
// that orderd wrote to one at a time. Needs root, for network namespaces.
//   node tests/fault/failover.mjs [--rounds 20] [--width 8] [--trap-ms 3000] [--back-ms 2000]
import assert from 'node:assert/strict'

import { Cluster } from '../e2e/clusters.mjs'
import { assertVerified, Server, until } from '../e2e/lib.mjs'
import { Ledger, ORDERS } from './ledger.mjs'
import { enter, Switch } from './network.mjs'
import { main, options } from './run.mjs'

const { rounds, width, trapMs, backMs } = options({ rounds: 20, width: 8, trapMs: 3000, backMs: 2000 })
await enter()

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const settings = { full_page_writes: 'on', wal_log_hints: 'on', synchronous_standby_names: '', autovacuum: 'off' }

const network = await Switch.start()
const clusters = []
clusters.push(await Cluster.start('east', { machine: await network.add(), settings }))
clusters.push(await Cluster.start('west', { machine: await network.add(), settings, of: clusters[0] }))
const hosts = clusters.map(cluster => `${cluster.host}:${cluster.port}`).join(',')
const server = new Server({ options: { 'database.url': `postgresql://orderd@${hosts}/orderd` } })

async function synchronous(primary, standby) {
  primary.set({ synchronous_standby_names: standby.name })
  await primary.reload()
  await standby.streams(primary)
}

/** Its commits wait for nobody: whoever writes to it would succeed. */
async function tempting(cluster) {
  cluster.set({ synchronous_standby_names: '', autovacuum: 'off' })
  if (cluster.isUp()) await cluster.reload()
  else await cluster.up()
}

// How the primary goes, and how it comes back alive.
const losses = [
  { name: 'killed', go: ({ primary }) => primary.signal('SIGKILL'), back: ({ primary }) => tempting(primary) },
  { name: 'cut off', go: ({ primary }) => network.cut(primary.machine),
    back: async ({ primary }) => {
      await tempting(primary)
      network.mend(primary.machine)
    } },
  // Orderd reaches it all the time; only the standby does not hear of it any more.
  { name: 'left', go: () => {}, back: ({ primary }) => tempting(primary) },
]

/** Changes with every transaction that writes anything: the server's next transaction id. */
const written = cluster => cluster.sql(`select pg_snapshot_xmax(pg_current_snapshot())::text as next,
  (select count(*) from order_event) as events`).then(([row]) => row)

/** The events of one server that the other lacks: when the first and last were decided. */
async function alone(cluster, other, since) {
  const events = each => each.sql(`select order_id || '.' || seq || '.' || txid as id, extract(epoch from recorded_at) as at
    from order_event where recorded_at > to_timestamp($1)`, [since])
  const theirs = new Set((await events(other)).map(({ id }) => id))
  const times = (await events(cluster)).filter(({ id }) => !theirs.has(id)).map(({ at }) => Number(at))
  return { count: times.length, first: Math.min(...times), last: Math.max(...times) }
}

async function promote(standby, ledger) {
  await standby.sql('select pg_promote(true, 60)', [], 'postgres')
  const promoted = performance.now()
  const back = await until(() => ledger.firstSince(promoted), { what: 'writes after the promotion', every: 5 })
  return back - promoted
}

async function round(i, ledger) {
  const [primary, standby] = i % 2 ? [...clusters].reverse() : clusters
  const loss = losses[i % losses.length]
  const before = ledger.successes.length
  await until(() => ledger.successes.length > before + 100, { what: 'load' })
  await pause(Math.random() * 500)
  const since = Date.now() / 1000 - 1
  loss.go({ primary })
  if (loss.name !== 'left') await pause(Math.random() * 2000) // until somebody decides to promote
  const back = await promote(standby, ledger)

  const known = ledger.copy()
  Ledger.assertKept(known, await standby.sql(ORDERS))
  await loss.back({ primary })
  await until(async () => (await primary.waitingForStandby()).length === 0, { what: 'the old primary to commit alone' })
  // A transaction that had reached it may still end there, for nobody: without events, but with an id.
  await until(async () => (await primary.busy()).length === 0, { what: 'the old primary to be idle' })
  const trapped = await written(primary)
  const progress = ledger.successes.length
  await pause(trapMs)
  assert.deepEqual(await written(primary), trapped, 'somebody wrote to the old primary')
  assert.ok(ledger.successes.length > progress, 'writes went on')
  const [old, young] = [await alone(primary, standby, since), await alone(standby, primary, since)]
  assert.ok(young.count > 0)
  if (old.count > 0) assert.ok(old.last < young.first, `wrote to the old primary at ${old.last}, to the new one since ${young.first}`)

  await primary.down('fast')
  if (i % 4 < 2) await primary.rewind(standby)
  else await primary.copy(standby)
  await primary.up()
  await synchronous(standby, primary)
  console.log(`  ${i + 1}: ${loss.name}, ${i % 4 < 2 ? 'rewound' : 'copied'}: writes back after ${back.toFixed(0)} ms, ` +
    `${old.count} unacknowledged events were on the old primary alone; ${known.size} orders kept`)
  return back
}

await main('failover', [server], async () => {
  try {
    await synchronous(...clusters)
    await server.start()
    const ledger = new Ledger([server], { width }).start()
    const times = []
    for (let i = 0; i < rounds; i++) times.push(await round(i, ledger))
    await ledger.stop()
    await ledger.resolve(server)
    await ledger.assertWhole(text => clusters[rounds % 2].sql(text))
    await assertVerified(server)
    times.sort((a, b) => a - b)
    assert.ok(times.at(-1) < backMs, `writes were back after ${times.at(-1).toFixed(0)} ms`)
    return `${rounds} promotions, ${ledger.orders.size} orders and ${ledger.successes.length} versions acknowledged, none lost or doubled; ` +
      `writes back after ${times[times.length >> 1].toFixed(0)} ms (median), ${times.at(-1).toFixed(0)} ms (longest); ` +
      `longest answer ${ledger.longest.ms.toFixed(0)} ms (${ledger.longest.what}, ${ledger.longest.status})`
  } finally {
    clusters.forEach(cluster => cluster.disposeNow())
  }
})
process.exit()
