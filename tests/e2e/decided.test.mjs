// Who decided about an order finds it: decidedBy, refusedBy and bundle, in lists, search, CSV and GraphQL.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, order, until, useServer } from './lib.mjs'

/** Net 30: an order that is marked firm is not cancelled. The number says which bundle it is. */
const rule = n => `-- ${n}
oms.policy("order.cancel", function(order)
  for _, tag in ipairs(order.tags or {}) do
    if tag == "firm" then return oms.refuse("firm", "It is firm") end
  end
  return oms.allow()
end)
oms.command("counter_sale", function(order, args)
  order:cancel { reason = args.reason }
end)
`
const server = await useServer({
  options: { 'plugins.load': 'net30' },
  prepare: on => on.writePlugin('net30', rule(1), { provides: ['order.cancel', 'command:counter_sale'] }),
})

const reload = async n => {
  server.writePlugin('net30', rule(n), { provides: ['order.cancel', 'command:counter_sale'] })
  const answer = await server.post('/admin/reload')
  assert.equal(answer.status, 200, answer.text)
  return answer.body.bundle
}
const done = answer => assert.ok(answer.status < 300, answer.text)

/** Lives of orders under two bundles, and what a gateway of history overruled. */
async function live(n) {
  for (let i = 0; i < n; i++) {
    const { uuid } = await server.place({ tags: i % 2 ? ['odd'] : [], store: undefined, coupon: i % 4 ? 'SALE' : undefined })
    if (i % 3 === 0) done(await server.post(`/api/orders/${uuid}/payments`, { type: 'capture' }))
    if (i % 6 === 3) done(await server.post(`/api/orders/${uuid}/shipments`, { carrier: 'post' }))
    if (i % 5 === 4) done(await server.post(`/api/orders/${uuid}/cancel`, { reason: 'no more' }))
    if (i % 7 === 5) done(await server.post(`/api/orders/${uuid}/activities`, { comment: 'called' }))
  }
}
await live(20)
const [{ hash: first }] = await server.sql('select b.hash from activation a join bundle b using (bundle_id) order by activation_id desc limit 1')
const second = await reload(2)
await live(20)
const firm = { orderNumber: 'FIRM-1', historical: true, placedAt: '2021-03-01T10:00:00Z', currency: 'EUR', paymentMethod: 'card', tags: ['firm'],
  items: [{ sku: 'A', qty: 1, price: 10 }], canceled: { at: '2021-03-12T10:00:00Z', reason: 'history' } }
const imported = await server.run('import', ['--format', 'ndjson', '-'], { input: JSON.stringify(firm) })
assert.equal(imported.code, 0, imported.stderr)

/** What each filter finds, by a look at every event. */
const policy = p => `exists (select from order_event e, unnest(string_to_array(e.policy, ' ')) d where e.order_id = o.order_id and ${p})`
const truths = {
  'decidedBy=order.cancel@net30': policy("d = 'order.cancel@net30'"),
  'decidedBy=order.cancel': policy("d like 'order.cancel@%'"),
  'decidedBy=@net30': policy("d like '%@net30'"),
  'decidedBy=payment.status': policy("d like 'payment.status@%'"),
  'decidedBy.neq=order.cancel': `not ${policy("d like 'order.cancel@%'")}`,
  'decidedBy.in=order.cancel,payment.status@default': policy("(d like 'order.cancel@%' or d = 'payment.status@default')"),
  'decidedBy.nin=@net30,order.ship': `not ${policy("(d like '%@net30' or d like 'order.ship@%' or d = 'order.ship')")}`,
  'decidedBy.exists=true': policy('true'),
  'refusedBy=order.cancel@net30': "exists (select from order_event e where e.order_id = o.order_id and e.overruled like '%order.cancel: %')",
  'refusedBy.exists=false': 'not exists (select from order_event e where e.order_id = o.order_id and e.overruled is not null)',
  [`bundle=${first}`]: `exists (select from order_event e join bundle b using (bundle_id) where e.order_id = o.order_id and b.hash = '${first}')`,
  [`bundle=${second.slice(0, 10)}`]: `exists (select from order_event e join bundle b using (bundle_id) where e.order_id = o.order_id and b.hash = '${second}')`,
  [`bundle.neq=${first.slice(0, 10)}`]: `not exists (select from order_event e join bundle b using (bundle_id) where e.order_id = o.order_id and b.hash = '${first}')`,
}
const others = {
  'status=canceled': "o.status = 'canceled'",
  'coupon.exists=true': 'o.coupon is not null',
  'tag.neq=odd': "not coalesce(o.tags::text like '%odd%', false)",
  'grandTotal.gte=1': 'o.grand_total >= 100',
}
const SORTS = { orderId: 'o.order_id', '-createdAt': 'o.created_at desc, o.order_id desc', grandTotal: 'o.grand_total, o.order_id' }
const expected = async (where, sort = 'orderId') =>
  (await server.sql(`select o.order_number as n from orders o where ${where} order by ${SORTS[sort]}`)).map(r => r.n)

