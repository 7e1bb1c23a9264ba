// The shop that tools/run shows a visitor: its orders load, and so does what is done with them today.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, ROOT, run, useServer } from './lib.mjs'

const server = await useServer()
const DEMO = path.join(ROOT, 'tools/demo')

async function demo(...args) {
  const { code, stdout, stderr } = await run(DEMO, args)
  assert.equal(code, 0, stderr)
  return stdout
}

async function orders() {
  const found = []
  for (let after = ''; after !== null;) {
    const { body } = await server.client.get(`/api/orders?limit=200${after && `&after=${after}`}`)
    found.push(...body.items)
    after = body.next
  }
  return found
}

test('the demo shop shows lives of orders, and its books are right', async () => {
  const { code, stdout } = await server.run('import', ['--format', 'ndjson', '-'], { input: await demo() })
  assert.equal(code, 0, stdout)
  assert.match(stdout, /imported 300 of 300 orders/)

  const answer = await server.api('POST', '/api/batch', await demo('today'), { 'content-type': 'application/x-ndjson' })
  assert.equal(answer.status, 200, answer.text)
  const refused = answer.text.trim().split('\n').filter(line => JSON.parse(line).status >= 300)
  assert.deepEqual(refused, [])

  const all = await orders()
  assert.equal(all.length, 300)
  const methods = order => new Set(order.payments.filter(p => p.type === 'capture').map(p => p.method)).size
  const kinds = {
    'paid in two methods': o => methods(o) > 1,
    'partly shipped': o => ['partially_shipped', 'partially_delivered'].includes(o.shipmentStatus.code),
    'partly returned': o => o.shipmentStatus.code === 'partially_returned',
    'partly refunded': o => o.paymentStatus.code === 'partially_refunded',
    'cancelled in part': o => o.amountCanceled > 0 && !o.canceledAt,
    'invoiced': o => o.invoices.length > 0,
    'with a return that waits': o => o.returns.some(r => r.status === 'requested'),
    'with a change that waits': o => o.changes.some(c => c.status === 'proposed'),
    'of the second store': o => o.store === 'amsterdam',
  }
  for (const [what, is] of Object.entries(kinds)) assert.ok(all.some(is), `no order ${what}`)
  await assertVerified(server)
})

test('an argument that there is not is told', async () => {
  const { code, stderr } = await run(DEMO, ['tomorrow'])
  assert.equal(code, 2)
  assert.match(stderr, /usage/)
})
