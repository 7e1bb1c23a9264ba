#!/usr/bin/env node
// kill -9 of two processes in turn while events go to three webhook targets, of which one fails half of its
// messages at first and one is dead: every event reaches the live ones, in order per order, under one id each
// time, and the dead one's backlog is whole.
//   node tests/fault/targets.mjs [--orders 400] [--kills 20] [--width 8]
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'

import { Server, until } from '../e2e/lib.mjs'
import { main, options } from './run.mjs'

const { orders, kills, width } = options({ orders: 400, kills: 20, width: 8 })
const EVENTS = 3 // of each order: placed, and two comments

const seen = { live: new Map(), half: new Map() } // "order/version" -> ids, as they came
const arrivals = { live: [], half: [] }
const tried = new Set()
const receiver = http.createServer((req, res) => {
  const chunks = []
  req.on('data', c => chunks.push(c)).on('end', () => {
    const name = req.url.slice(1), message = JSON.parse(Buffer.concat(chunks))
    const id = req.headers['webhook-id'], key = `${message.data.orderId}/${message.data.version}`
    if (name === 'half' && Number(id.slice(4)) % 2 && !tried.has(id)) {
      tried.add(id)
      res.writeHead(500).end()
      return
    }
    if (!seen[name].has(key)) arrivals[name].push([message.data.orderId, message.data.version])
    seen[name].set(key, [...seen[name].get(key) ?? [], id])
    res.writeHead(204).end()
  })
})
await new Promise(resolve => receiver.listen(0, '127.0.0.1', resolve))
const { port } = receiver.address()

const target = (name, more = '', to = port) => `
[target.${name}]
kind = webhook
url = http://127.0.0.1:${to}/${name}
events = order.placed, activity.added
ordered = yes
allow_private = yes
timeout = 2s
${more}`
const server = new Server({ config: text => text + target('live') + target('half') + target('dead', '', 9) })
const retried = async work => until(async () => {
  const answer = await work()
  return answer.status >= 200 && answer.status < 300 && answer
}, { what: 'an answer', timeout: 120_000 })

/** One order after another, on whichever process answers; repeated with its key until it is there. */
async function place(next, clients, placed) {
  for (let n; (n = next()) !== undefined;) {
    const number = `T-${n}`
    const send = (path, body, key) => retried(() => clients[Math.floor(Math.random() * clients.length)]()
      .post(path, body, { 'idempotency-key': key }).catch(() => ({ status: 0 })))
    const { body } = await send('/api/orders', { orderNumber: number, currency: 'EUR', items: [{ sku: 'A', name: 'A', qty: 1, price: 1 }] }, `${number}-place`)
    for (let c = 1; c < EVENTS; c++) await send(`/api/orders/${body.uuid}/activities`, { comment: `${c}` }, `${number}-${c}`)
    placed.push(body.orderId)
  }
}

/** All of them have come; how long that takes is the machine's affair, but something has to come every two minutes. */
async function arrived(name, wanted) {
  for (let had = -1; seen[name].size < wanted;) {
    assert.ok(seen[name].size > had, `${name}: nothing has come for two minutes, ${had} of ${wanted} are there`)
    had = seen[name].size
    await until(() => seen[name].size >= Math.min(wanted, had + 1000), { what: 'more events', timeout: 120_000 }).catch(() => {})
  }
}

/** The most memory that a process had, in MB. */
const peak = ({ pid }) => Math.round(/^VmHWM:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1] / 1024)

await main('targets', [server], async () => {
  await server.start()
  const other = await server.peer().start()
  const placed = []
  let n = 0, killed = 0
  const clients = [() => server, () => other]
  const writers = Promise.all(Array.from({ length: width }, () => place(() => n < orders ? n++ : undefined, clients, placed)))
  for (; killed < kills; killed++) {
    const victim = killed % 2 ? other : server
    const before = placed.length
    await until(() => placed.length > Math.min(before + orders / kills / 2, orders - 1), { what: 'some orders', timeout: 120_000 })
    await victim.kill()
    await victim.start()
  }
  await writers
  const since = Date.now()
  const left = ['live', 'half'].map(name => placed.length * EVENTS - seen[name].size)
  const all = placed.flatMap(id => Array.from({ length: EVENTS }, (_, i) => `${id}/${i + 1}`))
  for (const name of ['live', 'half']) {
    await arrived(name, all.length)
    for (const key of all) {
      const ids = seen[name].get(key)
      assert.ok(ids, `${key} never came to ${name}`)
      assert.equal(new Set(ids).size, 1, `${key} came to ${name} under ${ids}`)
    }
    const last = new Map()
    for (const [id, version] of arrivals[name]) {
      assert.ok(version > (last.get(id) ?? 0), `${name}: order ${id}, ${version} after ${last.get(id)}`)
      last.set(id, version)
    }
  }
  const [{ count }] = await server.sql("select count(*)::int as count from delivery where target_name = 'dead' and state = 'queued'")
  assert.equal(count, all.length, 'the dead one’s backlog')
  const { code, stdout, stderr } = await server.run('verify')
  assert.equal(code, 0, stdout + stderr)
  const again = ['live', 'half'].map(name => [...seen[name].values()].reduce((sum, ids) => sum + ids.length - 1, 0))
  const rate = Math.round((left[0] + left[1]) / ((Date.now() - since) / 1000))
  const memory = [server, other].map(peak)
  await other.stop()
  receiver.closeAllConnections()
  receiver.close()
  return `${killed} kills: ${all.length} events reached both live targets in order, ${again.join(' and ')} of them again; ${count} wait for the dead one; ` +
    `the last ${left[0] + left[1]} came at ${rate} a second; at most ${memory.join(' and ')} MB; ${stdout.trim()}`
})
