// Whole stories as a shop lives them, where money, parcels and stock are each in some partial state.
// Every answer is held against the OpenAPI document; each story ends with the books verified.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Shop, units } from './books.mjs'
import { ADDRESS, assertVerified, order, useServer } from './lib.mjs'

const server = await useServer()
const shop = await Shop.of(server)

const story = (name, tell) => test(name, async () => {
  await tell()
  await assertVerified(server)
})

story('cancelled, shipped, returned and refunded in parts, the order still adds up', async () => {
  const [mug, tea] = [await shop.stock(10), await shop.stock(5)]
  const bought = await shop.place({
    items: [{ sku: mug, qty: 4, price: 10 }, { sku: tea, qty: 2, price: 7.5 }], shippingFeeInclTax: 5,
  })
  const paid = await bought.pay(60, { method: 'card', transactionId: 'ch_1' })
  assert.equal(paid.paymentStatus.code, 'paid')

  const canceled = await bought.cancel(units({ 1: 1 }), { reason: 'Three will do' })
  assert.deepEqual([canceled.amountCanceled, canceled.amountOverpaid, canceled.items[0].qtyCanceled], [10, 10, 1])
  assert.deepEqual(await shop.shelf(mug), { qty: 10, reserved: 3 })

  await bought.ship(units({ 1: 2, 2: 2 }), { carrier: 'Post' })
  assert.equal((await bought.now()).shipmentStatus.code, 'partially_shipped')
  const over = await bought.refund({ amount: 10, reason: 'One mug less' })
  assert.deepEqual([over.amountRefunded, over.amountOverpaid, over.amountRefundable], [10, 0, 50])

  const back = await bought.post('returns', { items: [{ orderItemId: 1, qty: 2, reason: 'Chipped' }] })
  assert.deepEqual([back.status, back.items[0].reason], ['requested', 'Chipped'])
  await shop.ok(200, 'PATCH', `${bought.path}/returns/1`, { status: 'approved' })
  const arrived = await bought.receive(1, { items: [{ orderItemId: 1, qty: 2, condition: 'one broken', restock: 1 }] })
  assert.deepEqual([arrived.items[0].qtyReceived, arrived.items[0].qtyRestocked], [2, 1])
  assert.deepEqual(await shop.shelf(mug), { qty: 9, reserved: 1 })

  const memo = await bought.refund({ items: units({ 1: 2 }), returnId: 1 })
  assert.deepEqual([memo.amount, memo.returnId, memo.items[0].qty], [20, 1, 2])
  assert.notEqual(memo.creditMemoNumber, over.creditMemoNumber)
  const now = await bought.now()
  assert.equal(now.returns[0].status, 'refunded')
  assert.deepEqual(now.items.map(i => [i.qtyShipped, i.qtyCanceled, i.qtyReturned, i.qtyRestocked, i.qtyRefunded]),
    [[2, 1, 2, 1, 2], [2, 0, 0, 0, 0]])
  assert.equal(now.paymentStatus.code, 'partially_refunded')
  await bought.ship(units({ 1: 1 }))
  assert.deepEqual(await shop.shelf(mug), { qty: 8, reserved: 0 })
  await bought.refused(422, 'units_exceeded', 'cancel', { items: units({ 1: 1 }) })
})

story('a refund puts back on the shelf what was shipped, and only that', async () => {
  const sku = await shop.stock(3)
  const bought = await shop.place({ items: [{ sku, qty: 3, price: 4 }], shippingFeeInclTax: 2 })
  await bought.pay(14)
  await bought.ship(units({ 1: 2 }))
  await bought.refused(422, 'restock_exceeds_shipped', 'refunds', { items: [{ orderItemId: 1, qty: 3, restock: true }] })
  const memo = await bought.refund({ items: [{ orderItemId: 1, qty: 1, restock: true }], shipping: true })
  assert.deepEqual([memo.amount, memo.shippingAmount, memo.items[0].qtyRestocked], [6, 2, 1])
  assert.deepEqual(await shop.shelf(sku), { qty: 2, reserved: 1 })
  await bought.refused(422, 'shipping_exceeded', 'refunds', { shipping: 1 })
  await bought.refused(409, 'refund_exceeds_captured', 'refunds', { amount: 8.01 })
})

