// Writers who keep a book of what they were told: each order's number and version, and what is still
// open. They go on through any fault, repeating what was not answered under the same key.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { order, pool } from '../e2e/client.mjs'

const COMMENTS = 3 // after an order is placed, each a version
const BREATH_MS = 20 // between two requests of a writer
const now = () => performance.now()
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

export class Ledger {
  /** Writer i sends to servers[i % servers.length]; reader too, who asks for the list. */
  constructor(servers, { width = 8, readers = 0 } = {}) {
    Object.assign(this, { servers, width, readers })
    this.orders = new Map() // uuid -> {number, version}
    this.open = [] // sent, never acknowledged: {path, body, key}
    this.successes = [] // {sent, at}, in order of `at`
    this.answers = 0
    this.longest = { ms: 0 } // the longest time to an answer, and to what
    this.wrong = [] // neither success nor 503, nor an answer at all
  }

  start() {
    this.running = true
    const each = (count, work) => Array.from({ length: count }, (_, i) => work.call(this, this.servers[i % this.servers.length]))
    this.workers = [...each(this.width, this.#write), ...each(this.readers, this.#read)]
    return this
  }

  /** Ends after the requests that are under way. */
  async stop() {
    this.running = false
    await Promise.all(this.workers)
    return this
  }

  /** The first success of a request that was sent after `moment` (performance.now), if there is one. */
  firstSince(moment) {
    const { length } = this.successes
    let from = length
    while (from > 0 && this.successes[from - 1].at > moment) from--
    return this.successes.slice(from).find(({ sent }) => sent > moment)?.at
  }

  async #write(server) {
    while (this.running) {
      const placed = await this.#acknowledged(server, '/api/orders', order({ items: [{ sku: 'LEDGER', qty: 1, price: 1 }] }))
      if (!placed) return
      const { uuid, orderNumber: number } = placed.body
      assert.ok(!this.orders.has(uuid), `${uuid} was given twice`)
      const known = { number, version: 1 }
      this.orders.set(uuid, known)
      for (let i = 0; i < COMMENTS; i++) {
        const answer = await this.#acknowledged(server, `/api/orders/${uuid}/activities`, { comment: `Nr. ${i}` })
        if (!answer) return
        assert.equal(answer.headers.etag, `"${known.version + 1}"`, `${uuid}: a version was lost or given twice`)
        known.version++
      }
    }
  }

  /** The answer of success; undefined when the ledger was stopped before: then it is open. */
  async #acknowledged(server, path, body) {
    const request = { path, body, key: randomUUID() }
    while (this.running) {
      const answer = await this.#send(server, 'POST', request)
      await pause(BREATH_MS)
      if (answer?.status === 201) return answer
    }
    this.open.push(request)
    return undefined
  }

  async #read(server) {
    while (this.running) {
      const [uuid] = [...this.orders.keys()].slice(-1)
      await this.#send(server, 'GET', { path: '/api/orders?limit=5' })
      if (uuid) await this.#send(server, 'GET', { path: `/api/orders/${uuid}` })
      await pause(BREATH_MS * 5)
    }
  }

  async #send(server, method, { path, body, key }) {
    const sent = now()
    const what = `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`
    const answer = await server.api(method, path, body, key ? { 'idempotency-key': key } : {}).catch(error => ({ error }))
    const at = now()
    this.answers++
    if (at - sent > this.longest.ms) this.longest = { ms: at - sent, what, status: answer.status }
    if (answer.status < 300) {
      if (method === 'POST') this.successes.push({ sent, at })
    } else if (answer.status !== 503) {
      this.wrong.push(`${what}: ${answer.status ?? answer.error} ${answer.text ?? ''}`)
    }
    return answer.error ? undefined : answer
  }

  /** What is open is sent again, twice, under its key: it takes effect once. */
  async resolve(server) {
    await pool(this.open.length, 8, async i => {
      const { path, body, key } = this.open[i]
      const again = () => server.post(path, body, { 'idempotency-key': key })
      const [first, second] = [await again(), await again()]
      assert.equal(first.status, 201, first.text)
      assert.equal(second.status, 201, second.text)
      assert.equal(second.headers['idempotency-replayed'], 'true')
      const uuid = first.body.uuid ?? path.split('/')[3]
      if (first.body.uuid) assert.equal(second.body.uuid, uuid, 'one key, two orders')
      const known = this.orders.get(uuid) ?? { number: first.body.orderNumber, version: 0 }
      this.orders.set(uuid, { ...known, version: known.version + 1 })
    })
    this.open = []
  }

  /**
   * `rows` are a database's orders, [{uuid, number, version}], read after `known` was copied from the
   * ledger: each acknowledged order is there under its number and not behind its version.
   */
  static assertKept(known, rows) {
    const there = new Map(rows.map(row => [row.uuid, row]))
    for (const [uuid, { number, version }] of known) {
      const row = there.get(uuid)
      assert.ok(row, `${number} (${uuid}) was acknowledged and is lost`)
      assert.equal(row.number, number, `${uuid} was acknowledged under another number`)
      assert.ok(row.version >= version, `${number}: version ${version} was acknowledged, ${row.version} is there`)
    }
    const numbers = [...known.values()].map(({ number }) => number)
    assert.equal(new Set(numbers).size, numbers.length, 'a number was given twice')
  }

  /** The acknowledged orders as they are now. */
  copy() {
    return new Map([...this.orders].map(([uuid, known]) => [uuid, { ...known }]))
  }

  /**
   * At the end, with nothing open: the books have what was acknowledged and nothing else, to the version.
   * sql(text): rows of a statement on the database.
   */
  async assertWhole(sql) {
    const rows = await sql(ORDERS)
    Ledger.assertKept(this.orders, rows)
    for (const { uuid, version, number } of rows) assert.equal(this.orders.get(uuid)?.version, version, `${number} (${uuid})`)
    assert.deepEqual(this.wrong, [])
  }
}

/** What assertKept wants. */
export const ORDERS = 'select uuid::text, order_number as number, version from orders'
