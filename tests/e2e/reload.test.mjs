// New rules and settings take effect without a restart; broken ones leave the old ones serving and
// say file, line and reason wherever somebody asks.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, until, useServer, withServer } from './lib.mjs'

// Each test moves the rule to a refusal of its own, so that they hold in any order.
const rule = code => `oms.policy("order.cancel", function() return oms.refuse("${code}", "By rule ${code}") end)\n`
const broken = '-- fine\nlocal x = \nreturn x\n'

const write = (source, on = server) => on.writePlugin('shop', source, { provides: ['order.cancel'] })
const settings = { options: { 'plugins.load': 'shop' }, prepare: on => write(rule('initial'), on) }
const server = await useServer(settings)

async function refusal(on = server) {
  const { uuid } = await on.place()
  const answer = await on.post(`/api/orders/${uuid}/cancel`)
  return assertProblem(answer, 409).code
}
const settled = (code, on = server) => until(async () => await refusal(on) === code, { what: `the rule ${code}` })

test('SIGHUP', async () => {
  write(rule('by_signal'))
  server.signal('SIGHUP')
  await settled('by_signal')
})

test('orderd reload', async () => {
  write(rule('by_command'))
  const { code, stderr } = await server.run('reload')
  assert.equal(code, 0, stderr)
  assert.equal(await refusal(), 'by_command', 'the new rules serve when reload returns')
})

test('POST /admin/reload names the bundle, and events name it too', async () => {
  write(rule('by_request'))
  const answer = await server.post('/admin/reload')
  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.body.bundle, /^[0-9a-f]{64}$/)
  assert.equal(await refusal(), 'by_request')
  const { uuid } = await server.place()
  assert.equal((await server.client.events(uuid))[0].bundle, answer.body.bundle)
  const [kept] = await server.sql('select count(*)::int as n from bundle where hash = $1', [answer.body.bundle])
  assert.equal(kept.n, 1, 'the sources are kept')
})

test('a dry run over HTTP changes nothing; other parameters are refused', async () => {
  write(rule('before'))
  assert.equal((await server.post('/admin/reload')).status, 200)
  write(rule('tried'))
  const tried = await server.post('/admin/reload?dryRun=true')
  assert.equal(tried.status, 200, tried.text)
  assert.match(tried.body.bundle, /^[0-9a-f]{64}$/)
  assert.ok(Array.isArray(tried.body.notes) && Array.isArray(tried.body.findings), tried.text)
  assert.equal(await refusal(), 'before')
  assertProblem(await server.post('/admin/reload?dryrun=true'), 422, { code: 'unknown_parameter' })
  assertProblem(await server.post('/admin/reload?dryRun=1'), 422, { code: 'bad_query' })
  assert.equal(await refusal(), 'before')
})

test('a refused reload names everything that refuses; the log has it in short lines', async () => {
  write(rule('kept_all'))
  assert.equal((await server.post('/admin/reload')).status, 200)
  server.writePluginFile('shop', 'tests/bad.lua',
    'oms.test("one \\"quoted\\"", function(t) t:ok(false) end)\noms.test("two", function(t) t:ok(false) end)\n')
  const logged = server.log.length
  const problem = assertProblem(await server.post('/admin/reload'), 422, { code: 'script_error' })
  server.removePluginFile('shop', 'tests/bad.lua')
  assert.equal(problem.errors.length, 2)
  assert.match(problem.errors[0].detail, /The test "one "quoted"" fails at .*bad\.lua:1/)
  assert.match(problem.errors[1].detail, /The test "two" fails/)
  const failing = problem.findings.filter(f => f.kind === 'tests')
  assert.deepEqual(failing.map(f => [f.level, f.subject]), [['refuse', 'shop'], ['refuse', 'shop']])
  const line = await until(() => /error reload_failed (.*)/.exec(server.log.slice(logged))?.[1], { what: 'the log' })
  assert.match(line, /^reason="The test 'one 'quoted'' fails [^"]*" serving=[0-9a-f]{12} refusals=2 warnings=\d+$/)
  assert.equal(await refusal(), 'kept_all')
})