story('a card and two vouchers pay together and are refunded each within its own', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 100 }], paymentMethod: 'card' })
  await bought.pay(15, { method: 'voucher-a', transactionId: 'va' })
  const part = await bought.pay(25, { method: 'voucher-b', transactionId: 'vb' })
  assert.deepEqual([part.paymentStatus.code, part.amountOutstanding], ['partially_paid', 60])
  assert.equal((await bought.pay(60, { method: 'card', transactionId: 'ca' })).paymentStatus.code, 'paid')
  await bought.refused(409, 'refund_exceeds_method', 'refunds', { amount: 61, transactionId: 're' })
  await bought.refused(409, 'refund_exceeds_method', 'refunds', { amount: 16, method: 'voucher-a', transactionId: 'va-back' })
  assert.equal((await bought.refund({ amount: 60 })).method, 'card')
  assert.equal((await bought.refund({ amount: 25 })).method, 'voucher-b')
  assert.equal((await bought.refund({})).amount, 15)
  assert.deepEqual((await bought.now()).refunds.map(r => r.amount), [60, 25, 15])
  assert.equal((await bought.now()).paymentStatus.code, 'refunded')
})

story('the gateway echoes our refund: one credit memo, and its number is learnt', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 50 }], paymentMethod: 'card' })
  await bought.pay(50, { method: 'card', transactionId: 'ch_9' })
  const memo = await bought.refund({ amount: 20 })
  assert.equal(memo.transactionId, null)
  for (let i = 0; i < 3; i++) {
    const echo = await bought.post('payments', { type: 'refund', amount: 20, method: 'card', transactionId: 're_9' })
    assert.deepEqual([echo.payment.refundId, echo.payment.transactionId, echo.amountRefunded], [1, 're_9', 20])
  }
  const own = await bought.post('payments', { type: 'refund', amount: 5, method: 'card', transactionId: 're_10' })
  assert.equal(own.payment.refundId, 2)
  const { refunds, payments } = await bought.now()
  assert.deepEqual(refunds.map(r => [r.amount, r.transactionId]), [[20, 're_9'], [5, 're_10']])
  assert.deepEqual(payments.map(p => [p.type, p.refundId]), [['capture', null], ['refund', 1], ['refund', 2]])
  const again = await bought.refund({ amount: 20, method: 'card', transactionId: 're_9' })
  assert.equal(again.creditMemoNumber, memo.creditMemoNumber)
})

story('a chargeback takes the money back, and no refund gives it a second time', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 30 }], paymentMethod: 'card' })
  await bought.pay(30, { transactionId: 'ch_7' })
  const lost = await bought.post('payments', { type: 'chargeback', amount: 10, transactionId: 'dp_7' })
  assert.deepEqual([lost.amountChargedBack, lost.amountRefundable, lost.amountOutstanding], [10, 20, 10])
  await bought.refused(409, 'refund_exceeds_captured', 'refunds', { amount: 20.01 })
  assert.equal((await bought.post('payments', { type: 'chargeback' })).paymentStatus.code, 'charged_back')
  await bought.refused(409, 'chargeback_exceeds_captured', 'payments', { type: 'chargeback', amount: 1 })
})

story('paid too much is told, and given back without leaving the order unpaid', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 40 }] })
  const paid = await bought.pay(45, { createdAt: '2026-01-02T03:04:05Z' })
  assert.deepEqual([paid.payment.createdAt, paid.amountOverpaid, paid.paymentStatus.code], ['2026-01-02T03:04:05Z', 5, 'paid'])
  const back = await bought.refund({ amount: 5 })
  assert.deepEqual([back.amountOverpaid, back.amountOutstanding, back.paymentStatus.code], [0, 0, 'paid'])
  await bought.refused(422, 'bad_time', 'payments', { type: 'capture', amount: 1, createdAt: '2999-01-01T00:00:00Z' })
})

story('a parcel that left although the order was cancelled is told, not hidden', async () => {
  const sku = await shop.stock(2)
  const bought = await shop.place({ items: [{ sku, qty: 2, price: 10 }] })
  const { canceledAt } = await bought.cancel()
  await bought.refused(409, 'order_canceled', 'shipments', { items: units({ 1: 1 }) })
  const parcel = await bought.ship(units({ 1: 1 }), { handedOver: true, carrier: 'Post' })
  assert.equal(parcel.items[0].qty, 1)
  const now = await bought.now()
  const [{ qtyShipped, qtyCanceled, qtyShippedAfterCancel }] = now.items
  assert.deepEqual([qtyShipped, qtyCanceled, qtyShippedAfterCancel, now.canceledAt], [1, 1, 1, canceledAt])
  assert.equal(now.amountOutstanding, 10)
  assert.deepEqual(await shop.shelf(sku), { qty: 1, reserved: 0 })
  await shop.ok(200, 'PATCH', `${bought.path}/shipments/1`, { status: 'canceled' })
  assert.equal((await bought.now()).items[0].qtyShippedAfterCancel, 0)
  assert.deepEqual(await shop.shelf(sku), { qty: 2, reserved: 0 })
})

