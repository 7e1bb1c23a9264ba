// What the feed reads of an order's past: a page at a time, once, and right. An order on which much was
// said costs its next event neither memory nor a reading of all before it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'

// What was freed counts in the peak below, but for this.
process.env.ASAN_OPTIONS = [process.env.ASAN_OPTIONS, 'quarantine_size_mb=1'].filter(Boolean).join(':')
const { assertVerified, until, useServer, withServer } = await import('./lib.mjs')

const COMMENTS = 5000
const PEAK_KB = 24 * 1024 // of 20 MB of comments, which take as much again where they are decoded

const RULES = `
local function tell(event, order)
  return oms.mail { to = order.customer_email, template = "seen",
    data = { seq = event.seq, captured = order.amount_captured, number = order.order_number } }
end
oms.on("activity.added", tell)
oms.on("payment.captured", tell)
`

const hooked = { 'plugins.load': 'seen', 'feed.interval': '20ms' }
const config = text => `${text}\n[grant]\nseen = mail\n`
const prepare = on => on.writePlugin('seen', RULES, { capabilities: ['mail'] })
const server = await useServer({ options: hooked, config, prepare })

const customer = { customer: { email: 'ana@example.org' } }
const metric = async (server, name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await server.get('/metrics')).text)?.[1])
const recalled = server => metric(server, 'orderd_feed_recalled_total')
const peakKb = server => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])
const caughtUp = server => until(async () => (await server.sql(`select from feed_cursor c where not exists (select from order_event e
  where (e.txid, e.order_id, e.seq) > (c.txid, c.order_id, c.seq))`)).length, { what: 'all events read', timeout: 60_000 })

/** Comments as if they had been made one by one, which the feed has seen. */
const talk = (server, order, count, length = 0) => server.sql(`with said as (insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
    select order_id, version + n, 'activity.added', now(), now(), 'chatty', 0,
      json_build_object('comment', n || repeat(' é"\\', $3), 'customer_notified', false)
    from orders, generate_series(1, $2) n where order_id = $1 returning txid, order_id, seq),
  read as (update feed_cursor set (txid, order_id, seq, events) = (select max(txid), max(order_id), max(seq), feed_cursor.events + count(*) from said))
  update orders set version = version + $2, updated_at = now() where order_id = $1`, [order.orderId, count, length])

async function comment(server, order) {
  const { status, text } = await server.post(`/api/orders/${order.uuid}/activities`, { comment: 'And so on.' })
  assert.equal(status, 201, text)
  await caughtUp(server)
}

const seen = async (server, order) => (await server.sql(
  `select payload::json->'data' as data from delivery where order_id = $1 and name = 'seen' order by seq`, [order.orderId])).map(row => row.data)

test('a long past is read once, a page at a time, and again only after a restart', async () => {
  const order = await server.place(customer)
  await caughtUp(server)
  await talk(server, order, COMMENTS, 900)
  const before = [peakKb(server), await recalled(server)]
  await comment(server, order)
  assert.ok(peakKb(server) - before[0] < PEAK_KB, `the peak grew by ${peakKb(server) - before[0]} kB`)
  assert.equal(await recalled(server) - before[1], COMMENTS + 1)
  for (let i = 0; i < 3; i++) await comment(server, order)
  assert.equal(await recalled(server) - before[1], COMMENTS + 1, 'nothing is read again')
  await server.restart()
  await comment(server, order)
  assert.equal(await recalled(server), COMMENTS + 5)
  assert.deepEqual((await seen(server, order)).map(data => data.seq), [2, 3, 4, 5, 6].map(n => COMMENTS + n))
})

test('what others have told of an order meanwhile is read before its next event', async () => {
  const order = await server.place(customer)
  await caughtUp(server)
  await talk(server, order, 300)
  await comment(server, order)
  const before = await recalled(server)
  await talk(server, order, 7)
  await comment(server, order)
  assert.equal(await recalled(server) - before, 7)
  assert.deepEqual((await seen(server, order)).map(data => data.seq), [302, 310])
})

async function aroundPages(on) {
  const orders = []
  for (const length of [0, 1, 63, 64, 65, 66, 197, 198, 199, 200, 201, 400, 450]) {
    const order = await on.place(customer)
    await caughtUp(on)
    if (length) await talk(on, order, length)
    orders.push(order)
  }
  const expected = orders.map(() => [])
  for (let round = 1; round <= 3; round++) {
    await Promise.all(orders.map(async (order, i) => {
      const paid = await on.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: 1 })
      assert.equal(paid.status, 201, paid.text)
      const said = await on.post(`/api/orders/${order.uuid}/activities`, { comment: 'Paid a part' })
      assert.equal(said.status, 201, said.text)
      expected[i].push(round, round)
    }))
    await caughtUp(on)
  }
  for (const [i, order] of orders.entries()) {
    const data = await seen(on, order)
    assert.deepEqual(data.map(one => one.captured), expected[i].map(n => n * 100))
    assert.deepEqual(data.map(one => one.seq), data.map((_, k) => data[0].seq + k))
    assert.ok(data.every(one => one.number === order.orderNumber))
  }
}

test('orders with pasts around the size of a page are shown as they were, and all are kept', () => aroundPages(server))
test('the same when none can be kept', () => withServer({ options: { ...hooked, 'feed.keep_orders': 0 }, config, prepare }, aroundPages))

test('a ledger with a hole is told of, and holds back nobody else', async () => {
  const [torn, whole] = [await server.place(customer), await server.place(customer)]
  await caughtUp(server)
  for (const order of [torn, whole]) await talk(server, order, 10)
  const lost = await server.sql('delete from order_event where order_id = $1 and seq = 5 returning *', [torn.orderId])
  await comment(server, torn)
  await comment(server, whole)
  await until(() => new RegExp(`feed_order_broken order=${torn.orderId} `).test(server.log), { what: 'the line of the log' })
  assert.deepEqual(await seen(server, torn), [])
  assert.equal((await seen(server, whole)).length, 1)
  assert.equal(lost.length, 1)
  await server.sql(`insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data, txid)
    values ($1, 5, 'activity.added', $2, $3, 'chatty', 0, $4, $5::text::xid8)`,
    [torn.orderId, lost[0].at, lost[0].recorded_at, JSON.stringify(lost[0].data), lost[0].txid])
})

test('the books of such orders are proved', () => assertVerified(server))
