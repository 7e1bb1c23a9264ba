// The ledger over all orders, for those who keep a copy elsewhere: pages of changes and of events in
// commit order, waiting for the next one, and the stream. Whoever goes on from where he was misses
// nothing, however many write at once.
import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'

import { EventSource } from 'eventsource'

import { until, useServer, withServer } from './lib.mjs'
import { Contract } from './schema.mjs'

const server = await useServer()

/** A second process on the same database. */
async function startPeer(t) {
  const peer = server.peer()
  await peer.start()
  t.after(() => peer.stop())
  return peer
}

/** Pages and streams end where an older transaction is still open, and the fold of a list is one. */
const settled = (on = server) => until(async () => !(await on.sql('select from order_event where txid >= pg_snapshot_xmin(pg_current_snapshot())')).length,
  { what: 'the end of the transactions before the last event', timeout: 60_000 })
async function latest(path = '/api/changes') {
  await settled()
  return (await server.get(`${path}?after=latest`)).body.next
}

/** Every page behind `after`, until nothing more is there now. */
async function pages(path, after, query = '') {
  const items = []
  await settled()
  for (;;) {
    const { status, body, text } = await server.get(`${path}?after=${after}${query}`)
    assert.equal(status, 200, text)
    items.push(...body.items)
    after = body.next
    if (!body.more) return { items, next: after }
  }
}

test('a page of changes has each order once, with the version it then had', async () => {
  const from = await latest()
  const [one, two] = [await server.place(), await server.place()]
  const note = comment => server.post(`/api/orders/${one.uuid}/activities`, { comment })
  assert.equal((await note('a')).status, 201)
  assert.equal((await note('b')).status, 201)
  const { items, next } = await pages('/api/changes', from)
  assert.deepEqual(items.map(({ uuid, orderNumber, orderId, version }) => ({ uuid, orderNumber, orderId, version })), [
    { uuid: two.uuid, orderNumber: two.orderNumber, orderId: two.orderId, version: two.version },
    { uuid: one.uuid, orderNumber: one.orderNumber, orderId: one.orderId, version: one.version + 2 },
  ])
  assert.equal(next, items.at(-1).position)
  assert.deepEqual((await server.get(`/api/changes?after=${next}`)).body, { items: [], next, more: false })
  // By pages of one event an order may come more than once; the last says where it is.
  const small = await pages('/api/changes', from, '&limit=1')
  assert.deepEqual(new Map(small.items.map(c => [c.uuid, c.version])), new Map(items.map(c => [c.uuid, c.version])))
})

test('changes show the fields of the order that are asked for', async () => {
  const from = await latest()
  const placed = await server.place()
  const { items } = await pages('/api/changes', from, '&fields=orderNumber,status,items')
  assert.deepEqual(Object.keys(items[0].order).sort(), ['items', 'orderNumber', 'status'])
  assert.equal(items[0].order.orderNumber, placed.orderNumber)
  assert.equal(items[0].order.items[0].sku, placed.items[0].sku)
  const refused = await server.get(`/api/changes?after=${from}&fields=color`)
  assert.equal(refused.status, 422)
  assert.match(refused.body.detail, /an order has no "color"/)
})

test('events are those of the orders, and can be asked for by type, order and store', async () => {
  const from = await latest('/api/events')
  const [one, two] = [await server.place(), await server.place()]
  assert.equal((await server.post(`/api/orders/${one.uuid}/holds`, { handle: 'h', reason: 'r' })).status, 201)
  const all = await pages('/api/events', from)
  assert.deepEqual(all.items.map(e => [e.uuid, e.type]), [[one.uuid, 'order.placed'], [two.uuid, 'order.placed'], [one.uuid, all.items[2].type]])
  const own = (await server.get(`/api/orders/${one.uuid}/events`)).body.items
  const { position, orderId, uuid, orderNumber, store, ...event } = all.items[2]
  const { cause, ...recorded } = own[1] // what caused it is told of one order's events alone
  assert.equal(cause, null)
  assert.deepEqual(event, recorded)
  assert.deepEqual({ orderId, uuid, orderNumber }, { orderId: one.orderId, uuid: one.uuid, orderNumber: one.orderNumber })
  assert.equal(position, all.next)
  const only = async query => (await pages('/api/events', from, query)).items.map(e => e.position)
  assert.deepEqual(await only('&type=order.placed'), all.items.slice(0, 2).map(e => e.position))
  assert.deepEqual(await only('&type=order.*'), all.items.filter(e => e.type.startsWith('order.')).map(e => e.position))
  assert.deepEqual(await only(`&order=${one.orderNumber}`), [all.items[0].position, position])
  assert.deepEqual(await only(`&order=${two.uuid.toUpperCase()}&type=order.placed`), [all.items[1].position])
  assert.deepEqual(await only('&store=nowhere'), [])
})

