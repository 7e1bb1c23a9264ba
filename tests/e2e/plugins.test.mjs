// What authors of plugins use: a new plugin, the list, tests and coverage; all without a database.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

import { ROOT, findOrderd, run } from './lib.mjs'

const orderd = findOrderd()
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'orderd-plugins-'))
const plugin = path.join(dir, 'my-rules')
after(() => fs.rmSync(dir, { recursive: true }))

const within = (...args) => run(orderd, [...args, '-o', `plugins.dir=${dir}`])
const write = (file, text) => fs.writeFileSync(path.join(plugin, file), text)

test('the default rules pass their tests, which reach every line', async () => {
  const { code, stdout, stderr } = await run(orderd, ['test', 'default', '--threshold', '100'])
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /^ok {3}default: /m)
  assert.match(stdout, /^default\/order_status\.lua +100\.0 %/m)
  assert.match(stdout, /^\d+ tests, 0 failed, \d+ ms$/m)
})

test('every plugin that is shipped passes its tests', async () => {
  const folder = path.join(ROOT, 'plugins')
  const shipped = fs.readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory())
  const paths = shipped.map((e) => path.join(folder, e.name))
  const { code, stdout, stderr } = await run(orderd, ['test', ...paths])
  assert.equal(code, 0, stdout + stderr)
  for (const { name } of shipped) assert.match(stdout, new RegExp(`^ok {3}${name}: `, 'm'))
})

test('a new plugin has a rule, a setting and a test that passes, and is never overwritten', async () => {
  const made = await within('plugin', 'new', 'my-rules')
  assert.equal(made.code, 0, made.stderr)
  assert.match(made.stdout, /\[plugins\] load = .*my-rules/)

  const tested = await within('test', plugin, '--threshold', '100')
  assert.equal(tested.code, 0, tested.stdout + tested.stderr)
  assert.match(tested.stdout, /2 tests, 0 failed/)

  const again = await within('plugin', 'new', 'my-rules')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /is there already/)
  const wrong = await within('plugin', 'new', 'My Rules')
  assert.equal(wrong.code, 2)
})

test('the list tells what is loaded, chosen, granted and set', async () => {
  const idle = await within('plugin', 'list')
  assert.match(idle.stdout, /^default loaded$/m)
  assert.match(idle.stdout, /^my-rules 0\.1\.0, not loaded$/m)

  const { code, stdout, stderr } = await within('plugin', 'list', '-o', 'plugins.load=my-rules',
    '-o', 'plugin.my-rules.window=24h')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^my-rules 0\.1\.0, loaded$/m)
  assert.match(stdout, /order\.cancel +default\/order_cancel\.lua:\d+ +not chosen/)
  assert.match(stdout, /order\.cancel +my-rules\/rules\.lua:3 +chosen/)
  assert.match(stdout, /window +duration += 24h/)
})

test('the list shows rows that are set through a pattern, in 100 columns and without blank rows', async () => {
  const { stdout } = await run(orderd, ['plugin', 'list', '-o', 'plugins.load=status-map',
    '-o', 'plugin.status-map.paid:shipped=shipped', '-o', 'plugin.status-map.*:*=pending'])
  assert.match(stdout, /^ +paid:shipped = shipped \(-o plugin\.status-map\.paid:shipped\)$/m)
  assert.deepEqual(stdout.split('\n').filter(line => line.length > 100 || /^ +$/.test(line)), [])
})

test('status-map tells all wrong rows at once, at the line of the first', async () => {
  const { code, stderr } = await run(orderd, ['check', '-o', 'plugins.load=status-map',
    '-o', 'plugin.status-map.paid:shiped=shipped', '-o', 'plugin.status-map.payd:shipped=shipped'])
  assert.equal(code, 1)
  assert.match(stderr, /^orderd: -o plugin\.status-map\.paid:shiped: .*no shipment status 'shiped'; known: pending/m)
  assert.match(stderr, /\| -o plugin\.status-map\.payd:shipped: .*no payment status 'payd'/)
  assert.doesNotMatch(stderr, /map\.lua/)
})

test('a composite command that raises is a finding and nothing else', async () => {
  fs.mkdirSync(path.join(dir, 'raises'))
  fs.writeFileSync(path.join(dir, 'raises', 'plugin.ini'), 'name = raises\nversion = 1\napi = 1\nprovides = command:raise\n')
  fs.writeFileSync(path.join(dir, 'raises', 'rules.lua'), 'oms.command("raise", function(order, args) error("never") end)\n')
  const { stdout, stderr } = await within('check', '-o', 'plugins.load=raises')
  assert.match(stdout, /policy_error +command\.raise@raises/)
  assert.equal(stderr.match(/script_failed/g), null, stderr.slice(0, 400))
})

test('a failing test is told with its place, both values and a trace', async () => {
  write('tests/broken.lua', `local function check(t, order)
  t:equal(order.status, "canceled", "the status")
end

oms.test("is broken", function(t)
  check(t, t:order { status = "on_hold" })
end)
`)
  const { code, stdout } = await within('test', plugin)
  assert.equal(code, 1)
  assert.match(stdout, /^FAIL my-rules: is broken/m)
  assert.match(stdout, /my-rules\/tests\/broken\.lua:2: the status: expected "canceled", got "on_hold"/)
  assert.match(stdout, /my-rules\/tests\/broken\.lua:6: in function/)
  assert.doesNotMatch(stdout, /\[C\]/)
  assert.match(stdout, /3 tests, 1 failed/)

  const some = await within('test', plugin, '--name', 'window')
  assert.equal(some.code, 0)
  assert.match(some.stdout, /^1 test, 0 failed/m)
})

test('a test file that does not load is told with file and line', async () => {
  write('tests/broken.lua', 'oms.test("x",\n')
  const { code, stderr } = await within('test', plugin)
  assert.equal(code, 1)
  assert.match(stderr, /my-rules\/tests\/broken\.lua:\d+: /)
})

test('lines and branches that no test reached are told, and fail a threshold', async () => {
  fs.rmSync(path.join(plugin, 'tests/broken.lua'))
  write('tests/rules.lua', `oms.test("held", function(t)
  t:refused(t:ask("order.cancel", t:order { holds = { {} } }), "on_hold")
end)
`)
  const { code, stdout, stderr } = await within('test', plugin, '--threshold', '90')
  assert.equal(code, 1)
  assert.match(stdout, /^my-rules\/rules\.lua +50\.0 % +3\/6 +25\.0 % +1\/4 +missed 7-8, 10; one way only 5$/m)
  assert.match(stderr, /reach 50\.0 % of the lines, less than 90\.0 %/)
})

test('a plugin with a required setting is tested with -o', async () => {
  const ini = fs.readFileSync(path.join(plugin, 'plugin.ini'), 'utf8')
  write('plugin.ini', `${ini}\n[config.key]\ntype = text\nrequired = yes\n`)
  write('tests/rules.lua', 'oms.test("set", function(t) t:equal(oms.config.key, "abc") end)\n')
  const without = await within('test', plugin)
  assert.equal(without.code, 1)
  assert.match(without.stderr, /my-rules\/plugin\.ini:\d+: .*needs the setting key: test it with -o plugin\.my-rules\.key=value/)
  const { code, stdout, stderr } = await within('test', plugin, '-o', 'plugin.my-rules.key=abc')
  assert.equal(code, 0, stdout + stderr)
})
