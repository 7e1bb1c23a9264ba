// `not` means not, for lists and for what has no value; a misspelt code is told instead of finding nothing.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { assertProblem, order, useServer } from './lib.mjs'

const server = await useServer()

/** Places orders of one customer, and returns a search among them that answers their notes. */
async function shop(orders) {
  const customer = `c-${randomUUID().slice(0, 8)}`
  for (const [shippingNote, fields] of Object.entries(orders)) {
    await server.place(order({ ...fields, shippingNote, customer: { id: customer, ...fields.customer } }))
  }
  return async query => {
    const found = await server.get(`/api/orders?customerId=${customer}&sort=orderId&${query}`)
    assert.equal(found.status, 200, found.text)
    const csv = await server.get(`/api/orders.csv?customerId=${customer}&sort=orderId&${query}`)
    assert.equal(csv.status, 200, csv.text)
    const notes = found.body.items.map(o => o.shippingNote)
    assert.equal(csv.text.trim().split('\n').length - 1, notes.length, 'the export finds the same')
    return notes.join(' ')
  }
}

const item = sku => ({ sku, qty: 1, price: 1 })

test('"not archived" finds the orders without the tag, with other tags and without any', async () => {
  const found = await shop({ both: { tags: ['archived', 'x'] }, other: { tags: ['x'] }, empty: { tags: [] }, none: {} })
  assert.equal(await found('tag.neq=archived'), 'other empty none')
  assert.equal(await found('tag=archived'), 'both')
  assert.equal(await found('tag.nin=archived,x'), 'empty none')
  assert.equal(await found('tag.in=archived,x'), 'both other')
  assert.equal(await found('tag.exists=false'), 'empty none')
  assert.equal(await found('tag.neq=archived&tag.exists=true'), 'other')
})

test('an order that has no coupon, or no item of an SKU, is one whose coupon or SKU is not that one', async () => {
  const found = await shop({
    x: { coupon: 'X', items: [item('A'), item('B')] }, y: { coupon: 'Y', items: [item('B')] }, none: { items: [item('A')] },
  })
  assert.equal(await found('coupon.neq=X'), 'y none')
  assert.equal(await found('coupon.nin=X,Y'), 'none')
  assert.equal(await found('coupon.exists=false'), 'none')
  assert.equal(await found('coupon.exists=true'), 'x y')
  assert.equal(await found('sku.neq=A'), 'y')
  assert.equal(await found('sku.neq=A&sku.neq=B'), '')
  assert.equal(await found('sku.nin=A,C'), 'y')
  assert.equal(await found('sku=A&sku=B'), 'x')
  assert.equal(await found('carrier.neq=DHL'), 'x y none')
})

test('an e-mail address is found in any case', async () => {
  const name = randomUUID().slice(0, 8)
  const found = await shop({
    upper: { customer: { email: `Ana.${name}@Example.ORG` } }, lower: { customer: { email: `ana.${name}@example.org` } }, none: {},
  })
  assert.equal(await found(`customerEmail=ANA.${name}@example.org`), 'upper lower')
  assert.equal(await found(`customerEmail.in=x@y,ana.${name}@EXAMPLE.org`), 'upper lower')
  assert.equal(await found(`customerEmail.neq=ana.${name}@example.org`), 'none')
  assert.equal(await found('currency=eur'), 'upper lower none')
})

