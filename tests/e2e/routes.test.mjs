// Paths of plugins: scripts that answer requests, wait for queries and commands, and cannot hold up
// anything else while they do.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, Client, raw, until, useServer, withServer } from './lib.mjs'

const shop = (generation = 'first') => `
oms.route("GET", "/hello/:name", { role = "public" }, function(request)
  return { json = { hello = request.params.name, query = request.query.q or "none",
                    agent = request.headers["user-agent"], key = request.headers.authorization or "none",
                    actor = request.actor, generation = "${generation}" } }
end)
oms.route("POST", "/echo", function(request)
  return { status = 201, json = { got = request.json, bytes = #request.body, actor = request.actor },
           headers = { ["X-Shop"] = "open" } }
end)
oms.route("GET", "/page", { role = "reader" }, function() return { html = "<p>Olá</p>" } end)
oms.route("DELETE", "/page", { role = "admin" }, function() end)
oms.route("GET", "/csv", { role = "reader" }, function()
  return { text = "a,b", headers = { ["Content-Type"] = "text/csv", ["Content-Disposition"] = "attachment" } }
end)
oms.route("GET", "/broken", { role = "reader" }, function() error("the till is on fire") end)
oms.route("GET", "/wrong", { role = "reader" }, function() return 42 end)
oms.route("GET", "/endless", { role = "reader" }, function() while true do end end)
oms.route("GET", "/orders-of/:email", { role = "reader" }, function(request)
  local found = oms.orders():where("customer_email", "=", request.params.email)
    :order_by("grand_total", "desc"):limit(0, 10):execute()
  local numbers = {}
  for _, row in ipairs(found) do numbers[#numbers + 1] = row.order_number end
  return { json = { numbers = numbers,
                    count = oms.orders():where("customer_email", "=", request.params.email):count() } }
end)
oms.route("GET", "/whole/:ref", { role = "reader" }, function(request)
  local order = oms.order(request.params.ref)
  return order and { json = order } or { status = 404, json = { missing = request.params.ref } }
end)
oms.route("GET", "/slow", { role = "reader" }, function()
  local n = oms.orders():join("activities"):where("activities.comment", "=", "slow"):count()
  return { json = { n = n, generation = "${generation}" } }
end)
oms.route("GET", "/:one/:two/:three", { role = "public" }, function() return { text = "caught" } end)
oms.route("POST", "/cancel/:ref", {}, function(request)
  local ok, problem = pcall(oms.cancel_order, request.params.ref, "By route")
  if ok then return { json = { status = problem.status } } end
  return { status = 409, json = { code = problem.code, message = problem.message, policy = problem.policy,
                                  text = tostring(problem) } }
end)
oms.route("POST", "/cancel-or-fail/:ref", {}, function(request) oms.cancel_order(request.params.ref) end)
oms.route("POST", "/swap", {}, function(request)
  local body = request.json
  local ok, result = pcall(oms.transaction, function(tx)
    if body.version then tx:require_version(body.a, body.version) end
    tx:cancel_order(body.a, "swapped")
    tx:hold_order(body.b, { handle = "swap", reason = body.reason or "see the other" })
  end, { key = body.key })
  if not ok then return { status = 409, json = { code = result.code } } end
  return { json = { result[1].status, result[2].status } }
end)
oms.route("POST", "/money-back/:ref", {}, function(request)
  oms.add_payment(request.params.ref, { type = "capture", transaction_id = "t-" .. request.params.ref })
  local order = oms.refund_order(request.params.ref, { amount = 1000, reason = "Late" })
  order = oms.issue_invoice(order)
  local function joined(source, column)
    return oms.orders():join(source):where("order_id", "=", order.order_id):order_by(column, "asc"):execute()
  end
  local refund, invoice = joined("refunds", "refunds.refund_id")[1], joined("invoices", "invoices.invoice_id")[1]
  local payments = joined("payments", "payments.payment_id")
  return { json = { amount = refund.refunds.amount, memo = refund.refunds.credit_memo_number,
                    invoice = invoice.invoices.invoice_number, type = payments[2].payments.type,
                    returns = oms.orders():left_join("returns"):where("order_id", "=", order.order_id)
                      :and_where("returns.return_id", "is_null"):count(),
                    rollup = order.payment_rollup, left = order.amount_refundable } }
end)
oms.route("POST", "/place", {}, function(request)
  local order = oms.place_order { items = request.json.items }
  return { status = 201, json = { number = order.order_number, total = order.grand_total } }
end)
oms.route("PUT", "/stock/:sku", {}, function(request)
  return { json = oms.set_inventory(request.params.sku, { qty = request.json.qty }) }
end)
`
const settings = {
  options: { 'plugins.load': 'shop' },
  config: text => `${text}\n[grant]\nshop = commands, sql.read\n`,
  prepare: on => on.writePlugin('shop', shop(), { capabilities: ['commands', 'sql.read'] }),
}
const server = await useServer(settings)
const reload = async (source, on = server) => {
  on.writePlugin('shop', source, { capabilities: ['commands', 'sql.read'] })
  return on.post('/admin/reload')
}

