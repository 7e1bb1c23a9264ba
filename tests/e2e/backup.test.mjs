// backup and restore in one command each: what is in a backup is one state of the books, and what comes
// out of it is the same, or nothing.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { backupUnderLoad, restoreFresh } from '../fault/restored.mjs'
import { assertVerified, run, Server, until, useServer, withServer } from './lib.mjs'

const origin = await useServer()
const backups = path.join(origin.dir, 'backups')
fs.mkdirSync(backups)
const file = name => path.join(backups, name)

test('a backup under load restores into a fresh cluster, and from there into another: every event is delivered once', async () => {
  const first = await restoreFresh(file('load.backup'), await backupUnderLoad(origin, file('load.backup')))
  try {
    const second = await restoreFresh(file('second.backup'), await backupUnderLoad(first, file('second.backup')))
    second.disposeNow()
  } finally {
    first.disposeNow()
  }
})

test('the file is private, complete and named for the time in a directory', async () => {
  const { code, stdout, stderr } = await origin.run('backup', [backups])
  assert.equal(code, 0, stderr)
  const [, name] = /to (\S+orderd-\d{8}T\d{6}Z\.backup) \([\d.]+ MB, read back\)/.exec(stdout)
  assert.equal(fs.statSync(name).mode & 0o777, 0o600)
  assert.deepEqual(fs.readdirSync(backups).filter(each => each.endsWith('.part')), [])
})

test('a file that is there is not written over', async () => {
  const before = fs.readFileSync(file('load.backup'))
  const { code, stderr } = await origin.run('backup', [file('load.backup')])
  assert.equal(code, 1)
  assert.match(stderr, /exists already/)
  assert.ok(before.equals(fs.readFileSync(file('load.backup'))))
})

test('there is no backup without a database', async () => {
  const server = new Server()
  try {
    const { code, stderr } = await server.run('backup', [file('none.backup')])
    assert.equal(code, 1)
    assert.match(stderr, /there is no database in/)
  } finally {
    server.disposeNow()
  }
})

test('a backup that was cut short is noticed, wherever it was, and changes nothing', async () => {
  const whole = fs.readFileSync(file('load.backup'))
  const server = new Server()
  try {
    for (const part of [0.001, 0.3, 0.9, 0.999, 0]) {
      fs.writeFileSync(file('cut'), whole.subarray(0, Math.floor(whole.length * part)))
      const { code, stderr } = await server.run('restore', [file('cut')])
      assert.equal(code, 1, `${part} of it`)
      assert.match(stderr, /not a backup, or was cut short|was not restored, nothing was changed/)
    }
    const damaged = Buffer.from(whole)
    damaged.fill(0x55, Math.floor(whole.length * 0.9), Math.floor(whole.length * 0.9) + 64)
    fs.writeFileSync(file('cut'), damaged)
    assert.match((await server.run('restore', [file('cut')])).stderr, /nothing was changed/)
    const { code, stdout, stderr } = await server.run('restore', [file('load.backup')])
    assert.equal(code, 0, stderr) // it is still empty
    assert.match(stdout, /restored \S+ into orderd: verified \d+ orders, 0 differ/)
  } finally {
    server.disposeNow()
  }
})

test('what is no backup of orderd is refused', async () => {
  await withServer({}, async server => {
    const other = path.join(server.dir, 'other')
    await server.sql('create database other')
    const { code } = await run('pg_dump', ['-Fc', '-f', other, server.databaseUrl('other')])
    assert.equal(code, 0)
    const { stderr } = await server.run('restore', [other])
    assert.match(stderr, /is not a backup of orderd/)
    assert.match((await server.run('restore', [path.join(server.dir, 'none')])).stderr, /cannot read \S+: no such file/i)
  })
})

test('a database that is not empty is refused, one in use too, and replaced when told', async () => {
  await withServer({}, async server => {
    await server.place()
    const refused = async (args, why) => {
      const { code, stderr } = await server.run('restore', args)
      assert.equal(code, 1)
      assert.match(stderr, why)
    }
    await refused([file('load.backup')], /orderd is not empty: --replace/)
    await refused(['--replace', file('load.backup')], /in use by \d+ sessions, one of them pid \d+ \(orderd[ a-z]*\)/)
    await server.kill()
    await until(async () => !(await server.sql(`select from pg_stat_activity
      where datname = 'orderd' and pid <> pg_backend_pid() and backend_type = 'client backend'`)).length)
    await refused(['--replace', file('cut')], /not a backup, or was cut short|nothing was changed/)
    const { code, stdout, stderr } = await server.run('restore', ['--replace', file('load.backup')])
    assert.equal(code, 0, stderr)
    const [, restored] = /verified (\d+) orders, 0 differ/.exec(stdout)
    await server.start()
    assert.ok(Number(restored) >= 100)
    assert.equal((await server.sql('select count(*)::int as n from orders'))[0].n, Number(restored))
    assert.deepEqual(await server.sql("select datname from pg_database where datname like 'orderd\\_%'"), [])
    await assertVerified(server)
  })
})

test('a server of one\'s own: a database of a URL is backed up, restored and replaced', async () => {
  await withServer({}, async server => {
    await server.sql('create database "the shop\'s"')
    const url = server.databaseUrl(encodeURIComponent("the shop's"))
    const there = server.peer({ 'database.url': url, 'database.data_dir': path.join(server.dir, 'there') })
    for (const args of [[file('load.backup')], ['--replace', file('load.backup')]]) {
      const { code, stdout, stderr } = await there.run('restore', args)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /into the shop's: verified \d+ orders, 0 differ/)
    }
    const { code, stdout, stderr } = await there.run('backup', [file('there.backup')])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /backed up the shop's to/)
  })
})

test('books that do not add up take nobody\'s place', async () => {
  await origin.sql("update orders set grand_total = grand_total + 1 where order_id = (select min(order_id) from orders)")
  assert.equal((await origin.run('backup', [file('wrong.backup')])).code, 0)
  await origin.sql("update orders set grand_total = grand_total - 1 where order_id = (select min(order_id) from orders)")
  const server = new Server()
  try {
    await server.run('restore', [file('load.backup')])
    const { code, stderr } = await server.run('restore', ['--replace', file('wrong.backup')])
    assert.equal(code, 1)
    assert.match(stderr, /do not add up; orderd was left as it was/)
    await server.start()
    await assertVerified(server)
    await server.stop()
  } finally {
    server.disposeNow()
  }
})
