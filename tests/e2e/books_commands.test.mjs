// Every command that moves money, parcels or stock: given twice with one key it has one effect and
// one answer, as a dry run it has none, and against another version it is refused.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { Shop, units } from './books.mjs'
import { assertProblem, assertVerified, useServer } from './lib.mjs'

const server = await useServer()
const shop = await Shop.of(server)

const placedOrder = async () => {
  const sku = await shop.stock(9)
  return Object.assign(await shop.place({ items: [{ sku, qty: 3, price: 10 }], shippingFeeInclTax: 5 }), { sku })
}

const paidOrder = async () => {
  const bought = await placedOrder()
  await bought.pay(35, { method: 'card', transactionId: `ch-${bought.uuid}` })
  return bought
}

const shippedOrder = async () => {
  const bought = await paidOrder()
  await bought.ship(units({ 1: 2 }))
  return bought
}

const returnedOrder = async () => {
  const bought = await shippedOrder()
  await bought.post('returns', { items: units({ 1: 2 }) })
  return bought
}

const receivedOrder = async () => {
  const bought = await returnedOrder()
  await bought.receive(1)
  return bought
}

const proposedChange = async () => {
  const bought = await paidOrder()
  await bought.post('changes', { items: units({ 1: 4 }) })
  return bought
}

const canceledOrder = async () => {
  const bought = await placedOrder()
  await bought.cancel()
  return bought
}

// [what, order it is given to, method, path below the order, body]
const commands = [
  ['cancel units', paidOrder, 'POST', 'cancel', { items: units({ 1: 1 }) }],
  ['hand over what was cancelled', canceledOrder, 'POST', 'shipments', { handedOver: true, items: units({ 1: 1 }) }],
  ['track', shippedOrder, 'POST', 'track', { carrier: 'Post', trackingNumber: 'T1' }],
  ['charge back', paidOrder, 'POST', 'payments', { type: 'chargeback', amount: 5, method: 'card' }],
  ['report a refund', paidOrder, 'POST', 'payments', { type: 'refund', amount: 5, method: 'card', transactionId: 're_1' }],
  ['refund', shippedOrder, 'POST', 'refunds', { items: [{ orderItemId: 1, qty: 1, restock: true }], shipping: true }],
  ['announce a return', shippedOrder, 'POST', 'returns', { items: units({ 1: 1 }) }],
  ['approve a return', returnedOrder, 'PATCH', 'returns/1', { status: 'approved' }],
  ['receive a return', returnedOrder, 'PATCH', 'returns/1', { status: 'received', restock: true }],
  ['exchange', receivedOrder, 'POST', 'returns/1/exchange', { items: [{ sku: 'UNTRACKED', qty: 1, price: 10 }] }],
  ['issue an invoice', paidOrder, 'POST', 'invoices', {}],
  ['propose a change', paidOrder, 'POST', 'changes', { items: units({ 1: 2 }) }],
  ['confirm a change', proposedChange, 'POST', 'changes/1/confirm', {}],
  ['discard a change', proposedChange, 'DELETE', 'changes/1', {}],
]

const written = async bought => {
  const [counts] = await server.sql(`select (select count(*) from order_event)::int as events,
    (select count(*) from orders)::int as orders, (select count(*) from refund)::int as refunds,
    (select count(*) from stock_adjustment)::int as adjustments,
    (select coalesce(sum(value), 0) from counter where series ~ '^(invoice|credit_memo):')::int as documents`)
  return [counts, await bought.now(), await shop.shelf(bought.sku)]
}

for (const [what, prepare, method, below, body] of commands) {
  test(`${what}: a dry run answers and writes nothing, a key counts once, a stale version is refused`, async () => {
    const bought = await prepare()
    const path = `${bought.path}/${below}`
    const before = await written(bought)
    const would = await shop.call(method, `${path}?dryRun=true`, body)
    assert.equal(would.status, 200, would.text)
    assert.deepEqual(await written(bought), before)

    const { version } = before[1]
    assertProblem(await shop.call(method, path, body, { 'if-match': `"${version + 1}"` }), 412)
    assert.deepEqual(await written(bought), before)

    const headers = { 'idempotency-key': randomUUID(), 'if-match': `"${version}"` }
    const first = await shop.call(method, path, body, headers)
    assert.ok([200, 201].includes(first.status), first.text)
    const after = await written(bought)
    assert.notDeepEqual(after, before)
    const again = await shop.call(method, path, body, headers)
    assert.deepEqual([again.status, again.text, again.headers['idempotency-replayed']], [first.status, first.text, 'true'])
    assert.deepEqual(await written(bought), after)
    assertProblem(await shop.call(method, path, { ...body, reason: 'another' }, headers), 422)
  })
}