test('a route gets its parameters, query and headers, and answers JSON', async () => {
  const answer = await server.get('/hello/J%C3%BCrgen%20%26%20co?q=%3Cb%3E&q=2', { authorization: 'Bearer x', 'user-agent': 'test' })
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.deepEqual(answer.body, { hello: 'Jürgen & co', query: '<b>', agent: 'test', key: 'none', actor: 'public', generation: 'first' })
  const head = await raw(server.url, 'HEAD /hello/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.equal(head.status, 200)
  assert.match(head.text, /\r\n\r\n$/)
})

test('a body is there as bytes and, when it is JSON, as a table', async () => {
  const echo = await server.post('/echo', { list: [1, 2.5, 'é'], nested: { yes: true, none: null } })
  assert.equal(echo.status, 201, echo.text)
  assert.equal(echo.headers['x-shop'], 'open')
  assert.deepEqual(echo.body.got, { list: [1, 2.5, 'é'], nested: { yes: true } })
  assert.equal(echo.body.actor, 'anonymous')
  const text = await server.api('POST', '/echo', 'plain', { 'content-type': 'application/octet-stream' })
  assert.deepEqual([text.body.bytes, text.body.got], [5, undefined])
  assertProblem(await server.api('POST', '/echo', '{"a":', { 'content-type': 'application/json' }), 400, { code: 'malformed_json' })
  assertProblem(await server.api('POST', '/echo', 'x'.repeat(2 << 20), { 'content-type': 'application/octet-stream' }), 413)
})

test('pages, other types and empty answers', async () => {
  const page = await server.get('/page')
  assert.deepEqual([page.headers['content-type'], page.text], ['text/html; charset=utf-8', '<p>Olá</p>'])
  const csv = await server.get('/csv')
  assert.deepEqual([csv.headers['content-type'], csv.headers['content-disposition'], csv.text], ['text/csv', 'attachment', 'a,b'])
  const none = await server.api('DELETE', '/page')
  assert.deepEqual([none.status, none.text], [204, ''])
})

test('another method is 405 with Allow, another path 404, and built-in paths stay what they are', async () => {
  const wrong = await server.api('PUT', '/page', {})
  assertProblem(wrong, 405)
  assert.deepEqual(wrong.headers.allow.split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'OPTIONS'])
  const options = await server.api('OPTIONS', '/page')
  assert.deepEqual([options.status, options.headers.allow], [204, wrong.headers.allow])
  assert.equal((await server.get('/a/b/c')).text, 'caught')
  for (const path of ['/hello', '/hello/', '/nothing', '/api/no/such', '/admin/no/such', '/webhooks/no/such']) assertProblem(await server.get(path), 404)
  assertProblem(await server.api('PUT', '/healthz', {}), 405)
})

