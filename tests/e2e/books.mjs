// What the tests of the books share: a shop that keeps its calls in the words of the trade and holds
// every answer against the OpenAPI document.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { assertProblem, order } from './lib.mjs'
import { Contract } from './schema.mjs'

export class Shop {
  constructor(server, contract) {
    this.server = server
    this.contract = contract
  }

  static async of(server) {
    return new Shop(server, await Contract.of(server))
  }

  async call(method, path, body, headers) {
    const answer = await this.server.api(method, path, body, headers)
    this.contract.check(method, path, answer)
    return answer
  }

  /** The body of a success. */
  async ok(status, method, path, body, headers) {
    const answer = await this.call(method, path, body, headers)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    return answer.body
  }

  async refused(status, code, method, path, body, headers) {
    return assertProblem(await this.call(method, path, body, headers), status, { code })
  }

  /** A SKU of its own with so many of it on the shelf. */
  async stock(qty, more = {}) {
    const sku = `BOOK-${randomUUID().slice(0, 8)}`
    await this.ok(200, 'PUT', `/api/inventory/${sku}`, { qty, ...more })
    return sku
  }

  async shelf(sku) {
    const { qty, reserved } = await this.server.client.stock(sku)
    return { qty, reserved }
  }

  async place(overrides) {
    const placed = await this.ok(201, 'POST', '/api/orders', order(overrides))
    return new Purchase(this, placed.uuid)
  }
}

/** One order and what may be done with it. */
export class Purchase {
  constructor(shop, uuid) {
    this.shop = shop
    this.uuid = uuid
    this.path = `/api/orders/${uuid}`
  }

  now() {
    return this.shop.ok(200, 'GET', this.path)
  }

  async statuses() {
    const { status, paymentStatus, shipmentStatus } = await this.now()
    return [status.code, paymentStatus.code, shipmentStatus.code]
  }

  post(what, body = {}, headers) {
    return this.shop.ok(201, 'POST', `${this.path}/${what}`, body, headers)
  }

  refused(status, code, what, body = {}, method = 'POST') {
    return this.shop.refused(status, code, method, `${this.path}/${what}`, body)
  }

  pay(amount, more = {}) {
    return this.post('payments', { type: 'capture', amount, ...more })
  }

  ship(items, more = {}) {
    return this.post('shipments', { items, ...more })
  }

  cancel(items, more = {}) {
    return this.shop.ok(200, 'POST', `${this.path}/cancel`, { items, ...more })
  }

  refund(body) {
    return this.post('refunds', body)
  }

  receive(returnId, body = {}) {
    return this.shop.ok(200, 'PATCH', `${this.path}/returns/${returnId}`, { status: 'received', ...body })
  }
}

/** [{orderItemId, qty}] of {orderItemId: qty}. */
export const units = counts => Object.entries(counts).map(([orderItemId, qty]) => ({ orderItemId: Number(orderItemId), qty }))
