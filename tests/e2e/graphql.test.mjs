// GraphQL: the same orders as REST in a fixed number of statements, over HTTP as its specification says, within limits.
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { buildClientSchema, getIntrospectionQuery, getNamedType, isCompositeType, isInputObjectType, isNonNullType, printSchema, validateSchema } from 'graphql'
import { serverAudits } from 'graphql-http'

import { assertProblem, Client, fullOrder, order, ROOT, Server, until, useServer } from './lib.mjs'

const MODERN = 'application/graphql-response+json'
const server = await useServer()

async function ask(query, variables, { on = server, status = 200, ...more } = {}) {
  const answer = await on.post('/graphql', { query, variables, ...more })
  assert.equal(answer.status, status, answer.text)
  return answer.body
}

async function data(query, variables) {
  const { data, errors } = await ask(query, variables)
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data
}

const schema = buildClientSchema((await data(getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, schemaDescription: true }))))

/** A selection of everything below a type that can be had without arguments. */
function everything(type, depth = 4) {
  const fields = Object.values(type.getFields())
    .filter(f => !f.args.some(a => isNonNullType(a.type) && a.defaultValue === undefined))
    .map(f => [f.name, getNamedType(f.type)])
    .filter(([, t]) => !isCompositeType(t) || depth > 0)
  return `{ ${fields.map(([name, t]) => isCompositeType(t) ? `${name} ${everything(t, depth - 1)}` : name).join(' ')} }`
}

/** An order in every way that it can have parts. */
async function richOrder(fields) {
  const o = await server.place(fullOrder(fields))
  const did = async (method, rest, body) => {
    const answer = await server.api(method, `/api/orders/${o.uuid}${rest}`, body)
    assert.ok(answer.status < 300, answer.text)
    return answer.body
  }
  await did('POST', '/payments', { type: 'capture', amount: 162.23, method: 'card', transactionId: `tx-${o.uuid}` })
  await did('POST', '/invoices')
  await did('POST', '/activities', { comment: 'packed «with care»', customerNotified: true })
  await did('POST', '/holds', { handle: 'check', reason: 'unusual' })
  await did('DELETE', '/holds/check')
  const s = await did('POST', '/shipments', { items: [{ orderItemId: 1, qty: 2 }], carrier: 'DHL', trackingNumber: '0034' })
  await did('PATCH', `/shipments/${s.shipmentId ?? 1}`, { status: 'delivered' })
  await did('POST', '/returns', { items: [{ orderItemId: 1, qty: 1, reason: 'too small' }] })
  await did('POST', '/refunds', { amount: 5, reason: 'late' })
  await did('POST', '/changes', { items: [{ orderItemId: 2, qty: 0 }], reason: 'no coat' }).catch(() => {})
  return server.client.order(o.uuid)
}

test('introspection describes the schema that is checked in', () => {
  assert.deepEqual(validateSchema(schema), [])
  assert.equal(`${printSchema(schema)}\n`, fs.readFileSync(path.join(ROOT, 'conf/schema.graphql'), 'utf8'))
})

test('an order is what REST shows of it, part by part', async () => {
  const rest = await richOrder()
  const { order: found } = await data(`query($id: ID!) { order(id: $id) ${everything(schema.getType('Order'))} }`, { id: rest.uuid })
  const expected = JSON.parse(JSON.stringify(rest))
  expected.orderId = String(rest.orderId)
  for (const item of expected.items) item.orderItemId = String(item.orderItemId)
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(found[key], value, key)
  for (const part of ['items', 'payments', 'shipments', 'refunds', 'returns', 'invoices', 'activities']) assert.ok(found[part].length, part)
  const events = await server.client.events(rest.uuid)
  assert.equal(found.events.length, events.length)
  found.events.forEach((e, i) => {
    for (const [key, value] of Object.entries(events[i])) assert.deepEqual(e[key], value, `${e.type} ${key}`)
    assert.equal(e.status?.to, events[i].status?.to)
  })
  const { order: last } = await data(`{ order(uuid: "${rest.uuid}") { one: events(last: 1) { seq } two: events(last: 2) { seq } } }`)
  assert.deepEqual([last.one.map(e => e.seq), last.two.map(e => e.seq)], [[rest.version], [rest.version - 1, rest.version]])
})

test('an order is named by its id, uuid or number, and by exactly one of them', async () => {
  const o = await server.place()
  for (const by of [`id: "${o.orderId}"`, `id: ${o.orderId}`, `id: "id:${o.orderId}"`, `id: "${o.orderNumber}"`, `uuid: "${o.uuid}"`, `orderNumber: "${o.orderNumber}"`]) {
    assert.equal((await data(`{ order(${by}) { uuid } }`)).order?.uuid, o.uuid, by)
  }
  assert.equal((await data(`{ order(uuid: "${randomUUID()}") { uuid } }`)).order, null)
  assert.equal((await data('{ order(id: "999999999") { uuid } }')).order, null)
  for (const by of ['', '(id: null)', `(id: 1, uuid: "${o.uuid}")`]) {
    const { data, errors } = await ask(`{ x: order${by} { uuid } statusList { code } }`)
    assert.equal(data.x, null)
    assert.ok(data.statusList.length, 'the other field is answered')
    assert.deepEqual(errors[0].path, ['x'])
    assert.equal(errors[0].extensions.code, 'bad_query')
  }
})