test('pages are what the OpenAPI document says', async () => {
  const contract = await Contract.of(server)
  const from = await latest()
  await server.place()
  await settled()
  for (const [path, schema] of [['/api/changes', 'ChangedOrderPage'], ['/api/events', 'LedgerPage']]) {
    const { body } = await server.get(`${path}?after=${from}`)
    const reference = { $ref: `#/components/schemas/${schema}` }
    assert.equal(body.items.length, 1)
    assert.deepEqual([...contract.findings(body, reference), ...contract.unnamed(body, reference)], [])
  }
})

test('what cannot be followed is refused, and says why', async () => {
  for (const [path, detail] of [
    ['/api/changes?after=tuesday', /after must be `next` of the page before, or latest/],
    ['/api/changes?after=1-2-3-4', /after must be/],
    ['/api/changes?after=9000000000000000000', /lies ahead of the ledger/],
    ['/api/changes?limit=0', /limit must be 1 to 1000/],
    [`/api/changes?fields=${'tags,'.repeat(2000)}`, /fields: at most 100/],
    ['/api/changes?wait=1h', /wait must be a time up to 60s/],
    ['/api/events?type=order.vanished', /there is no event "order.vanished"/],
    ['/api/stream?after=x', /must be the position of an event/],
    ['/api/stream?type=nothing.*', /there is no event/],
    ['/api/stream?after=9000000000000000000', /lies ahead of the ledger/],
  ]) {
    const { status, body } = await server.get(path)
    assert.equal(status, 422, path)
    assert.match(body.detail, detail)
  }
})

test('a page that is empty may be waited for', async () => {
  const from = await latest()
  const waiting = server.get(`/api/changes?after=${from}&wait=60s`)
  const placed = await server.place()
  assert.deepEqual((await waiting).body.items.map(c => c.uuid), [placed.uuid])
  // What does not match goes on waiting; after its time the page is empty, and further on.
  const end = await latest('/api/events')
  const filtered = server.get(`/api/events?after=${end}&type=shipment.*&wait=2s`)
  await server.place()
  const { body } = await filtered
  assert.deepEqual(body.items, [])
  assert.notEqual(body.next, end)
})

/** A client of the stream that keeps all it was sent. */
async function listen(t, url = `${server.url}/api/stream`, options) {
  const source = new EventSource(url, options)
  t.after(() => source.close())
  const got = []
  source.addEventListener('message', message => got.push({ id: message.lastEventId, ...JSON.parse(message.data) }))
  const ends = []
  source.addEventListener('end', message => ends.push(JSON.parse(message.data).reason))
  await new Promise((resolve, reject) => {
    source.addEventListener('open', resolve)
    source.addEventListener('error', error => reject(new Error(error.message ?? 'error')))
  })
  return { source, got, ends }
}

test('the stream tells of events as they are committed, also by another process', async t => {
  await settled()
  const { got } = await listen(t)
  const other = await startPeer(t)
  const one = await server.place()
  const two = await other.place()
  await until(() => got.length === 2, { what: 'two events' })
  assert.deepEqual(got.map(e => [e.uuid, e.type]), [[one.uuid, 'order.placed'], [two.uuid, 'order.placed']])
  assert.deepEqual(got.map(e => e.id), got.map(e => e.position))
})

test('a listener that was cut off goes on where it was', async t => {
  const from = await latest()
  const placed = []
  for (let i = 0; i < 450; i++) placed.push(server.place())
  await Promise.all(placed)
  const { items } = await pages('/api/events', from)
  const middle = items[100].position
  // By the query, as a page that is opened anew does, and by the header, which counts for more.
  const byQuery = await listen(t, `${server.url}/api/stream?after=${middle}`)
  const byHeader = await listen(t, `${server.url}/api/stream?after=${from}`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, 'Last-Event-ID': middle } }),
  })
  const last = await server.place()
  for (const { got } of [byQuery, byHeader]) {
    await until(() => got.length && got.at(-1).uuid === last.uuid, { what: 'the last event' })
    assert.deepEqual(got.map(e => e.position).slice(0, -1), items.slice(101).map(e => e.position))
  }
})