test('a script that fails is 500 without a word of its inside; the log has it', async () => {
  for (const path of ['/broken', '/wrong', '/endless']) {
    const problem = assertProblem(await server.get(path), 500, { code: 'script_failed' })
    assert.doesNotMatch(JSON.stringify(problem), /lua|fire|init|endless loop/)
  }
  await until(() => /script_failed .*label=\S*\/broken@shop .*init\.lua:\d+.*the till is on fire/.test(server.log), { what: 'the log' })
})

test('a refusal that a route does not catch is its answer, as the API gives it', async () => {
  const order = await server.place()
  assert.equal((await server.post(`/cancel-or-fail/${order.uuid}`)).status, 204)
  assertProblem(await server.post(`/cancel-or-fail/${order.uuid}`), 409, { code: 'already_canceled' })
  assertProblem(await server.post('/cancel-or-fail/no-such'), 404, { code: 'order_not_found' })
  const held = await server.place()
  await server.post(`/api/orders/${held.uuid}/holds`, { handle: 'x', reason: 'y' })
  const problem = assertProblem(await server.post(`/cancel-or-fail/${held.uuid}`), 409, { code: 'on_hold' })
  assert.equal(problem.policy, 'order.cancel@default')
})

test('queries find orders, values stay values', async () => {
  const hostile = "o'neil\"; drop table orders; --@example.org"
  for (const price of [10, 30, 20]) {
    await server.place({ customer: { email: hostile }, items: [{ sku: 'A', qty: 1, price }] })
  }
  const found = await server.get(`/orders-of/${encodeURIComponent(hostile)}`)
  assert.equal(found.status, 200, found.text)
  assert.equal(found.body.count, 3)
  const orders = await Promise.all(found.body.numbers.map(n => server.client.order(n)))
  assert.deepEqual(orders.map(o => o.grandTotal), [30, 20, 10])
  assert.deepEqual((await server.get('/orders-of/nobody')).body.count, 0)
})

test('one whole order, by id, uuid or number', async () => {
  const order = await server.place({ customer: { email: 'ana@example.org' } })
  for (const ref of [order.orderId, order.uuid, order.orderNumber]) {
    const { status, body } = await server.get(`/whole/${ref}`)
    assert.equal(status, 200)
    assert.deepEqual([body.order_id, body.uuid, body.grand_total, body.customer_email, body.items[0].sku],
      [order.orderId, order.uuid, 3998, 'ana@example.org', 'TEE-M'])
  }
  assert.equal((await server.get('/whole/no-such')).status, 404)
})

test('commands of a route: done by the caller, refusals are errors with code and policy', async () => {
  const order = await server.place()
  assert.deepEqual((await server.post(`/cancel/${order.uuid}`)).body, { status: 'canceled' })
  const again = await server.post(`/cancel/${order.uuid}`)
  assert.equal(again.status, 409, again.text)
  assert.equal(again.body.code, 'already_canceled')
  assert.match(again.body.text, /\(already_canceled\)$/)
  const canceled = (await server.client.events(order.uuid)).at(-1)
  assert.equal(canceled.actor, 'anonymous')
  const placed = await server.post('/place', { items: [{ sku: 'B', qty: 2, price: 1250 }] })
  assert.equal(placed.status, 201, placed.text)
  assert.equal(placed.body.total, 2500)
  assert.equal((await server.client.order(placed.body.number)).grandTotal, 25)
  const stock = await server.api('PUT', '/stock/NEW-1', { qty: 7 })
  assert.deepEqual(stock.body, {
    sku: 'NEW-1', qty: 7, reserved: 0, available: 7,
    locations: [{ location: 'main', qty: 7, reserved: 0, available: 7, backorder: false, oversold: 0 }],
  })
})

test('money goes back by a route, and queries find it with its documents', async () => {
  const order = await server.place()
  const { status, body, text } = await server.post(`/money-back/${order.uuid}`)
  assert.equal(status, 200, text)
  assert.match(body.memo, /^CM-\d{4}-\d{6}$/)
  assert.match(body.invoice, /^INV-\d{4}-\d{6}$/)
  assert.deepEqual([body.amount, body.type, body.returns, body.rollup, body.left],
    [1000, 'refund', 1, 'partially_refunded', Math.round(order.grandTotal * 100) - 1000])
})

