#!/usr/bin/env node
// Backups under load, each restored into a fresh cluster that then takes over: nothing that was there is
// lost, every event is delivered once, verify is clean, and positions go on.
//   node tests/fault/restore.mjs [--rounds 10]
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'

import { makeHome, Server } from '../e2e/lib.mjs'
import { backupUnderLoad, restoreFresh } from './restored.mjs'
import { main, options } from './run.mjs'

const { rounds } = options({ rounds: 10 })
const dir = makeHome()
const servers = [new Server()]

async function round(i) {
  const [server] = servers
  const file = path.join(dir, `${i}.backup`)
  const before = await backupUnderLoad(server, file)
  await server.stop()
  server.disposeNow()
  servers[0] = await restoreFresh(file, before)
  const [{ generation, last, base }] = await servers[0].sql(
    'select generation, base, (select max(txid::text::int8) from order_event) as last from ledger')
  assert.equal(generation, i + 1)
  assert.ok(last > base)
  return before.length
}

try {
  await main('restore', servers, async () => {
    await servers[0].start()
    let orders = 0
    for (let i = 0; i < rounds; i++) orders += await round(i)
    return `${rounds} restores into fresh clusters, one after the other: ${orders} acknowledged orders went through, each event was delivered once`
  })
} finally {
  fs.rmSync(dir, { recursive: true, force: true })
}