test('a list takes the same number of statements for one order as for fifty, with all their parts', async () => {
  const customer = `c-${randomUUID().slice(0, 8)}`
  const mine = n => `orders(filters: [{key: "customerId", value: "${customer}"}], limit: ${n})`
  const parts = 'total items { items { sku } shipments { items { qty } } activities { comment } payments { amount } refunds { items { qty } } returns { items { qty } } invoices { amount } holds { handle } changes { status } shippingAddress { city } events(last: 5) { type } }'
  await server.place(order({ customer: { id: customer } }))
  const statements = async query => {
    const { data, errors, extensions } = await ask(query)
    assert.equal(errors, undefined)
    return [data.orders.items.length, extensions.cost.statements]
  }
  const [one, few] = await statements(`{ ${mine(50)} { ${parts} } }`)
  for (let i = 0; i < 49; i++) await server.place(fullOrder({ customer: { id: customer } }))
  const [fifty, many] = await statements(`{ ${mine(50)} { ${parts} } }`)
  assert.deepEqual([one, fifty], [1, 50])
  assert.equal(many, few)
  assert.ok(many <= 20, `${many} statements`)
  assert.deepEqual(await statements(`{ ${mine(50)} { items { orderNumber grandTotal } } }`), [50, 2], 'no part is read that nobody selects')
})

test('what one alias selects is read for it, whatever another does without', async () => {
  const o = await richOrder()
  const { orders } = await data(`{ orders(filters: [{key: "orderNumber", value: "${o.orderNumber}"}]) {
    plain: items { uuid }
    rich: items { a: shipments { status } b: shipments { items { qty } } x: events(last: 1) { type } y: events(last: 500) { type } z: events(last: 0) { type } amountRefundable amountOutstanding }
    changed: items { changes { before { grandTotal } terms } } } }`)
  assert.deepEqual(orders.plain, [{ uuid: o.uuid }])
  const [rich] = orders.rich
  assert.deepEqual(rich.b, [{ items: [{ qty: 2 }] }])
  assert.deepEqual([rich.x.length, rich.y.length, rich.z.length], [1, o.version, 0])
  assert.deepEqual([rich.amountRefundable, rich.amountOutstanding], [o.amountRefundable, o.amountOutstanding])
  assert.deepEqual(orders.changed[0].changes.map(c => c.before), o.changes.map(c => c.before))
})

test('query searches as q does, with why, pages, filters and the parts that are asked for', async () => {
  const name = `Quy${randomUUID().replace(/[^a-f]/g, '').slice(0, 9)}worth` // words of up to 24 letters may be mistyped
  const placed = []
  for (let i = 0; i < 5; i++) placed.push(await server.place(order({ customer: { fullName: `${i % 2 ? 'Ann' : 'Bo'} ${name}`, email: `${i}@${name}.org` }, coupon: i ? 'YES' : undefined })))
  const rest = async more => (await server.get(`/api/orders?q=${name}${more}`)).body
  const seen = []
  for (let after = ''; after !== null;) {
    const { orders } = await data(`{ orders(query: "${name}", limit: 2${after && `, after: "${after}"`}) { currentPage next items { orderNumber items { sku } events(last: 1) { type } } matched { orderId how fields } } }`)
    assert.deepEqual(orders.matched.map(m => m.orderId), orders.items.map(o => String(placed.find(p => p.orderNumber === o.orderNumber).orderId)))
    assert.ok(orders.matched.every(m => m.how === 'prefix' && m.fields.includes('customerFullName')))
    assert.ok(orders.items.every(o => o.items.length && o.events.length))
    seen.push(...orders.items.map(o => o.orderNumber))
    after = orders.next
  }
  assert.deepEqual(seen, placed.map(o => o.orderNumber).reverse())
  const some = await data(`{ orders(query: "ann ${name}", filters: [{key: "coupon", value: "YES"}]) { items { orderNumber } matched { how } } }`)
  assert.deepEqual(some.orders.items.map(o => o.orderNumber), [placed[3].orderNumber, placed[1].orderNumber])
  const mistyped = (await data(`{ orders(query: "${name.replace('worth', 'wotrh')}") { items { orderNumber } matched { how fields } } }`)).orders
  assert.deepEqual([mistyped.items.length, ...mistyped.matched.map(m => m.how)], [5, ...Array(5).fill('similar')])
  assert.deepEqual(mistyped.items.map(o => o.orderNumber), (await rest('')).items.map(o => o.orderNumber))
  assert.equal((await data('{ orders(limit: 1) { items { orderNumber } matched { how } } }')).orders.matched, null)
  for (const [args, fields] of [['sort: "orderId"', 'next'], ['page: 2', 'next'], ['limit: 2', 'total'], ['after: "nonsense"', 'next'], ['limit: 300', 'next'],
    ['filters: [{key: "colour", value: "red"}]', 'next'], ['filters: [{key: "decidedBy", value: "order.cancl"}]', 'next']]) {
    const { errors } = await ask(`{ orders(query: "${name}", ${args}) { ${fields} } }`)
    assert.equal(errors?.[0].extensions.code, 'bad_query', args)
    assert.deepEqual(errors[0].path, ['orders'])
  }
})

