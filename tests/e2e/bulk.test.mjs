// Many at once: POST /api/batch with NDJSON and with a warehouse's CSV of tracking numbers, orders as
// CSV over HTTP and from the command line.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { test } from 'node:test'

import { ADDRESS, assertProblem, assertVerified, order, until, useServer } from './lib.mjs'

const server = await useServer({ options: { 'server.max_body_bytes': '64k' } })
const NDJSON = { 'content-type': 'application/x-ndjson' }
const CSV = { 'content-type': 'text/csv' }

/** The answers, one for each line. */
async function batch(lines, headers = {}, query = '') {
  const body = lines.map(l => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n')
  const answer = await server.api('POST', `/api/batch${query}`, body, { ...NDJSON, ...headers })
  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.headers['content-type'], /^application\/x-ndjson/)
  return answer.text.trim().split('\n').map(line => JSON.parse(line))
}

async function upload(text, headers = {}) {
  const answer = await server.api('POST', '/api/batch', text, { ...CSV, ...headers })
  return { ...answer, rows: answer.status === 200 ? readCsv(answer.text) : undefined }
}

/** RFC 4180, as an independent reader has it: objects by header. */
function readCsv(text) {
  const rows = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
    if (end === '') break
  }
  rows.pop()
  const [header, ...records] = rows
  return records.map(fields => Object.fromEntries(header.map((name, i) => [name, fields[i]])))
}

const places = n => Array.from({ length: n }, () => ({ command: 'place', ...order() }))

test('every line is answered by itself, in order', async () => {
  const { orderId, orderNumber, uuid } = await server.place()
  const answers = await batch([
    { command: 'payment', order: orderId, type: 'capture', method: 'card', amount: 39.98 },
    { command: 'track', order: orderId, carrier: 'dhl', trackingNumber: 'T-1' },
    { command: 'cancel', order: orderId },
    '{"command":',
    { command: 'fly', order: orderId },
    { command: 'cancel', order: 'NONE-1' },
    { command: 'activities', order: String(orderId), comment: 'hello' },
    { command: 'refund', order: orderId, amount: 'much' },
    { order: orderId },
    '',
    { command: 'place', ...order(), dryRun: true },
    { command: 'set_inventory', sku: 'BULK', qty: 7 },
  ])
  assert.deepEqual(answers.map(a => a.line), [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12])
  assert.deepEqual(answers.map(a => a.status), [201, 200, 409, 400, 422, 404, 201, 422, 422, 200, 200])
  assert.equal(answers[0].order.paymentStatus, 'paid')
  assert.ok(answers[0].paymentId > 0)
  assert.equal(answers[1].shipmentId, 1)
  assert.equal(answers[2].problem.status, 409)
  assert.equal(answers[5].problem.code, 'order_not_found')
  assert.equal(answers[9].dryRun, true)
  assert.equal(answers[10].stock.qty, 7)
  const [named, short] = await batch([
    { command: 'track', order: uuid, carrier: 'dhl', trackingNumber: 'T-1' },
    { command: 'place', items: [{ sku: 'BULK', qty: 8, price: 1 }] },
    { command: 'hold', order: orderNumber, handle: 'ask', reason: 'why' },
  ])
  assert.deepEqual([named.status, named.shipmentId], [200, 1])
  assert.equal(short.problem.code, 'stock_unavailable')
  const shipped = await server.client.order(orderId)
  assert.equal(shipped.shipments[0].trackingNumber, 'T-1')
})

test('lines of one order are carried out in their order, among many others', async () => {
  const placed = await batch(places(40))
  const lines = []
  for (let turn = 0; turn < 12; turn++) {
    for (const { order: { orderId } } of placed) {
      lines.push({ command: 'patch', order: orderId, shippingNote: `note ${turn}`, ifMatch: turn + 1 })
    }
  }
  const answers = await batch(lines)
  assert.deepEqual(answers.filter(a => a.status !== 200), [])
  for (const { order: { orderId } } of placed.slice(0, 5)) {
    const now = await server.client.order(orderId)
    assert.deepEqual([now.shippingNote, now.version], ['note 11', 13])
  }
})

test('an order placed by a line is known to the lines behind it by its uuid', async () => {
  const uuid = '01890000-0000-7000-8000-000000000001'
  const answers = await batch([
    { command: 'cancel', order: uuid },
    { command: 'place', uuid, ...order() },
    { command: 'payments', order: uuid.toUpperCase(), type: 'capture', method: 'card', amount: 39.98 },
  ])
  assert.deepEqual(answers.map(a => a.status), [404, 201, 201])
})

