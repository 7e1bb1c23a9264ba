// orderd doctor names what is wrong, says what to do about it, and ends with 1 for it alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PG_USER, Server, until, useServer } from './lib.mjs'

const server = await useServer()

async function doctor(on = server) {
  const { code, stdout, stderr } = await on.run('doctor')
  return { code, stdout, stderr, text: stdout + stderr }
}

/** Runs `work` while a setting of the server is another one. */
async function withSetting(name, value, work) {
  await server.sql(`alter system set ${name} = ${value}`)
  const set = () => server.sql('select pg_reload_conf()')
  const is = setting => until(async () => (await server.sql(`show ${name}`))[0][name] === setting, { what: `${name} ${setting}` })
  const [{ [name]: before }] = await server.sql(`show ${name}`)
  await set()
  await is(value)
  try {
    await work()
  } finally {
    await server.sql(`alter system reset ${name}`)
    await set()
    await is(before)
  }
}

test('a healthy database: a line for each check, and nothing is wrong', async () => {
  const { code, text, stdout } = await doctor()
  assert.equal(code, 0, text)
  for (const line of [/^ok +database +PostgreSQL \d+\S*.*, schema \d+, [\d.]+ ms away$/m, /^ok +clock +-?\d+\.\d+ s from the database's$/m,
    /^ok +settings +fsync, full_page_writes and synchronous_commit \(on\) keep what is confirmed$/m,
    /^ok +transactions +none is open for more than 300 s$/m, /^ok +feed +\d+\.\d s behind$/m, /^0 wrong, 0 worth knowing, 5 fine$/m]) assert.match(stdout, line)
})

for (const [name, line] of [
  ['fsync', /^WRONG +settings +fsync is off: .*\n +-> set fsync = on$/m],
  ['full_page_writes', /^WRONG +settings +full_page_writes is off: .*\n +-> set full_page_writes = on$/m],
  ['synchronous_commit', /^WRONG +settings +synchronous_commit is off: .*\n +-> set synchronous_commit = on$/m],
]) {
  test(`${name} = off is wrong`, async () => {
    await withSetting(name, 'off', async () => {
      const { code, text } = await doctor()
      assert.equal(code, 1, text)
      assert.match(text, line)
      assert.match(text, /^1 wrong, /m)
    })
  })
}

test('a feed that another transaction holds back: who, where, and how to end it', async () => {
  const { default: pg } = await import('pg')
  const { socketDir, port } = server.cluster()
  const db = new pg.Client({ host: socketDir, port, user: PG_USER, database: 'postgres', application_name: 'left open' })
  await db.connect()
  await db.query('begin; select pg_current_xact_id()')
  await server.place()
  await server.sql("update order_event set recorded_at = recorded_at - interval '1 min' where txid > (select txid from feed_cursor)")
  const { code, text } = await doctor()
  await db.end()
  assert.equal(code, 1, text)
  assert.match(text, new RegExp(`^WRONG +feed +events of 6\\d s wait for session ${db.processID} \\(left open\\) in the database postgres, open for \\d+ s\n +-> .*pg_terminate_backend\\(${db.processID}\\)$`, 'm'))
})

test('a replication slot that nobody reads is worth knowing', async () => {
  await withSlot(async () => {
    const { code, text } = await doctor()
    assert.equal(code, 0, text)
    assert.match(text, /^note +transactions +nobody reads the replication slot forgotten, which keeps dead rows\n +-> .*drop/m)
  })
})

async function withSlot(work) {
  await server.sql("alter system set wal_level = 'logical'")
  await server.restart()
  await server.sql("select pg_create_logical_replication_slot('forgotten', 'pgoutput')")
  try {
    await work()
  } finally {
    await server.sql("select pg_drop_replication_slot('forgotten')")
  }
}

test('no database, no server and no schema are each told apart', async () => {
  const other = new Server()
  try {
    assert.match((await doctor(other)).text, /^WRONG +database +there is no database in .*/m)
    await server.sql('create database bare')
    other.options['database.url'] = server.databaseUrl('bare')
    const bare = await doctor(other)
    assert.equal(bare.code, 1)
    assert.match(bare.text, /^WRONG +database +PostgreSQL \S+.* has no schema of orderd\n +-> start the server once/m)
    assert.doesNotMatch(bare.text, / feed /)
    other.options['database.url'] = 'postgresql://127.0.0.1:1/none'
    const { code, text } = await doctor(other)
    assert.equal(code, 1)
    assert.match(text, /^WRONG +database +cannot be reached: .*\n +-> check that PostgreSQL runs/m)
  } finally {
    other.disposeNow()
  }
})