test('a customer has their orders, in a fixed number of statements', async () => {
  const id = `c-${randomUUID().slice(0, 8)}`
  const placed = []
  for (let i = 0; i < 6; i++) placed.push(await server.place(order({ customer: { id, email: `${id}@Example.org` }, coupon: i % 2 ? 'ODD' : undefined })))
  await server.place(order())
  const numbers = page => page.items.map(o => o.orderNumber)
  const all = placed.map(o => o.orderNumber)
  const { customer } = await data(`{ customer(id: "${id}") { orderCount orders(limit: 4) { total next items { orderNumber items { sku } } }
    odd: orders(sort: "orderId", filters: [{key: "coupon", value: "ODD"}]) { total items { orderNumber } } last: orders(page: 2, limit: 4) { currentPage items { orderNumber } } } }`)
  assert.deepEqual([customer.orderCount, customer.orders.total, customer.odd.total, customer.last.currentPage], [6, 6, 3, 2])
  assert.deepEqual(numbers(customer.orders), all.slice(2).reverse())
  assert.deepEqual(numbers(customer.odd), all.filter((_, i) => i % 2))
  assert.deepEqual(numbers(customer.last), all.slice(0, 2).reverse())
  const next = await data(`{ customer(email: "${id}@example.ORG") { orders(limit: 4, after: "${customer.orders.next}") { items { orderNumber } } } }`)
  assert.deepEqual(numbers(next.customer.orders), all.slice(0, 2).reverse())
  assert.equal((await data('{ customer(id: "nobody-at-all") { orders { total } } }')).customer, null)
  const cost = async query => (await ask(query)).extensions.cost
  const [few, many] = [await cost(`{ customer(id: "${id}") { orders(limit: 1) { items { items { sku } } } } }`), await cost(`{ customer(id: "${id}") { orders(limit: 50) { items { items { sku } } } } }`)]
  assert.equal(few.statements, many.statements)
  assert.ok(few.requested > 2000, 'each list costs a read')
  const wrong = await ask(`{ customer(id: "${id}") { orderCount orders(limit: 500) { total } } }`)
  assert.deepEqual([wrong.errors[0].path, wrong.errors[0].extensions.code], [['customer', 'orders'], 'bad_query'])
})

test('lists have filters, sorting, pages, cursors and a total, as REST has them', async () => {
  const customer = `c-${randomUUID().slice(0, 8)}`
  const placed = []
  for (let i = 0; i < 7; i++) placed.push(await server.place(order({ customer: { id: customer }, coupon: i % 2 ? 'ODD' : undefined, items: [{ sku: 'S', qty: 1, price: i + 1 }] })))
  const list = async (args, filters = '') => (await data(`{ orders(filters: [{key: "customerId", value: "${customer}"} ${filters}] ${args}) { total currentPage next items { orderNumber } } }`)).orders
  const numbers = l => l.items.map(o => placed.findIndex(p => p.orderNumber === o.orderNumber)).join('')
  assert.equal(numbers(await list('')), '6543210')
  assert.equal(numbers(await list('sort: "grandTotal"')), '0123456')
  const second = await list('limit: 3, page: 2')
  assert.deepEqual([numbers(second), second.total, second.currentPage], ['321', 7, 2])
  let walked = '', after = null
  do {
    const page = await list(`limit: 3 ${after ? `after: "${after}"` : ''}`)
    walked += numbers(page)
    after = page.next
  } while (after)
  assert.equal(walked, '6543210')
  const filtered = async filters => numbers(await list('sort: "orderId"', filters))
  assert.equal(await filtered('{key: "coupon", value: "ODD"}'), '135')
  assert.equal(await filtered('{key: "coupon", operation: neq, value: "ODD"}'), '0246')
  assert.equal(await filtered('{key: "grandTotal", operation: gteq, value: "3"} {key: "grandTotal", operation: lteq, value: "5"}'), '234')
  assert.equal(await filtered('{key: "coupon", operation: exists, value: "false"}'), '0246')
  assert.equal(await filtered(`{key: "orderNumber", operation: in, value: "${placed[1].orderNumber},${placed[4].orderNumber}"}`), '14')
  for (const [args, says] of [['filters: [{key: "nope", value: ""}]', /no filter "nope"/], ['filters: [{key: "status", value: "payed"}]', /known: /],
    ['filters: [{key: "status.in", value: "new"}]', /no filter/], ['sort: "nope"', /sort must be/], ['limit: 0', /limit must be/], ['limit: 201', /limit must be/],
    ['page: 0', /page must be/], ['page: 1, after: "x"', /exclude/], ['after: "xx"', /not a cursor/], ['page: 10000, limit: 200', /walk on with after/]]) {
    const { data, errors } = await ask(`{ orders(${args}) { total } }`)
    assert.equal(data, null, 'orders may not be null, so nothing is left')
    assert.match(errors[0].message, says)
    assert.deepEqual(errors[0].path, ['orders'])
  }
})

