// The feed's part of the bench: how soon a commit is told of, how many events a second a hook is shown, and
// what placing costs when everything that listens is on. Costs are processor time of orderd and of all
// of PostgreSQL's processes from /proc, which other work on the machine does not change.
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'

import { childrenOf, until } from '../e2e/lib.mjs'

const TICKS = 100 // a second: USER_HZ, which Linux fixes for /proc
const LATENCY_PAUSE_MS = 25 // between commands at low load
const HOOK = `
oms.on("activity.added", function(event, order)
  if event.comment == "loud" then
    return oms.webhook { target = "bench", event = "said", data = { seq = event.seq, total = order.grand_total } }
  end
end)
`

/** Lets a server have a plugin with one hook and a webhook target at `port`, or neither, and no feed beside commands. */
export function feedSettings(server, port) {
  const plain = fs.readFileSync(server.configFile, 'utf8')
  const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDmJ0dXQh4bCs='
  const listening = `${plain}
[grant]
bench = http:127.0.0.1

[target.bench]
kind = webhook
url = http://127.0.0.1:${port}/
secret = ${secret}
allow_private = yes
events = order.placed
`
  server.writePlugin('bench', HOOK, { capabilities: ['http:127.0.0.1'] })
  const use = (text, options) => {
    fs.writeFileSync(server.configFile, text)
    Object.assign(server.options, { 'plugins.load': undefined, 'feed.interval': undefined }, options)
    return server.restart()
  }
  return {
    on: () => use(listening, { 'plugins.load': 'bench' }),
    off: () => use(plain, { 'feed.interval': '1m' }), // commands come at every moment of it
    restore: () => use(plain, {}),
  }
}

/** Takes webhooks and says so. */
export function receiver() {
  let waiting
  const server = http.createServer((req, res) => {
    const chunks = []
    req.on('data', chunk => chunks.push(chunk)).on('end', () => {
      res.writeHead(204).end()
      waiting?.(performance.now())
      waiting = undefined
    })
  })
  return {
    listen: () => new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
    next: () => new Promise(resolve => { waiting = resolve }),
    close: () => { server.close(); server.closeAllConnections() },
  }
}

const ticks = pid => {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0 // it has ended
  }
}

/** Begins to count; the result says how many microseconds of processor time orderd and PostgreSQL took since. */
export function cpuSince(server) {
  const { pid } = server.cluster()
  const read = () => new Map([server.pid, pid, ...childrenOf(pid)].map(p => [p, ticks(p)]))
  const before = read()
  return () => {
    const after = read()
    const us = p => (after.get(p) - (before.get(p) ?? 0)) * 1e6 / TICKS
    const postgres = [...after.keys()].filter(p => p !== server.pid)
    return { orderd: us(server.pid), postgres: postgres.reduce((sum, p) => sum + us(p), 0) }
  }
}

/** Microseconds from a command's answer, which follows on its commit, to the webhook that a hook made of it. */
export async function feedLatency(server, hooks, { uuid }) {
  const told = hooks.next()
  const { status, text } = await server.post(`/api/orders/${uuid}/activities`, { comment: 'loud' })
  if (status !== 201) throw new Error(text)
  const committed = performance.now()
  const us = (await told - committed) * 1000
  await new Promise(resolve => setTimeout(resolve, LATENCY_PAUSE_MS))
  return us
}

/** What it costs to show a hook each of so many events, with its order as it was then: comments on orders
 * that were placed long ago, two on each. The hook makes nothing of them. */
export async function feedRate(server, psql, events) {
  const read = () => until(() => caughtUp(psql), { what: 'all events read', timeout: 600_000, every: 50 })
  await read()
  let spent, began
  await server.withLock('feed_cursor', async () => {
    await psql(`with o as (select order_id, version from orders order by order_id desc limit ${events / 2}),
      said as (insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
        select order_id, version + n, 'activity.added', now(), now(), 'bench', 0, '{"comment":"So they said.","customer_notified":false}'
        from o, generate_series(1, 2) n)
      update orders set version = orders.version + 2, updated_at = now() from o where o.order_id = orders.order_id`)
    spent = cpuSince(server)
    began = performance.now()
  })
  await read()
  const { orderd, postgres } = spent()
  const seconds = (performance.now() - began) / 1000
  return { rate: Math.round(events / seconds), perCore: Math.round(events / (orderd + postgres) * 1e6) }
}

const caughtUp = async psql => await psql(`select count(*) from feed_cursor c, lateral (select from order_event e
  where (e.txid, e.order_id, e.seq) > (c.txid, c.order_id, c.seq) limit 1) n`) === '0\n'

/** One who follows all events, and throws them away. */
export function listen(server) {
  const { hostname, port } = new URL(server.url)
  const socket = net.connect(Number(port), hostname)
  socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
  socket.resume().on('error', () => {})
  return () => socket.destroy()
}
