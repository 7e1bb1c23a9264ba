#!/usr/bin/env node
// The network between orderd and its database is cut for a while, again and again: packets vanish, nobody
// is told. Every caller is answered within the deadline (statement_timeout and answer_grace), /readyz
// says so until it is mended, it comes back by itself, nothing acknowledged is lost, keys resolve what
// was open, and what was given up is not carried out when the network is back. Needs root, for network
// namespaces.
//   node tests/fault/cuts.mjs [--rounds 10] [--seconds 30] [--width 8] [--statement-timeout-ms 10000] [--answer-grace-ms 2000]
//   [--late-ms 3000: what a machine with other work adds to the deadline]
import assert from 'node:assert/strict'
import fs from 'node:fs'

import { Cluster } from '../e2e/clusters.mjs'
import { assertVerified, Server, until } from '../e2e/lib.mjs'
import { Ledger, ORDERS } from './ledger.mjs'
import { enter, Switch } from './network.mjs'
import { main, options } from './run.mjs'

const { rounds, seconds, width, statementTimeoutMs, answerGraceMs, lateMs } =
  options({ rounds: 10, seconds: 30, width: 8, statementTimeoutMs: 10_000, answerGraceMs: 2000, lateMs: 3000 })
await enter()

const DEADLINE_MS = statementTimeoutMs + answerGraceMs
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const now = () => performance.now()

const network = await Switch.start()
const machine = await network.add()
const database = await Cluster.start('database', { machine })
const server = new Server({ options: {
  'database.url': database.url(), 'database.statement_timeout': `${statementTimeoutMs}ms`, 'database.answer_grace': `${answerGraceMs}ms`,
  'database.lock_timeout': `${statementTimeoutMs / 2}ms`,
} })

/** Asks /readyz all the time: what it said last, and since when. */
class Watcher {
  constructor() {
    this.running = true
    this.changes = []
    this.work = this.#run()
  }

  async #run() {
    while (this.running) {
      const { status, text } = await server.get('/readyz')
      if (status !== this.status) this.changes.push({ status, text, at: now() })
      this.status = status
      await pause(50)
    }
  }

  async stop() {
    this.running = false
    await this.work
  }
}

/** Sessions that the server still has and orderd has not. */
async function halfOpen() {
  const lines = fs.readFileSync('/proc/self/net/tcp', 'utf8').split('\n').map(line => line.trim().split(/\s+/))
  const ports = new Set(lines.filter(fields => fields[3] === '01').map(fields => parseInt(fields[1].split(':')[1], 16)))
  const sessions = await database.sql('select client_port as port from pg_stat_activity where client_addr is not null')
  return sessions.filter(({ port }) => !ports.has(port))
}

const drafts = async () => (await database.sql('select count(*)::int as n from draft'))[0].n

async function round(i, ledger, watcher) {
  const before = ledger.successes.length
  await until(() => ledger.successes.length > before + 100, { what: 'load' })
  await pause(Math.random() * 500)
  const draftsBefore = await drafts()
  ledger.longest = { ms: 0 }
  const cut = now()
  network.cut(machine)
  await pause(100) // what was on its way has arrived
  const draft = server.post('/api/drafts', { items: [] })
  const mend = (async () => {
    await pause(seconds * 1000)
    network.mend(machine)
    return now()
  })()
  const refused = await draft
  const mended = await mend
  assert.equal(refused.status, 503, refused.text)
  const told = watcher.changes.filter(({ at }) => at > cut)
  assert.equal(told[0]?.status, 503, '/readyz did not tell')
  assert.ok(told[0].at - cut < DEADLINE_MS + lateMs, `/readyz told after ${told[0].at - cut} ms`)
  assert.ok(!told.some(({ status, at }) => status === 200 && at < mended), '/readyz said 200 during the cut')
  const back = (await until(() => ledger.firstSince(mended), { what: 'writes after the cut', every: 5 })) - mended
  const known = ledger.copy()
  await until(() => watcher.status === 200, { what: 'ready again' })
  const ready = watcher.changes.at(-1).at - mended
  Ledger.assertKept(known, await database.sql(ORDERS))
  await until(async () => (await halfOpen()).length === 0, { what: 'the server to notice the sessions that were given up' })
  assert.equal(await drafts(), draftsBefore, 'what had been given up was carried out after the cut')
  const { longest } = ledger
  assert.ok(longest.ms < DEADLINE_MS + lateMs, `${longest.what} was answered ${longest.status} after ${longest.ms} ms`)
  console.log(`  ${i + 1}: longest answer ${longest.ms.toFixed(0)} ms (${longest.what}, ${longest.status}), /readyz told after ` +
    `${(told[0].at - cut).toFixed(0)} ms; after the cut writes were back in ${back.toFixed(0)} ms, /readyz in ${ready.toFixed(0)} ms`)
  return { back, longest: longest.ms }
}

await main('cuts', [server], async () => {
  try {
    await server.start()
    const ledger = new Ledger([server], { width, readers: 2 }).start()
    const watcher = new Watcher()
    const all = []
    for (let i = 0; i < rounds; i++) all.push(await round(i, ledger, watcher))
    await ledger.stop()
    await watcher.stop()
    await ledger.resolve(server)
    await ledger.assertWhole(text => database.sql(text))
    await assertVerified(server)
    const most = key => Math.max(...all.map(each => each[key])).toFixed(0)
    return `${rounds} cuts of ${seconds} s: ${ledger.orders.size} orders and ${ledger.successes.length} versions acknowledged, none lost or doubled; ` +
      `longest answer ${most('longest')} ms of ${DEADLINE_MS}, writes back within ${most('back')} ms`
  } finally {
    database.disposeNow()
  }
})
process.exit()
