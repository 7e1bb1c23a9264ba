// GET /api/orders?q=: what a person types finds the order that they mean, in a stable order, and says why.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, order, until, useServer } from './lib.mjs'

const server = await useServer()
const find = (q, more = '', headers = {}) => server.api('GET', `/api/orders?q=${encodeURIComponent(q)}${more}`, undefined, headers)
const found = async (q, more = '') => {
  const { status, body, text } = await find(q, more)
  assert.equal(status, 200, text)
  if (!/fields=/.test(more)) assert.deepEqual(body.matched.map(m => m.orderId), body.items.map(o => o.orderId))
  return body
}
const numbers = async (q, more) => (await found(q, more)).items.map(o => o.orderNumber)
let placed = 0
const person = (fullName, email, telephone, more = {}) => server.place(order({
  orderNumber: `S-${1000 + placed++}`,
  customer: { fullName, email },
  shippingAddress: { fullName, telephone, address1: 'Street 1', city: 'Berlin', country: 'DE', postcode: '10115' },
  ...more,
}))

const smith = await person('John Smith', 'john.smith@gmail.com', '+49 (0)30 123-4567')
const muller = await person('Jürgen Müller', 'jm@web.de', '0171 9876543')
const jane = await person('Jane Smithson', 'jane@example.org', '+44 20 7946 0958', { items: [{ sku: 'ABC-123-XL', name: 'Coat', qty: 1, price: 5 }] })
const garcia = await person('José García', 'jose_garcia+shop@gmail.com', '555 0001')
await server.post(`/api/orders/${jane.uuid}/payments`, { type: 'capture', amount: 5, method: 'card', transactionId: 'ch_3QkL9x2eZvKYlo2C' })
const parcel = await server.post(`/api/orders/${jane.uuid}/shipments`, { carrier: 'DHL', trackingNumber: '00340434161094000012' })
assert.equal(parcel.status, 201, parcel.text)

test('a number exactly, by its beginning and by any part of it', async () => {
  assert.deepEqual(await numbers(smith.orderNumber), [smith.orderNumber])
  const { items, matched } = await found(smith.orderNumber.toLowerCase())
  assert.deepEqual([items[0].orderNumber, matched[0].how, matched[0].fields], [smith.orderNumber, 'exact', ['orderNumber']])
  const beginning = await found('S-100')
  assert.deepEqual(beginning.items.map(o => o.orderNumber), [garcia, jane, muller, smith].map(o => o.orderNumber))
  assert.ok(beginning.matched.every(m => m.how === 'prefix' && m.fields.includes('orderNumber')))
  const part = await found('1003')
  assert.deepEqual([part.items[0].orderNumber, part.matched[0].how], [garcia.orderNumber, 'prefix'])
  const middle = await found('-100')
  assert.deepEqual([middle.items.length, middle.matched[0].how], [4, 'part'])
})

test('names in either order, without accents, with umlauts written out, and mistyped', async () => {
  for (const q of ['John Smith', 'smith john', 'SMITH', 'joh smi']) assert.ok((await numbers(q)).includes(smith.orderNumber), q)
  for (const q of ['Müller', 'muller', 'mueller', 'MÜLLER jürgen', 'juergen']) assert.deepEqual(await numbers(q), [muller.orderNumber], q)
  for (const q of ['garcia', 'García', 'jose garcia']) assert.deepEqual(await numbers(q), [garcia.orderNumber], q)
  for (const q of ['smtih', 'smoth', 'smiht', 'jhon smtih']) {
    const { items, matched } = await found(q)
    assert.ok(items.some(o => o.orderNumber === smith.orderNumber), q)
    assert.ok(matched.every(m => m.how === 'similar' && m.fields.includes('customerFullName')), q)
  }
  // Words that begin so come before words that have it somewhere.
  const part = await found('son')
  assert.deepEqual([part.items[0].orderNumber, part.matched[0].how], [jane.orderNumber, 'part'])
})

test('e-mail in any case and part, telephone in any writing', async () => {
  for (const q of ['JOHN.SMITH@GMAIL.COM', 'john.smith@', 'smith@gmail']) assert.deepEqual(await numbers(q), [smith.orderNumber], q)
  assert.deepEqual(await numbers('gmail'), [garcia.orderNumber, smith.orderNumber])
  assert.deepEqual((await found('gmail')).matched.map(m => m.fields), [['customerEmail'], ['customerEmail']])
  for (const q of ['+49 30 1234567', '030 1234567', '0049301234567', '030/123-4567', '+49 (0)30 123 4567', '1234567']) assert.deepEqual(await numbers(q), [smith.orderNumber], q)
  assert.deepEqual((await found('030 123 4567')).matched[0].fields, ['telephone'])
  assert.deepEqual(await numbers('0171-98 76 543'), [muller.orderNumber])
})

