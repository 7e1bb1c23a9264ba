// Sustained writes with a record of what was acknowledged, for tests that break something meanwhile.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { order, pool } from '../e2e/client.mjs'

export class Load {
  /** width: requests in flight. Each order is sent under its own key until it is acknowledged. */
  constructor(server, { width = 16, sku = 'LOAD', body = () => order({ items: [{ sku, qty: 1, price: 1 }] }) } = {}) {
    Object.assign(this, { server, width, body })
    this.acknowledged = [] // {key, body, uuid}
    this.open = [] // sent, never acknowledged: {key, body}
    this.refused = [] // answers that are neither success nor a broken connection
    this.broken = 0 // connections that ended without an answer
  }

  start() {
    this.running = true
    this.workers = Array.from({ length: this.width }, () => this.#work())
    return this
  }

  /** Ends after the requests in flight; unacknowledged orders stay in `open`. */
  async stop() {
    this.running = false
    await Promise.all(this.workers)
    return this
  }

  async #work() {
    while (this.running) {
      const sent = { key: randomUUID(), body: this.body() }
      let answer
      while (this.running && answer?.status !== 201) {
        answer = await this.#send(sent)
        if (answer?.status !== 201) await new Promise(resolve => setTimeout(resolve, 20))
      }
      if (answer?.status !== 201) this.open.push(sent)
    }
  }

  async #send(sent) {
    try {
      const answer = await this.server.post('/api/orders', sent.body, { 'idempotency-key': sent.key })
      if (answer.status === 201) this.acknowledged.push({ ...sent, uuid: answer.body.uuid })
      else this.refused.push(answer)
      return answer
    } catch {
      this.broken++
      return undefined
    }
  }
}

/**
 * Every acknowledged order is there; its key, sent again, names the same order; what was never
 * acknowledged becomes exactly one order when it is sent again, twice.
 */
export async function checkAcknowledged(server, load) {
  await pool(load.acknowledged.length, 16, async i => {
    const { uuid } = load.acknowledged[i]
    const found = await server.get(`/api/orders/${uuid}`)
    assert.equal(found.status, 200, `lost ${uuid}: ${found.text}`)
  })
  const last = [...load.acknowledged.slice(-50), ...load.open]
  await pool(last.length, 16, async i => {
    const { key, body, uuid } = last[i]
    const again = () => server.post('/api/orders', body, { 'idempotency-key': key })
    const first = await again()
    const second = await again()
    assert.equal(first.status, 201, first.text)
    assert.equal(second.body.uuid, first.body.uuid, 'one key, two orders')
    if (uuid) assert.equal(first.body.uuid, uuid, 'a retried key made a duplicate')
  })
}