test('customers, stock and statuses are answered', async () => {
  const id = `c-${randomUUID().slice(0, 8)}`
  const email = `${id}@example.org`
  for (const currency of ['EUR', 'JPY', 'EUR']) await server.place({ currency, customer: { id, email, fullName: currency }, items: [{ sku: 'TEE-M', qty: 1, price: 10 }] })
  const both = await data('query($id: ID, $email: String) { id: customer(id: $id) { ...C } email: customer(email: $email) { ...C } none: customer(id: "nobody") { id } } fragment C on Customer { id email fullName orderCount sums { currency orders grandTotal } }', { id, email: email.toUpperCase() })
  const expected = { id, email, fullName: 'EUR', orderCount: 3, sums: [{ currency: 'EUR', orders: 2, grandTotal: 20 }, { currency: 'JPY', orders: 1, grandTotal: 10 }] }
  assert.deepEqual(both, { id: expected, email: expected, none: null })
  await server.client.setStock('STOCKED', 7)
  const { a, b } = await data('{ a: inventory(sku: "STOCKED") { sku qty available locations { location qty backorder } } b: inventory(sku: "NOPE") { sku } }')
  assert.deepEqual([a, b], [{ sku: 'STOCKED', qty: 7, available: 7, locations: [{ location: 'main', qty: 7, backorder: false }] }, null])
  const { statusList, paymentStatusList } = await data('{ statusList { code name badge } paymentStatusList { code } shipmentStatusList { code } }')
  assert.ok(statusList.some(s => s.code === 'new' || s.code === 'pending'))
  assert.ok(paymentStatusList.some(s => s.code === 'paid'))
})

test('aliases, fragments, directives and variables do what the specification says', async () => {
  const o = await server.place(fullOrder())
  const found = await data(`query Q($n: String!, $yes: Boolean = true, $no: Boolean!) {
    first: order(orderNumber: $n) { ...A ... on Order @include(if: $no) { uuid } ... @skip(if: $yes) { grandTotal } items { sku } items { qty } __typename }
    second: order(orderNumber: $n) @skip(if: $no) { currency @include(if: $yes) }
    third: order(orderNumber: $n) @skip(if: $yes) { uuid }
  } fragment A on Order { coupon customer { ...B } customer { email } } fragment B on OrderCustomer { id }`, { n: o.orderNumber, no: false })
  assert.deepEqual(found, {
    first: { coupon: 'TEN', customer: { id: 'c-1', email: 'ana@example.org' }, items: [{ sku: 'TEE-M', qty: 2 }, { sku: 'COAT', qty: 1 }], __typename: 'Order' },
    second: { currency: 'EUR' },
  })
  assert.deepEqual(Object.keys(found.first), ['coupon', 'customer', 'items', '__typename'], 'in the order of the query')
})

test('an order lives its life by mutations, in the order in which they stand', async () => {
  const PAYLOAD = 'partId replayed userErrors { code message field policy reason } order { orderNumber version status { code } paymentStatus { code } events(last: 1) { type } }'
  const input = { items: [{ sku: 'TEE-M', qty: 2, price: 19.99 }], metadata: { deep: [1.50] } }
  const { placeOrder: placed } = await data(`mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ${PAYLOAD} } }`, { input })
  assert.deepEqual(placed.userErrors, [])
  const order = placed.order.orderNumber
  const done = await data(`mutation($order: String!) {
    pay: addPayment(order: $order, input: {type: "capture", amount: 39.98, method: "card", transactionId: "tx-${randomUUID()}"}) { ${PAYLOAD} }
    held: holdOrder(order: $order, input: {handle: "check", reason: "odd"}) { ${PAYLOAD} }
    released: releaseOrder(order: $order, handle: "check") { ${PAYLOAD} }
    shipped: createShipment(order: $order, input: {items: [{orderItemId: 1, qty: 1}], carrier: "DHL"}) { ${PAYLOAD} }
    tracked: updateShipment(order: $order, shipmentId: 1, input: {trackingNumber: "0034"}) { ${PAYLOAD} }
    noted: addOrderActivityLog(order: $order, comment: "hello", input: {customerNotified: true}) { ${PAYLOAD} }
    billed: issueInvoice(order: $order) { ${PAYLOAD} }
    back: refundOrder(order: $order, input: {amount: 5, reason: "late"}) { ${PAYLOAD} }
  }`, { order })
  const types = Object.values(done).map(p => p.order.events[0].type)
  assert.deepEqual(types, ['payment.captured', 'order.held', 'order.released', 'shipment.created', 'shipment.updated', 'activity.added', 'invoice.issued', 'payment.refunded'])
  for (const [name, p] of Object.entries(done)) assert.deepEqual(p.userErrors, [], name)
  assert.deepEqual(Object.values(done).map(p => p.order.version), [2, 3, 4, 5, 6, 7, 8, 9])
  assert.deepEqual([done.pay.partId, done.shipped.partId], [1, 1])
  const rest = await server.client.order(order)
  assert.deepEqual([rest.version, rest.metadata, rest.shipments[0].trackingNumber, rest.activities[0].customerNotified], [9, { deep: [1.5] }, '0034', true])
  const { setInventory } = await data('mutation { setInventory(sku: "GQL", input: {qty: 3}) { order { uuid } stock { sku available } userErrors { code } } }')
  assert.deepEqual(setInventory, { order: null, stock: { sku: 'GQL', available: 3 }, userErrors: [] })
})

