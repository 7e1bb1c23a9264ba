// The command line: help, check, overrides, and a database from the future.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { findOrderd, run, Server, useServer } from './lib.mjs'

const orderd = findOrderd()
const server = await useServer()

test('--help of every subcommand says what it does', async () => {
  const whole = await run(orderd, ['--help'])
  assert.equal(whole.code, 0, whole.stderr)
  for (const name of ['serve', 'check', 'import', 'verify', 'reload', 'key', 'version']) {
    assert.match(whole.stdout, new RegExp(`\\b${name}\\b`))
    const { code, stdout, stderr } = await run(orderd, [name, '--help'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`orderd ${name}`))
  }
})

test('version names the project’s version', async () => {
  for (const args of [['version'], ['--version']]) {
    const { code, stdout } = await run(orderd, args)
    assert.equal(code, 0)
    assert.match(stdout, /\b\d+\.\d+\.\d+\b/)
  }
})

test('an unknown subcommand, option, key or value is an error that names it', async () => {
  const wrong = [
    [['dance'], /dance/], [['serve', '--dance'], /--dance/], [['check', '-o', 'server.dance=1'], /server\.dance/],
    [['check', '-o', 'dance'], /dance/], [['check', '-o', 'auth.mode=sometimes'], /auth\.mode/],
    [['check', '-c', '/nonexistent/orderd.ini'], /nonexistent/], [['check', '-c'], /-c needs a value/],
    [['test', '--threshold'], /--threshold needs a value/], [['replay', '--since'], /--since needs a value/],
    [['replay', '--since', '--json'], /--since needs a value/], [['key', 'add', 'x', '--role'], /--role needs a value/],
  ]
  for (const [args, says] of wrong) {
    const { code, stderr, stdout } = await run(orderd, args)
    assert.notEqual(code, 0, args.join(' '))
    assert.match(stderr + stdout, says)
  }
  assert.notEqual((await run(orderd, [])).code, 0)
})

test('check says that a good configuration is good', async () => {
  const { code, stderr } = await server.run('check')
  assert.equal(code, 0, stderr)
})

test('no help is wider than 100 columns', async () => {
  for (const name of ['serve', 'check', 'test', 'plugin', 'reload', 'bundle', 'replay', 'explain', 'import', 'verify', 'key']) {
    const { stdout } = await run(orderd, [name, '--help'])
    assert.deepEqual(stdout.split('\n').filter(line => line.length > 100), [], name)
  }
})

test('schema prints the types of GraphQL that are checked in', async () => {
  const { code, stdout } = await run(orderd, ['schema'])
  assert.equal(code, 0)
  assert.equal(stdout, fs.readFileSync(new URL('../../conf/schema.graphql', import.meta.url), 'utf8'))
  assert.equal((await run(orderd, ['schema', '--dance'])).code, 2)
})

test('schema checks the documents that a client keeps in files', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'documents-'))
  const file = (name, text) => {
    fs.writeFileSync(path.join(directory, name), text)
    return path.join(directory, name)
  }
  const good = file('good.graphql', '{ order(id: 1) { uuid } }')
  const bad = file('bad.graphql', '{ order(id: 1) {\n  uuid\n  nope } }')
  const types = file('types.graphql', 'type Query { order(id: Int): T } type T { nope: Int uuid: Int }')
  assert.deepEqual(await run(orderd, ['schema', good]).then(r => [r.code, r.stdout]), [0, ''])
  const { code, stdout } = await run(orderd, ['schema', good, bad])
  assert.equal(code, 1)
  assert.match(stdout, /^\S*bad\.graphql:3:3: Cannot query field "nope" on type "Order"\. \(FieldsOnCorrectTypeRule\)\n$/)
  assert.equal((await run(orderd, ['schema', '--from', types, bad])).code, 0)
  const missing = await run(orderd, ['schema', path.join(directory, 'missing.graphql')])
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /missing\.graphql/)
  fs.rmSync(directory, { recursive: true })
})

