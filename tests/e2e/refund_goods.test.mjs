// What a refund does to goods, as shops mean it: units that have not left leave the order with their
// money, unless they are said to go all the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Shop, units } from './books.mjs'
import { assertVerified, useServer } from './lib.mjs'

const server = await useServer()
const shop = await Shop.of(server)

const story = (name, tell) => test(name, async () => {
  await tell()
  await assertVerified(server)
})

const available = async sku => (await server.client.stock(sku)).available
const action = async (bought, command) => (await server.get(`${bought.path}/actions`)).body.items.find(each => each.command === command)

async function deliverAll(bought) {
  for (const { shipmentId, status } of (await bought.now()).shipments) {
    if (status.code !== 'delivered' && status !== 'delivered') {
      await shop.ok(200, 'PATCH', `${bought.path}/shipments/${shipmentId}`, { status: 'delivered' })
    }
  }
}

story('two paid, one refunded before shipping: one is sent, and the order completes', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  await bought.pay(20)
  assert.equal(await available(sku), 3)

  const memo = await bought.refund({ items: [{ orderItemId: 1, qty: 1 }] })
  assert.deepEqual([memo.amount, memo.amountCanceled, memo.items[0].qtyCanceled], [10, 10, 1])
  assert.deepEqual([memo.amountOutstanding, memo.amountOverpaid, memo.amountRefundable], [0, 0, 10])
  assert.deepEqual(await bought.statuses(), ['processing', 'partially_refunded', 'partially_canceled'])
  assert.equal(await available(sku), 4)

  const parcel = await bought.post('shipments', {})
  assert.deepEqual(parcel.items.map(each => each.qty), [1])
  assert.deepEqual(await shop.shelf(sku), { qty: 4, reserved: 0 })
  await bought.refused(409, 'nothing_to_ship', 'shipments')
  assert.equal((await action(bought, 'create_shipment')).allowed, false)
  await deliverAll(bought)
  assert.deepEqual(await bought.statuses(), ['completed', 'partially_refunded', 'delivered'])
})

story('a gateway that refunds an unshipped order in full frees its stock and closes it', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 3, price: 10 }], shippingFeeExclTax: 5, shippingFeeInclTax: 5 })
  await bought.pay(35)
  await bought.post('payments', { type: 'refund', transactionId: 're_1' })
  assert.deepEqual(await bought.statuses(), ['closed', 'refunded', 'canceled'])
  assert.deepEqual(await shop.shelf(sku), { qty: 5, reserved: 0 })
  const { refunds: [refund], amountOutstanding, amountOverpaid } = await bought.now()
  assert.deepEqual([refund.amount, refund.shippingAmount, refund.amountCanceled, refund.items[0].qtyCanceled], [35, 5, 35, 3])
  assert.deepEqual([amountOutstanding, amountOverpaid], [0, 0])
  // Its webhook comes twice.
  await bought.post('payments', { type: 'refund', transactionId: 're_1' })
  assert.equal((await bought.now()).refunds.length, 1)
})

story('a gateway that refunds a part leaves the goods alone', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 3, price: 10 }] })
  await bought.pay(30)
  await bought.post('payments', { type: 'refund', amount: 29.99, transactionId: 're_1' })
  assert.deepEqual(await shop.shelf(sku), { qty: 5, reserved: 3 })
  assert.deepEqual(await bought.statuses(), ['processing', 'partially_refunded', 'pending'])
  await bought.post('payments', { type: 'refund', transactionId: 're_2' })
  assert.deepEqual(await shop.shelf(sku), { qty: 5, reserved: 0 })
})

story('units that still go are sent, though their money went back', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  await bought.pay(20)
  await bought.refund({ items: units({ 1: 1 }), keep: true })
  assert.equal((await bought.refund({ items: [{ orderItemId: 1, qty: 1, keep: true }] })).items[0].qtyCanceled, 0)
  assert.deepEqual(await shop.shelf(sku), { qty: 5, reserved: 2 })
  assert.deepEqual(await bought.statuses(), ['processing', 'refunded', 'pending'])
  const parcel = await bought.post('shipments', {})
  assert.equal(parcel.items[0].qty, 2)
  await bought.refused(422, 'invalid', 'refunds', { keep: 'yes' })
})

story('the shipping fee goes back as far as there is money, and the goods stay', async () => {
  const sku = await shop.stock(1)
  const bought = await shop.place({ items: [{ sku, qty: 1, price: 3 }], shippingFeeExclTax: 5, shippingFeeInclTax: 5, discountAmount: 5 })
  await bought.pay(3)
  const memo = await bought.refund({ shipping: true })
  assert.deepEqual([memo.amount, memo.shippingAmount], [3, 3])
  assert.deepEqual(await shop.shelf(sku), { qty: 1, reserved: 1 })
  await bought.refused(409, 'nothing_refundable', 'refunds', { shipping: true })
})

story('part sent, part cancelled, part refunded: each unit is in one place', async () => {
  const sku = await shop.stock(10)
  const bought = await shop.place({ items: [{ sku, qty: 6, price: 10 }] })
  await bought.pay(60)
  await bought.ship(units({ 1: 2 }))
  await bought.cancel(units({ 1: 1 }))
  // The cancelled unit's money first, for it is owed; then a unit that has not left.
  assert.equal((await bought.refund({ items: units({ 1: 1 }) })).items[0].qtyCanceled, 0)
  assert.equal((await bought.refund({ items: units({ 1: 1 }) })).items[0].qtyCanceled, 1)
  assert.deepEqual(await shop.shelf(sku), { qty: 8, reserved: 2 })
  // One that comes back, and one that never left.
  const memo = await bought.refund({ items: [{ orderItemId: 1, qty: 2, restock: 1 }] })
  assert.deepEqual([memo.items[0].qtyRestocked, memo.items[0].qtyCanceled], [1, 1])
  assert.deepEqual(await shop.shelf(sku), { qty: 9, reserved: 1 })
  const { items: [item] } = await bought.now()
  assert.deepEqual([item.qty, item.qtyShipped, item.qtyCanceled, item.qtyRefunded, item.qtyReturned], [6, 2, 3, 4, 1])
})

story('invoices less credit memos are what the order comes to', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  await bought.pay(20)
  await bought.refund({ items: units({ 1: 1 }) })
  assert.equal((await bought.post('invoices')).amount, 20)
  const { text } = await server.get(`${bought.path}/invoice`)
  assert.match(text, /EUR 20\.00/)
  await bought.refused(409, 'nothing_to_credit', 'invoices/credit')
})

story('a deposit that goes back for one unit leaves the other to be paid', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  await bought.pay(5)
  const memo = await bought.refund({ items: units({ 1: 1 }), amount: 5 })
  assert.deepEqual([memo.amountCanceled, memo.amountOutstanding], [10, 10])
})

test('verify finds units that a refund took out and the order still has', async () => {
  const sku = await shop.stock(5)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  await bought.pay(20)
  await bought.refund({ items: units({ 1: 1 }) })
  const { orderId } = await bought.now()
  await server.sql('update refund_item set qty_canceled = 2 where order_id = $1', [orderId])
  const { code, stdout } = await server.run('verify')
  assert.notEqual(code, 0)
  assert.match(stdout, /item 1: 1 cancelled and 0 shipped although cancelled, 2 taken out by its refunds/)
  await server.sql('update refund_item set qty_canceled = 1 where order_id = $1', [orderId])
  await assertVerified(server)
})