test('a listener that does not read is dropped, and the others are not held up', async t => {
  await withServer({ options: { 'stream.max_unsent': '64k' } }, async slow => {
    const socket = http.get(`${slow.url}/api/stream`)
    t.after(() => socket.destroy())
    const answer = await new Promise((resolve, reject) => socket.on('response', resolve).on('error', reject))
    answer.pause()
    const { got } = await listen(t, `${slow.url}/api/stream`)
    const placed = await slow.place()
    const text = 'x'.repeat(1900)
    let told = 0
    for (; !/orderd_stream_dropped_total [1-9]/.test((await slow.get('/metrics')).text); told += 50) {
      assert.ok(told < 50_000, 'never dropped')
      const added = await Promise.all(Array.from({ length: 50 }, (_, i) => slow.post(`/api/orders/${placed.uuid}/activities`, { comment: `${told + i} ${text}` })))
      assert.ok(added.every(a => a.status === 201))
    }
    await until(() => got.length === told + 1, { what: 'all events' })
    answer.resume()
    let rest = ''
    for await (const piece of answer) rest = (rest + piece).slice(-200)
    assert.match(rest, /event: end\ndata: {"reason":"slow"}\n\n$/)
  })
})

test('a listener that reads is told of everything, however much comes at once and however big', async t => {
  await withServer({ options: { 'stream.max_unsent': '64k' } }, async big => {
    const from = (await big.get('/api/events?after=latest')).body.next
    const { got: live, ends } = await listen(t, `${big.url}/api/stream`)
    const items = Array.from({ length: 300 }, (_, i) => ({ sku: `BIG-${i}`, name: 'n'.repeat(100), qty: 1, price: 1 }))
    const placed = []
    for (let i = 0; i < 20; i++) {
      const orders = [big.place(), big.place(), big.post('/api/orders', { currency: 'EUR', customer: { email: 'ana@example.org' }, items, grandTotal: 300, subTotal: 300 })]
      for (const o of await Promise.all(orders)) placed.push(o.uuid ?? o.body.uuid)
    }
    await settled(big)
    assert.ok((await big.get(`/api/events?after=${from}&limit=3`)).text.length > 64 << 10, 'the events are big')
    const { got: later, ends: laterEnds } = await listen(t, `${big.url}/api/stream?after=${from}`)
    for (const got of [live, later]) {
      await until(() => got.length >= placed.length, { what: 'all events' })
      assert.deepEqual(got.map(e => e.uuid).sort(), placed.sort())
    }
    assert.deepEqual([...ends, ...laterEnds], [])
    // A page has its end as well, after some megabytes.
    for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 20 }, () => big.post('/api/orders', { currency: 'EUR', items, grandTotal: 300, subTotal: 300 })))
    await settled(big)
    const whole = (await big.get(`/api/events?after=${from}&limit=1000`))
    assert.equal(whole.status, 200)
    assert.ok(whole.text.length < 10 << 20, `${whole.text.length} bytes`)
    assert.equal(whole.body.more, true)
    const rest = (await big.get(`/api/events?after=${whole.body.next}&limit=1000`)).body
    assert.equal(rest.more, false)
    assert.equal(whole.body.items.length + rest.items.length, 140)
    assert.match((await big.get('/metrics')).text, /^orderd_stream_dropped_total 0$/m)
  })
})

test('no more streams are open than are allowed, also when many ask at once', async () => {
  await withServer({ options: { 'stream.listeners': '3' } }, async few => {
    const asking = []
    let answered = 0
    await few.withLock('order_event', async () => {
      for (let i = 0; i < 20; i++) asking.push(fetch(`${few.url}/api/stream`).then(answer => { answered++; return answer }))
      await until(async () => {
        const [, waiting] = /^orderd_http_requests (\d+)$/m.exec((await few.get('/metrics')).text)
        return answered + Number(waiting) - 1 >= 20
      }, { what: 'the requests' })
    }, 'access exclusive')
    const answers = await Promise.all(asking)
    assert.deepEqual(answers.map(a => a.status).sort(), [...Array(3).fill(200), ...Array(17).fill(503)])
    for (const answer of answers) await answer.body.cancel()
    await until(async () => (await few.get('/metrics')).text.includes('orderd_stream_listeners 0'), { what: 'that they have left' })
    const again = await fetch(`${few.url}/api/stream`)
    assert.equal(again.status, 200)
    await again.body.cancel()
  })
})

test('many listeners are told of the same, and more than are allowed are refused', async t => {
  await withServer({ options: { 'stream.listeners': '60' } }, async many => {
    const listeners = await Promise.all(Array.from({ length: 60 }, () => listen(t, `${many.url}/api/stream`)))
    const refused = await many.get('/api/stream')
    assert.equal(refused.status, 503)
    assert.equal(refused.body.code, 'too_many_listeners')
    const placed = await Promise.all(Array.from({ length: 30 }, () => many.place()))
    await until(() => listeners.every(l => l.got.length === 30), { what: 'all events at all listeners' })
    for (const { got } of listeners) {
      assert.deepEqual(got, listeners[0].got)
      assert.deepEqual(new Set(got.map(e => e.uuid)), new Set(placed.map(o => o.uuid)))
    }
    listeners[0].source.close()
    await until(async () => (await many.get('/metrics')).text.includes('orderd_stream_listeners 59'), { what: 'the one that left' })
  })
})

