#!/usr/bin/env node
// Those who keep a copy elsewhere, beside many writers on two processes. Pollers of /api/changes miss nothing,
// whatever the size of their pages; a transaction that is left open on the server delays them, and what
// it wrote before all the others is not lost. Listeners of /api/stream are told of every event while the
// server's memory stays where it is, although some of them never read.
//   node tests/fault/pollers.mjs [--orders 100000] [--writers 10] [--open-ms 5000] [--listeners 1000]
//     [--told 300] [--grown-kb 32768]
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'

import { PG_USER, Server, order, pool, until } from '../e2e/lib.mjs'
import { main, options } from './run.mjs'

const { orders, writers, openMs, listeners, told, grownKb } = options({
  orders: 100_000, writers: 10, openMs: 5000, listeners: 1000, told: 300, grownKb: 32 * 1024,
})
const SIZES = [1, 7, 100, 1000]
const COMMENTED = 5 // each so many orders get a comment
const DEAF = Math.ceil(listeners / 100) // of the listeners: they never read

const server = new Server({ options: { 'stream.max_unsent': '64k' } })

/** Follows the changes by pages of one size until the writers have ended and nothing more is there. */
class Poller {
  constructor(on, size, after) {
    Object.assign(this, { on, size, after, versions: new Map(), pages: 0, twice: 0 })
  }

  async follow(done) {
    for (;;) {
      const last = done()
      const { status, body, text } = await this.on.get(`/api/changes?after=${this.after}&limit=${this.size}${last ? '' : '&wait=1s'}`)
      assert.equal(status, 200, text)
      this.pages++
      for (const { orderId, version } of body.items) {
        const before = this.versions.get(orderId) ?? 0
        assert.ok(version >= before, `order ${orderId} falls from ${before} to ${version}`)
        this.twice += version === before
        this.versions.set(orderId, version)
      }
      this.after = body.next
      if (last && !body.more) return
    }
  }
}

/** A session of somebody else that adds a comment to an order, and commits when it is told to. */
async function openTransaction(on, { orderId }) {
  const { default: pg } = await import('pg')
  const { socketDir, port } = on.cluster()
  const db = new pg.Client({ host: socketDir, port, user: PG_USER, database: 'orderd' })
  await db.connect()
  await db.query('begin')
  await db.query(`insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
    select order_id, version + 1, 'activity.added', now(), now(), 'slow', 0, '{"comment":"At last","customer_notified":false}' from orders where order_id = $1`, [orderId])
  await db.query('update orders set version = version + 1, updated_at = now() where order_id = $1', [orderId])
  return async () => {
    await db.query('commit')
    await db.end()
  }
}

async function pollAndWrite(other) {
  const both = [server, other]
  const { body: { next: from } } = await server.get('/api/changes?after=latest')
  const versions = new Map() // order id -> what the last answer said
  const slow = await server.place()
  versions.set(slow.orderId, 2)
  const commit = await openTransaction(server, slow)
  let writing = true
  const pollers = SIZES.map((size, i) => new Poller(both[i % 2], size, from))
  const following = Promise.all(pollers.map(poller => poller.follow(() => !writing)))
  const one = async n => {
    const on = both[n % 2]
    const placed = await on.place(order({ currency: 'EUR' }))
    versions.set(placed.orderId, placed.version)
    if (n % COMMENTED) return
    const { status, text } = await on.post(`/api/orders/${placed.uuid}/activities`, { comment: 'So it is' })
    assert.equal(status, 201, text)
    versions.set(placed.orderId, placed.version + 1)
  }
  const work = pool(orders, writers, one)
  const enough = performance.now() + openMs
  await until(() => performance.now() > enough || versions.size > orders, { what: 'time that passes', timeout: openMs + 60_000 })
  for (const poller of pollers) assert.ok(poller.versions.size <= 1, 'nothing is told while an older transaction is open')
  const meanwhile = versions.size
  assert.ok(meanwhile > 1, 'orders were placed meanwhile')
  await commit()
  await work
  writing = false
  await following
  for (const { size, versions: seen } of pollers) {
    const missed = [...versions].filter(([id, version]) => seen.get(id) !== version)
    assert.equal(missed.length, 0, `by pages of ${size}: ${missed.length} of ${versions.size} missed, such as ${missed.slice(0, 5).join('; ')}`)
    assert.equal(seen.size, versions.size)
  }
  return `${versions.size} orders by ${writers} writers, pages of ${SIZES.join(', ')}: 0 missed (${pollers.map(p => p.pages).join(', ')} pages); ${meanwhile} were delayed by an open transaction`
}

const rssKb = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])

/** Reads a stream and counts its events; a deaf one does not read. */
function listen(deaf) {
  const { hostname, port } = new URL(server.url)
  const listener = { events: 0, closed: false, tail: '' }
  const socket = net.connect(Number(port), hostname, () => socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'))
  socket.setEncoding('latin1').on('error', () => {}).on('close', () => { listener.closed = true })
  if (deaf) socket.pause()
  else socket.on('data', text => {
    const all = listener.tail + text
    listener.events += all.split('\nid: ').length - 1
    listener.tail = all.slice(-4)
  })
  listener.close = () => socket.destroy()
  return listener
}

async function listenAndWrite() {
  const all = Array.from({ length: listeners }, (_, i) => listen(i < DEAF))
  const metric = async name => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await server.get('/metrics')).text)?.[1])
  await until(async () => await metric('orderd_stream_listeners') === listeners, { what: 'all listeners' })
  const hearing = all.slice(DEAF)
  await until(() => hearing.every(l => l.events === 1), { what: 'the place where each begins' })
  for (const l of hearing) l.events = 0
  const place = async count => {
    const before = hearing[0].events
    await pool(count, writers, () => server.place(order({ currency: 'EUR' })))
    await until(() => hearing.every(l => l.events >= before + count), { what: 'all are told' })
    return rssKb()
  }
  const first = await place(Math.ceil(told / 3))
  const last = await place(told - Math.ceil(told / 3))
  assert.ok(last - first <= grownKb, `memory grew from ${first} to ${last} kB`)
  const counts = new Set(hearing.map(l => l.events))
  assert.deepEqual([...counts], [told], 'each is told of each event once')
  for (const l of all) l.close()
  await until(async () => await metric('orderd_stream_listeners') === 0, { what: 'listeners that have left' })
  return `${listeners} listeners were told of ${told} events each, ${DEAF} never read: ${first} kB after a third of them, ${last} kB at the end`
}

await main('pollers', [server], async () => {
  await server.start()
  const other = await server.peer().start()
  const polled = await pollAndWrite(other)
  const listened = await listenAndWrite()
  await other.stop()
  const { code, stdout } = await server.run('verify')
  assert.equal(code, 0, stdout)
  return `${polled}; ${listened}; ${stdout.trim()}`
})