test('tracking number, transaction id and part of a SKU', async () => {
  for (const [q, field] of [['00340434161094000012', 'trackingNumber'], ['1094000012', 'trackingNumber'], ['ch_3QkL9x2eZvKYlo2C', 'transactionId'], ['3qkl9x2e', 'transactionId'],
    ['ABC-123', 'sku'], ['123 xl', 'sku'], ['123-X', 'sku']]) {
    const { items, matched } = await found(q)
    assert.deepEqual(items.map(o => o.orderNumber), [jane.orderNumber], q)
    assert.ok(matched[0].fields.includes(field), q)
  }
})

test('one letter, two letters', async () => {
  assert.deepEqual(await numbers('g'), [garcia, smith, jane, muller].map(o => o.orderNumber)) // words that begin so, then those that have it
  assert.deepEqual(await numbers('mü'), [muller.orderNumber])
  assert.ok((await numbers('j')).length >= 4)
})

test('what is changed is found at once, also by another process', async () => {
  const other = await server.peer().start()
  const answer = await server.post(`/api/orders/${smith.uuid}/payments`, { type: 'capture', amount: 1, method: 'card', transactionId: 'pi_found_at_once' })
  const { body } = await other.api('GET', '/api/orders?q=pi_found_at_once', undefined, { 'orderd-at-least': answer.headers['orderd-position'] })
  assert.deepEqual(body.items.map(o => o.orderNumber), [smith.orderNumber])
  await other.stop()
})

test('pages neither skip nor repeat, across ranks and while orders are placed', async () => {
  const all = []
  for (let i = 0; i < 30; i++) all.push((await person(i % 3 ? `Zoe Page ${i}` : `Ann Onpage ${i}`, `zoe${i}@example.net`, `09${i}`)).orderNumber)
  const seen = []
  for (let next = ''; next !== null;) {
    const page = await found('page', `&limit=7${next && `&after=${next}`}`)
    seen.push(...page.items.map(o => o.orderNumber))
    if (seen.length === 7) await person('Zoe Page late', 'late@example.net', '099')
    next = page.next
  }
  const begins = all.filter((_, i) => i % 3).reverse(), has = all.filter((_, i) => i % 3 === 0).reverse()
  assert.deepEqual(seen, [...begins, ...has])
})

test('filters and fields go with it', async () => {
  assert.deepEqual(await numbers('smith', '&customerEmail=jane@example.org'), [jane.orderNumber])
  assert.deepEqual(await numbers('gmail', '&customerEmail.neq=john.smith@gmail.com'), [garcia.orderNumber])
  for (const [filter, expected] of [['customerEmail=nobody@example.org', []], ['sku=ABC-123-XL', [jane.orderNumber]], ['sku.neq=ABC-123-XL', [smith.orderNumber]], ['country=DE&currency=eur', [jane.orderNumber, smith.orderNumber]]]) {
    assert.deepEqual((await numbers('smith', `&${filter}`)).sort(), expected.sort(), filter)
  }
  assert.deepEqual((await found('müller', '&fields=orderNumber,grandTotal')).items.map(o => Object.keys(o).sort()), [['grandTotal', 'orderNumber']])
})

test('what nobody has is found nowhere, and odd input is text', async () => {
  for (const q of ['xyzzyplugh', '%', '__', '%%%', '\\', '100%', "' or 1=1 --", '😀', 'a'.repeat(200), '((((', 'smith xyzzyplugh', '0'.repeat(50), '000-00', '\t \n']) {
    const { items } = await found(q)
    assert.deepEqual(items.map(o => o.orderNumber), q.trim() ? [] : items.map(o => o.orderNumber), q)
  }
  assert.equal((await server.get('/api/orders?q=')).status, 200)
  for (const [q, more] of [['a'.repeat(201), ''], ['a', '&sort=createdAt'], ['a', '&count=true'], ['a b c d e f g h i', ''], ['a', '&fields=nothing'], ['a', '&limit=0'], ['a', '&after=nonsense'], ['a', '&after=9-1'], ['a', '&colour=red'], ['a\0b', '']]) {
    assertProblem(await find(q, more), q.includes('\0') ? 400 : 422, undefined)
  }
})

test('a whole number is answered alone, and the others on the next page', async () => {
  const whole = await person('Otto', 'otto@example.net', '08', { orderNumber: 'T-77' })
  const longer = await person('Otto', 'otto@example.net', '08', { orderNumber: 'T-77-B' })
  const first = await found('t-77')
  assert.deepEqual(first.items.map(o => o.orderNumber), [whole.orderNumber])
  assert.deepEqual(await numbers('t-77', `&after=${first.next}`), [longer.orderNumber])
})

test('a document that is not what its rows make is told of, and rebuilt', async () => {
  await until(async () => (await server.run('verify')).code === 0, { what: 'all is folded', timeout: 60_000 })
  await server.sql('update order_search set doc = $1 where order_id = $2', [' wrong', smith.orderId])
  const { code, stdout, stderr } = await server.run('verify')
  assert.notEqual(code, 0)
  assert.match(stdout + stderr, /another document than its rows make/)
  const rebuilt = await server.run(['projection', 'rebuild', 'search'])
  assert.equal(rebuilt.code, 0, rebuilt.stdout + rebuilt.stderr)
  assert.deepEqual(await numbers('smith john'), [smith.orderNumber])
})

test('the books are whole', () => assertVerified(server))
