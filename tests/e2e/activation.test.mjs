// What serves is one thing for every process of a database: a reload, an activation or a rollback
// anywhere moves all of them, outlasts restarts, and strands no order.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, order, pool, until, Server } from './lib.mjs'

const rule = code => `oms.policy("order.cancel", function() return oms.refuse("${code}", "By rule ${code}") end)\n`
const settings = { 'plugins.load': 'shop' }
const write = (server, source, provides = ['order.cancel']) => server.writePlugin('shop', source, { provides })

async function withServers(count, { options = {}, config, source = rule('first'), provides }, use) {
  const first = new Server({ options: { ...settings, ...options }, config })
  const all = [first, ...Array.from({ length: count - 1 }, () => first.peer())]
  try {
    write(first, source, provides)
    for (const server of all) await server.start()
    await use(...all)
    for (const server of [...all].reverse()) await server.stop()
  } finally {
    first.disposeNow()
  }
}

async function refusal(server) {
  const { uuid } = await server.place()
  return assertProblem(await server.post(`/api/orders/${uuid}/cancel`), 409).code
}
const settled = (server, code) =>
  until(async () => await refusal(server) === code, { what: `the rule ${code} on ${server.url}` })
const overview = async server => (await server.get('/admin/bundles')).body
const activations = async server => (await overview(server)).activations
const metric = async (server, name) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await server.get('/metrics')).text)?.[1])

async function reload(server) {
  const answer = await server.post('/admin/reload')
  assert.equal(answer.status, 200, answer.text)
  return answer.body.bundle
}

test('a reload in one process moves all of them, also one that is back from kill -9', async () => {
  await withServers(3, {}, async (a, b, c) => {
    write(a, rule('second'))
    const bundle = await reload(a)
    assert.equal(await refusal(a), 'second', 'at once where it was asked for')
    for (const server of [b, c]) await settled(server, 'second')

    await c.kill()
    write(a, rule('third'))
    const { code, stdout, stderr } = await a.run('reload')
    assert.equal(code, 0, stderr)
    for (const server of [a, b]) {
      assert.match(stdout, new RegExp(`^pid ${server.pid}: serving bundle [0-9a-f]{64}$`, 'm'))
      assert.equal(await refusal(server), 'third')
    }
    await c.start()
    assert.equal(await refusal(c), 'third')

    const { processes, bundles, activations: made } = await until(async () => {
      const seen = await overview(a)
      return seen.processes.filter(p => p.bundle === seen.bundles[0].hash).length >= 3 && seen
    }, { what: 'three processes on the last bundle' })
    assert.ok(processes.some(p => p.pid === c.pid && c.url.endsWith(p.address)))
    assert.deepEqual(bundles.map(each => each.active), [true, false, false])
    assert.equal(bundles[1].hash, bundle)
    assert.deepEqual(made.map(each => each.kind), ['reload', 'reload', 'start'])
  })
})

test('a rollback moves all, outlasts a restart, and ends when the files are edited', async () => {
  await withServers(2, {}, async (a, b) => {
    const first = (await overview(a)).bundles[0].hash
    write(a, rule('second'))
    await reload(a)
    const back = await a.run(['bundle'], ['rollback'])
    assert.equal(back.code, 0, back.stderr)
    assert.match(back.stdout, new RegExp(first))
    for (const server of [a, b]) await settled(server, 'first')

    await a.restart()
    assert.equal(await refusal(a), 'first', 'the files still say second')
    assert.match(a.log, /the files were not edited/)

    write(a, rule('third'))
    await a.restart()
    assert.equal(await refusal(a), 'third')
    await settled(b, 'third')

    const forth = await a.run(['bundle'], ['activate', first.slice(0, 8)])
    assert.equal(forth.code, 0, forth.stderr)
    for (const server of [a, b]) await settled(server, 'first')
    const made = await activations(b)
    assert.deepEqual(made.map(each => each.kind), ['activate', 'start', 'rollback', 'reload', 'start'])

    assertProblem(await a.post('/admin/bundles/0123456789abcdef/activate'), 404)
    assert.equal((await b.post('/admin/bundles/rollback')).status, 200)
    await settled(a, 'third')
  })
})

