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
  // Lists and reports have it as it is now, not as it is tampered with.
  for (const path of ['orders?limit=1', 'reports/sales']) assert.equal((await server.get(`/api/${path}`)).status, 200)
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
    assert.ok(summary[1] >= 1, text)
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

// An order in which everything there is has happened: in parts, and back again.
let inParts
async function everything() {
  if (inParts) return inParts
  await server.client.setStock('PART', 100)
  const { body: placed } = await server.post('/api/orders', { currency: 'EUR', items: [{ sku: 'PART', qty: 10, price: 5 }] })
  const at = `/api/orders/${placed.uuid}`
  const post = async (path, body) => {
    const answer = await server.post(`${at}/${path}`, body)
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }
  await post('payments', { type: 'capture' })
  await post('invoices', {})
  await post('cancel', { items: [{ orderItemId: 1, qty: 1 }] })
  await post('shipments', { items: [{ orderItemId: 1, qty: 6 }] })
  await post('refunds', { items: [{ orderItemId: 1, qty: 2, restock: 1 }] })
  await post('refunds', { amount: 1 })
  await post('returns', { items: [{ orderItemId: 1, qty: 3 }] })
  const { status } = await server.api('PATCH', `${at}/returns/1`, { status: 'received', items: [{ orderItemId: 1, qty: 2, restock: true }] })
  assert.equal(status, 200)
  return inParts = placed
}

test('an order in parts has no difference', async () => {
  await everything()
  await assertVerified(server)
})

// [what, table, set (its undoing is made of the row), where, a line that names it]
const breaches = [
  ['more units refunded than were sold', 'refund_item', 'qty = 99', 'refund_id = 1', /item 1: 2 refunded, 99 in its refunds/],
  ['more units returned than were shipped', 'order_item', 'qty_returned = 7', 'order_item_id = 1', /item 1: 7 returned of 6 shipped/],
  ['units restocked by nothing', 'order_item', 'qty_restocked = 1', 'order_item_id = 1', /item 1: 1 restocked, 3 by its returns and refunds/],
  ['units shipped in no shipment', 'shipment_item', 'qty = 5', 'order_item_id = 1', /item 1: 6 shipped, 5 in its shipments/],
  ['more money back than was captured', 'orders', 'amount_refunded = 5001', 'true', /refunded 5001 of 5000 captured/],
  ['more money charged back than was captured', 'orders', 'amount_charged_back = 5001', 'true', /charged back 5001 of 5000 captured/],
  ['refunds that are not the sum', 'refund', 'amount = 101', 'refund_id = 2', /refunded 1100, by its refunds 1101/],
  ['a refund that was not paid', 'payment', 'refund_id = 9', 'refund_id = 2', /refund 2: of 100, its payment of nothing/],
  ['more invoiced than the order costs', 'invoice', 'amount = 5001', 'true', /invoiced 5001 of 5000/],
  ['an invoice missing from its series', 'invoice', 'series_value = 2', 'true', /series invoice:\S+: 1 documents, the last is number 2, its counter is at 1, the first missing is 1/],
  ['two credit memos of one number', 'refund', 'series_value = 1', 'refund_id = 2', /series credit_memo:\S+: 2 documents, the last is number 1, its counter is at 2, the first missing is 2/],
  ['an exchange for an order that is not there', 'order_return', "exchange_uuid = '00000000-0000-7000-8000-000000000001'", 'true', /return 1: exchanged by order \S+, which does not exist/],
]
for (const [what, table, set, where, line] of breaches) {
  test(`${what}: named`, async () => {
    const { orderId } = await everything()
    const column = set.split(' ')[0]
    const condition = `order_id = $1 and ${where}`
    const [before] = await server.sql(`select ctid::text, ${column} as value from ${table} where ${condition}`, [orderId])
    const [{ ctid }] = await server.sql(`update ${table} set ${set} where ${condition} returning ctid::text`, [orderId])
    const { code, text } = await verify()
    await server.sql(`update ${table} set ${column} = $1 where ctid = $2::tid`, [before.value, ctid])
    assert.equal(code, 1, text)
    assert.match(text, line)
    await assertVerified(server)
  })
}

test('a counter that ran ahead of its documents is named', async () => {
  await everything()
  await server.sql("update counter set value = value + 1 where series like 'invoice:%'")
  const { code, text } = await verify()
  await server.sql("update counter set value = value - 1 where series like 'invoice:%'")
  assert.equal(code, 1)
  assert.match(text, /series invoice:\S+: 1 documents, the last is number 1, its counter is at 2, the first missing is 2/)
  await assertVerified(server)
})

test('units oversold that nothing lacks are named', async () => {
  await everything()
  await server.sql("update stock set oversold = 1 where sku = 'PART'")
  const { code, text } = await verify()
  await server.sql("update stock set oversold = 0 where sku = 'PART'")
  assert.equal(code, 1)
  assert.match(text, /sku PART at main: oversold 1/)
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