test('a transaction over two orders takes effect on both or on neither', async () => {
  const [a, b] = [await server.place(), await server.place()]
  const done = await server.post('/swap', { a: a.uuid, b: b.orderNumber })
  assert.deepEqual([done.status, done.body], [200, ['canceled', 'on_hold']], done.text)

  const [c, d] = [await server.place(), await server.place()]
  assert.equal((await server.post(`/api/orders/${d.uuid}/holds`, { handle: 'swap', reason: 'before' })).status, 201)
  const version = (await server.client.order(d.uuid)).version
  assert.equal((await server.post('/swap', { a: c.uuid, b: 'no-such-order' })).status, 409)
  assert.equal((await server.post('/swap', { a: c.uuid, b: d.uuid, version: c.version + 1 })).status, 409)
  assert.equal((await server.client.order(c.uuid)).version, c.version, 'the first was undone')
  assert.equal((await server.client.order(d.uuid)).version, version)
})

test('a transaction under a key happens once', async () => {
  const [a, b] = [await server.place(), await server.place()]
  const body = { a: a.uuid, b: b.uuid, key: `swap-${a.uuid}` }
  const first = await server.post('/swap', body)
  assert.deepEqual([first.status, first.body], [200, ['canceled', 'on_hold']], first.text)
  const again = await server.post('/swap', body)
  assert.deepEqual([again.status, again.body], [200, ['canceled', 'on_hold']], again.text)
  assert.equal((await server.client.order(b.uuid)).version, b.version + 1)
  const other = await server.post('/swap', { ...body, reason: 'something else' })
  assert.deepEqual([other.status, other.body], [409, { code: 'idempotency_key_reused' }])
})

/** Queries that join activities take `seconds` from now on. */
const slowDown = (seconds, on = server) => on.sql(`create or replace view order_activity as
  select order_id, seq as activity_id, at as created_at, actor as username, data->>'comment' as comment,
    coalesce((data->>'customer_notified')::bool, false) as customer_notified
  from (select * from order_event where type = 'activity.added' limit 1) e where pg_sleep(${seconds})::text = ''`)

