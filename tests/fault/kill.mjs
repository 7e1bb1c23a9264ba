#!/usr/bin/env node
// kill -9 at a random moment under load, of orderd and of its PostgreSQL: every acknowledged order is
// there, retried keys make no duplicates, verify is clean.
//   node tests/fault/kill.mjs [--rounds 30] [--postgres-rounds 10]
import assert from 'node:assert/strict'

import { Server, until } from '../e2e/lib.mjs'
import { checkAcknowledged, Load } from './load.mjs'
import { main, options } from './run.mjs'

const { rounds, postgresRounds } = options({ rounds: 30, postgresRounds: 10 })
const MOMENT_MS = 700 // the kill comes within this, from the first acknowledged order on

const server = new Server()

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

async function loaded() {
  const load = new Load(server, { width: 32 }).start()
  await until(() => load.acknowledged.length > 0, { what: 'a first order' })
  await pause(Math.random() * MOMENT_MS)
  return load
}

async function killOrderd() {
  const load = await loaded()
  await server.kill()
  await load.stop()
  await server.start()
  return load
}

async function killPostgres() {
  const load = await loaded()
  process.kill(server.cluster().pid, 'SIGKILL')
  const before = load.acknowledged.length
  await until(() => load.acknowledged.length > before + 32, { what: 'orders after the crash' })
  await load.stop()
  const strange = load.refused.filter(answer => answer.status !== 503)
  assert.deepEqual(strange.map(answer => answer.text), [])
  await until(async () => (await server.get('/readyz')).status === 200, { what: 'ready again' })
  return load
}

await main('kill', [server], async () => {
  await server.start()
  const total = { acknowledged: 0, unknown: 0 }
  for (let i = 0; i < rounds + postgresRounds; i++) {
    const load = await (i < rounds ? killOrderd() : killPostgres())
    await checkAcknowledged(server, load)
    total.acknowledged += load.acknowledged.length
    total.unknown += load.open.length
  }
  const [{ n }] = await server.sql('select count(*)::int as n from orders')
  assert.equal(n, total.acknowledged + total.unknown, 'orders that nobody sent, or lost ones')
  const { code, stdout, stderr } = await server.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return `${rounds} kills of orderd, ${postgresRounds} of PostgreSQL: ${total.acknowledged} acknowledged orders and ` +
    `${total.unknown} retried ones are there once; ${stdout.trim()}`
})
