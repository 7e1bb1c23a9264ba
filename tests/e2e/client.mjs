// The HTTP side of the tests: a client that keeps connections alive, the bodies it sends, and what
// every answer must look like.
import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'

// Deadlines are for what hangs: a sanitized build may share its cores with any amount of other work.
export const HANG_MS = 600_000

/** An answer about stock without its locations. */
export function totals({ sku, qty, reserved, available }) {
  return { sku, qty, reserved, available }
}

export class Client {
  constructor(url, { connections = 64, key } = {}) {
    this.url = url
    this.key = key
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  }

  close() {
    this.agent.destroy()
  }

  /**
   * {status, headers, text, body}; body is parsed when it is JSON. A body that is neither string nor
   * buffer is sent as JSON. Rejects when the connection breaks.
   */
  api(method, path, body, headers = {}, { timeout = HANG_MS } = {}) {
    const plain = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
    const payload = plain ? body : JSON.stringify(body)
    const auth = this.key ? { authorization: `Bearer ${this.key}` } : {}
    // Node does not frame the body of a DELETE by itself.
    const type = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    return new Promise((resolve, reject) => {
      const request = http.request(this.url + path, {
        method, agent: this.agent, headers: { ...type, ...auth, ...headers }, timeout,
      }, response => {
        const chunks = []
        response.on('data', chunk => chunks.push(chunk)).on('error', reject)
        response.on('end', () => resolve(answer(response, Buffer.concat(chunks).toString('utf8'))))
      })
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in ${timeout} ms`)))
      request.on('error', reject)
      request.end(payload)
    })
  }

  get(path, headers) {
    return this.api('GET', path, undefined, headers)
  }

  post(path, body = {}, headers) {
    return this.api('POST', path, body, headers)
  }

  /** Places an order and returns it. */
  async place(overrides = {}, headers = {}) {
    const placed = await this.post('/api/orders', order(overrides), headers)
    assert.equal(placed.status, 201, placed.text)
    return placed.body
  }

  async order(id) {
    const found = await this.get(`/api/orders/${id}`)
    assert.equal(found.status, 200, found.text)
    return found.body
  }

  /** All events of an order. */
  async events(id) {
    const found = await this.get(`/api/orders/${id}/events`)
    assert.equal(found.status, 200, found.text)
    return found.body.items
  }

  /** What there is of a SKU over all locations; undefined when nothing is known of it. */
  async stock(sku) {
    const { status, body } = await this.get(`/api/inventory/${sku}`)
    return status === 200 ? totals(body) : undefined
  }

  /** The same by location: {main: {qty, reserved, available, backorder, oversold}, …}. */
  async stockAt(sku) {
    const found = await this.get(`/api/inventory/${sku}`)
    assert.equal(found.status, 200, found.text)
    return Object.fromEntries(found.body.locations.map(({ location, ...rest }) => [location, rest]))
  }

  async setStock(sku, qty) {
    const set = await this.api('PUT', `/api/inventory/${sku}`, { qty })
    assert.equal(set.status, 200, set.text)
    return set.body
  }
}

function answer(response, text) {
  const { statusCode: status, headers } = response
  const json = /^application\/([a-z+.-]*\+)?json/.test(headers['content-type'] ?? '')
  return { status, headers, text, body: json ? JSON.parse(text) : undefined }
}

/** The least an order is. */
export function order(overrides = {}) {
  return { items: [{ sku: 'TEE-M', qty: 2, price: 19.99 }], ...overrides }
}

export const ADDRESS = {
  fullName: 'Ana Souza', telephone: '+351 210 000 000', address1: 'Rua Augusta 1', address2: '2.º Esq.',
  city: 'Lisboa', province: 'Lisboa', country: 'PT', postcode: '1100-048',
}

/** Everything a checkout can say. 39.98 + 100.00 - 10.00 + 27.30 tax + 4.95 shipping = 162.23. */
export function fullOrder(overrides = {}) {
  return {
    currency: 'EUR',
    customer: { id: 'c-1', email: 'ana@example.org', fullName: 'Ana Souza' },
    shippingAddress: ADDRESS,
    billingAddress: { ...ADDRESS, address1: 'Avenida da Liberdade 2' },
    items: [
      { sku: 'TEE-M', productId: 'p-1', name: 'T-shirt', thumbnail: '/tee.jpg', weight: 0.2, qty: 2, price: 24.99,
        finalPrice: 19.99, taxPercent: 21, taxAmount: 8.40, subTotal: 39.98, total: 48.38,
        variantGroupId: 'tee', variantOptions: { size: 'M' } },
      { sku: 'COAT', productId: 'p-2', name: 'Casaco de lã', weight: 1.25, qty: 1, price: 100,
        discountAmount: 10, taxPercent: 21, taxAmount: 18.90, total: 108.90,
        productCustomOptions: { engraving: 'A.S.' } },
    ],
    subTotal: 139.98, discountAmount: 10, coupon: 'TEN', taxAmount: 27.30,
    shippingFeeExclTax: 4.95, shippingFeeInclTax: 4.95, grandTotal: 162.23,
    shippingMethod: 'post', shippingMethodName: 'Post', shippingNote: 'Ring twice',
    paymentMethod: 'card', paymentMethodName: 'Card',
    tags: ['gift', 'b2c'], metadata: { channel: 'web' },
    ...overrides,
  }
}

/** An error is a problem document with the given status and code, and shows nothing of the inside. */
export function assertProblem(answer, status, { code, pointer, detail } = {}) {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  const problem = answer.body
  assert.equal(problem.status, status)
  assert.equal(typeof problem.title, 'string')
  assert.match(problem.code, /^[a-z0-9_]+$/)
  assert.doesNotMatch(answer.text, /\b(insert into|select .* from|libpq|SQLSTATE)\b|\/core\/|stack traceback/i)
  if (code) assert.equal(problem.code, code, answer.text)
  if (detail) assert.match(problem.detail, detail)
  if (pointer !== undefined) {
    assert.ok(Array.isArray(problem.errors), answer.text)
    assert.ok(problem.errors.some(e => e.pointer === pointer), `${pointer} is not in ${answer.text}`)
  }
  return problem
}

/**
 * Raw bytes on a connection of their own. chunks: what is written, in order; the answer is whatever
 * came until the server closed, or until it has the text `enough`: {status, text, closed}.
 */
export function raw(url, chunks, { enough, half = false } = {}) {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket = net.connect(Number(port), hostname)
    let text = ''
    const finish = closed => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text, closed })
    }
    const timer = setTimeout(() => finish(false), HANG_MS)
    socket.on('connect', () => {
      for (const chunk of [chunks].flat()) socket.write(chunk)
      if (half) socket.end()
    })
    socket.setEncoding('latin1').on('data', data => {
      text += data
      if (enough && text.includes(enough)) finish(false)
    })
    socket.on('end', () => finish(true)).on('close', () => finish(true)).on('error', () => finish(true))
  })
}

/** Runs `count` calls of work(i), at most `width` at once; results in order. */
export async function pool(count, width, work) {
  const results = new Array(count)
  let next = 0
  await Promise.all(Array.from({ length: Math.min(width, count) }, async () => {
    while (next < count) {
      const i = next++
      results[i] = await work(i)
    }
  }))
  return results
}
