// A shop to play against: one or two orderd processes on one database, rules that leave everything to
// the books, and stock that is mostly enough.
import assert from 'node:assert/strict'

import { Server } from '../e2e/lib.mjs'

// What the books say is what the statuses say, and nothing else is refused.
const RULES = `
oms.policy("order.status", function() return "pending" end)
oms.policy("payment.status", function(order) return oms.rollup_status("payment", order.payment_rollup) end)
oms.policy("shipment.status", function(order) return oms.rollup_status("shipment", order.shipment_rollup) end)
for _, question in ipairs { "cancel", "ship", "return", "refund", "change", "split", "update" } do
  oms.policy("order." .. question, function() return oms.allow() end)
end
`
const PROVIDES = ['order.status', 'payment.status', 'shipment.status',
  ...['cancel', 'ship', 'return', 'refund', 'change', 'split', 'update'].map(question => `order.${question}`)]

export const SKUS = Array.from({ length: 8 }, (_, i) => `SKU-${i}`)

export class Shop {
  constructor({ processes = 1 } = {}) {
    const config = text => text.replace(/^next =.*$/gm, '')
    const first = new Server({ config, options: { 'plugins.load': 'books', 'stock.track': 'all', 'check.tests': 'ignore', 'order.refund_methods': 'credit', 'log.level': 'warn' } })
    this.servers = [first, ...Array.from({ length: processes - 1 }, () => first.peer())]
    this.put = new Map() // sku → units put on the shelf
  }

  async start() {
    this.servers[0].writePlugin('books', RULES, { provides: PROVIDES })
    for (const server of this.servers) await server.start()
    for (const sku of SKUS) await this.receive(sku, 100_000)
    return this
  }

  async receive(sku, delta) {
    const answer = await this.servers[0].api('PUT', `/api/inventory/${sku}`, { delta, reason: 'model' })
    assert.equal(answer.status, 200, answer.text)
    this.put.set(sku, (this.put.get(sku) ?? 0) + delta)
  }

  /** initial + received - shipped + restocked = on hand; what is open is reserved. */
  async checkStock(orders) {
    const books = new Map(SKUS.map(sku => [sku, { qty: this.put.get(sku), reserved: 0 }]))
    for (const item of orders.flatMap(order => order.items)) {
      const book = books.get(item.sku)
      book.qty += item.restocked - item.shipped
      book.reserved += item.qty - item.canceled - item.shipped
    }
    for (const [sku, book] of books) {
      const { qty, reserved } = await this.servers[0].client.stock(sku)
      assert.deepEqual({ sku, qty, reserved }, { sku, ...book })
    }
  }

  /** What happened to an order: the database is gone when a person reads the report. */
  async story(id) {
    if (!id) return ''
    return (await this.servers[0].run('explain', [id])).stdout
  }

  async verify() {
    const { code, stdout, stderr } = await this.servers[0].run('verify', [], { timeout: 1_800_000 })
    assert.equal(code, 0, stdout + stderr + await this.story(stdout.match(/^order (\d+) /m)?.[1]))
    return stdout.trim().split('\n').at(-1)
  }
}
