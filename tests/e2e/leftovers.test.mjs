// A test that is killed leaves nothing behind: no PostgreSQL, no orderd, no directory.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { isAlive, ROOT, until } from './lib.mjs'

const victim = `
  import { Cluster } from ${JSON.stringify(path.join(ROOT, 'tests/e2e/clusters.mjs'))}
  import { Server } from ${JSON.stringify(path.join(ROOT, 'tests/e2e/lib.mjs'))}
  const cluster = await Cluster.start('left')
  const server = await new Server().start()
  cluster.signal('SIGSTOP')
  console.log(JSON.stringify({ pids: [cluster.pid, server.pid, server.cluster().pid], homes: [cluster.dir, server.dir] }))
  setInterval(() => {}, 1000)
`

test('what a killed test had started ends, and its directories are removed', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', victim], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', text => { out += text })
  try {
    await until(() => out.includes('\n'), { what: 'the servers of the other test' })
  } finally {
    child.kill('SIGKILL')
  }
  const { pids, homes } = JSON.parse(out)
  await until(() => !pids.some(isAlive), { what: 'the end of the servers' })
  await until(() => !homes.some(home => fs.existsSync(home)), { what: 'the directories to be removed' })
  assert.equal(pids.length, 3)
})
