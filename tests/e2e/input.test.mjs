// Bad input of every kind gets the right status, a problem document that points at the field, and
// writes nothing.
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'

import { assertProblem, order, pool, raw, until, useServer } from './lib.mjs'

const LIMITS = {
  'server.max_header_bytes': 4096,
  'server.max_body_bytes': 65536,
}
const server = await useServer({ options: { 'stock.track': 'all', ...LIMITS } })
// For slow senders alone: on a busy machine any sender may be slow.
const impatient = await server.peer({ 'server.header_timeout': '400ms', 'server.body_timeout': '400ms' }).start()

const item = (fields = {}) => ({ sku: 'KNOWN', qty: 1, price: 10, ...fields })
const items = fields => order({ items: [item(fields)] })

const rows = async () => {
  const [row] = await server.sql(`select (select count(*) from orders)::int as orders,
    (select count(*) from order_event)::int as events, (select coalesce(sum(reserved), 0) from stock)::int as reserved`)
  return row
}
await server.client.setStock('KNOWN', 1_000_000)
await server.place(items())
const written = await rows()

// [what, body, status, pointer]
const bodies = [
  ['no body', '', 400],
  ['not JSON', 'hello', 400],
  ['truncated JSON', '{"items":[{"sku":"KNOWN","qty":1', 400],
  ['trailing bytes', '{} {}', 400],
  ['a trailing comma', '{"items":[],}', 400],
  ['a comment', '{/* */}', 400],
  ['NaN', '{"items":[{"sku":"KNOWN","qty":NaN,"price":1}]}', 400],
  ['a leading zero', '{"items":[{"sku":"KNOWN","qty":01,"price":1}]}', 400],
  ['the same member twice', '{"currency":"EUR","currency":"USD","items":[]}', 400],
  ['deep nesting', '{"metadata":' + '['.repeat(20000) + ']'.repeat(20000) + '}', 400],
  ['deep nesting that never ends', '{"metadata":' + '{"a":'.repeat(8000), 400],
  ['invalid UTF-8', Buffer.concat([Buffer.from('{"shippingNote":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), 400],
  ['overlong UTF-8', Buffer.concat([Buffer.from('{"shippingNote":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]), 400],
  ['a UTF-8 surrogate', Buffer.concat([Buffer.from('{"shippingNote":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]), 400],
  ['a lone escaped surrogate', '{"shippingNote":"\\ud800"}', 400],
  ['an escaped NUL', '{"shippingNote":"a\\u0000b"}', 400],
  ['a raw NUL', '{"shippingNote":"a\0b"}', 400],
  ['a raw control character', '{"shippingNote":"a\x01b"}', 400],
  ['an array', '[]', 422, ''],
  ['a string', '"order"', 422, ''],
  ['null', 'null', 422],
  ['no items', {}, 422, '/items'],
  ['no item', { items: [] }, 422, '/items'],
  ['items that are an object', { items: {} }, 422, '/items'],
  ['an item that is a string', { items: ['KNOWN'] }, 422, '/items/0'],
  ['too many items', { items: Array.from({ length: 501 }, () => item()) }, 422, '/items'],
  ['no SKU', items({ sku: undefined }), 422, '/items/0/sku'],
  ['an empty SKU', items({ sku: '' }), 422, '/items/0/sku'],
  ['a numeric SKU', items({ sku: 7 }), 422, '/items/0/sku'],
  ['a long SKU', items({ sku: 'x'.repeat(101) }), 422, '/items/0/sku'],
  ['an unknown SKU where stock is tracked', items({ sku: 'NO-SUCH' }), 422, '/items/0/sku'],
  ['no quantity', items({ qty: undefined }), 422, '/items/0/qty'],
  ['quantity 0', items({ qty: 0 }), 422, '/items/0/qty'],
  ['a negative quantity', items({ qty: -1 }), 422, '/items/0/qty'],
  ['half a unit', items({ qty: 1.5 }), 422, '/items/0/qty'],
  ['a quantity in a string', items({ qty: '1' }), 422, '/items/0/qty'],
  ['a quantity past the limit', items({ qty: 1_000_001 }), 422, '/items/0/qty'],
  ['a quantity past int64', '{"items":[{"sku":"KNOWN","qty":99999999999999999999,"price":1}]}', 422, '/items/0/qty'],
  ['no price', items({ price: undefined }), 422, '/items/0/price'],
  ['a negative price', items({ price: -0.01 }), 422, '/items/0/price'],
  ['a price with too many digits', items({ price: 1.005 }), 422, '/items/0/price'],
  ['a price whose excess digit a double hides', '{"items":[{"sku":"KNOWN","qty":1,"price":59.980000000000001}]}', 422, '/items/0/price'],
  ['a yen with cents', { currency: 'JPY', items: [item({ price: 1.5 })] }, 422, '/items/0/price'],
  ['a price past int64', '{"items":[{"sku":"KNOWN","qty":1,"price":92233720368547758.08}]}', 422, '/items/0/price'],
  ['a price of 1e400', '{"items":[{"sku":"KNOWN","qty":1,"price":1e400}]}', 422, '/items/0/price'],
  ['a line past int64', '{"items":[{"sku":"KNOWN","qty":3,"price":92233720368547758.07}]}', 422, '/items/0/subTotal'],
  ['a sum past int64', '{"items":[{"sku":"KNOWN","qty":1,"price":92233720368547758.07},{"sku":"KNOWN","qty":1,"price":1}]}', 422, '/subTotal'],
  ['a price that is no number', items({ price: 'cheap' }), 422, '/items/0/price'],
  ['a price that is an object', items({ price: {} }), 422, '/items/0/price'],
  ['a line total that is wrong', items({ total: 9.99 }), 422, '/items/0/total'],
  ['a line sub-total that is wrong', items({ subTotal: 11 }), 422, '/items/0/subTotal'],
  ['a grand total that is wrong', order({ items: [item()], grandTotal: 10.01 }), 422, '/grandTotal'],
  ['a sub-total that is wrong', order({ items: [item()], subTotal: 9 }), 422, '/subTotal'],
  ['a discount above the price', order({ items: [item()], discountAmount: 11 }), 422, '/grandTotal'],
  ['an unknown currency', order({ currency: 'XXZ', items: [item()] }), 422, '/currency'],
  ['a currency that is a number', order({ currency: 978, items: [item()] }), 422, '/currency'],
  ['an unknown member', order({ items: [item()], colour: 'red' }), 422, '/colour'],
  ['an unknown member of an item', items({ colour: 'red' }), 422, '/items/0/colour'],
  ['a name with a slash and a tilde in it', order({ items: [item()], 'a/b~c': 1 }), 422, '/a~1b~0c'],
  ['a derived field', order({ items: [item()], amountCaptured: 10 }), 422, '/amountCaptured'],
  ['a field of the database', order({ items: [item()], historical: true }), 422, '/historical'],
  ['an unknown payment status', order({ items: [item()], paymentStatus: 'nonsense' }), 422, '/paymentStatus'],
  ['a time that is none', order({ items: [item()], placedAt: 'yesterday' }), 422, '/placedAt'],
  ['30 February', order({ items: [item()], placedAt: '2024-02-30T00:00:00Z' }), 422, '/placedAt'],
  ['a uuid that is none', order({ items: [item()], uuid: 'x' }), 422, '/uuid'],
  ['an e-mail address that is too long', order({ items: [item()], customer: { email: 'a'.repeat(321) } }), 422, '/customer/email'],
  ['a customer that is a string', order({ items: [item()], customer: 'Ana' }), 422, '/customer'],
  ['an unknown member of an address', order({ items: [item()], shippingAddress: { planet: 'Mars' } }), 422, '/shippingAddress/planet'],
  ['tags that are no strings', order({ items: [item()], tags: ['a', 1] }), 422, '/tags/1'],
  ['too many tags', order({ items: [item()], tags: Array.from({ length: 51 }, (_, i) => `t${i}`) }), 422, '/tags'],
  ['metadata that is a list', order({ items: [item()], metadata: [] }), 422, '/metadata'],
  ['metadata that is too long', order({ items: [item()], metadata: { a: 'x'.repeat(17000) } }), 422, '/metadata'],
]
for (const [what, body, status, pointer] of bodies) {
  test(`an order with ${what} is ${status}`, async () => {
    assertProblem(await server.post('/api/orders', body), status, { pointer })
  })
}

test('all findings of one body are reported together', async () => {
  const answer = await server.post('/api/orders', { items: [item({ qty: -1 }), item({ price: 'x' })], colour: 1 })
  const pointers = assertProblem(answer, 422).errors.map(e => e.pointer).sort()
  assert.deepEqual(pointers, ['/colour', '/items/0/qty', '/items/1/price'])
})

// [what, bytes, status]
const host = 'Host: localhost\r\n'
const lines = [
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['TLS on a plain port', Buffer.from('16030100ff010000fb0303', 'hex'), 400],
  ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['an unknown version', `GET / HTTP/3.0\r\n${host}\r\n`, 505],
  ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET /healthz HTTP/1.1\r\n${host}Host: y\r\n\r\n`, 400],
  ['a folded header', `GET /healthz HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`, 400],
  ['a blank before the colon', `GET /healthz HTTP/1.1\r\n${host}A : b\r\n\r\n`, 400],
  ['a NUL in a header', `GET /healthz HTTP/1.1\r\n${host}A: b\0c\r\n\r\n`, 400],
  ['a bare CR', `GET /healthz HTTP/1.1\r\n${host}A: b\rc\r\n\r\n`, 400],
  ['two lengths', `POST /api/orders HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
  ['length and chunked', `POST /api/orders HTTP/1.1\r\n${host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['a negative length', `POST /api/orders HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, 400],
  ['a length past int64', `POST /api/orders HTTP/1.1\r\n${host}Content-Length: 99999999999999999999\r\n\r\n`, [400, 413]],
  ['a bad chunk', `POST /api/orders HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
  ['an unknown transfer coding', `POST /api/orders HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`, [400, 501]],
  ['CONNECT', `CONNECT x:443 HTTP/1.1\r\n${host}\r\n`, 501],
  ['a target that does not decode', `GET /api/orders/%zz HTTP/1.1\r\n${host}\r\n`, 400],
  ['a target with an escaped NUL', `GET /api/orders/a%00b HTTP/1.1\r\n${host}\r\n`, 400],
  ['a target that is not UTF-8', `GET /api/orders/%ff HTTP/1.1\r\n${host}\r\n`, 400],
  ['headers past the limit', `GET /healthz HTTP/1.1\r\n${host}A: ${'x'.repeat(8192)}\r\n\r\n`, 431],
  ['many small headers', `GET /healthz HTTP/1.1\r\n${host}${'A: b\r\n'.repeat(2000)}\r\n`, 431],
  ['a target past the limit', `GET /${'x'.repeat(8192)} HTTP/1.1\r\n${host}\r\n`, [414, 431]],
  ['a length past the limit', `POST /api/orders HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 65537\r\n\r\n`, 413],
  ['chunks past the limit', `POST /api/orders HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
    `8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(3) + '0\r\n\r\n', 413],
  ['an unknown expectation', `POST /api/orders HTTP/1.1\r\n${host}Expect: a miracle\r\nContent-Length: 0\r\n\r\n`, 417],
]
for (const [what, bytes, status] of lines) {
  test(`${what} is ${[status].flat().join(' or ')} and ends the connection`, async () => {
    const answer = await raw(server.url, bytes, { half: typeof bytes !== 'string' })
    assert.ok([status].flat().includes(answer.status), `${answer.status}: ${answer.text}`)
    assert.match(answer.text, /content-type: application\/problem\+json/i)
    assert.ok(answer.closed)
  })
}

test('a slow head and a slow body are given up with 408', async () => {
  const head = await raw(impatient.url, 'GET /healthz HTTP/1.1\r\nHos')
  assert.equal(head.status, 408, head.text)
  const body = await raw(impatient.url,
    `POST /api/orders HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"items":`)
  assert.equal(body.status, 408, body.text)
})

test('a sender that drips bytes does not stretch its time', async () => {
  const { hostname, port } = new URL(impatient.url)
  const socket = net.connect(Number(port), hostname)
  let closed = false
  socket.on('close', () => { closed = true }).on('error', () => {}).resume()
  const timer = setInterval(() => socket.writable && socket.write('A'), 50)
  try {
    await until(() => closed, { what: 'the end of a dripping connection' })
  } finally {
    clearInterval(timer)
    socket.destroy()
  }
})

test('a connection that breaks off in the middle of an order places none', async () => {
  const text = JSON.stringify(items())
  const head = `POST /api/orders HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`
  await pool(20, 5, i => raw(server.url, head + text.slice(0, Math.floor(text.length * i / 20)), { half: true }))
  assert.deepEqual(await rows(), written)
})

test('Expect: 100-continue is answered before the body is sent', async () => {
  const answer = await raw(server.url, `PUT /api/inventory/OTHER HTTP/1.1\r\n${host}Content-Type: application/json\r\n` +
    'Expect: 100-continue\r\nContent-Length: 9\r\n\r\n', { enough: '\r\n\r\n' })
  assert.match(answer.text, /^HTTP\/1\.1 100 /)
})

test('bad ids, versions and keys in the request line and headers are refused', async () => {
  assertProblem(await server.get(`/api/orders/${'x'.repeat(300)}`), 404)
  const long = await server.post('/api/orders', items(), { 'idempotency-key': 'k'.repeat(1000) })
  assert.ok(long.status >= 400 && long.status < 500, long.text)
  const dry = await server.post('/api/orders?dryRun=perhaps', items())
  assert.ok(dry.status >= 400 && dry.status < 500, dry.text)
})

test('none of it wrote anything, and the server serves as before', async () => {
  assert.deepEqual(await rows(), written)
  assert.equal((await server.get('/healthz')).status, 200)
  assert.equal((await server.post('/api/orders?dryRun=true', items())).status < 300, true)
})