test('a refusal is data, and says by which policy, code and member', async () => {
  const o = await server.place()
  const ERRORS = 'order { uuid } userErrors { code message field policy reason }'
  const refused = await data(`mutation($o: String!) {
    over: createShipment(order: $o, input: {items: [{orderItemId: 1, qty: 3}]}) { ${ERRORS} }
    odd: createShipment(order: $o, input: {items: [{orderItemId: 1, qty: 0}], handedOver: true, carrier: "${'x'.repeat(2000)}"}) { ${ERRORS} }
    stale: cancelOrder(order: $o, ifMatch: 99) { ${ERRORS} }
    nobody: cancelOrder(order: "${randomUUID()}") { ${ERRORS} }
    held: holdOrder(order: $o, input: {handle: "h"}) { ${ERRORS} }
    shut: cancelOrder(order: $o, reason: "changed my mind") { ${ERRORS} }
    key: cancelOrder(order: $o, idempotencyKey: "ü") { ${ERRORS} }
  }`, { o: o.uuid })
  for (const [name, p] of Object.entries(refused)) {
    if (['held', 'shut'].includes(name)) continue
    assert.equal(p.order, null, name)
    assert.ok(p.userErrors.length && p.userErrors[0].code && p.userErrors[0].message, name)
  }
  assert.deepEqual(refused.odd.userErrors.map(e => e.field), [['carrier'], ['items', '0', 'qty']])
  assert.equal(refused.nobody.userErrors[0].code, 'order_not_found')
  const rest = await server.client.order(o.uuid)
  assert.equal(rest.version, refused.shut.order ? 3 : 2, 'what was refused left nothing')
})

test('an input that does not fit its type is an error at its place, and no command is given', async () => {
  const o = await server.place()
  for (const [input, message, column] of [
    ['{items: [{orderItemId: 1, qty: "x"}]}', /Expected value of type "Int!", found "x"/, '"x"'], ['{nope: 1}', /Field "nope" is not defined by type "CreateShipmentInput"/, 'nope'],
    ['{items: [{qty: 1}]}', /Field "UnitsInput\.orderItemId" of required type "Int!" was not provided/, '{qty'], ['{carrier: 7}', /Expected value of type "String", found 7/, '7'],
  ]) {
    const query = `mutation { createShipment(order: "${o.uuid}", input: ${input}) { userErrors { code } } }`
    const { errors, data: nothing } = await ask(query)
    assert.match(errors[0].message, message)
    assert.deepEqual([errors[0].locations, nothing], [[{ line: 1, column: query.indexOf(column, query.indexOf('input')) + 1 }], undefined])
  }
  const { errors } = await ask('mutation($input: AddPaymentInput!) { addPayment(order: "1", input: $input) { userErrors { code } } }', { input: { type: 'capture', amount: [1] } })
  assert.match(errors[0].message, /\$input.*input\.amount|amount/)
  assert.equal((await server.client.order(o.uuid)).version, 1)
})

test('each input has the members that the body of its route has, with their types', async () => {
  const { components, paths } = (await server.get('/openapi.json')).body
  const resolve = s => s?.$ref ? resolve(components.schemas[s.$ref.split('/').at(-1)]) : s?.oneOf ? resolve(s.oneOf.find(x => x.type !== 'null')) : s
  let compared = 0
  const compare = (type, object, without) => {
    const fields = Object.keys(type.getFields())
    const known = Object.keys(resolve(object).properties).filter(p => !without.includes(p))
    assert.deepEqual([...fields].sort(), known.sort(), type.name)
    for (const f of Object.values(type.getFields())) {
      const s = resolve(resolve(object).properties[f.name]), named = getNamedType(f.type)
      if (isInputObjectType(named)) compare(named, s.items ?? s, [])
      else if (named.name === 'Boolean') assert.equal([s.type].flat()[0], 'boolean', `${type.name}.${f.name}`)
      else if (named.name === 'Int') assert.equal([s.type].flat()[0], 'integer', `${type.name}.${f.name}`)
      if (isNonNullType(f.type)) assert.ok(resolve(object).required.includes(f.name), `${type.name}.${f.name} is ${f.type}`)
      compared++
    }
  }
  for (const field of Object.values(schema.getMutationType().getFields())) {
    const input = field.args.find(a => a.name === 'input')
    if (!input || getNamedType(input.type).name === 'JSON') continue
    const [, method, route] = /`(\w+) (\S+)`/.exec(input.description)
    const body = paths[route.replaceAll(/:(\w+)/g, '{$1}')][method.toLowerCase()].requestBody.content['application/json'].schema
    compare(getNamedType(input.type), body, field.args.filter(a => isNonNullType(a.type)).map(a => a.name))
  }
  assert.ok(compared > 100)
})