test('a batch that is sent again with its key changes nothing', async () => {
  const lines = [...places(30), { command: 'place' }]
  const first = await batch(lines, { 'idempotency-key': 'batch-1' })
  const again = await batch(lines, { 'idempotency-key': 'batch-1' })
  assert.deepEqual(again.map(a => a.order?.orderId), first.map(a => a.order?.orderId))
  assert.ok(again.slice(0, 30).every(a => a.replayed && a.status === 201))
  const own = { command: 'place', idempotencyKey: 'line-1', ...order() }
  const [one, two, three] = await batch([own, own, { ...own, items: [{ sku: 'X', qty: 1, price: 1 }] }])
  assert.equal(two.order.orderId, one.order.orderId)
  assert.equal(three.problem.code, 'idempotency_key_reused')
})

test("a line's own key is held to the rule of keys", async () => {
  const keys = ['two words', 'caf\u00e9', 'tab\t', 'k'.repeat(256), '']
  const answers = await batch(keys.map(idempotencyKey => ({ command: 'place', idempotencyKey, ...order() })))
  assert.ok(answers.every(a => a.status === 422 && a.problem.errors[0].pointer === '/idempotencyKey'),
    JSON.stringify(answers))
})

test('stock that a repeated line set is told as it was then', async () => {
  const sku = `REPEAT-${process.pid}`
  const set = { command: 'set_inventory', sku, qty: 7, idempotencyKey: `${sku}-1` }
  const [first] = await batch([set])
  await batch([{ command: 'set_inventory', sku, delta: 5 }])
  const [again] = await batch([set])
  assert.deepEqual([again.replayed, again.stock], [true, first.stock])
})

test('a dry run of all lines does nothing', async () => {
  const before = await count()
  const answers = await batch(places(5), {}, '?dryRun=true')
  assert.ok(answers.every(a => a.status === 200 && a.dryRun))
  assert.equal(await count(), before)
})

test('only a batch may be large, and it must be of its types', async () => {
  const large = JSON.stringify({ items: [], note: 'x'.repeat(100_000) })
  assertProblem(await server.post('/api/orders', large), 413)
  assert.equal((await batch([large])).length, 1)
  assertProblem(await server.api('POST', '/api/batch', '{}', { 'content-type': 'application/json' }), 415)
})

test('a line is the same line wherever in a body it stands', async () => {
  const line = JSON.stringify({ command: 'place', idempotencyKey: 'line-2', ...order() })
  const [last] = await batch([line])
  const [first] = await batch([`  ${line}`, '{}'])
  assert.deepEqual([first.replayed, first.order?.orderId], [true, last.order.orderId], JSON.stringify(first))
})

test('a line is no larger than an order', async () => {
  const [answer, next] = await batch([`{"command":"place","shippingNote":"${'x'.repeat(2 << 20)}"}`, {}])
  assert.deepEqual([answer.status, answer.problem.code, next.status], [413, 'line_too_large', 422])
})

test('what one answer cannot hold is not begun, and others are served meanwhile', async () => {
  const { orderId } = await server.place()
  const lines = '{"command":"fly"}\n'.repeat(500_000)
  const body = `${lines}{"command":"cancel","order":${orderId}}\n`
  let slowest = 0
  let done = false
  const answered = server.api('POST', '/api/batch', body, NDJSON).finally(() => { done = true })
  while (!done) {
    const started = performance.now()
    await server.get('/healthz')
    slowest = Math.max(slowest, performance.now() - started)
  }
  const answer = await answered
  assert.equal(answer.status, 200)
  const rows = answer.text.trimEnd().split('\n')
  const last = JSON.parse(rows.at(-1))
  assert.equal(last.problem.code, 'answer_too_large')
  assert.equal(last.line, rows.length)
  assert.equal(JSON.parse(rows.at(-2)).status, 422)
  assert.ok(!(await server.client.order(orderId)).canceledAt)
  console.log(`# slowest answer to others in ${Math.round(slowest)} ms`)
})

