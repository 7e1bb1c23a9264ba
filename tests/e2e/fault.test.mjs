// Short runs of the fault commands; each can be run at full length by hand.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { ROOT, run } from './lib.mjs'

const commands = [
  ['race.mjs', '--orders', '120'],
  ['kill.mjs', '--rounds', '3', '--postgres-rounds', '1'],
  ['series.mjs', '--rounds', '4'],
  ['reload.mjs', '--reloads', '20'],
  ['rolling.mjs', '--activations', '6', '--width', '4'],
]
for (const [name, ...args] of commands) {
  test([name, ...args].join(' '), async () => {
    const { code, stdout, stderr } = await run(process.execPath, [path.join(ROOT, 'tests/fault', name), ...args])
    assert.equal(code, 0, stdout + stderr)
  })
}