test('check --all lists what [check] ignores', async () => {
  const { stdout } = await server.run('check', ['--all', '-o', 'order_status.packed.name=Packed'])
  assert.match(stdout, /^ignore +unreachable_status +order_status\.packed$/m)
  assert.match(stdout, /, 1 is ignored/)
  assert.doesNotMatch((await server.run('check')).stdout, /^ignore/m)
})

test('check names file, line and reason of a bad configuration', async () => {
  const bad = [
    ['[server]\nno_such_key = 1\n', 2, /no_such_key/],
    ['[no_such_section]\na = 1\n', 2, /no_such_section/],
    ['[auth]\nmode = sometimes\n', 2, /mode/],
    ['[server]\nthis is no assignment\n', 2, /./],
    [`[server]\nlisten = ${'x'.repeat(5000)}\n`, 2, /./],
    ['[order_status.x]\nname = X\nnext = nowhere\n', 0, /nowhere/],
    ['[order_status.x]\nname = X\ndefault = true\n', 0, /default/],
  ]
  const good = fs.readFileSync(server.configFile, 'utf8')
  const before = good.endsWith('\n') ? good : `${good}\n`
  for (const [text, line, says] of bad) {
    const file = path.join(server.dir, 'bad.ini')
    fs.writeFileSync(file, before + text)
    const { code, stdout, stderr } = await run(orderd, ['check', '-c', file])
    assert.notEqual(code, 0, text)
    assert.match(stdout + stderr, says)
    if (line) assert.match(stdout + stderr, new RegExp(`bad\\.ini:${before.split('\n').length - 1 + line}\\b`))
  }
})

test('reload without a running server says so', async () => {
  const idle = new Server()
  try {
    const { code, stderr, stdout } = await idle.run('reload')
    assert.equal(code, 1)
    assert.ok((stderr + stdout).length > 0)
  } finally {
    idle.disposeNow()
  }
})

test('reload refuses options that only a start could take', async () => {
  const { code, stderr } = await server.run('reload', ['-o', 'order.default_currency=USD'])
  assert.equal(code, 2)
  assert.match(stderr, /-o order\.default_currency=USD would change nothing/)
})

test('what only reads makes no database where there is none, and says so', async () => {
  const idle = new Server()
  try {
    for (const [command, args] of [['verify', []], ['explain', ['1']], ['replay', []], [['bundle'], ['list']],
      [['bundle'], ['rollback']], [['key'], ['list']]]) {
      const { code, stderr } = await idle.run(command, args)
      assert.equal(code, 1, `${command}`)
      assert.ok(stderr.includes(`there is no database in ${idle.dataDir}; start the server once`), stderr)
      assert.ok(!fs.existsSync(path.join(idle.dataDir, 'pg')), `${command} made one`)
    }
  } finally {
    idle.disposeNow()
  }
})

test('tools say nothing on standard error when all is well', async () => {
  for (const [command, args] of [['verify', []], ['replay', []], [['bundle'], ['list']]]) {
    const { code, stderr } = await server.run(command, args)
    assert.equal(code, 0, stderr)
    assert.equal(stderr, '')
  }
})

test('a port that is taken is an error at the start, not later', async () => {
  const port = new URL(server.url).port
  const second = new Server({ options: { 'server.listen': `127.0.0.1:${port}` } })
  try {
    await assert.rejects(second.start(), /in use|EADDRINUSE|listen/)
  } finally {
    second.disposeNow()
  }
})

test('a database newer than the binary is refused with a clear message', async () => {
  const newer = new Server()
  try {
    await newer.start()
    const [{ table, column }] = await newer.sql(`select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'public' and table_name like '%migration%' and data_type in ('integer', 'bigint') limit 1`)
    await newer.sql(`insert into ${table} select (jsonb_populate_record(m, jsonb_build_object('${column}', 9999))).* from ${table} m
      order by m.${column} desc limit 1`)
    await newer.stop()
    await assert.rejects(newer.start(), /newer/)
  } finally {
    newer.disposeNow()
  }
})