story('an exchange is another order, linked both ways, or nothing at all', async () => {
  const [blue, red] = [await shop.stock(1), await shop.stock(1)]
  const bought = await shop.place({
    items: [{ sku: blue, qty: 1, price: 900 }], currency: 'JPY', customer: { email: 'ana@example.org' }, shippingAddress: ADDRESS,
  })
  await bought.pay(900)
  await bought.ship()
  await bought.post('returns', { items: units({ 1: 1 }), status: 'requested' })
  const early = await bought.refused(409, undefined, 'returns/1/exchange', { items: [{ sku: red, qty: 1, price: 900 }] })
  assert.equal(early.returnId, 1)
  assert.deepEqual(await shop.shelf(red), { qty: 1, reserved: 0 })
  await bought.receive(1, { restock: true })
  await bought.refused(409, 'stock_unavailable', 'returns/1/exchange', { items: [{ sku: red, qty: 2, price: 900 }] })
  assert.equal((await bought.now()).returns[0].status, 'received')

  const key = { 'idempotency-key': `exchange-${bought.uuid}` }
  const path = `${bought.path}/returns/1/exchange`
  const body = { items: [{ sku: red, qty: 1, price: 900 }] }
  const answers = [await shop.call('POST', path, body, key), await shop.call('POST', path, body, key)]
  assert.deepEqual(answers.map(a => a.status), [201, 201], answers[0].text)
  assert.equal(answers[1].text, answers[0].text)
  const sent = answers[0].body
  assert.equal(answers[0].headers.location, `/api/orders/${sent.uuid}`)
  assert.deepEqual([sent.exchangeOf, sent.currency, sent.customer.email, sent.shippingAddress.city],
    [bought.uuid, 'JPY', 'ana@example.org', ADDRESS.city])
  const { returns: [given] } = await bought.now()
  assert.deepEqual([given.status, given.exchangeUuid], ['exchanged', sent.uuid])
  assert.deepEqual([await shop.shelf(blue), await shop.shelf(red)], [{ qty: 1, reserved: 0 }, { qty: 1, reserved: 1 }])
  await bought.refused(404, 'return_not_found', 'returns/7/exchange', body)
})

story('a change is proposed, shown, confirmed or discarded, and refused once it is outdated', async () => {
  const [mug, tea] = [await shop.stock(5), await shop.stock(5)]
  const bought = await shop.place({ items: [{ sku: mug, qty: 2, price: 10 }] })
  const asked = await bought.post('changes', {
    items: units({ 1: 3 }), add: [{ sku: tea, qty: 1, price: 4.5 }], shippingAddress: ADDRESS, reason: 'By telephone',
  })
  assert.deepEqual([asked.status, asked.difference, asked.before.grandTotal, asked.after.grandTotal], ['proposed', 14.5, 20, 34.5])
  assert.deepEqual([asked.terms.items[0].qty, asked.terms.add[0].sku, asked.terms.shippingAddress.city], [3, tea, ADDRESS.city])
  assert.deepEqual([await shop.shelf(mug), await shop.shelf(tea)], [{ qty: 5, reserved: 2 }, { qty: 5, reserved: 0 }])
  await bought.refused(409, 'change_proposed', 'changes', { items: units({ 1: 1 }) })
  const changed = await shop.ok(200, 'POST', `${bought.path}/changes/1/confirm`)
  assert.deepEqual([changed.grandTotal, changed.items.map(i => i.qty), changed.changes[0].status], [34.5, [3, 1], 'confirmed'])
  assert.deepEqual([await shop.shelf(mug), await shop.shelf(tea)], [{ qty: 5, reserved: 3 }, { qty: 5, reserved: 1 }])

  await bought.post('changes', { items: units({ 2: 0 }) })
  const dropped = await shop.ok(200, 'DELETE', `${bought.path}/changes/2`)
  assert.deepEqual([dropped.status, dropped.after.grandTotal], ['discarded', 30])
  await bought.post('changes', { items: units({ 1: 1 }) })
  await bought.cancel(units({ 1: 2 }))
  await bought.post('shipments', { items: units({ 2: 1 }) })
  await bought.refused(409, 'already_shipped', 'changes/3/confirm', undefined)
  await bought.refused(409, 'already_shipped', 'changes', { items: units({ 1: 3 }) })
  await shop.ok(200, 'DELETE', `${bought.path}/changes/3`)
  await bought.refused(404, 'change_not_found', 'changes/9', undefined, 'DELETE')
})

story('a change that the order has outrun is refused', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 3, price: 10 }, { sku: 'Y', qty: 1, price: 1 }] })
  await bought.post('changes', { items: units({ 1: 1 }) })
  await bought.cancel(units({ 1: 2 }))
  await bought.refused(409, 'change_outdated', 'changes/1/confirm', undefined)
  assert.equal((await bought.now()).grandTotal, 31)
})