async function found(query, limit = 200) {
  const numbers = []
  for (let next = ''; next !== null;) {
    const { status, body, text } = await server.get(`/api/orders?${query}&limit=${limit}${next && `&after=${next}`}`)
    assert.equal(status, 200, text)
    numbers.push(...body.items.map(o => o.orderNumber))
    next = body.next
  }
  return numbers
}

test('each filter finds what a look at every event finds, alone, with each other filter, in each order, by pages', async () => {
  let some = 0
  const total = (await expected('true')).length
  for (const [filter, truth] of Object.entries(truths)) {
    const all = await expected(truth)
    assert.ok(all.length, filter)
    some += all.length < total
    for (const sort of Object.keys(SORTS)) {
      assert.deepEqual(await found(`${filter}&sort=${sort}`, 7), await expected(truth, sort), `${filter} by ${sort}`)
    }
    for (const [other, also] of [...Object.entries(others), ...Object.entries(truths)]) {
      if (other.split('=')[0] === filter.split('=')[0]) continue
      assert.deepEqual(await found(`${filter}&${other}&sort=orderId`), await expected(`${truth} and ${also}`), `${filter} and ${other}`)
    }
    const counted = await server.get(`/api/orders?${filter}&count=true&limit=1`)
    assert.equal(counted.body.total, all.length, filter)
  }
  assert.ok(some > 8, 'most find a part of the orders')
  assert.deepEqual(await found('refusedBy=order.cancel@net30'), ['FIRM-1'])
})

test('CSV, search and GraphQL find the same', async () => {
  const numbers = await expected(truths['decidedBy=order.cancel'])
  const csv = await server.get('/api/orders.csv?decidedBy=order.cancel')
  assert.equal(csv.text.trim().split('\n').length - 1, numbers.length)
  const searched = await server.get('/api/orders?q=firm&refusedBy=order.cancel')
  assert.deepEqual(searched.body.items.map(o => o.orderNumber), ['FIRM-1'])
  assert.deepEqual((await server.get('/api/orders?q=firm&refusedBy.neq=order.cancel')).body.items, [])
  const { body } = await server.post('/graphql', { query: `{ orders(sort: "orderId", limit: 200, filters: [
    {key: "decidedBy", operation: eq, value: "order.cancel"}, {key: "bundle", operation: neq, value: "${first.slice(0, 9)}"}]) { total items { orderNumber } } }` })
  assert.deepEqual(body.data?.orders?.items.map(o => o.orderNumber),
    await expected(`${truths['decidedBy=order.cancel']} and ${truths[`bundle.neq=${first.slice(0, 10)}`]}`), JSON.stringify(body.errors))
})