test('each rollback goes one further back, never to what was rolled back automatically, and says when nothing is left', async () => {
  const failing = `oms.policy("order.cancel", function(order)
  if order.shipping_note == "bad" then error("no such thing") end
  return oms.refuse("failing", "Failing")
end)\n`
  await withServers(1, { options: { 'rollback.min_calls': '3' } }, async server => {
    for (const code of ['second', 'third']) {
      write(server, rule(code))
      await reload(server)
    }
    write(server, failing)
    await reload(server)
    await until(async () => {
      const { uuid } = await server.place({ shippingNote: 'bad' })
      return assertProblem(await server.post(`/api/orders/${uuid}/cancel`), 409).code === 'third'
    }, { what: 'the automatic rollback' })
    for (const code of ['second', 'first']) {
      assert.equal((await server.post('/admin/bundles/rollback')).status, 200)
      assert.equal(await refusal(server), code)
    }
    const { detail } = assertProblem(await server.post('/admin/bundles/rollback'), 404)
    assert.match(detail, /nothing is left to go back to/)
    write(server, rule('fourth'))
    await reload(server)
    const back = await server.run(['bundle'], ['rollback'])
    assert.equal(back.code, 0, back.stderr)
    assert.equal(await refusal(server), 'first')
    assert.equal((await server.run(['bundle'], ['rollback'])).code, 1)
  })
})

test('a start with broken or refused files serves the stored bundle and says so; the first start fails', async () => {
  await withServers(1, {}, async server => {
    const bundle = (await overview(server)).bundles[0].hash
    for (const [break_, mend, place] of [
      [() => write(server, '-- fine\nlocal x = \nreturn x\n'), () => {}, /shop\/init\.lua:3: /],
      [() => {
        write(server, rule('unwanted'))
        server.writePluginFile('shop', 'tests/bad.lua', 'oms.test("bad", function(t) t:ok(false) end)\n')
      }, () => server.removePluginFile('shop', 'tests/bad.lua'), /shop\/tests\/bad\.lua:1/],
    ]) {
      break_()
      await server.restart()
      assert.equal(await refusal(server), 'first')
      const line = server.log.split('\n').findLast(text => text.includes('error files_refused '))
      assert.match(line, place)
      assert.ok(line.includes(`serving=${bundle.slice(0, 12)}`), line)
      const { error } = await until(async () => (await overview(server)).processes.find(p => p.pid === server.pid && p.error),
        { what: 'the error in the list' })
      assert.match(error, place)
      assert.equal(await metric(server, 'orderd_reload_last_failed'), 1)
      mend()
    }
    write(server, rule('mended'))
    await reload(server)
    assert.equal(await refusal(server), 'mended')
    assert.equal(await metric(server, 'orderd_reload_last_failed'), 0)
    assert.ok(!(await overview(server)).processes.find(p => p.pid === server.pid).error)
  })
  const first = new Server({ options: settings })
  try {
    write(first, 'local x = \n')
    await assert.rejects(first.start(), error => /shop\/init\.lua:\d+: /.test(error.message) &&
      error.message.match(/shop\/init\.lua:\d+: /g).length === 1)
  } finally {
    first.disposeNow()
  }
})

test('of activations in two processes at once the later one wins everywhere', async () => {
  await withServers(2, {}, async (a, b) => {
    const first = (await overview(a)).bundles[0].hash
    write(a, rule('second'))
    const second = await reload(a)
    for (let i = 0; i < 10; i++) {
      const answers = await Promise.all([[a, first], [b, second]].map(([server, hash]) =>
        server.post(`/admin/bundles/${hash}/activate`)))
      assert.deepEqual(answers.map(answer => answer.status), [200, 200], answers.map(answer => answer.text).join('\n'))
    }
    const [last] = await activations(a)
    for (const server of [a, b]) await settled(server, last.bundle === first ? 'first' : 'second')
  })
})

test('without a server a bundle is activated in the database, for the next start', async () => {
  await withServers(1, {}, async server => {
    const first = (await overview(server)).bundles[0].hash
    write(server, rule('second'))
    await reload(server)
    await server.stop()
    const { code, stdout, stderr } = await server.run(['bundle'], ['activate', first.slice(0, 10)])
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`activated bundle ${first}`))
    await server.start()
    assert.equal(await refusal(server), 'first')
  })
})