test('a part of a text is found in any case, also by an index, and special characters are text', async () => {
  const name = randomUUID().slice(0, 8)
  const found = await shop({
    one: { orderNumber: `LK-${name}-1`, customer: { email: `Ana.${name}@Gmail.com` }, items: [item(`AB_C%D-${name}`)], paymentMethod: 'paypal_express' },
    two: { orderNumber: `LK-${name}-2`, customer: { email: `bo@${name}.org` }, items: [item(`ABXCYD-${name}`)], paymentMethod: 'card', store: undefined },
  })
  for (const [query, notes] of [
    [`orderNumber.like=k-${name.toUpperCase()}`, 'one two'], ['orderNumber.like=nothing', ''], [`orderNumber.like=${name}-2`, 'two'],
    ['customerEmail.like=GMAIL', 'one'], [`customerEmail.like=@${name}`, 'two'], [`sku.like=c%25d-${name.slice(0, 4)}`, 'one'],
    [`sku.like=b_c%25d-${name}`, 'one'], [`sku.like=d-${name}`, 'one two'], ['paymentMethod.like=PayPal', 'one'],
    ['customerEmail.like=gmail&paymentMethod.like=card', ''], ['customerEmail.like=gmail&paymentMethod.neq=card&status=pending', 'one'], ['trackingNumber.like=123', ''],
  ]) {
    for (const sort of ['', '&sort=-grandTotal', '&sort=createdAt']) assert.equal((await found(query + sort)).split(' ').sort().join(' '), notes, query + sort)
  }
  const counted = await server.get(`/api/orders?customerEmail.like=${name}&count=true`)
  assert.equal(counted.body.total, 2)
  const { body } = await server.post('/graphql', { query: `{ orders(filters: [{key: "sku", operation: like, value: "d-${name}"}]) { total items { orderNumber } } }` })
  assert.equal(body.data.orders.total, 2)
  const searched = await server.get(`/api/orders?q=LK-${name}&paymentMethod.like=paypal`)
  assert.deepEqual(searched.body.items.map(o => o.orderNumber), [`LK-${name}-1`])
  for (const [query, told] of [['coupon.like=SUMMER', /cannot be asked for/], ['status.like=pend', /cannot be asked for/], ['sku.like=ab', /3 letters or digits/], ['grandTotal.like=123', /cannot be asked/]]) {
    const answer = await server.get(`/api/orders?${query}`)
    assertProblem(answer, 422)
    assert.match(answer.body.detail, told)
  }
  // What was placed a moment ago is found, although the documents gather changes.
  const late = await server.place(order({ customer: { email: `late-${name}@example.org` } }))
  assert.deepEqual((await server.get(`/api/orders?customerEmail.like=late-${name}`)).body.items.map(o => o.uuid), [late.uuid])
})

test('an unknown status code is 422 and names the known ones', async () => {
  for (const [query, known] of [['status=payed', 'processing'], ['paymentStatus.neq=payed', 'paid'],
    ['shipmentStatus.in=shipped,sent', 'delivered'], ['status.nin=', 'canceled']]) {
    for (const path of ['/api/orders', '/api/orders.csv']) {
      const answer = await server.get(`${path}?${query}`)
      assertProblem(answer, 422)
      assert.match(answer.body.detail, new RegExp(`known: .*\\b${known}\\b`), query)
    }
  }
})

test('an order that has changed since it was listed is on a page only where it still belongs, of every kind of list', async () => {
  const customer = { id: `c-${randomUUID().slice(0, 8)}` }
  const open = await server.place(order({ customer, items: [item('OPEN')] }))
  const canceled = await server.place(order({ customer, items: [item('GONE')] }))
  assert.equal((await server.post(`/api/orders/${canceled.uuid}/cancel`, {})).status, 200)
  const pages = async (key, operation, value) => {
    const query = `customerId=${customer.id}&${key}${operation === 'eq' ? '' : `.${operation}`}=${value}`
    const list = (await server.get(`/api/orders?${query}`)).body.items.map(o => o.orderNumber)
    const csv = (await server.get(`/api/orders.csv?${query}`)).text
    const { body } = await server.post('/graphql', { query: `{ orders(filters: [{key: "customerId", operation: eq, value: "${customer.id}"},
      {key: "${key}", operation: ${operation}, value: "${value}"}]) { items { orderNumber } } }` })
    for (const o of [open, canceled]) {
      const shown = list.includes(o.orderNumber)
      assert.equal(csv.includes(o.orderNumber), shown, `CSV by ${query}`)
      assert.equal(body.data.orders.items.some(i => i.orderNumber === o.orderNumber), shown, `GraphQL by ${query}`)
    }
    return [open, canceled].filter(o => list.includes(o.orderNumber))
  }
  assert.deepEqual(await pages('status', 'eq', 'canceled'), [canceled])
  // As if the cancellation came between the reading of the list and that of the orders.
  const [before] = await server.sql('select version, class_id from order_list where order_id = $1', [canceled.orderId])
  await server.sql(`update order_list l set version = l.version - 1, class_id = o.class_id from order_list o where l.order_id = $1 and o.order_id = $2`,
    [canceled.orderId, open.orderId])
  assert.deepEqual(await pages('status', 'neq', 'canceled'), [open])
  assert.deepEqual(await pages('decidedBy', 'neq', 'order.cancel'), [open])
  assert.deepEqual(await pages('sku', 'eq', 'GONE'), [canceled]) // it still has it, although nobody asks for its items
  await server.sql('update order_list set version = $2, class_id = $3 where order_id = $1', [canceled.orderId, before.version, before.class_id])
})