story('several holds stand side by side, and the last one released lets the order go on', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 10 }] })
  await bought.pay(10)
  await bought.post('holds', { handle: 'fraud', reason: 'New card' })
  await bought.post('holds', { handle: 'address', reason: 'No such street' })
  await bought.refused(409, 'on_hold', 'shipments')
  await shop.ok(200, 'DELETE', `${bought.path}/holds/fraud`)
  await bought.refused(409, 'on_hold', 'shipments')
  const free = await shop.ok(200, 'DELETE', `${bought.path}/holds/address`)
  assert.deepEqual([free.holds, free.status.code], [[], 'processing'])
  await bought.ship()
})

story('a tracking number finds its parcel, or makes one', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 2, price: 10 }] })
  await bought.pay(20)
  await bought.ship(units({ 1: 1 }))
  const track = body => shop.ok(200, 'POST', `${bought.path}/track`, body)
  assert.equal((await track({ carrier: 'Post', trackingNumber: 'T1' })).shipmentId, 1)
  const again = await track({ trackingNumber: 'T1', trackingUrl: 'https://post.example/T1' })
  assert.deepEqual([again.shipmentId, again.carrier, again.trackingUrl], [1, 'Post', 'https://post.example/T1'])
  const rest = await track({ carrier: 'Post', trackingNumber: 'T2' })
  assert.deepEqual([rest.shipmentId, rest.items[0].qty], [2, 1])
  assert.equal((await track({ trackingNumber: 'T3', shipmentId: 2 })).trackingNumber, 'T3')
  await bought.refused(404, 'shipment_not_found', 'track', { trackingNumber: 'T4', shipmentId: 3 })
})

story('yen have no cents and dinars three: shares are cut to the minor unit and lose none', async () => {
  for (const [currency, price, shares] of [['JPY', 100, [33, 33, 34]], ['KWD', 0.1, [0.033, 0.033, 0.034]]]) {
    const bought = await shop.place({
      currency, items: [{ sku: 'X', qty: 3, price, discountAmount: currency === 'JPY' ? 200 : 0.2 }],
    })
    const { grandTotal } = await bought.now()
    await bought.pay(grandTotal)
    await bought.ship()
    const amounts = []
    for (let i = 0; i < 3; i++) amounts.push((await bought.refund({ items: units({ 1: 1 }) })).amount)
    assert.deepEqual(amounts, shares)
    assert.equal((await bought.now()).amountRefundable, 0)
  }
  const yen = await shop.place({ currency: 'JPY', items: [{ sku: 'X', qty: 1, price: 10 }] })
  await yen.refused(422, 'bad_amount', 'payments', { type: 'capture', amount: 1.5 })
})

story('stock lies where it lies: by location, and ahead of delivery where that is allowed', async () => {
  const sku = await shop.stock(1)
  const put = body => shop.ok(200, 'PUT', `/api/inventory/${sku}`, body)
  await shop.refused(409, 'stock_unavailable', 'POST', '/api/orders', order({ items: [{ sku, qty: 3, price: 1 }] }))
  await put({ backorder: true, reason: 'Ordered from the mill' })
  const bought = await shop.place({ items: [{ sku, qty: 3, price: 1 }] })
  assert.deepEqual(await server.client.stockAt(sku), { main: { qty: 1, reserved: 3, available: -2, backorder: true, oversold: 0 } })
  assert.equal((await bought.now()).items[0].location, 'main')
  await bought.refused(409, 'stock_unavailable', 'shipments')
  assert.equal((await put({ delta: 2 })).available, 0)
  await bought.ship()
  await shop.refused(422, 'unknown_location', 'PUT', `/api/inventory/${sku}`, { qty: 1, location: 'moon' })
})

story('refunds of one order at once never give back more than came in', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 1, price: 100 }] })
  await bought.pay(100)
  const answers = await Promise.all(Array.from({ length: 24 }, () => shop.call('POST', `${bought.path}/refunds`, { amount: 9 })))
  assert.equal(answers.filter(a => a.status === 201).length, 11)
  assert.equal(answers.filter(a => a.status === 409).length, 13)
  const { amountRefunded, refunds } = await bought.now()
  assert.equal(amountRefunded, 99)
  assert.equal(new Set(refunds.map(r => r.creditMemoNumber)).size, 11)
})

story('invoices say what the order comes to, and no more', async () => {
  const bought = await shop.place({ items: [{ sku: 'X', qty: 2, price: 10 }] })
  assert.equal((await bought.post('invoices')).amount, 20)
  await bought.refused(409, 'nothing_to_invoice', 'invoices')
  await bought.post('changes', { items: units({ 1: 3 }) })
  await shop.ok(200, 'POST', `${bought.path}/changes/1/confirm`)
  assert.equal((await bought.post('invoices')).amount, 10)
  assert.equal(new Set((await bought.now()).invoices.map(i => i.invoiceNumber)).size, 2)
})
