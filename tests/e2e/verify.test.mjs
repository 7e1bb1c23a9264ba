// orderd verify proves that the rows are what the events add up to, and names what is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertVerified, fullOrder, useServer } from './lib.mjs'

const server = await useServer()

async function verify() {
  const { code, stdout, stderr } = await server.run('verify')
  return { code, text: stdout + stderr, summary: /verified (\d+) orders, (\d+) differ/.exec(stdout)?.slice(1).map(Number) }
}

async function lived() {
  const placed = await server.place(fullOrder({ currency: 'EUR' }))
  const { uuid } = placed
  await server.post(`/api/orders/${uuid}/payments`, { type: 'authorize' })
  await server.post(`/api/orders/${uuid}/payments`, { type: 'capture' })
  await server.post(`/api/orders/${uuid}/shipments`, { items: [{ orderItemId: 1, qty: 1 }] })
  await server.post(`/api/orders/${uuid}/activities`, { comment: 'hello' })
  await server.post(`/api/orders/${uuid}/holds`, { handle: 'x' })
  return placed
}

test('an untouched database has no difference', async () => {
  await lived()
  await lived()
  await assertVerified(server)
  const { summary } = await verify()
  assert.ok(summary[0] >= 2)
})

// [what, statement on order $1, its undoing]
const tampering = [
  ['a total', 'update orders set grand_total = grand_total + 1 where order_id = $1', 'update orders set grand_total = grand_total - 1 where order_id = $1'],
  ['a status', 'update orders set status = \'completed\' where order_id = $1', 'update orders set status = \'on_hold\' where order_id = $1'],
  ['an item', 'update order_item set qty_shipped = qty_shipped + 1 where order_id = $1 and order_item_id = 1',
    'update order_item set qty_shipped = qty_shipped - 1 where order_id = $1 and order_item_id = 1'],
  ['an address', 'update order_address set city = city || \'x\' where order_id = $1',
    'update order_address set city = left(city, -1) where order_id = $1'],
  ['a payment', 'update payment set amount = amount - 1 where order_id = $1', 'update payment set amount = amount + 1 where order_id = $1'],
  ['a shipment', 'update shipment set carrier = \'thief\' where order_id = $1', 'update shipment set carrier = null where order_id = $1'],
]
for (const [what, tamper, undo] of tampering) {
  test(`${what} changed behind its back is named`, async () => {
    const placed = await lived()
    await server.sql(tamper, [placed.orderId])
    const { code, text, summary } = await verify()
    assert.equal(code, 1, text)
    assert.equal(summary[1], 1, text)
    assert.ok(text.includes(placed.orderNumber) || text.includes(placed.uuid) || text.includes(` ${placed.orderId}`), text)
    await server.sql(undo, [placed.orderId])
    await assertVerified(server)
  })
}

test('a missing row and an added row are named', async () => {
  const placed = await lived()
  // As JSON, because JavaScript's times have no microseconds.
  const [{ hold }] = await server.sql('delete from order_hold h where order_id = $1 returning to_jsonb(h) as hold', [placed.orderId])
  assert.equal((await verify()).code, 1)
  const insert = row => server.sql('insert into order_hold select * from jsonb_populate_record(null::order_hold, $1)', [row])
  await insert(hold)
  await assertVerified(server)
  await insert({ ...hold, handle: 'added' })
  assert.equal((await verify()).code, 1)
  await server.sql('delete from order_hold where order_id = $1 and handle = $2', [placed.orderId, 'added'])
  await assertVerified(server)
})

test('stock that does not follow from the orders is named', async () => {
  await server.client.setStock('CONSERVED', 10)
  await server.place({ items: [{ sku: 'CONSERVED', qty: 3, price: 1 }] })
  await server.sql('update stock set reserved = reserved - 1 where sku = $1', ['CONSERVED'])
  const { code, text } = await verify()
  assert.equal(code, 1)
  assert.match(text, /CONSERVED/)
  await server.sql('update stock set reserved = reserved + 1 where sku = $1', ['CONSERVED'])
  await assertVerified(server)
})
