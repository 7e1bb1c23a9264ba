// Real orders, as untidy as they are: all of them arrive, once, to the cent. The data set is no part
// of the project; without it that test is skipped. ORDERD_OLIST names another place for it.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, fullOrder, order, ROOT, useServer } from './lib.mjs'

const OLIST = path.resolve(ROOT, process.env.ORDERD_OLIST ?? '../shared/data/olist')

const server = await useServer()

/** Cells of these files hold neither quotes nor line breaks. */
function readCsv(name) {
  const [head, ...lines] = fs.readFileSync(path.join(OLIST, `olist_${name}_dataset.csv`), 'utf8').trim().split(/\r?\n/)
  const columns = head.replaceAll('"', '').split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell.replaceAll('"', '')])))
}

const cents = text => {
  const [whole, fraction = ''] = text.split('.')
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0').slice(0, 2))
}

const sum = (rows, column) => rows.reduce((total, row) => total + cents(row[column]), 0)

// The last state of an order there, and what it is here.
const FINAL = {
  created: 'pending', approved: 'processing', invoiced: 'processing', processing: 'processing',
  shipped: 'shipped', delivered: 'completed', canceled: 'canceled', unavailable: 'on_hold',
}

const importedCount = stdout => Number(/\bimported (\d+)/.exec(stdout)?.[1] ?? NaN)

