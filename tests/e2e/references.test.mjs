// How orders are named: by number first, by uuid, by id where it is said to be one. No way in may
// take one order for another.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, withServer } from './lib.mjs'

const finder = `
oms.route("GET", "/number-of/:ref", { role = "reader" }, function(request)
  local order = oms.order(request.params.ref)
  return { json = { number = order and order.order_number or "none" } }
end)
oms.route("POST", "/cancel/:ref", {}, function(request)
  local ok, problem = pcall(oms.cancel_order, request.params.ref, "By route")
  return { json = { ok = ok, code = not ok and problem.code or nil } }
end)`

const settings = {
  options: { 'plugins.load': 'finder' },
  config: text => `${text}\n[grant]\nfinder = commands, sql.read\n`,
  prepare: on => on.writePlugin('finder', finder, { capabilities: ['commands', 'sql.read'] }),
}

async function lines(server, ...commands) {
  const body = commands.map(c => JSON.stringify(c)).join('\n')
  const answer = await server.api('POST', '/api/batch', body, { 'content-type': 'application/x-ndjson' })
  return answer.text.trim().split('\n').map(line => JSON.parse(line))
}

async function row(server, order) {
  const csv = `order,carrier,trackingNumber\n${order},DHL,JD1\n`
  const answer = await server.api('POST', '/api/batch', csv, { 'content-type': 'text/csv' })
  return answer.text.trim().split(/\r?\n/)[1]
}

test('digits name an order by its id while no order is numbered so', () => withServer(settings, async server => {
  const { orderId, orderNumber } = await server.place()
  assert.equal((await server.get(`/api/orders/${orderId}`)).body.orderNumber, orderNumber)
  assert.equal((await server.get(`/api/orders/id:${orderId}`)).body.orderNumber, orderNumber)
  assert.equal((await server.get(`/number-of/${orderId}`)).body.number, orderNumber)
  const [text, number] = await lines(server,
    { command: 'activities', order: String(orderId), comment: 'by text' },
    { command: 'activities', order: orderId, comment: 'by id' })
  assert.deepEqual([text.status, number.status], [201, 201])
  const explained = await server.run('explain', [String(orderId)])
  assert.equal(explained.code, 0, explained.stderr)
}))

test('where a number and another order\'s id read alike, both are named and nothing is done', () => withServer(settings, async server => {
  const [, second] = [await server.place(), await server.place()]
  const named = await server.place({ orderNumber: String(second.orderId) })
  const digits = String(second.orderId)
  const both = problem => {
    assert.match(problem.detail, new RegExp(`id:${named.orderId}\\b`))
    assert.ok(problem.detail.includes(second.orderNumber), problem.detail)
  }
  for (const path of ['', '/activities', '/actions', '/events']) {
    const answer = await server.get(`/api/orders/${digits}${path}`)
    both(assertProblem(answer, 409, { code: 'ambiguous_order' }))
  }
  both(assertProblem(await server.post(`/api/orders/${digits}/cancel`, {}), 409, { code: 'ambiguous_order' }))
  const [line, byId, byNumber] = await lines(server,
    { command: 'cancel', order: digits },
    { command: 'activities', order: second.orderId, comment: 'me' },
    { command: 'activities', order: `id:${named.orderId}`, comment: 'me' })
  assert.equal(line.status, 409)
  both(line.problem)
  assert.equal(byId.order.orderNumber, second.orderNumber)
  assert.equal(byNumber.order.orderNumber, named.orderNumber)
  assert.match(await row(server, digits), /,409,/)
  assert.deepEqual((await server.post(`/cancel/${digits}`)).body, { ok: false, code: 'ambiguous_order' })
  const explained = await server.run('explain', [digits])
  assert.equal(explained.code, 1)
  assert.ok(explained.stderr.includes(second.orderNumber), explained.stderr)
  for (const { orderId } of [second, named]) {
    const { body } = await server.get(`/api/orders/id:${orderId}`)
    assert.equal(body.status.code, 'pending')
    assert.equal(body.shipments.length, 0)
  }
  await assertVerified(server)
}))

test('a shop that numbers in digits means the number', () => withServer(settings, async server => {
  const first = await server.place({ orderNumber: '10001' })
  const second = await server.place({ orderNumber: String(first.orderId) })
  assert.equal((await server.get('/api/orders/10001')).body.orderId, first.orderId)
  // Another order has that id; since it is numbered in digits too, digits are how this shop writes numbers.
  assert.equal((await server.get(`/api/orders/${first.orderId}`)).body.orderId, second.orderId)
  const [cancelled] = await lines(server, { command: 'cancel', order: String(first.orderId) })
  assert.equal(cancelled.order.orderId, second.orderId)
  assert.equal((await server.get('/api/orders/10001')).body.status.code, 'pending')
  // No order is numbered so: the id is not tried, but told of.
  const problem = assertProblem(await server.get(`/api/orders/${second.orderId}`), 404, { code: 'order_not_found' })
  assert.match(problem.detail, new RegExp(`id:${second.orderId}\\b`))
  assert.match(await row(server, second.orderId), /,404,/)
  assert.equal((await server.get('/number-of/10001')).body.number, '10001')
  assertProblem(await server.get('/api/orders/777777'), 404, { code: 'order_not_found' })
}))