test('a stop ends streams and answers who waits', async t => {
  await withServer({}, async stopping => {
    const { ends } = await listen(t, `${stopping.url}/api/stream`)
    const { body: { next } } = await stopping.get('/api/changes?after=latest')
    // By a client of its own: that of the server is closed with it.
    const waiting = fetch(`${stopping.url}/api/changes?after=${next}&wait=60s`).then(answer => answer.json())
    // The stream, the one who waits, and the question itself.
    await until(async () => /^orderd_http_requests 3$/m.test((await stopping.get('/metrics')).text), { what: 'the request' })
    await stopping.stop()
    assert.deepEqual(await waiting, { items: [], next, more: false })
    await until(() => ends.length, { what: 'the last words' })
    assert.deepEqual(ends, ['server_stops'])
  })
})

test('when the database is lost streams end and say so, and a stop is clean', async t => {
  await withServer({}, async lost => {
    const { ends } = await listen(t, `${lost.url}/api/stream`)
    const { body: { next } } = await lost.get('/api/changes?after=latest')
    const waiting = fetch(`${lost.url}/api/changes?after=${next}&wait=60s`)
    await until(async () => /^orderd_http_requests 3$/m.test((await lost.get('/metrics')).text), { what: 'the request' })
    await lost.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'orderd%' and pid <> pg_backend_pid()")
    await until(() => ends.length, { what: 'the last words' })
    assert.equal(ends[0], 'database_unavailable')
    assert.equal((await waiting).status, 503)
    await until(async () => (await lost.get('/readyz')).status === 200, { what: 'the database to be back' })
    await until(async () => (await lost.get('/api/changes?after=latest')).status === 200)
  })
})

test('a key that is revoked neither listens nor waits any longer', async t => {
  await withServer({ options: { 'auth.mode': 'keys' } }, async locked => {
    const key = async (name, role) => (await locked.run(['key', 'add'], [name, '--role', role])).stdout.trim().split(/\s+/).at(-1)
    locked.client.key = await key('clerk', 'staff')
    const reader = { headers: { authorization: `Bearer ${await key('reader', 'reader')}` } }
    await until(async () => (await fetch(`${locked.url}/api/orders`, reader)).status === 200, { what: 'the reader\'s key' })
    const answer = await fetch(`${locked.url}/api/stream`, reader)
    assert.equal(answer.status, 200)
    const told = answer.text()
    const { next } = await (await fetch(`${locked.url}/api/changes?after=latest`, reader)).json()
    const waiting = fetch(`${locked.url}/api/changes?after=${next}&wait=60s`, reader)
    await until(async () => /^orderd_http_requests 3$/m.test((await locked.get('/metrics')).text), { what: 'the request' })
    const { code, stderr } = await locked.run(['key', 'revoke'], ['reader'])
    assert.equal(code, 0, stderr)
    assert.match(await told, /"reason":"key_not_valid"/)
    await locked.place()
    assert.equal((await waiting).status, 401)
  })
})

test('pollers beside many writers miss nothing, whatever the size of a page', async t => {
  const other = await startPeer(t)
  const from = await latest()
  const WRITERS = 10, ORDERS = 30
  let writing = true
  const seen = [1, 7, 1000].map(async limit => {
    const versions = new Map()
    for (let after = from, rest = true; rest;) {
      rest = writing
      const { body } = await server.get(`/api/changes?after=${after}&limit=${limit}&wait=50ms`)
      for (const c of body.items) {
        assert.ok((versions.get(c.uuid) ?? 0) < c.version, 'a version came twice or went back')
        versions.set(c.uuid, c.version)
      }
      after = body.next
      rest ||= body.more || body.items.length > 0
    }
    return versions
  })
  const wanted = new Map()
  await Promise.all(Array.from({ length: WRITERS }, async (_, i) => {
    for (let n = 0; n < ORDERS; n++) {
      const to = (i + n) % 2 ? server : other
      const placed = await to.place()
      const added = await to.post(`/api/orders/${placed.uuid}/activities`, { comment: 'hello' })
      assert.equal(added.status, 201)
      wanted.set(placed.uuid, placed.version + 1)
    }
  }))
  writing = false
  for (const versions of await Promise.all(seen)) assert.deepEqual(new Map([...versions].sort()), new Map([...wanted].sort()))
})