test('while a query takes its time everything else goes on', async () => {
  const order = await server.place()
  await server.post(`/api/orders/${order.uuid}/activities`, { comment: 'slow' })
  await slowDown(3)
  let over = false
  const slow = server.get('/slow').finally(() => { over = true })
  await until(async () => (await server.sql("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length, { what: 'the slow query' })
  assert.equal((await server.get('/hello/you')).status, 200)
  assert.equal((await server.get('/orders-of/nobody')).status, 200, 'another query')
  assert.equal((await server.post(`/cancel/${order.uuid}`)).status, 200, 'a command of a route')
  await server.place()
  assert.equal((await server.get('/api/orders?limit=1')).status, 200)
  assert.equal(over, false, 'and the slow one is still under way')
  const { status, text } = await slow
  assert.equal(status, 200, text)
})

test('a reload lets what waits end by the rules it began with', async () => {
  const order = await server.place()
  await server.post(`/api/orders/${order.uuid}/activities`, { comment: 'slow' })
  await slowDown(2)
  const slow = server.get('/slow')
  await until(async () => (await server.sql("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).length, { what: 'the slow query' })
  assert.equal((await reload(shop('second'))).status, 200)
  assert.equal((await server.get('/hello/you')).body.generation, 'second')
  const { status, text, body } = await slow
  assert.equal(status, 200, text)
  assert.equal(body.generation, 'first')
})

test('metrics name each route', async () => {
  const { text } = await server.get('/metrics')
  assert.match(text, /^orderd_http_request_seconds_count\{route="[^"]*\/hello\/:name@shop"\} [1-9]/m)
  assert.match(text, /^orderd_tasks_failed_total [1-9]/m)
  assert.match(text, /^orderd_script_queries_total [1-9]/m)
})

test('a route over one of the server’s own is refused when it is loaded', async () => {
  for (const path of ['/api/mine', '/api', '/admin/mine', '/healthz', '/metrics/x', '/openapi.json', '/graphql', '/webhooks/x',
    'no-slash', '/a//b', '/a/', `/${'a/'.repeat(150)}b`, '/:a/:b/:c/:d/:e/:f/:g/:h/:i']) {
    assertProblem(await reload(`oms.route("GET", "${path}", {}, function() end)\n`), 422, { code: 'script_error', detail: /init\.lua:1/ })
  }
  assertProblem(await reload('oms.route("FETCH", "/x", {}, function() end)\n'), 422, { code: 'script_error' })
  assertProblem(await reload('oms.route("GET", "/x", { role = "king" }, function() end)\n'), 422, { code: 'script_error' })
  assert.equal((await server.get('/hello/you')).status, 200)
})

test('each role opens what it should, and the caller’s name is the actor', async () => {
  await withServer({ ...settings, options: { ...settings.options, 'auth.mode': 'keys' } }, async on => {
    const client = async role => {
      const { code, stdout, stderr } = await on.run(['key', 'add'], [`the-${role}`, '--role', role])
      assert.equal(code, 0, stderr)
      const made = new Client(on.url, { key: stdout.trim().split(/\s+/).at(-1) })
      await until(async () => (await made.get('/api/orders?limit=1')).status === 200, { what: `the key of ${role}` })
      return made
    }
    const [reader, staff, admin] = [await client('reader'), await client('staff'), await client('admin')]
    const open = (await on.get('/hello/you')).body
    assert.deepEqual([open.actor, open.key], ['public', 'none'])
    assertProblem(await on.get('/page'), 401)
    assert.equal((await reader.get('/page')).status, 200)
    assertProblem(await reader.post('/echo', {}), 403)
    assert.equal((await staff.post('/echo', {})).body.actor, 'the-staff')
    assertProblem(await staff.api('DELETE', '/page'), 403)
    assert.equal((await admin.api('DELETE', '/page')).status, 204)
    assertProblem(await staff.get('/admin/jobs'), 403)
    assert.deepEqual((await admin.get('/admin/jobs')).body, { items: [] })
    for (const c of [reader, staff, admin]) c.close()
  })
})

test('a route has its time, the process its number of them, and a stop waits for none', async () => {
  const options = { ...settings.options, 'script.task_timeout': '700ms', 'script.max_tasks': '2', 'server.drain_timeout': '300ms' }
  await withServer({ ...settings, options }, async on => {
    const order = await on.place()
    await on.post(`/api/orders/${order.uuid}/activities`, { comment: 'slow' })
    await slowDown(20, on)
    const slow = [on.get('/slow'), on.get('/slow')]
    await until(async () => /^orderd_tasks 2$/m.test((await on.get('/metrics')).text), { what: 'two tasks' })
    assertProblem(await on.get('/hello/you'), 503, { code: 'overloaded' })
    for (const answer of await Promise.all(slow)) assertProblem(answer, 503, { code: 'script_timeout' })
    assert.equal((await on.get('/hello/you')).status, 200)
    const last = on.get('/slow').catch(error => error)
    await until(async () => /^orderd_tasks 1$/m.test((await on.get('/metrics')).text), { what: 'a task' })
    await on.stop()
    await last
  })
})

test('without the database a route fails and nothing hangs; with it back it works again', async () => {
  await withServer({}, async store => {
    const options = { ...settings.options, 'database.url': store.databaseUrl() }
    await withServer({ ...settings, options }, async front => {
      assert.equal((await front.get('/orders-of/nobody')).status, 200)
      await store.stop()
      await until(async () => (await front.get('/readyz')).status === 503, { what: 'not ready' })
      assertProblem(await front.get('/orders-of/nobody'), 503, { code: 'unavailable' })
      assert.equal((await front.post('/cancel/1')).body.code, 'unavailable')
      assert.equal((await front.get('/hello/you')).status, 200)
      await store.start()
      await until(async () => (await front.get('/orders-of/nobody')).status === 200, { what: 'queries again' })
    })
  })
})

test('after all of it the rows are what the events add up to', () => assertVerified(server))