test('what the document itself says reaches the books as what a variable says', async () => {
  const deep = { plain: [1, { text: 'a "b" ä\n' }], none: null, yes: true }
  const literal = '{deep: {plain: [1, {text: "a \\"b\\" ä\\n"}], none: null, yes: true}, held: $v}'
  const { placeOrder } = await data(`mutation($v: JSON) { placeOrder(input: {items: [{sku: "TEE-M", qty: 1, price: 5}], metadata: ${literal}}) { order { uuid metadata } userErrors { message } } }`, { v: [{ a: 1 }] })
  assert.deepEqual(placeOrder.userErrors, [])
  assert.deepEqual(placeOrder.order.metadata, { deep, held: [{ a: 1 }] })
  const { uuid } = placeOrder.order
  const { updateOrder } = await data(`mutation { updateOrder(order: "${uuid}", input: {metadata: {now: {a: [2]}}}) { order { metadata } } }`)
  assert.deepEqual(updateOrder.order.metadata, { now: { a: [2] } })
  const mail = 'order { events(last: 1) { data } } userErrors { code }'
  const { bare, full } = await data(`mutation($o: String!) {
    bare: sendMail(order: $o, template: "thanks", input: {to: "a@example.org"}) { ${mail} }
    full: sendMail(order: $o, template: "thanks", input: {to: "a@example.org", data: {n: [1]}}) { ${mail} } }`, { o: uuid })
  assert.deepEqual(bare.order?.events[0].data.mail, { template: 'thanks', to: 'a@example.org' })
  assert.deepEqual(full.order?.events[0].data.mail, { template: 'thanks', to: 'a@example.org', data: { n: [1] } })
})

test('a body nests as deep as that of REST and no deeper, and its events are answered', async () => {
  const nested = depth => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  const deepest = await server.place(order({ metadata: nested(31) }))
  const { order: found } = await data(`{ order(uuid: "${deepest.uuid}") { metadata events { type } } }`)
  assert.deepEqual(found, { metadata: nested(31), events: [{ type: 'order.placed' }] })
  const place = depth => data('mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { order { events { type } } userErrors { message } } }', { input: order({ metadata: nested(depth) }) }).then(d => d.placeOrder)
  assert.deepEqual(await place(31), { order: { events: [{ type: 'order.placed' }] }, userErrors: [] })
  const refused = await place(32)
  assert.equal(refused.order, null)
  assert.match(refused.userErrors[0].message, /nested too deeply/)
})

test('a variable that stands in a body a hundred times over does not fill the memory', async () => {
  const input = Array.from({ length: 100 }, (_, i) => `k${i}: $v`).join(' ')
  const { placeOrder } = await data(`mutation($v: JSON) { placeOrder(input: {metadata: {${input}}}) { order { uuid } userErrors { code message } } }`, { v: 'x'.repeat(500_000) })
  assert.deepEqual(placeOrder, { order: null, userErrors: [{ code: 'invalid', message: 'input is too large.' }] })
})