test('lines that were not begun are not, once nobody is there to be told', async () => {
  const [before, answered] = [await count(), await requests('batch')]
  const rows = places(5000).map(l => JSON.stringify(l)).join('\n')
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
  const head = `POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${rows.length}\r\n\r\n`
  socket.write(head + rows)
  await until(async () => await count() > before)
  socket.resetAndDestroy()
  await until(async () => await requests('batch') > answered)
  assert.ok(await count() < before + 5000, String(await count() - before))
})

test('who asks for stock and goes away before the answer harms nobody', async () => {
  await server.client.setStock('GONE', 3)
  await server.abandon('/api/inventory/GONE', 'stock')
  assert.equal((await server.get('/api/inventory/GONE')).body.qty, 3)
})

test('10,000 lines are answered', async () => {
  const placed = await batch(places(10_000))
  assert.equal(placed.length, 10_000)
  assert.ok(placed.every((a, i) => a.line === i + 1 && a.status === 201))
  const rows = placed.map((a, i) => `${a.order.orderNumber},ups,1Z${i}`)
  const started = performance.now()
  const first = await upload(`order,carrier,trackingNumber\r\n${rows.join('\r\n')}\r\n`)
  const took = performance.now() - started
  assert.equal(first.rows.length, 10_000)
  assert.ok(first.rows.every(r => r.status === '200'), first.rows.find(r => r.status !== '200')?.message)
  console.log(`# 10,000 rows of tracking numbers in ${(took / 1000).toFixed(1)} s`)
  const events = await eventCount()
  const again = await upload(`order,carrier,trackingNumber\r\n${rows.join('\r\n')}\r\n`)
  assert.deepEqual(again.rows, first.rows)
  assert.equal(await eventCount(), events, 'the same file again changes nothing')
})

test('a tracking file is read as spreadsheets write it', async () => {
  const [a, b, c] = [await server.place(), await server.place({ orderNumber: '=1+1' }), await server.place()]
  const { status, rows, headers } = await upload([
    '\uFEFFOrder,TRACKINGNUMBER,carrier,trackingUrl,status',
    `${a.orderNumber},"12 ""34"", 5","DHL, ""Express""",https://example.org/?a=1,`,
    '\'=1+1,B-1,dhl,,shipped',
    `${c.orderNumber},1.23457E+13,dhl,,`,
    `${c.orderNumber},C-1,dhl,,nonsense`,
    'NONE-7,D-1,dhl,,',
    `${c.orderNumber},E-1`,
    `${c.orderNumber},,dhl,,`,
    `${c.orderNumber},F-1,"two\nlines",,`,
    `${c.orderNumber},"broken`,
  ].join('\r\n'))
  assert.equal(status, 200)
  assert.match(headers['content-type'], /^text\/csv/)
  assert.deepEqual(rows.map(r => r.status), ['200', '200', '422', '422', '404', '422', '422', '200', '400'])
  assert.equal(rows[0].message, `${a.orderNumber}-S1`)
  assert.equal(rows[1].order, '\'=1+1', 'no formula comes back')
  assert.match(rows[2].message, /must be text/)
  assert.deepEqual([rows[8].line, rows[7].line], ['11', '9'])
  const [parcel] = (await server.client.order(a.orderId)).shipments
  assert.deepEqual([parcel.carrier, parcel.trackingNumber, parcel.trackingUrl],
    ['DHL, "Express"', '12 "34", 5', 'https://example.org/?a=1'])
})

test('a tracking file may have semicolons or tabs, as spreadsheets write them', async () => {
  for (const delimiter of [';', '\t']) {
    const { orderId } = await server.place()
    const rows = [['order', 'carrier', 'trackingNumber'], [orderId, 'DHL, Express', `T${orderId}`], [999999999, 'DHL', 'T']]
    const answer = await upload(`\uFEFF${rows.map(row => row.join(delimiter)).join('\r\n')}`)
    assert.equal(answer.status, 200, answer.text)
    const [header, done, refused] = answer.text.split('\r\n').map(row => row.split(delimiter))
    assert.deepEqual(header, ['line', 'order', 'status', 'message'])
    assert.deepEqual([done[1], done[2], refused[2]], [String(orderId), '200', '404'])
    const [parcel] = (await server.client.order(orderId)).shipments
    assert.deepEqual([parcel.carrier, parcel.trackingNumber], ['DHL, Express', `T${orderId}`])
  }
})

