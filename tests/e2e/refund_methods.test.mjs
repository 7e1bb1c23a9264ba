// By which payment methods a refund goes, as shops mean it: by several when no one payment covers it,
// and by one that did not pay where the shop allows it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Shop } from './books.mjs'
import { assertVerified, useServer } from './lib.mjs'

const server = await useServer({ options: { 'order.refund_methods': 'store_credit, cash' } })
const shop = await Shop.of(server)

const story = (name, tell) => test(name, async () => {
  await tell()
  await assertVerified(server)
})

/** 50.00 by gift card and 40.00 by card, which is the order's method. */
async function paidByTwo() {
  const sku = await shop.stock(9)
  const bought = await shop.place({ items: [{ sku, qty: 9, price: 10 }], paymentMethod: 'card' })
  await bought.pay(50, { method: 'gift_card', transactionId: 'g_0' })
  await bought.pay(40, { transactionId: 'ch_0' })
  return bought
}

const backOf = async bought => (await bought.now()).payments.filter(each => each.type === 'refund')
  .map(({ amount, method, paidBy, transactionId, refundId }) => [amount, method, paidBy, transactionId, refundId])

story('a refund that no one payment covers goes by both, in one credit memo', async () => {
  const bought = await paidByTwo()
  const headers = { 'idempotency-key': 'sixty' }
  const memo = await bought.post('refunds', { amount: 60 }, headers)
  assert.deepEqual([memo.amount, memo.method], [60, 'card'])
  assert.deepEqual(await bought.post('refunds', { amount: 60 }, headers), memo)
  assert.deepEqual(await backOf(bought), [[40, 'card', null, null, 1], [20, 'gift_card', null, null, 1]])

  // Each gateway tells of its own part, and tells it twice.
  for (let i = 0; i < 2; i++) {
    await bought.post('payments', { type: 'refund', amount: 20, method: 'gift_card', transactionId: 'g_1' })
    await bought.post('payments', { type: 'refund', amount: 40, method: 'card', transactionId: 're_1' })
  }
  assert.deepEqual(await backOf(bought), [[40, 'card', null, 're_1', 1], [20, 'gift_card', null, 'g_1', 1]])
  const { refunds, amountRefundable } = await bought.now()
  assert.deepEqual([refunds.length, refunds[0].transactionId, amountRefundable], [1, 're_1', 30])
  await bought.refused(409, 'refund_exceeds_method', 'refunds', { amount: 1, method: 'card' })
  const { text } = await server.get(`${bought.path}/credit-memo`)
  assert.match(text, /card<\/bdi>: 40\.00[^]*gift_card<\/bdi>: 20\.00/)
})

story('the method that is named is used first', async () => {
  const bought = await paidByTwo()
  await bought.refund({ amount: 60, method: 'gift_card' })
  assert.deepEqual(await backOf(bought), [[50, 'gift_card', null, null, 1], [10, 'card', null, null, 1]])
})

story('paid by card, given back as store credit: the card has that much less to give back', async () => {
  const bought = await paidByTwo()
  const memo = await bought.refund({ amount: 50, method: 'store_credit' })
  assert.deepEqual([memo.amount, memo.method, memo.amountRefunded, memo.amountRefundable], [50, 'store_credit', 50, 40])
  assert.deepEqual(await backOf(bought), [[50, 'store_credit', 'gift_card', null, 1]])
  await bought.refused(409, 'refund_exceeds_method', 'payments', { type: 'refund', amount: 1, method: 'gift_card', transactionId: 'g_2' })
  await bought.refund({ method: 'cash' })
  assert.deepEqual((await backOf(bought))[1], [40, 'cash', 'card', null, 2])
  assert.equal((await bought.now()).paymentStatus.code, 'refunded')
})

story('a method that the shop does not name is refused, and says what would allow it', async () => {
  const bought = await paidByTwo()
  const problem = await bought.refused(409, 'refund_exceeds_method', 'refunds', { amount: 5, method: 'bitcoin' })
  assert.match(problem.detail, /\[order\] refund_methods does not name it/)
  assert.match(problem.detail, /50\.00 by gift_card, 40\.00 by card/)
})

test('verify finds a refund of more than its method captured', async () => {
  const bought = await paidByTwo()
  await bought.refund({ amount: 50, method: 'store_credit' })
  const { orderId } = await bought.now()
  await server.sql("update payment set paid_by = 'card' where order_id = $1 and type = 'refund'", [orderId])
  const { code, stdout } = await server.run('verify')
  assert.notEqual(code, 0)
  assert.match(stdout, /refunded 5000 of 4000 captured by card/)
  await server.sql("update payment set paid_by = 'gift_card' where order_id = $1 and type = 'refund'", [orderId])
  await assertVerified(server)
})