/** What each order is worth, and what was captured of it, by order and by method, is what the files say. */
async function assertMoney(orders, lines, payments) {
  const add = (map, key, amount) => map.set(key, (map.get(key) ?? 0) + amount)
  const due = new Map(), paid = new Map(), methods = new Map(), counts = new Map()
  for (const line of lines) add(due, line.order_id, cents(line.price) + cents(line.freight_value))
  for (const payment of payments) {
    add(paid, payment.order_id, cents(payment.payment_value))
    add(methods, payment.payment_type, cents(payment.payment_value))
    add(counts, payment.order_id, 1)
  }
  assert.ok([...counts.values()].filter(n => n > 1).length > 100, 'cards with vouchers')
  const byMethod = await server.sql(`select method, sum(amount)::bigint as amount
    from payment join orders using (order_id) where historical group by method`)
  assert.deepEqual(Object.fromEntries(byMethod.map(row => [row.method, Number(row.amount)])), Object.fromEntries(methods))
  const rows = await server.sql(`select replace(uuid::text, '-', '') as id, grand_total, amount_captured, amount_authorized,
    amount_canceled from orders where historical`)
  assert.equal(rows.length, orders.length)
  for (const row of rows) {
    assert.equal(Number(row.grand_total), due.get(row.id) ?? 0, row.id)
    assert.equal(Number(row.amount_authorized), paid.get(row.id) ?? 0, row.id)
    assert.ok([0, paid.get(row.id) ?? 0].includes(Number(row.amount_captured)), row.id)
  }
  const differing = rows.filter(row => Number(row.amount_captured) && Number(row.amount_captured) !== Number(row.grand_total) - Number(row.amount_canceled))
  const split = rows.filter(row => counts.get(row.id) > 1)
  for (const row of [...differing, ...split]) {
    const shown = await server.client.order(row.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
    const left = Number(row.grand_total) - Number(row.amount_canceled) - Number(row.amount_captured)
    assert.equal(Math.round(shown.amountOutstanding * 100), Math.max(left, 0), row.id)
    assert.equal(Math.round(shown.amountOverpaid * 100), Math.max(-left, 0), row.id)
    assert.equal(shown.payments.length, counts.get(row.id), row.id)
  }
}

/** The carrier had them, and all the same they were cancelled: both is told, and nothing twice. */
async function assertCanceledAfterHandOver(orders) {
  const late = orders.filter(o => o.order_status === 'canceled' && o.order_delivered_carrier_date)
  assert.equal(late.length, 75)
  assert.equal(late.filter(o => o.order_delivered_customer_date).length, 6)
  for (const { order_id: id, order_delivered_customer_date: arrived } of late) {
    const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    const shown = await server.client.order(uuid)
    assert.ok(shown.canceledAt, id)
    assert.equal(shown.status.code, 'canceled', id)
    for (const item of shown.items) {
      assert.deepEqual([item.qtyShipped, item.qtyDelivered, item.qtyCanceled, item.qtyShippedAfterCancel],
        [item.qty, arrived ? item.qty : 0, 0, 0], id)
    }
    assert.equal(shown.shipments.length, 1, id)
    const events = await server.sql(`select type, overruled from order_event join orders using (order_id)
      where uuid = '${uuid}' order by seq`)
    const types = events.map(e => e.type)
    assert.equal(types.at(-1), 'order.canceled', id)
    assert.ok(types.indexOf('shipment.created') > 0, id)
    assert.equal(types.includes('shipment.delivered'), Boolean(arrived), id)
    assert.match(events.at(-1).overruled, /^order\.cancel: /, id)
  }
  assert.deepEqual(await server.sql('select 1 from stock'), [], 'history took from no shelf')
}

test('8,135 real orders: none lost, none invented, sums to the cent, verify clean, twice is once', {
  skip: !fs.existsSync(OLIST) && `no data set at ${OLIST}`,
}, async () => {
  const [orders, lines, payments] = ['orders', 'order_items', 'order_payments'].map(readCsv)
  const report = path.join(server.dir, 'report.txt')
  const first = await server.run('import', ['--format', 'olist', OLIST, '--report', report])
  assert.equal(first.code, 0, first.stderr)
  assert.equal(importedCount(first.stdout), orders.length, first.stdout)

  const expected = {}
  for (const { order_status: last } of orders) expected[FINAL[last]] = (expected[FINAL[last]] ?? 0) + 1
  const counted = await server.sql('select status, count(*)::int as n from orders where historical group by status')
  assert.deepEqual(Object.fromEntries(counted.map(row => [row.status, row.n])), expected)

  const held = await server.sql("select count(*)::int as n from order_hold where handle = 'unavailable'")
  assert.equal(held[0].n, orders.filter(o => o.order_status === 'unavailable').length)

  const [items] = await server.sql(`select sum(order_item.sub_total)::bigint as price, sum(qty)::int as qty
    from order_item join orders using (order_id) where historical`)
  assert.equal(items.price, sum(lines, 'price'))
  assert.equal(items.qty, lines.length)
  const [header] = await server.sql('select sum(shipping_fee_incl_tax)::bigint as freight from orders where historical')
  assert.equal(header.freight, sum(lines, 'freight_value'))
  // Each payment of the files is one record: captured when it was approved, else authorized.
  const [paid] = await server.sql(`select count(*)::int as n, sum(amount)::bigint as recorded
    from payment join orders using (order_id) where historical`)
  assert.equal(paid.recorded, sum(payments, 'payment_value'))
  assert.equal(paid.n, payments.length)

  const [history] = await server.sql(`select min(created_at) as first, max(created_at) as last from orders where historical`)
  const purchased = orders.map(o => o.order_purchase_timestamp).sort()
  for (const [found, wanted] of [[history.first, purchased[0]], [history.last, purchased.at(-1)]]) {
    assert.equal(found.toISOString().slice(0, 19).replace('T', ' '), wanted)
  }
  assert.equal((await server.sql("select count(*)::int as n from order_event where at > now() - interval '1 day' and order_id in (select order_id from orders where historical)"))[0].n, 0,
    'events carry the times of history')

  await assertMoney(orders, lines, payments)
  await assertCanceledAfterHandOver(orders)

  assert.ok(fs.readFileSync(report, 'utf8').split('\n').length > 100, 'oddities are reported by order and reason')
  await assertVerified(server)

  const events = await server.sql('select count(*)::int as n from order_event')
  const second = await server.run('import', ['--format', 'olist', OLIST])
  assert.equal(second.code, 0, second.stderr)
  assert.equal(importedCount(second.stdout), 0, second.stdout)
  assert.deepEqual(await server.sql('select count(*)::int as n from order_event'), events)
})

test('an ndjson import takes API-shaped orders, from a file or standard input, and is idempotent', async () => {
  const rows = Array.from({ length: 50 }, (_, i) => fullOrder({ orderNumber: `ND-${i}`, placedAt: '2022-05-01T10:00:00Z' }))
  const text = `${rows.map(row => JSON.stringify(row)).join('\n')}\n`
  const file = path.join(server.dir, 'orders.ndjson')
  fs.writeFileSync(file, text)
  const first = await server.run('import', ['--format', 'ndjson', file])
  assert.equal(first.code, 0, first.stderr)
  assert.equal(importedCount(first.stdout), 50, first.stdout)
  const one = await server.client.order('ND-7')
  assert.equal(one.grandTotal, 162.23)
  assert.equal(new Date(one.createdAt).getUTCFullYear(), 2022)
  const again = await server.run('import', ['--format', 'ndjson', '-'], { input: text })
  assert.equal(again.code, 0, again.stderr)
  assert.equal(importedCount(again.stdout), 0, again.stdout)
  await assertVerified(server)
})

test('history with refunds, returns, chargebacks and units that were cancelled is imported as it was', async () => {
  const line = {
    orderNumber: 'HIST-1', historical: true, placedAt: '2021-03-01T10:00:00Z', currency: 'EUR', paymentMethod: 'card',
    items: [{ sku: 'A', qty: 3, price: 10 }, { sku: 'B', qty: 1, price: 5 }],
    payments: [
      { type: 'capture', amount: 35, transactionId: 't1', createdAt: '2021-03-01T10:05:00Z' },
      { type: 'refund', amount: 1, transactionId: 'r1', at: '2021-03-20T10:00:00Z' },
      { type: 'chargeback', amount: 2, transactionId: 'c1', at: '2021-04-01T10:00:00Z' },
    ],
    shipments: [{ at: '2021-03-02T10:00:00Z', deliveredAt: '2021-03-04T10:00:00Z', items: [{ orderItemId: 1, qty: 3 }] }],
    returns: [{ at: '2021-03-06T10:00:00Z', receivedAt: '2021-03-09T10:00:00Z', items: [{ orderItemId: 1, qty: 1, reason: 'too small' }] }],
    refunds: [{ at: '2021-03-10T10:00:00Z', returnId: 1, reason: 'sent back' }],
    canceled: { at: '2021-03-12T10:00:00Z', items: [{ orderItemId: 2, qty: 1 }], reason: 'sold out' },
  }
  const { code, stdout, stderr } = await server.run('import', ['--format', 'ndjson', '-'], { input: JSON.stringify(line) })
  assert.equal(code, 0, stderr)
  assert.equal(importedCount(stdout), 1, stdout)
  const one = await server.client.order('HIST-1')
  assert.equal(one.payments[0].createdAt.slice(0, 16), '2021-03-01T10:05')
  assert.deepEqual(one.refunds.map(r => [r.amount, r.returnId, r.createdAt.slice(0, 10)]), [[10, 1, '2021-03-10'], [1, null, '2021-03-20']])
  assert.deepEqual([one.amountRefunded, one.amountChargedBack, one.amountCanceled], [11, 2, 5])
  assert.equal(one.returns[0].status, 'refunded')
  assert.deepEqual(one.items.map(i => [i.qtyShipped, i.qtyDelivered, i.qtyReturned, i.qtyRestocked, i.qtyCanceled]), [[3, 3, 1, 0, 0], [0, 0, 0, 0, 1]])
  await assertVerified(server)
})

test('bad lines of an ndjson import are reported by line and reason, and the good ones arrive', async () => {
  const report = path.join(server.dir, 'bad.txt')
  const input = [
    JSON.stringify(order({ orderNumber: 'GOOD-1' })), '{"items":', JSON.stringify(order({ orderNumber: 'BAD-1', items: [{ sku: 'A', qty: -1, price: 1 }] })),
    '', JSON.stringify(order({ orderNumber: 'GOOD-2' })),
  ].join('\n')
  const { stdout } = await server.run('import', ['--format', 'ndjson', '-', '--report', report], { input })
  assert.equal(importedCount(stdout), 2, stdout)
  const reported = fs.readFileSync(report, 'utf8')
  assert.match(reported, /\b2\b/)
  assert.match(reported, /BAD-1|\b3\b/)
  assert.match(reported, /qty/)
  assert.equal((await server.client.order('GOOD-2')).orderNumber, 'GOOD-2')
})

/** Imports the lines; its exit code, its summary's counts, and its report. */
async function importLines(lines) {
  const report = path.join(server.dir, `report-${randomUUID()}.ndjson`)
  const { code, stdout } = await server.run('import', ['--format', 'ndjson', '-', '--report', report],
    { input: lines.map(line => typeof line === 'string' ? line : JSON.stringify(line)).join('\n') })
  const [, imported, orders, existed, failed] = /imported (\d+) of (\d+) orders, (\d+) were already there, (\d+) failed/.exec(stdout).map(Number)
  const reported = fs.readFileSync(report, 'utf8').trim().split('\n').filter(Boolean).map(text => JSON.parse(text))
  return { code, imported, orders, existed, failed, reported }
}

const counts = ({ code, imported, existed, failed }) => ({ code, imported, existed, failed })
const events = async () => (await server.sql('select count(*)::int as n from order_event'))[0].n

test('another customer\'s order under a number that is taken fails, and the report says in what it differs', async () => {
  const mine = fullOrder({ orderNumber: `TAKEN-${randomUUID()}`, placedAt: '2022-05-01T10:00:00Z' })
  const theirs = { ...mine, customer: { ...mine.customer, email: 'someone.else@example.org' }, items: mine.items.map((item, i) => i ? item : { ...item, sku: 'OTHER' }) }
  const first = await importLines([mine])
  assert.deepEqual(counts(first), { code: 0, imported: 1, existed: 0, failed: 0 })
  const before = await events()
  const second = await importLines([theirs])
  assert.deepEqual(counts(second), { code: 1, imported: 0, existed: 0, failed: 1 })
  assert.equal(second.reported.length, 1)
  const [{ order, line, reason, detail }] = second.reported
  assert.deepEqual([order, line, reason], [mine.orderNumber, 1, 'number_taken'])
  assert.match(detail, /differs in customerEmail, items\[0\]\.sku$/)
  assert.doesNotMatch(detail, /someone\.else/, 'a report names fields, not people')
  assert.deepEqual(counts(await importLines([theirs])), counts(second), 'and again when it is run again')
  assert.equal(await events(), before)

  // Both in one input, at once: one of them arrives, the other is told.
  const number = `TWICE-${randomUUID()}`
  const twice = await importLines([{ ...mine, orderNumber: number }, { ...theirs, orderNumber: number }])
  assert.deepEqual(counts(twice), { code: 1, imported: 1, existed: 0, failed: 1 })
  assert.deepEqual(twice.reported.map(r => r.reason), ['number_taken'])
})

test('a uuid that is taken by another order fails; a number that another uuid has, too', async () => {
  const mine = fullOrder({ uuid: randomUUID(), orderNumber: `UUID-${randomUUID()}` })
  assert.equal((await importLines([mine])).imported, 1)
  const other = await importLines([{ ...mine, currency: 'USD' }])
  assert.deepEqual([other.code, other.failed, other.reported[0].reason], [1, 1, 'content_differs'])
  assert.match(other.reported[0].detail, /under this uuid differs in currency$/)
  const renamed = await importLines([{ ...mine, uuid: randomUUID() }])
  assert.deepEqual([renamed.code, renamed.failed, renamed.reported[0].reason], [1, 1, 'number_taken'])
  assert.match(renamed.reported[0].detail, /differs in uuid$/)
})

test('the same import again is a no-op, also when the orders have moved on or the file is written otherwise', async () => {
  const tag = randomUUID()
  const lines = [
    fullOrder({ orderNumber: `SAME-${tag}`, placedAt: '2022-05-01T10:00:00Z', tags: ['a', 'b'], metadata: { x: 1, y: { z: 'é' } } }),
    fullOrder({ uuid: randomUUID(), orderNumber: `SAME-2-${tag}` }),
    order({ metadata: { tag } }),
  ]
  assert.deepEqual(counts(await importLines(lines)), { code: 0, imported: 3, existed: 0, failed: 0 })
  for (const number of [`SAME-${tag}`, `SAME-2-${tag}`]) {
    const moved = [
      await server.api('PATCH', `/api/orders/${number}`, { customer: { email: 'new@example.org' }, tags: ['c'], shippingNote: 'changed', metadata: { x: 2 } }),
      await server.post(`/api/orders/${number}/payments`, { type: 'capture' }),
      await server.post(`/api/orders/${number}/shipments`, {}),
    ]
    assert.deepEqual(moved.map(answer => answer.status), [200, 201, 201])
  }
  const before = await events()
  assert.deepEqual(counts(await importLines(lines)), { code: 0, imported: 0, existed: 3, failed: 0 })
  await server.sql('delete from idempotency_key') // they expire
  assert.deepEqual(counts(await importLines(lines)), { code: 0, imported: 0, existed: 3, failed: 0 }, 'years later, too')
  // Members in another order and other blanks: the digest of the line is another one, its content is not.
  const turned = v => v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).reverse().map(([k, w]) => [k, turned(w)])) : v
  const rewritten = lines.slice(0, 2).map(line => ` ${JSON.stringify(turned(line)).replaceAll('":', '" : ')}`)
  assert.deepEqual(counts(await importLines(rewritten)), { code: 0, imported: 0, existed: 2, failed: 0 })
  assert.equal(await events(), before)
})

test('what cannot be imported says why', async () => {
  for (const args of [['--format', 'olist', '/nonexistent'], ['--format', 'ndjson', '/nonexistent'], ['--format', 'fax', '-'], []]) {
    const { code, stderr } = await server.run('import', args)
    assert.notEqual(code, 0)
    assert.ok(stderr.length > 0)
  }
})