test('bundle list and show: the source that decided an old event', async () => {
  const source = rule('first')
  await withServers(1, { source }, async server => {
    const { uuid } = await server.place()
    write(server, rule('second'))
    await reload(server)
    const [{ bundle }] = await server.client.events(uuid)

    const shown = await server.run(['bundle'], ['show', bundle, 'shop/init.lua'])
    assert.equal(shown.code, 0, shown.stderr)
    assert.equal(shown.stdout, source)
    const whole = await server.run(['bundle'], ['show', bundle.slice(0, 12)])
    assert.match(whole.stdout, /==> rules\.ini <==\n\[plugins\]\nload = shop\n/)
    assert.match(whole.stdout, /==> default\/order_status\.lua <==/)
    const { body } = await server.get(`/admin/bundles/${bundle}`)
    assert.equal(body.files.find(f => f.plugin === 'shop' && f.file === 'init.lua').source, source)

    const { stdout } = await server.run(['bundle'], ['list'])
    assert.match(stdout, new RegExp(`^${bundle.slice(0, 12)} .*default shop$`, 'm'))
    assert.match(stdout, /\(active\)$/m)
    assert.match(stdout, /^ +2 .* reload +api$/m)
    assert.match(stdout, new RegExp(`:${server.pid} `))
    const unknown = async (...args) => (await server.run(['bundle'], args)).stderr
    assert.match(await unknown('show', 'ffff0000'), /no bundle begins with "ffff0000", or several do/)
    assert.match(await unknown('activate', 'ffff0000'), /no bundle begins with "ffff0000", or several do/)
    assert.match(await unknown('activate', ''), /no bundle begins with "", or several do/)
    assertProblem(await server.get('/admin/bundles/ffff0000'), 404)
    const overview = await server.get('/admin/bundles')
    assert.equal(overview.text, JSON.stringify(overview.body), 'compact')
  })
})

const PACKED = '\n[order_status.packed]\nname = Packed\nnext = processing, canceled\n'
const status = code => `oms.policy("order.status", function(order)
  if order.canceled then return "canceled" end
  return "${code}"
end)\n`
const provides = ['order.status']

test('a status that orders are in is not removed, unless they are told where to go', async () => {
  // "pending" must lead to it.
  const config = text => text.replace('next = processing, partially', 'next = packed, processing, partially') + PACKED
  await withServers(2, { config, source: status('packed'), provides }, async (a, b) => {
    const placed = await pool(150, 16, () => a.place())
    assert.equal(placed[0].status.code, 'packed')

    write(a, status('processing'), provides)
    a.editConfig(text => text.replace(PACKED, '').replace('next = packed, ', 'next = '))
    const refused = assertProblem(await a.post('/admin/reload'), 422, { code: 'config_error' })
    assert.match(refused.detail, /orderd\.ini: order_status "packed" is removed, but 150 orders are in it: .*\[migrate\] order_status\.packed = processing/)
    assert.equal((await a.place()).status.code, 'packed', 'the old rules go on')

    a.editConfig(text => text.replace('[migrate]\n', '[migrate]\norder_status.packed = nowhere\n'))
    assertProblem(await a.post('/admin/reload'), 422, { code: 'config_error', detail: /orderd\.ini:\d+: .*"nowhere"/ })
    a.editConfig(text => text.replace('= nowhere', '= processing'))
    const tried = await a.run(['reload'], ['--dry-run'])
    assert.equal(tried.code, 0, tried.stderr)
    assert.match(tried.stdout, /would serve bundle [0-9a-f]{64}\n.*151 orders go from order_status "packed" to "processing"/s)
    assert.equal((await activations(a)).length, 1, 'a dry run activates nothing')

    await reload(a)
    const moved = await until(async () => {
      const states = await Promise.all([a, b].map(async server => (await server.get('/admin/migration')).body))
      return states.every(state => state.status === 'done' && state.moved === 151 && state.left === 0) && states
    }, { what: 'the migration, told alike by both processes' })
    assert.deepEqual(moved[0], moved[1])
    await b.restart()
    assert.deepEqual((await b.get('/admin/migration')).body, moved[0], 'it survives')
    const [{ left }] = await a.sql('select count(*)::int as left from orders where status = \'packed\'')
    assert.equal(left, 0)
    const last = (await b.client.events(placed[0].uuid)).at(-1)
    assert.equal(last.type, 'order.status_migrated')
    assert.equal(last.actor, 'migrate')

    // Back to rules that know the status: nothing is in the way. Back again: its orders are.
    assert.equal((await a.post('/admin/bundles/rollback')).status, 200)
    assert.equal((await a.place()).status.code, 'packed')
    await assertVerified(a)
  })
})

