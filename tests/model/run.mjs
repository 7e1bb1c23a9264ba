#!/usr/bin/env node
// Random commands by several writers against the model, the rows, and the fold of the events:
//   node tests/model/run.mjs [--commands 100000] [--seed 1] [--width 16] [--processes 2]
// A disagreement is shrunk to a short script of one order.
import { setImmediate as breathe } from 'node:timers/promises'

import { Client, pool } from '../e2e/lib.mjs'
import { options } from '../fault/run.mjs'
import { life } from './life.mjs'
import { Disagreement, shrink, tally } from './play.mjs'
import { Shop, SKUS } from './shop.mjs'

const { commands, seed, width, processes } = options({ commands: 100_000, seed: 1, width: 16, processes: 2 })
const LIFE = 40 // commands on one order

const from = Date.now()
const shop = await new Shop({ processes }).start()
const clients = shop.servers.map(server => new Client(server.url, { connections: width }))
const orders = []
const counts = { sent: 0, refused: 0 }
let accepted = {}
let shown = 0

const sum = counts => Object.values(counts).reduce((total, count) => total + count, 0)

function progress() {
  if (counts.sent - shown < 50_000) return
  shown = counts.sent
  const rate = Math.round(counts.sent / ((Date.now() - from) / 1000))
  console.log(`${counts.sent} commands on ${orders.length} orders, ${counts.refused} refused, ${rate}/s`)
}

async function one(number) {
  const sent = count => { counts.sent += count }
  const play = await life(clients, { seed, number, length: LIFE, sent })
  if (!play) return
  accepted = tally([{ accepted }, play])
  counts.refused += play.refused
  for (const order of [play.order, ...play.others]) orders.push({ items: order.items })
  if (number % 50 === 0) await shop.receive(SKUS[number % SKUS.length], number % 3 ? 200 : -20)
  progress()
  await breathe()
}

async function all() {
  const lives = Math.ceil(commands / LIFE)
  await pool(lives, width, one)
  await shop.checkStock(orders)
  return shop.verify()
}

try {
  const verified = await all()
  const took = (Date.now() - from) / 1000
  console.log(`model: ok: seed ${seed}: ${counts.sent} commands on ${orders.length} orders by ${width} writers at ${processes} ` +
    `processes: ${sum(accepted)} accepted, ${counts.refused} refused; ${verified} (${took.toFixed(0)} s)`)
  console.log(Object.entries(accepted).sort(([, a], [, b]) => b - a).map(each => each.join(' ')).join(', '))
} catch (error) {
  process.exitCode = 1
  if (!(error instanceof Disagreement)) throw error
  console.log(`model: FAILED: seed ${seed}, order ${error.number}: ${error.message}`)
  const { script, message } = await shrink(clients, error.start, error.script, { currency: error.currency })
  console.log(`shrunk to ${script.length} commands: ${message}\n${JSON.stringify({ currency: error.currency, ...error.start })}`)
  for (const each of script) console.log(JSON.stringify(each))
} finally {
  for (const client of clients) client.close()
  for (const server of [...shop.servers].reverse()) await server.stop().catch(() => {})
  for (const server of shop.servers) server.disposeNow()
}