test('the same sources make the same bundle', async () => {
  write(rule('twice'))
  const first = await server.post('/admin/reload')
  const second = await server.post('/admin/reload')
  assert.equal(first.body.bundle, second.body.bundle)
})

test('a watched plugin directory reloads by itself', async () => {
  const options = { ...settings.options, 'plugins.watch': 'true' }
  await withServer({ ...settings, options }, async on => {
    assert.equal(await refusal(on), 'initial')
    write(rule('by_watch'), on)
    await settled('by_watch', on)
    write(broken, on)
    await until(() => /init\.lua:3/.test(on.log), { what: 'the log of a broken script' })
    assert.equal(await refusal(on), 'by_watch')
  })
})

test('a broken script leaves the old rules and says file, line and reason in all places', async () => {
  write(rule('still_here'))
  assert.equal((await server.post('/admin/reload')).status, 200)
  write(broken)
  const place = /init\.lua:[23]: .*(unexpected symbol|syntax)/

  assertProblem(await server.post('/admin/reload'), 422, { code: 'script_error', detail: place })
  const { code, stdout, stderr } = await server.run('reload')
  assert.equal(code, 1)
  assert.match(stdout + stderr, place)
  const logged = server.log.length
  server.signal('SIGHUP')
  await until(() => place.test(server.log.slice(logged)), { what: 'the log after SIGHUP' })
  const check = await server.run('check')
  assert.notEqual(check.code, 0)
  assert.match(check.stdout + check.stderr, place)
  assert.match((await server.get('/metrics')).text, /reload[a-z_]*fail[a-z_]*(\{[^}]*\})? [1-9]|reload[a-z_]*\{[^}]*(fail|error)[^}]*\} [1-9]/)

  assert.equal(await refusal(), 'still_here')
  write(rule('mended'))
  assert.equal((await server.post('/admin/reload')).status, 200)
  assert.equal(await refusal(), 'mended')
})

test('errors beyond syntax are found before the swap', async () => {
  write(rule('kept'))
  assert.equal((await server.post('/admin/reload')).status, 200)
  for (const source of [
    'error("no")', 'while true do end', 'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end',
    'oms.policy("no.such.question", function() end)', 'oms.policy("order.cancel", 42)', 'oms.nonsense()',
    rule('a') + rule('b'), 'io.open("/etc/passwd")', 'os.exit()', 'return require("os")', '\x1bLua',
  ]) {
    write(source)
    assertProblem(await server.post('/admin/reload'), 422, { code: 'script_error' })
    assert.equal(await refusal(), 'kept', source)
  }
})

test('the configuration reloads too: a status’ name, and a broken file leaves the old one', async () => {
  write(rule('config'))
  const renamed = text => text.replace(/(\[order_status\.pending\][^[]*?name\s*=\s*)[^\n]*/, '$1Renamed')
  server.editConfig(renamed)
  const { code, stderr } = await server.run('reload')
  assert.equal(code, 0, stderr)
  assert.equal((await server.place()).status.name, 'Renamed')

  server.editConfig(text => `${text}\n[server]\nno_such_key = 1\n`)
  const bad = await server.run('reload')
  assert.equal(bad.code, 1)
  assert.match(bad.stdout + bad.stderr, /orderd\.ini:\d+: .*no_such_key/)
  assert.equal((await server.place()).status.name, 'Renamed')
  server.editConfig(text => text.replace('\n[server]\nno_such_key = 1\n', ''))
})

test('a key that needs a restart says so and changes nothing yet', async () => {
  write(rule('restart'))
  server.editConfig(text => text.replace(/^listen = .*$/m, 'listen = 127.0.0.1:1'))
  try {
    const { stdout, stderr } = await server.run('reload')
    assert.match(stdout + stderr + server.log, /server\.listen.*restart|restart.*server\.listen/)
    assert.equal((await server.get('/healthz')).status, 200)
  } finally {
    server.editConfig(text => text.replace(/^listen = .*$/m, 'listen = 127.0.0.1:0'))
  }
})
