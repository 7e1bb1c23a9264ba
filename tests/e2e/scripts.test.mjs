// A script can refuse or choose. It cannot block the loop, exhaust memory, reach the disk or another
// plugin: whatever it tries, its own request is refused and nothing else notices.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'

import { assertProblem, useServer } from './lib.mjs'

const policy = body => `oms.policy("order.cancel", function(order, request)\n${body}\nend)\n`
const GOOD = policy('return oms.refuse("good", "A good rule")')
const write = (source, on = server) => on.writePlugin('shop', source, { provides: ['order.cancel'] })
const server = await useServer({
  // Rules this bad would not be let in: the check before a reload finds them.
  options: {
    'plugins.load': 'shop,neighbour', 'check.policy_error': 'ignore',
    'check.unknown_status': 'ignore', 'check.max_states': 100, 'check.time': '100ms',
  },
  prepare: on => {
    write(GOOD, on)
    on.writePlugin('neighbour', 'secret = "theirs"\nlocal mine = 1\n')
  },
})

// Processor time of the server for three cancels by a script that misbehaves, and health checks
// meanwhile. One policy call has a budget of some 10 ms, sanitizers make it more.
const BOUND_MS = 5000

/** What the process used of the processor so far; /proc counts hundredths of a second (proc(5), stat). */
function cpuMs(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/** Answers to cancels of three orders, and the processor time that they took. */
async function cancelUnder(source) {
  write(source)
  const reload = await server.post('/admin/reload')
  assert.equal(reload.status, 200, reload.text)
  const orders = await Promise.all([1, 2, 3].map(() => server.place()))
  const from = cpuMs(server.pid)
  let done = false
  const probe = (async () => {
    do assert.equal((await server.get('/healthz')).status, 200)
    while (!done)
  })()
  const answers = await Promise.all(orders.map(o => server.post(`/api/orders/${o.uuid}/cancel`)))
  const bystander = await server.place()
  done = true
  await probe
  assert.equal(bystander.status.code, 'pending')
  return { orders, answers, used: cpuMs(server.pid) - from }
}

// [what, body of the policy, what the refusal says]
const bad = [
  ['an endless loop', 'while true do end', /budget|instruction|long/],
  ['an endless loop that catches its own end', 'while true do pcall(function() while true do end end) end', /budget|instruction|long/],
  ['endless recursion', 'local function f() return 1 + f() end return f()', /overflow|memory|budget/],
  ['a runaway table', 'local t = {} while true do t[#t + 1] = {} end', /memory|budget/],
  ['a runaway string', 'local s = "x" while true do s = s .. s end', /memory|length|budget/],
  ['a giant rep', 'return ("x"):rep(1e9)', /memory|length|large|long/],
  ['a backtracking pattern', 'return (("a"):rep(50000) .. "b"):find((".-"):rep(20) .. "c")', /./],
  ['a backtracking gsub', 'return (("a"):rep(30000)):gsub(("a*"):rep(12) .. "b", "")', /./],
  ['a slow sort', 'local t = {} for i = 1, 100000 do t[i] = i end table.sort(t, function() return true end) while true do end', /./],
  ['an error', 'error("the till is on fire")', /init\.lua:2: the till is on fire/],
  ['an error that is a table', 'error({})', /./],
  ['a call of nil', 'return order.no_such_method()', /init\.lua:2/],
  ['no answer', 'return nil', /nil|answer|return/],
  ['a number for an answer', 'return 42', /number|answer|return/],
  ['a function for an answer', 'return function() end', /function|answer|return/],
  ['io', 'return io.open("/etc/passwd"):read("a")', /io/],
  ['os', 'return os.execute("true")', /os/],
  ['load', 'return load("return 1")()', /load/],
  ['loadfile', 'return loadfile("/etc/passwd")', /loadfile/],
  ['dofile', 'return dofile("/etc/passwd")', /dofile/],
  ['debug', 'return debug.getregistry()', /debug/],
  ['string.dump', 'return string.dump(function() end)', /dump/],
  ['package', 'return package.loadlib("libc.so", "*")', /package/],
  ['collectgarbage', 'return collectgarbage("stop")', /collectgarbage/],
  ['the string metatable', 'getmetatable("").__index.rep = nil return oms.allow()', /./],
  ['a write to a library', 'string.find = nil return oms.allow()', /./],
  ['a write to the order', 'order.grand_total = 0 return oms.allow()', /./],
  ['a write to oms', 'oms.allow = nil return oms.allow()', /./],
  ['a yield', 'coroutine.yield() return oms.allow()', /./],
  ['a registration while deciding', 'oms.policy("order.number", function() return "x" end) return oms.allow()', /./],
]
for (const [what, body, says] of bad) {
  test(`${what} in a policy refuses the request and harms nobody else`, async () => {
    const { orders, answers, used } = await cancelUnder(policy(body))
    for (const answer of answers) assertProblem(answer, 409, { code: 'policy_failed', detail: says })
    for (const { uuid, version } of orders) {
      const now = await server.client.order(uuid)
      assert.deepEqual([now.status.code, now.version], ['pending', version])
    }
    assert.ok(used < BOUND_MS, `the cancels took ${used} ms of processor time`)
    write(GOOD)
    assert.equal((await server.post('/admin/reload')).status, 200)
    const { uuid } = await server.place()
    assertProblem(await server.post(`/api/orders/${uuid}/cancel`), 409, { code: 'good' })
  })
}

test('another plugin’s globals are not there', async () => {
  const { answers } = await cancelUnder(policy('return oms.refuse("seen", tostring(secret))'))
  for (const answer of answers) {
    assert.equal(answer.status, 409)
    assert.doesNotMatch(answer.text, /theirs/)
  }
})

test('a global of one call is not seen by the next', async () => {
  const { answers } = await cancelUnder(policy('count = (count or 0) + 1 return oms.refuse("n", "call " .. count)'))
  for (const { body } of answers) {
    assert.ok(body.code === 'policy_failed' || body.detail.includes('call 1'), body.detail)
  }
})

test('a status outside the set is refused: placing fails closed', async () => {
  server.writePlugin('shop', `${GOOD}oms.policy("order.status", function() return "moon" end)\n`, { provides: ['order.cancel', 'order.status'] })
  assert.equal((await server.post('/admin/reload')).status, 200)
  const before = await server.sql('select count(*)::int as n from orders')
  const answer = await server.post('/api/orders', { items: [{ sku: 'A', qty: 1, price: 1 }] })
  assertProblem(answer, 409, { code: 'policy_failed', detail: /moon/ })
  assert.deepEqual(await server.sql('select count(*)::int as n from orders'), before)
  write(GOOD)
  assert.equal((await server.post('/admin/reload')).status, 200)
  await server.place()
})