test('what nobody knows is refused, with what was meant', async () => {
  for (const [query, told] of [
    ['decidedBy=order.cancl@net30', /did you mean 'order\.cancel@net30'/],
    ['decidedBy=order.cancl', /did you mean 'order\.cancel'/],
    ['decidedBy=@net3', /did you mean '@net30'/],
    ['refusedBy.neq=order.ship@nte30', /no policy "order\.ship@nte30"/],
    ['decidedBy.in=order.cancel,order.stauts', /did you mean 'order\.status'/],
    ['bundle=ffffffffffffffff', new RegExp(`no bundle begins with f+; ${second.slice(0, 12)} serves now`)],
    ['bundle=HEAD', /bundle: is not the beginning of a bundle's hash/],
    ['decidedBy=', /names no policy/],
    ['decidedBy=@', /names no policy/],
    ['decidedBy.like=net30', /a part of it cannot be asked for/],
    ['bundle.gt=1', /range/],
  ]) {
    for (const path of ['/api/orders', '/api/orders.csv']) {
      const answer = await server.get(`${path}?${query}`)
      assertProblem(answer, 422)
      assert.match(answer.body.detail, told, query)
    }
  }
  const { body } = await server.post('/graphql', { query: '{ orders(filters: [{key: "decidedBy", operation: eq, value: "order.cancl"}]) { items { uuid } } }' })
  assert.match(body.errors[0].message, /did you mean 'order\.cancel'/)
  // A policy and a plugin that serve are known before they have decided anything.
  assert.deepEqual(await found('decidedBy=command.counter_sale@net30'), [])
  assert.deepEqual(await found('decidedBy=order.split'), [])
})

test('the beginning of a hash that two bundles have is refused', async () => {
  const [one, two] = ['a', 'b'].map(end => `0123${end}${'0'.repeat(59)}`)
  await server.sql('insert into bundle (hash) values ($1), ($2)', [one, two])
  const answer = await server.get('/api/orders?bundle=0123')
  assertProblem(answer, 422)
  assert.match(answer.body.detail, /several bundles begin with 0123, such as 0123a.* and 0123b/)
  assert.deepEqual(await found('bundle=0123a'), [])
})

test('pages neither skip nor repeat while orders are placed and cancelled', async () => {
  const before = await expected(truths['decidedBy=order.cancel@net30'], 'orderId')
  const seen = []
  for (let next = ''; next !== null;) {
    const { body } = await server.get(`/api/orders?decidedBy=order.cancel@net30&sort=orderId&limit=3${next && `&after=${next}`}`)
    seen.push(...body.items.map(o => o.orderNumber))
    next = body.next
    if (seen.length < 10) {
      const { uuid } = await server.place()
      done(await server.post(`/api/orders/${uuid}/cancel`, {}))
    }
  }
  const after = await expected(truths['decidedBy=order.cancel@net30'], 'orderId')
  assert.ok(after.length > before.length)
  assert.deepEqual(seen, after)
})

test('what a command decides is found by the next read', async () => {
  const { uuid, orderNumber } = await server.place(order())
  assert.ok(!(await found('decidedBy=order.cancel')).includes(orderNumber))
  done(await server.post(`/api/orders/${uuid}/cancel`, {}))
  assert.ok((await found('decidedBy=order.cancel')).includes(orderNumber))
  assert.ok(!(await found('decidedBy.neq=order.cancel')).includes(orderNumber))
})

test('a target and a subscription say that they cannot ask', async () => {
  const { code, stderr, stdout } = await server.run('check', ['-o', 'target.x.kind=log', '-o', 'target.x.filter=decidedBy=order.cancel'])
  assert.notEqual(code, 0)
  assert.match(stderr + stdout, /decidedBy finds orders in lists alone/)
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { orderChanged(filter: [{key: "bundle", operation: eq, value: "00"}]) { position } }' }),
  })
  assert.match(await response.text(), /bundle finds orders in lists alone/)
})

test('the books and the lists are whole', async () => {
  await until(async () => (await server.run('verify')).code === 0, { what: 'all is folded', timeout: 60_000 })
  await assertVerified(server)
})