test('stock is set once with one key, and not at all by a dry run', async () => {
  const sku = await shop.stock(5)
  const path = `/api/inventory/${sku}`
  const would = await shop.ok(200, 'PUT', `${path}?dryRun=true`, { delta: 2, backorder: true })
  assert.deepEqual([would.qty, would.locations[0].qty, would.locations[0].backorder], [7, 7, true])
  assert.deepEqual(await server.client.stockAt(sku), { main: { qty: 5, reserved: 0, available: 5, backorder: false, oversold: 0 } })
  const key = { 'idempotency-key': randomUUID() }
  const answers = [await shop.call('PUT', path, { delta: 2 }, key), await shop.call('PUT', path, { delta: 2 }, key)]
  assert.deepEqual(answers.map(a => a.body.qty), [7, 7])
  assert.equal(answers[1].text, answers[0].text)
  assert.equal((await server.client.stock(sku)).qty, 7)
})

test('bodies that do not fit are refused where they do not', async () => {
  const bought = await returnedOrder()
  const bad = [
    ['cancel', { items: [{ orderItemId: 9, qty: 1 }] }, '/items/0/orderItemId'],
    ['cancel', { items: units({ 1: 9 }) }, '/items/0/qty'],
    ['shipments', { handedOver: true }, '/items'],
    ['track', {}, '/trackingNumber'],
    ['payments', { type: 'gift' }, '/type'],
    ['refunds', { amount: -1 }, '/amount'],
    ['refunds', { amount: 1.005 }, '/amount'],
    ['refunds', { items: units({ 1: 4 }) }, '/items/0/qty'],
    ['refunds', { returnId: 'one' }, '/returnId'],
    ['returns', {}, '/items'],
    ['returns', { items: units({ 1: 1 }) }, '/items/0/qty'],
    ['returns/1/exchange', { items: [] }, '/items'],
    ['returns/1/exchange', { items: [{ sku: 'X', qty: 1, price: 1 }], exchangeOf: bought.uuid }, '/exchangeOf'],
    ['invoices', { amount: 1 }, '/amount'],
    ['changes', { items: [{ orderItemId: 1, qty: -1 }] }, '/items/0/qty'],
    ['changes', { add: [{ qty: 1 }] }, '/add/0/sku'],
  ]
  const before = await written(bought)
  for (const [below, body, pointer] of bad) {
    assertProblem(await shop.call('POST', `${bought.path}/${below}`, body), 422, { pointer })
  }
  assertProblem(await shop.call('PATCH', `${bought.path}/returns/1`, { status: 'lost' }), 422, { pointer: '/status' })
  assertProblem(await shop.call('PATCH', `${bought.path}/returns/x`, { status: 'approved' }), 404, { code: 'return_not_found' })
  assert.deepEqual(await written(bought), before)
})

test('the actions of an order name its returns and changes', async () => {
  const actions = async bought => {
    const { items } = await shop.ok(200, 'GET', `${bought.path}/actions`)
    return items.filter(a => a.allowed).map(a => [a.command, a.type ?? a.to ?? a.field, a.returnId ?? a.changeId])
  }
  const open = await actions(await returnedOrder())
  for (const to of ['approved', 'rejected', 'received', 'canceled']) assert.deepEqual(open.find(a => a[0] === 'update_return' && a[1] === to), ['update_return', to, 1])
  assert.ok(open.some(a => a[0] === 'refund') && open.some(a => a[0] === 'issue_invoice'))
  assert.ok(!open.some(a => a[0] === 'exchange' || a[0] === 'propose_change'))
  assert.ok((await actions(await receivedOrder())).some(a => a[0] === 'exchange' && a[2] === 1))
  const proposed = await actions(await proposedChange())
  for (const command of ['confirm_change', 'discard_change']) assert.ok(proposed.some(a => a[0] === command && a[2] === 1), command)
})

test('after all of it the books are verified', () => assertVerified(server))