test('a tracking file without the columns it needs is refused whole', async () => {
  for (const [text, detail] of [['', /"order"/], ['order,carrier\r\n1,dhl\r\n', /"trackingNumber"/],
    ['order|trackingNumber\r\n1|2\r\n', /semicolons/], ['order,order,trackingNumber\r\n', /twice/],
    ['order,trackingNumber,colour\r\n', /"colour"/]]) {
    assertProblem(await upload(text), 422, { code: 'bad_header', detail })
  }
  assertProblem(await upload('"order'), 400, { code: 'malformed_csv' })
})

test('orders come as CSV, found like in the list', async () => {
  const tag = 'csv-1'
  const placed = await server.place({
    tags: [tag, 'b'], coupon: '-10', shippingNote: 'say "hi",\nplease', shippingAddress: ADDRESS,
    customer: { fullName: '=HYPERLINK("http://evil")', email: '+a@example.org' },
  })
  await server.place({ tags: [tag], currency: 'JPY', items: [{ sku: '@A', qty: 2, price: 3 }, { sku: 'B', qty: 1, price: 1 }] })
  await batch([{ command: 'track', order: placed.orderId, carrier: 'dhl', trackingNumber: '+49-1' }])
  const answer = await server.get(`/api/orders.csv?tag=${tag}&sort=orderId`)
  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.headers['content-type'], /^text\/csv/)
  const [first, second, ...none] = readCsv(answer.text)
  assert.equal(none.length, 0)
  assert.equal(first.orderId, String(placed.orderId))
  assert.equal(first.grandTotal, '39.98')
  assert.equal(first.coupon, '\'-10')
  assert.equal(first.shippingNote, 'say "hi",\nplease')
  assert.equal(first.customerFullName, '\'=HYPERLINK("http://evil")')
  assert.equal(first.customerEmail, '\'+a@example.org')
  assert.equal(first.trackingNumbers, '\'+49-1')
  assert.equal(first.tags, `${tag}, b`)
  assert.equal(first['shippingAddress.city'], 'Lisboa')
  assert.equal(first['shippingAddress.telephone'], '\'+351 210 000 000')
  assert.deepEqual([second.currency, second.grandTotal], ['JPY', '7'])
  const items = readCsv((await server.get(`/api/orders.csv?tag=${tag}&sort=orderId&items=true`)).text)
  assert.deepEqual(items.map(i => [i['item.sku'], i['item.qty'], i['item.price']]),
    [['TEE-M', '2', '19.99'], ['\'@A', '2', '3'], ['B', '1', '1']])
  assertProblem(await server.get('/api/orders.csv?colour=red'), 422)
  assertProblem(await server.get('/api/orders.csv?limit=0'), 422)
})

test('what does not fit one answer is linked to', async () => {
  const total = await count()
  const seen = new Set()
  for (let next = '/api/orders.csv?limit=4000&sort=-createdAt'; next;) {
    const answer = await server.api('GET', next, undefined, {})
    const rows = readCsv(answer.text)
    assert.ok(rows.length <= 4000)
    for (const row of rows) seen.add(row.orderId)
    next = /^<(.*)>; rel="next"$/.exec(answer.headers.link ?? '')?.[1]
  }
  assert.equal(seen.size, total)
})

test('orderd export writes all orders of one moment', async () => {
  const file = path.join(server.dir, 'orders.csv')
  const written = await server.run('export', [file])
  assert.equal(written.code, 0, written.stderr)
  assert.equal(readCsv(fs.readFileSync(file, 'utf8')).length, await count())
  assert.ok(!fs.existsSync(`${file}.part`))
  const none = await server.run('export', ['-', '--items', '--to', '2001-01-01T00:00:00Z'])
  assert.equal(none.code, 0, none.stderr)
  assert.match(none.stdout, /^orderId,.*item\.sku.*\r\n$/)
  const wrong = await server.run('export', ['-', '--from', 'yesterday'])
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /--from is a time/)
  assert.equal((await server.run('export', [])).code, 2)
  assert.equal((await server.run('export', [path.join(server.dir, 'no/such/folder.csv')])).code, 1)
})

test('all of it is what the events add up to', () => assertVerified(server))

/** Requests of a route that were answered. */
async function requests(route) {
  const { text } = await server.get('/metrics')
  return Number(new RegExp(`_count\\{route="${route}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
}

async function count() {
  return (await server.sql('select count(*) as n from orders'))[0].n
}

async function eventCount() {
  return (await server.sql('select count(*) as n from order_event'))[0].n
}