test('when the client leaves, no command follows the one that is under way', async () => {
  const [first, second] = [await server.place(), await server.place()]
  const gauge = async () => Number(/^orderd_http_connections (\d+)$/m.exec((await server.get('/metrics')).text)[1])
  const noted = async (o, text) => (await server.client.order(o.uuid)).activities.some(a => a.comment === text)
  const note = (o, text) => `addOrderActivityLog(order: "${o.uuid}", comment: "${text}") { replayed }`
  const body = JSON.stringify({ query: `mutation { a: ${note(first, 'under way')} b: ${note(second, 'behind')} }` })
  await server.withDatabase(async db => {
    await db.query('begin')
    await db.query('select from orders where order_id = $1 for update', [first.orderId])
    const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
    socket.write(`POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    await until(async () => (await server.sql("select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update%'")).length, { what: 'the lock' })
    const open = await gauge()
    socket.resetAndDestroy()
    await until(async () => await gauge() < open, { what: 'the end of the connection' })
  })
  await until(() => noted(first, 'under way'), { what: 'the first note' })
  assert.equal((await server.post(`/api/orders/${second.uuid}/activities`, { comment: 'marker' })).status, 201)
  assert.equal(await noted(second, 'behind'), false)
})

test('an idempotency key makes a mutation happen once, a dry run not at all', async () => {
  const o = await server.place()
  const note = (comment, key) => data(`mutation($o: String!, $c: String!, $k: String) { addOrderActivityLog(order: $o, comment: $c, idempotencyKey: $k) { replayed order { version } userErrors { code } } }`, { o: o.uuid, c: comment, k: key }).then(d => d.addOrderActivityLog)
  const key = randomUUID()
  assert.deepEqual(await note('once', key), { replayed: false, order: { version: 2 }, userErrors: [] })
  assert.deepEqual(await note('once', key), { replayed: true, order: { version: 2 }, userErrors: [] })
  assert.deepEqual(await note('else', key), { replayed: false, order: null, userErrors: [{ code: 'idempotency_key_reused' }] })
  const { cancelOrder } = await data(`mutation { cancelOrder(order: "${o.uuid}", dryRun: true) { order { version status { code } } } }`)
  assert.ok(cancelOrder.order.version > 2)
  assert.equal((await server.client.order(o.uuid)).version, 2)
})

test('a return is exchanged for another order, or nothing happens', async () => {
  const o = await server.place(order({ customer: { email: 'swap@example.org' }, items: [{ sku: 'SWAP', qty: 1, price: 9 }] }))
  for (const [rest, body] of [['payments', { type: 'capture' }], ['shipments', {}], ['returns', { items: [{ orderItemId: 1, qty: 1, reason: 'too small' }] }]]) {
    const answer = await server.post(`/api/orders/${o.uuid}/${rest}`, body)
    assert.ok(answer.status < 300, answer.text)
  }
  for (const status of ['approved', 'received']) {
    const answer = await server.api('PATCH', `/api/orders/${o.uuid}/returns/1`, { status, ...(status === 'received' ? { items: [{ orderItemId: 1, qty: 1 }] } : {}) })
    assert.ok(answer.status < 300, answer.text)
  }
  const FIELDS = 'replayed order { uuid exchangeOf customerEmail currency items { sku } } userErrors { code field }'
  const swap = (more, input = '{items: [{sku: "SWAP-L", qty: 1, price: 9}]}') => data(`mutation($o: String!) { exchange(order: $o, returnId: ${more.returnId ?? 1}, input: ${input}, ${more.terms ?? 'dryRun: false'}) { ${FIELDS} } }`, { o: more.order ?? o.uuid }).then(d => d.exchange)
  const version = async () => (await server.client.order(o.uuid)).version
  const before = await version()
  for (const [more, input, code] of [[{ returnId: 7 }, undefined, 'return_not_found'], [{ order: randomUUID() }, undefined, 'order_not_found'],
    [{ terms: 'ifMatch: 99' }, undefined, null], [{}, '{items: [{sku: "SWAP-L", qty: 0, price: 9}]}', null]]) {
    const refused = await swap(more, input)
    assert.equal(refused.order, null)
    assert.ok(refused.userErrors.length && (!code || refused.userErrors[0].code === code), JSON.stringify(refused))
  }
  assert.equal(await version(), before)
  assert.equal((await swap({ terms: 'dryRun: true' })).order.exchangeOf, o.uuid)
  assert.equal(await version(), before)
  const key = randomUUID()
  const done = await swap({ terms: `idempotencyKey: "${key}", ifMatch: ${before}` })
  assert.deepEqual([done.userErrors, done.replayed, done.order.exchangeOf, done.order.customerEmail, done.order.items], [[], false, o.uuid, 'swap@example.org', [{ sku: 'SWAP-L' }]])
  assert.equal((await server.client.order(o.uuid)).returns[0].exchangeUuid, done.order.uuid)
  const again = await swap({ terms: `idempotencyKey: "${key}", ifMatch: ${before}` })
  assert.deepEqual([again.replayed, again.order.uuid], [true, done.order.uuid])
})

test('every command is a mutation', () => {
  const names = Object.keys(schema.getMutationType().getFields())
  for (const name of ['placeOrder', 'updatePaymentStatus', 'updateShipmentStatus', 'createShipment', 'updateShipment', 'cancelOrder', 'addOrderActivityLog',
    'refundOrder', 'holdOrder', 'releaseOrder', 'addPayment', 'updateOrder', 'createReturn', 'updateReturn', 'issueInvoice', 'creditInvoice',
    'proposeChange', 'confirmChange', 'discardChange', 'splitOrder', 'exchange', 'trackShipment', 'setInventory', 'commandOrder']) assert.ok(names.includes(name), name)
})

test('a wrong request says what is wrong, and where', async () => {
  const wrong = [
    [{ query: '{ order(id: 1) { nope } }' }, /nope/, { line: 1, column: 18 }], [{ query: '{ order(id: 1) {\n  uuid' }, /Syntax Error/, { line: 2, column: 7 }],
    [{ query: 'query($id: ID!) { order(id: $id) { uuid } }' }, /\$id/, { line: 1, column: 7 }],
    [{ query: 'query A { statusList { code } } query B { statusList { code } }' }, /operationName/],
    [{ query: '{ statusList { code } }', operationName: 'Z' }, /no operation of that name/],
    [{ query: 'subscription { statusList { code } }' }, /Cannot query field "statusList" on type "Subscription"/],
  ]
  for (const [body, says, location] of wrong) {
    for (const [accept, status] of [[MODERN, 400], ['application/json', 200], [undefined, 200]]) {
      const answer = await server.post('/graphql', body, accept ? { accept } : {})
      assert.equal(answer.status, status, answer.text)
      assert.match(answer.headers['content-type'], accept === MODERN ? /^application\/graphql-response\+json; charset=utf-8$/ : /^application\/json; charset=utf-8$/)
      assert.equal('data' in answer.body, false)
      assert.match(answer.body.errors[0].message, says)
      if (location) assert.deepEqual(answer.body.errors[0].locations[0], location)
    }
  }
  for (const body of ['{', '[]', '{}', '{"query": 1}', '{"query": "{a}", "variables": []}', '{"query": "{a}", "operationName": {}}']) {
    const answer = await server.post('/graphql', body)
    assert.equal(answer.status, 400, body)
    assert.ok(answer.body.errors[0].message)
  }
  assert.equal((await server.get(`/graphql?query=${encodeURIComponent('mutation { __typename }')}`)).status >= 400, true)
})

test('the audits of graphql-http pass', async () => {
  const results = []
  for (const audit of serverAudits({ url: `${server.url}/graphql`, fetchFn: fetch })) {
    const result = await audit.fn()
    results.push(result)
    if (result.status !== 'ok') console.error(result.id, result.name, result.status, result.reason)
  }
  assert.ok(results.length >= 61, `${results.length} audits`)
  assert.deepEqual(results.filter(r => r.status !== 'ok').map(r => `${r.id} ${r.name}: ${r.reason}`), [])
})

test('a document is kept by its hash, and asked for by it', async () => {
  const query = `query Kept { statusList { code ${'name '.repeat(3)} } } # ${randomUUID()}`
  const sha256Hash = createHash('sha256').update(query).digest('hex')
  const extensions = { persistedQuery: { version: 1, sha256Hash } }
  const unknown = await server.post('/graphql', { extensions })
  assert.equal(unknown.status, 400)
  assert.deepEqual([unknown.body.errors[0].message, unknown.body.errors[0].extensions.code], ['PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND'])
  assert.equal((await server.post('/graphql', { query: '{ statusList { code } }', extensions })).status, 400, 'a hash of something else')
  const first = await server.post('/graphql', { query, extensions })
  assert.equal(first.status, 200, first.text)
  const again = await server.get(`/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`)
  assert.deepEqual(again.body.data, first.body.data)
})

test('hostile queries are refused at once, and cost nothing', async () => {
  const cycles = `{ ...A } ${Array.from({ length: 500 }, (_, i) => `fragment F${i} on Query { ...F${(i + 1) % 500} }`).join(' ')} fragment A on Query { ...F0 }`
  const nested = Array.from({ length: 30 }, (_, i) => `fragment N${i} on __Type { a: ofType { ...N${i + 1} } b: ofType { ...N${i + 1} } }`).join(' ')
  const hostile = {
    'ten thousand aliases': `{ ${Array.from({ length: 10000 }, (_, i) => `a${i}: statusList { code }`).join(' ')} }`,
    'two thousand aliases of a list': `{ ${Array.from({ length: 1200 }, (_, i) => `a${i}: statusList{code}`).join(' ')} }`,
    'nesting of a thousand': `{ ${'a { '.repeat(1000)} b ${'}'.repeat(1001)}`,
    'brackets of a hundred thousand': `{ a(x: ${'['.repeat(100000)}`,
    'two hundred lists': `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: orders(limit: 1) { next }`).join(' ')} }`,
    'a circle of fragments': cycles,
    'fragments that double thirty times': `{ __type(name: "Order") { ...N0 } } ${nested} fragment N30 on __Type { name }`,
    'a megabyte of names': `{ ${'a '.repeat(500000)} }`,
    'a megabyte of string': `{ a(x: "${'x'.repeat(1000000)}") }`,
    'lists in lists': `{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { type { fields { args { name } } } } } } } } } } } } } } }`,
  }
  for (const [name, query] of Object.entries(hostile)) {
    const begun = performance.now()
    const { status, body } = await server.post('/graphql', { query })
    const took = performance.now() - begun
    assert.ok(status === 200 || status === 413, `${name}: ${status}`)
    if (status === 200) {
      assert.ok(body.errors?.length, name)
      assert.equal('data' in body, false, name)
    }
    assert.ok(took < 5000, `${name} took ${took} ms`) // 50 ms in a release build; this one is sanitized, on a busy machine
  }
  assert.equal((await server.get('/readyz')).status, 200)
})

test('readers may ask and not command; without a key nobody', async () => {
  const guarded = new Server({ options: { 'auth.mode': 'keys', 'graphql.introspection': 'no', 'graphql.max_depth': '5' } })
  await guarded.start()
  try {
    const { stdout } = await guarded.run(['key', 'add'], ['viewer', '--role', 'reader'])
    const reader = new Client(guarded.url, { key: stdout.trim().split(/\s+/).at(-1) })
    await until(async () => (await reader.get('/api/orders')).status === 200, { what: 'the key' })
    assert.ok((await reader.post('/graphql', { query: '{ orders { total } }' })).body.data)
    for (const query of ['{ __schema { description } }', 'query { orders { total } x: __type(name: "Order") { name } }']) {
      assert.match((await reader.post('/graphql', { query })).body.errors[0].message, /Introspection is turned off/)
    }
    assert.equal((await reader.post('/graphql', { query: '{ __typename }' })).body.data.__typename, 'Query')
    assert.ok((await reader.post('/graphql', { query: '{ orders { items { shipments { items { qty } } } } }' })).body.data, 'five objects within each other')
    assertProblem(await guarded.post('/graphql', { query: '{ orders { total } }' }), 401)
    const { data } = (await reader.post('/graphql', { query: 'mutation { setInventory(sku: "A", input: {qty: 1}) { userErrors { code message } } }' })).body
    assert.deepEqual(data.setInventory.userErrors, [{ code: 'forbidden', message: 'This needs the permission inventory.edit, which the role reader does not have.' }])
    assertProblem(await guarded.get('/graphql?query=%7B__typename%7D'), 401)
    reader.close()
  } finally {
    await guarded.stop()
  }
})
