// A disk that is really full: what is for the log file waits, nothing else does, and no line is torn.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

import { assertVerified, until, useServer } from './lib.mjs'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'orderd-full-'))
function mount() {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0755', 'tmpfs', dir], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const mounted = process.getuid?.() === 0 && mount()
after(() => {
  if (mounted) execFileSync('umount', ['-l', dir])
  fs.rmSync(dir, { recursive: true, force: true })
})

if (!mounted) {
  test('a full disk', { skip: 'needs root and the right to mount a tmpfs' }, () => {})
} else {
  const file = path.join(dir, 'small.log'), filler = path.join(dir, 'filler')
  const server = await useServer({
    options: { 'feed.retry_min': '50ms', 'feed.retry_max': '200ms' },
    config: text => `${text}\n[target.small]\nkind = log\nfile = ${file}\nevents = order.placed\n`,
  })
  const lines = () => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse)
  const waiting = () => server.sql("select last_error from delivery where target_name = 'small' and state = 'queued' and attempts > 0")

  test('what does not fit waits and says so; when there is room again it is written once, whole', async () => {
    const first = await server.place()
    await until(() => fs.existsSync(file) && lines().length === 1, { what: 'the first line' })
    try {
      fs.writeFileSync(filler, Buffer.alloc(64 << 10))
    } catch (e) {
      assert.equal(e.code, 'ENOSPC')
    }
    const orders = []
    for (let i = 0; i < 30; i++) orders.push(await server.place())
    const [{ last_error: error }] = await until(async () => {
      const rows = await waiting()
      return rows.length && rows
    }, { what: 'an attempt that fails', timeout: 60_000 })
    assert.match(error, /No space left on device/)
    assert.equal((await server.get('/readyz')).status, 200)
    assert.equal((await server.post(`/api/orders/${orders[0].uuid}/activities`, { comment: 'the rest goes on' })).status, 201)
    fs.rmSync(filler)
    await until(async () => (await server.sql("select from delivery where target_name = 'small' and state = 'queued'")).length === 0,
      { what: 'all is written', timeout: 60_000 })
    const ids = lines().map(l => l.orderId)
    // What failed comes after what had not been tried: the order of orders is not promised.
    assert.deepEqual(ids.sort((a, b) => a - b), [first, ...orders].map(o => o.orderId))
  })

  test('the books are whole', () => assertVerified(server))
}
