// The rules a shop gets by default, from end to end: statuses, what may be cancelled, what is
// notified; and that statuses are configuration, not code.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertProblem, until, useServer, withServer } from './lib.mjs'

const server = await useServer()

const pay = (id, body = { type: 'capture' }) => server.post(`/api/orders/${id}/payments`, body)
const ship = (id, body) => server.post(`/api/orders/${id}/shipments`, body)
const parcel = (id, n, status) => server.api('PATCH', `/api/orders/${id}/shipments/${n}`, { status })
const cancel = id => server.post(`/api/orders/${id}/cancel`, { reason: 'test' })
const status = async id => (await server.client.order(id)).status.code

test('pending, processing, partially_shipped, shipped, completed', async () => {
  const { uuid } = await server.place({ items: [{ sku: 'L', qty: 2, price: 5 }] })
  const seen = [await status(uuid)]
  const steps = [
    () => pay(uuid), () => ship(uuid, { items: [{ orderItemId: 1, qty: 1 }] }), () => ship(uuid),
    () => parcel(uuid, 1, 'delivered'), () => parcel(uuid, 2, 'delivered'),
  ]
  for (const step of steps) {
    const { status: code, text } = await step()
    assert.ok(code < 300, text)
    seen.push(await status(uuid))
  }
  assert.deepEqual(seen.filter((s, i) => s !== seen[i - 1]), ['pending', 'processing', 'partially_shipped', 'shipped', 'completed'])
  const moves = (await server.client.events(uuid)).map(e => e.status).filter(s => s?.to && s.from !== s.to)
  assert.deepEqual(moves.filter(m => m.from).map(m => m.to), ['processing', 'partially_shipped', 'shipped', 'completed'])
})

test('a hold shows as on_hold, at any stage, and goes back', async () => {
  const { uuid } = await server.place({ paymentStatus: 'paid' })
  await server.post(`/api/orders/${uuid}/holds`, { handle: 'a' })
  await server.post(`/api/orders/${uuid}/holds`, { handle: 'b' })
  assert.equal(await status(uuid), 'on_hold')
  await server.api('DELETE', `/api/orders/${uuid}/holds/a`)
  assert.equal(await status(uuid), 'on_hold', 'one hold is left')
  await server.api('DELETE', `/api/orders/${uuid}/holds/b`)
  assert.equal(await status(uuid), 'processing')
})

test('an unpaid order may be cancelled; its payment and shipment statuses follow', async () => {
  const { uuid } = await server.place()
  assert.equal((await cancel(uuid)).status, 200)
  const now = await server.client.order(uuid)
  assert.deepEqual([now.status.code, now.paymentStatus.code, now.shipmentStatus.code], ['canceled', 'canceled', 'canceled'])
})

test('a paid order is not cancelable, and the refusal names the policy and the reason', async () => {
  const { uuid } = await server.place()
  await pay(uuid)
  const problem = assertProblem(await cancel(uuid), 409)
  assert.match(problem.policy, /^order\.cancel@/)
  assert.ok(problem.detail.length > 10)
  assert.equal(await status(uuid), 'processing')
})

test('once a unit is on its way nothing cancels the order, paid or not', async () => {
  const { uuid } = await server.place({ items: [{ sku: 'L', qty: 2, price: 5 }] })
  await ship(uuid, { items: [{ orderItemId: 1, qty: 1 }] })
  assertProblem(await cancel(uuid), 409)
  await parcel(uuid, 1, 'delivered')
  assertProblem(await cancel(uuid), 409)
  assert.equal((await server.client.order(uuid)).items[0].qtyCanceled, 0)
})

test('a move outside the graph is refused and says what is allowed', async () => {
  const { uuid } = await server.place({ paymentStatus: 'paid' })
  const answer = await server.api('PATCH', `/api/orders/${uuid}`, { paymentStatus: 'canceled' })
  assertProblem(answer, 409, { code: 'move_not_allowed', detail: /paid/ })
})

test('every intent is one line of the notification log, after the fact and once', async () => {
  const files = () => walk(server.dataDir).filter(f => f.endsWith('.log') && !f.includes('postgres'))
  const told = uuid => files().flatMap(f => fs.readFileSync(f, 'utf8').split('\n')).filter(line => line.includes(uuid))
  const { uuid, orderNumber } = await server.place({ customer: { email: 'ana@example.org' } })
  await pay(uuid)
  await ship(uuid, { carrier: 'ctt', trackingNumber: 'TRACK-1' })
  await parcel(uuid, 1, 'delivered')
  const canceled = await server.place({ customer: { email: 'ana@example.org' } })
  await cancel(canceled.uuid)

  const lines = await until(() => {
    const found = [...told(uuid), ...told(orderNumber)].filter((line, i, all) => all.indexOf(line) === i)
    return found.length >= 4 && found
  }, { what: 'the notifications' })
  for (const topic of ['order.placed', 'payment.paid', 'shipment.created', 'shipment.delivered']) {
    assert.equal(lines.filter(line => line.includes(topic)).length, 1, `${topic}\n${lines.join('\n')}`)
  }
  const other = await until(() => {
    const found = [...told(canceled.uuid), ...told(canceled.orderNumber)].filter((line, i, all) => all.indexOf(line) === i)
    return found.length >= 2 && found
  }, { what: 'the notification of the cancel' })
  assert.equal(other.filter(line => line.includes('order.canceled')).length, 1)
})

test('statuses come from the configuration: names, badges and new members', async () => {
  const config = text => text.replace(/(\[order_status\.pending\][^[]*?name\s*=\s*)[^\n]*/, '$1Waiting for money')
    .replace(/(\[payment_status\.pending\][^[]*?next\s*=\s*)/, '$1cash_on_delivery, ') +
    '\n[payment_status.cash_on_delivery]\nname = Cash on delivery\nbadge = outline\nprogress = incomplete\ncancelable = yes\n'
  await withServer({ config }, async shop => {
    const { uuid, status: now } = await shop.place()
    assert.equal(now.name, 'Waiting for money')
    const cash = await shop.api('PATCH', `/api/orders/${uuid}`, { paymentStatus: 'cash_on_delivery' })
    assert.equal(cash.status, 200, cash.text)
    assert.deepEqual(cash.body.paymentStatus,
      { code: 'cash_on_delivery', name: 'Cash on delivery', badge: 'outline', progress: 'incomplete' })
    assert.equal((await shop.post(`/api/orders/${uuid}/cancel`)).status, 200, 'cancelable is a flag')
  })
})

function walk(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(dir, entry.name)
    if (entry.isDirectory()) return fs.existsSync(path.join(file, 'PG_VERSION')) ? [] : walk(file)
    return [file]
  })
}