test('a migration that kill -9 cuts short goes on at the next start, and moves each order once', async () => {
  const TOTAL = 3000
  const config = text => text.replace('next = processing, partially', 'next = packed, processing, partially') + PACKED
  await withServers(1, { config, source: status('packed'), provides }, async a => {
    const placed = await pool(TOTAL, 64, () => a.place())
    const left = async () =>
      (await a.sql("select count(*)::int as n from orders where status = 'packed'"))[0].n
    assert.equal(await left(), placed.length)

    write(a, status('processing'), provides)
    a.editConfig(text => text.replace(PACKED, '').replace('next = packed, ', 'next = ')
      .replace('[migrate]\n', '[migrate]\norder_status.packed = processing\n'))
    await reload(a)
    await until(async () => await left() < TOTAL, { what: 'the first orders moved', every: 1 })
    await a.kill()
    const cut = await left()
    assert.ok(cut > 0 && cut < TOTAL, `${cut} of ${TOTAL} left when it was killed`)

    await a.start()
    await until(async () => await left() === 0, { what: 'the rest moved' })
    const [twice] = await a.sql("select count(*)::int as orders from (select 1 from order_event" +
      " where type = 'order.status_migrated' group by order_id having count(*) <> 1) e")
    assert.equal(twice.orders, 0)
    await assertVerified(a)
  })
})

test('a bundle whose statuses lack some that orders are in is not activated', async () => {
  await withServers(1, { source: status('processing'), provides }, async server => {
    const first = (await overview(server)).bundles[0].hash
    server.editConfig(text => text.replace('next = processing, partially', 'next = packed, processing, partially') + PACKED)
    write(server, status('packed'), provides)
    await reload(server)
    await server.place()
    const problem = assertProblem(await server.post(`/admin/bundles/${first}/activate`), 409)
    assert.match(problem.detail, /no order_status "packed", but 1 order is in it/)
    const { code, stderr } = await server.run(['bundle'], ['rollback'])
    assert.equal(code, 1)
    assert.match(stderr, /refused: .*"packed"/)
    assert.equal((await server.place()).status.code, 'packed')
  })
})

test('rules that keep failing are rolled back once, by one process, with the reason', async () => {
  const failing = `oms.policy("order.cancel", function(order)
  if order.shipping_note == "bad" then error("no such thing") end
  return oms.refuse("second", "Second")
end)\n`
  await withServers(2, { options: { 'rollback.min_calls': '10' } }, async (a, b) => {
    write(a, failing)
    const bad = await reload(a)
    await settled(b, 'second')
    await until(async () => {
      const { uuid } = await a.place({ shippingNote: 'bad' })
      const { code } = assertProblem(await a.post(`/api/orders/${uuid}/cancel`), 409)
      return code === 'first'
    }, { what: 'the rollback' })
    await settled(b, 'first')
    const [rolled] = await activations(b)
    assert.equal(rolled.kind, 'auto_rollback')
    assert.match(rolled.reason, /^\d+ of \d+ answers failed: order\.cancel@shop: shop\/init\.lua:2: .*no such thing/)
    assert.equal(await metric(a, 'orderd_rollbacks_total') + await metric(b, 'orderd_rollbacks_total'), 1)
    assert.match(a.log, /error rolling_back /)

    // A person may insist; then there is nothing left to go back to by itself.
    assert.equal((await a.post(`/admin/bundles/${bad}/activate`)).status, 200)
    await settled(a, 'second')
    const { stdout } = await a.run(['bundle'], ['list'])
    assert.match(stdout, /auto_rollback +orderd: \d+ of \d+ answers failed/)
  })
})

test('a process that cannot load what was activated keeps its rules and says so', async () => {
  await withServers(1, {}, async a => {
    const weak = await a.peer({ 'script.load_instructions': '100000' }).start()
    write(a, `local n = 0\nfor i = 1, 200000 do n = n + i end\n${rule('second')}`)
    await reload(a)
    const { error } = await until(async () => (await overview(a)).processes.find(p => p.pid === weak.pid && p.error),
      { what: 'the error in the list' })
    assert.match(error, /shop\/init\.lua:2: /)
    assert.equal(await refusal(weak), 'first')
    assert.equal(await metric(weak, 'orderd_activation_behind'), 1)
    write(a, rule('third'))
    await reload(a)
    await settled(weak, 'third')
    assert.equal(await metric(weak, 'orderd_activation_behind'), 0)
    await weak.stop()
  })
})

test('commands are answered while a reload is checked', async () => {
  const slow = 'oms.test("slow", function(t)\n  for _ = 1, 1000 do for _ = 1, 10000 do end t:ok(true) end\nend)\n'
  await withServers(1, { options: { 'check.tests': 'warn', 'check.time': '3s' } }, async server => {
    server.writePluginFile('shop', 'tests/slow.lua', slow)
    write(server, rule('second'))
    let reloading = true
    const reloaded = reload(server).finally(() => { reloading = false })
    let meanwhile = 0
    while (reloading) {
      await server.place(order())
      meanwhile++
    }
    await reloaded
    assert.ok(meanwhile > 5, `${meanwhile} orders were placed during the checks`)
    assert.equal(await refusal(server), 'second')
  })
})
