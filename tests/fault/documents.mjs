#!/usr/bin/env node
// 64 callers at two processes issue invoices, credits of invoices and refunds of the same orders, many
// of them refused, while one process or the other is killed with -9: each series is 1, 2, 3 … without a gap, no order is
// refunded beyond what was captured, and what was acknowledged is in the books.
//   node tests/fault/documents.mjs [--rounds 10] [--width 64] [--orders 400]
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { pool, Server, until } from '../e2e/lib.mjs'
import { main, options } from './run.mjs'

const { rounds, width, orders: count } = options({ rounds: 10, width: 64, orders: 400 })
const MOMENT_MS = 500 // the kill comes within this, from the first acknowledged document on

const first = new Server()
const servers = [first, first.peer()]
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const pick = list => list[Math.floor(Math.random() * list.length)]

/** An order of 10 units at 10.00; two of three are paid. */
async function makeOrder(number) {
  const { uuid } = await first.place({ items: [{ sku: 'UNIT', qty: 10, price: 10 }], paymentMethod: 'card' })
  if (number % 3 === 0) return { uuid }
  const paid = await first.post(`/api/orders/${uuid}/payments`, { type: 'capture', method: 'card', transactionId: uuid })
  assert.equal(paid.status, 201, paid.text)
  return { uuid, paid: true }
}

/** A document of the order: one invoice, ten refunds or credits at most, and what credits need; the
 * rest is refused. */
function ask({ uuid, paid }) {
  if (Math.random() < 0.3) return [`/api/orders/${uuid}/invoices`, {}]
  if (!paid && Math.random() < 0.5) return [`/api/orders/${uuid}/cancel`, { items: [{ orderItemId: 1, qty: 1 }] }]
  if (!paid) return [`/api/orders/${uuid}/invoices/credit`, {}]
  return [`/api/orders/${uuid}/refunds`, { items: [{ orderItemId: 1, qty: 1 + Math.floor(Math.random() * 2) }], reason: 'fault' }]
}

class Callers {
  constructor(orders) {
    Object.assign(this, { orders, running: true, acknowledged: [], refused: 0 })
    this.workers = Array.from({ length: width }, (_, i) => this.#work(servers[i % servers.length]))
  }

  async stop() {
    this.running = false
    await Promise.all(this.workers)
  }

  async #work(server) {
    while (this.running) {
      const [path, body] = ask(pick(this.orders))
      await this.#document(server, path, body, { 'idempotency-key': randomUUID() })
    }
  }

  /** Until somebody answers; a broken connection leaves it open which. */
  async #document(server, path, body, headers) {
    while (this.running) {
      const answer = await server.post(path, body, headers).catch(() => undefined)
      if (answer?.status === 201) this.acknowledged.push(answer.body.invoiceNumber ?? answer.body.creditMemoNumber)
      if (answer?.status < 300) return
      if (answer && answer.status !== 503) {
        assert.ok([409, 422].includes(answer.status), answer.text)
        this.refused++
        return
      }
      await pause(20)
    }
  }
}

async function check(acknowledged) {
  const numbers = await first.sql(`select invoice_number as number, case when amount < 0 then 'credit_memo' else 'invoice' end as kind from invoice
    union all select credit_memo_number, 'credit_memo' from refund`)
  const series = new Map()
  for (const { number, kind } of numbers) {
    const value = Number(/(\d+)$/.exec(number)[1])
    series.set(kind, [...series.get(kind) ?? [], value])
  }
  for (const [kind, values] of series) {
    values.sort((a, b) => a - b)
    const gap = values.findIndex((value, i) => value !== i + 1)
    assert.equal(gap, -1, `${kind}: ${values[gap]} is number ${gap + 1}`)
    const [{ value }] = await first.sql('select value::int from counter where series like $1', [`${kind}:%`])
    assert.equal(value, values.length)
  }
  const there = new Set(numbers.map(each => each.number))
  for (const number of acknowledged) assert.ok(there.has(number), `${number} was acknowledged and is lost`)
  assert.equal(new Set(acknowledged).size, acknowledged.length, 'a number was given twice')
  const [{ over }] = await first.sql('select count(*)::int as over from orders where amount_refunded > amount_captured')
  assert.equal(over, 0)
  return numbers.length
}

await main('documents', servers, async () => {
  for (const server of servers) await server.start()
  const acknowledged = []
  let refused = 0
  for (let i = 0; i < rounds; i++) {
    const callers = new Callers(await pool(count, 32, makeOrder))
    await until(() => callers.acknowledged.length > 0, { what: 'a first document' })
    await pause(Math.random() * MOMENT_MS)
    const victim = servers[i % servers.length]
    await victim.kill()
    await pause(Math.random() * MOMENT_MS)
    await victim.start()
    await until(async () => (await victim.get('/readyz')).status === 200, { what: 'ready' })
    await callers.stop()
    acknowledged.push(...callers.acknowledged)
    refused += callers.refused
    await check(acknowledged)
  }
  const documents = await check(acknowledged)
  const { code, stdout, stderr } = await first.run('verify')
  assert.equal(code, 0, stdout + stderr)
  return `${rounds} kills, ${width} callers: ${documents} documents without a gap, ${acknowledged.length} acknowledged, ${refused} refused; ` +
    stdout.trim().split('\n').at(-1)
})
