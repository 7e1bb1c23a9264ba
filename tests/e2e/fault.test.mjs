// Short runs of the fault commands; each can be run at full length by hand.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'

import { ROOT, run } from './lib.mjs'

const commands = [
  ['race.mjs', '--orders', '120'],
  ['kill.mjs', '--rounds', '3', '--postgres-rounds', '1'],
  ['series.mjs', '--rounds', '4'],
  ['reload.mjs', '--reloads', '20'],
  ['rolling.mjs', '--activations', '6', '--width', '4'],
  ['targets.mjs', '--orders', '40', '--kills', '4'],
  ['pollers.mjs', '--orders', '400', '--open-ms', '1000', '--listeners', '200', '--told', '60', '--grown-kb', '262144'],
  ['failover.mjs', '--rounds', '3', '--trap-ms', '1500', '--back-ms', '600000'],
  ['cuts.mjs', '--rounds', '1', '--seconds', '4', '--statement-timeout-ms', '1000', '--answer-grace-ms', '500', '--late-ms', '600000'],
  ['freeze.mjs', '--short', '1', '--medium', '2', '--long', '4', '--late-ms', '600000'],
]
const programs = ['ip', 'unshare', 'nsenter'].every(program => spawnSync('which', [program]).status === 0)
const hasNetworks = process.getuid() === 0 && programs && spawnSync('unshare', ['--net', 'true']).status === 0
for (const [name, ...args] of commands) {
  const skip = ['failover.mjs', 'cuts.mjs'].includes(name) && !hasNetworks && 'network namespaces need root, iproute2 and util-linux'
  test([name, ...args].join(' '), { skip }, async () => {
    const { code, stdout, stderr } = await run(process.execPath, [path.join(ROOT, 'tests/fault', name), ...args])
    assert.equal(code, 0, stdout + stderr)
  })
}
