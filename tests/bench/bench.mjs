// Measures orderd over HTTP against pgbench on equivalent hand-written SQL, on one private database in
// one run, with the load generator on the same cores. The floor is one order per transaction at its
// best concurrency. The limit, where there is one, is the same work as set-wise SQL, 32 orders a
// transaction on two connections: what a server could reach that spent nothing itself. orderd's
// process is stopped while either runs, so that it takes no part of the machine. See tools/bench.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { copyOrders, STOCK_OF_ALL_ORDERS } from '../e2e/copies.mjs'
import { order, PG_USER, ROOT, run, Server, until } from '../e2e/lib.mjs'
import { cpuSince, feedLatency, feedRate, feedSettings, listen, receiver } from './feed.mjs'
import { measureReads } from './reads.mjs'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const { values: args, positionals: names } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' },
        disk: { type: 'string', default: 'disk' }, orders: { type: 'string' },
      },
    })
  } catch (error) {
    console.error(error.message)
    process.exit(2)
  }
})()

const SECONDS = args.quick ? 2 : 6
const PROBE_SECONDS = 1 // of the search for the floor's best concurrency, and of warming up
const SKUS = 1000 // SKU-1000 … SKU-1999, also in place.sql and place.lua
const FIRST_SKU = 1000
const TEMPLATES = 100 // orders placed over HTTP and then copied by SQL
const RATE_MAX = 25_000 // changes a second for which orders are kept ready
const COPIES = RATE_MAX * (SECONDS + PROBE_SECONDS)
const LIMIT_ORDERS = 32 // in a transaction of *_limit.sql
const LIMIT_CLIENTS = 2
const READABLE = 50_000 // orders that are read, and whose payment status the floor sets again and again
const FLOOR_RATE_MAX = 8_000 // the same of the floor
const FLOOR_CLIENTS = [1, 8, 16, 32, 64]
const FLOOR_COPIES = FLOOR_RATE_MAX * (FLOOR_CLIENTS.length * PROBE_SECONDS + SECONDS)

// goal: of the ratio; latency: of medians, where lower is better.
const CASES = [
  { name: 'place_c1', kind: 'place', connections: 1, goal: 0.8, latency: true },
  { name: 'place_c64', kind: 'place', connections: 64, goal: 3 },
  { name: 'place_c256', kind: 'place', connections: 256, goal: 4 },
  { name: 'payment_c64', kind: 'payment', connections: 64, goal: 3 },
  { name: 'ship_c64', kind: 'ship', connections: 64, goal: 3 },
  { name: 'cancel_c64', kind: 'cancel', connections: 64, goal: 3 },
  { name: 'capture_c64', kind: 'capture', connections: 64, goal: 3 },
  { name: 'cancel_items_c64', kind: 'cancel_items', connections: 64, goal: 3 },
  { name: 'invoice_c64', kind: 'invoice', connections: 64, goal: 3 },
  { name: 'refund_c64', kind: 'refund', connections: 64, goal: 3 },
  { name: 'read_c64', kind: 'read', connections: 64, goal: 1 },
]
if (args.help || !['disk', 'ram'].includes(args.disk) || names.some(name => !['feed', 'reads'].includes(name) && !CASES.some(c => c.name === name))) {
  console.log(`usage: tools/bench [--quick] [--json] [--disk disk|ram] [--orders N] [CASE…]
--disk ram: the database is in memory, so that the processor is the bound and not the disk
--orders N: how many orders the shop of reads has; 1000000, or with --quick 100000
CASE: ${CASES.map(c => c.name).join(' ')} feed reads; by default all but reads, and what is no command`)
  process.exit(args.help ? 0 : 2)
}
if (args.disk === 'ram') process.env.TMPDIR = '/dev/shm'
const cases = names.length > 0 ? CASES.filter(c => names.includes(c.name)) : CASES
const feed = names.includes('feed')
const reads = names.includes('reads')
// Commands that can be given to an order once.
const USES_UP = ['payment', 'ship', 'cancel', 'capture', 'cancel_items', 'invoice']
const PAID = ['refund'] // the same, of orders that are paid
// Of bench_rules: rules without a database, on one core.
const RULES_GOALS = { policy_status: { us: 0.5 }, order_clone: { us: 0.065 }, replay: { rate: 200_000 } }
const LONG_EVENTS = 100_000 // of one order, whose commands are compared with those of a fresh one
const LONG_GOAL = 2
// Of the feed: from commit to a hook's webhook at low load, events a second of processor time that one hook
// is shown, and the throughput that is left of placing with all that listens.
const FEED_GOALS = { latencyUs: 5000, rate: 20_000, kept: 0.9 }
const FEED_EVENTS = 60_000
const FEED_PAIRS = 3
const RSS_GOALS_KB = { rss_idle: 24 * 1024, rss_1000: 48 * 1024 }

const ORDERD = process.env.ORDERD ?? path.join(ROOT, 'build/release/orderd')
const server = new Server({ options: Object.fromEntries((process.env.BENCH_OPTIONS ?? '').split(' ').filter(Boolean).map(o => o.split('='))), orderd: ORDERD })
const note = text => process.stderr.write(`${text}\n`)
const pgBin = name => {
  const dirs = fs.existsSync('/usr/lib/postgresql')
    ? fs.readdirSync('/usr/lib/postgresql').sort((a, b) => b - a).map(v => `/usr/lib/postgresql/${v}/bin`) : []
  return [...dirs.map(dir => path.join(dir, name)), name].find(file => file === name || fs.existsSync(file))
}

async function must(program, argv, options) {
  const done = await run(program, argv, options)
  if (done.code !== 0) throw new Error(`${program}: ${done.stderr || done.stdout}`)
  return done.stdout
}

const connection = () => {
  const { socketDir, port } = server.cluster()
  return ['-h', socketDir, '-p', String(port), '-U', PG_USER]
}
const psql = sql => must(pgBin('psql'), [...connection(), '-d', 'orderd', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', sql], { timeout: 600_000 })

const FEED_HAS_SEEN_ALL = `update feed_cursor set events = 0, (txid, order_id, seq, since_txid, since_order_id, since_seq) =
  (select txid, order_id, seq, txid, order_id, seq from order_event order by txid desc, order_id desc, seq desc limit 1)`

const IN_TRANSACTION = "select count(*) from pg_stat_activity where application_name like 'orderd%' and xact_start is not null"

/** Stops orderd where none of its transactions holds a lock that the floor, or what comes after it, would wait for. */
async function stopBetweenTransactions() {
  for (const end = Date.now() + 60_000; ; await new Promise(resolve => setTimeout(resolve, 50))) {
    process.kill(server.pid, 'SIGSTOP')
    if (Number(await psql(IN_TRANSACTION)) === 0) return
    process.kill(server.pid, 'SIGCONT')
    if (Date.now() > end) throw new Error('orderd has had a transaction open for a minute')
  }
}

/** Transactions a second and mean latency of one pgbench run. */
async function pgbench(kind, clients, seconds, base, count) {
  await stopBetweenTransactions()
  try {
    return await pgbenchAlone(kind, clients, seconds, base, count)
  } finally {
    // What SQL wrote by itself is not the feed's to tell anybody.
    await psql(FEED_HAS_SEEN_ALL)
    process.kill(server.pid, 'SIGCONT')
  }
}

async function pgbenchAlone(kind, clients, seconds, base, count) {
  const out = await must(pgBin('pgbench'), [...connection(), '-n', '-M', 'prepared', '-f', path.join(HERE, `${kind}.sql`),
    '-c', String(clients), '-j', String(Math.min(clients, os.cpus().length)), '-T', String(seconds),
    '-D', `base=${base}`, '-D', `count=${count}`, 'orderd'])
  return {
    clients,
    // A short run may end before its first transaction does: then pgbench tells no rate.
    rate: Number(/tps = ([\d.]+)/.exec(out)?.[1] ?? 0),
    latencyUs: Number(/latency average = ([\d.]+) ms/.exec(out)?.[1] ?? Infinity) * 1000,
  }
}

/** The number of clients at which the floor is best. */
async function floorClients(kind, base, count) {
  const probes = []
  for (const clients of FLOOR_CLIENTS) probes.push(await pgbench(kind, clients, PROBE_SECONDS, base, count))
  return probes.reduce((a, b) => (b.rate > a.rate ? b : a)).clients
}

async function wrk(kind, connections, seconds, base = 1, count = 1) {
  const threads = Math.min(connections, os.cpus().length)
  const environment = { BENCH_DIR: HERE, BASE: base, COUNT: count, THREADS: threads }
  const out = await must('env', [...Object.entries(environment).map(([k, v]) => `${k}=${v}`), 'wrk', '--latency',
    '-t', String(threads), '-c', String(connections), '-d', `${seconds}s`, '-s', path.join(HERE, `${kind}.lua`), server.url])
  const line = /^RESULT (.*)$/m.exec(out)
  if (!line) throw new Error(`wrk said nothing to read:\n${out}`)
  const result = JSON.parse(line[1])
  if (result.refused || result.broken) throw new Error(`${kind}: ${result.refused} requests refused, ${result.broken} broken`)
  if ([...USES_UP, ...PAID].includes(kind) && result.sent > count) throw new Error(`${kind}: ran out of orders, raise RATE_MAX`)
  return { ...result, rate: result.requests / (result.us / 1e6) }
}

/** Copies the orders that were placed, or placed and paid, until there are `count` more; returns the
 * first new id. */
async function copies(count, paid) {
  const base = Number(await psql(`select setval('order_id_seq', nextval('order_id_seq') + ${count}) - ${count}`))
  await psql(copyOrders({ count, base, where: `(amount_captured > 0) = ${paid} and order_number not like 'COPY-%'` }))
  return base
}

/** A catalogue with stock for ever, and orders: ranges for each kind that uses them up, for orderd and
 * for the floor, and one that is read. */
async function prepare() {
  await psql(`with s as (insert into stock (sku, on_hand, reserved)
      select 'SKU-' || n, 1000000000000, 0 from generate_series(${FIRST_SKU}, ${FIRST_SKU + SKUS - 1}) n returning sku, on_hand)
    insert into stock_adjustment (sku, delta) select sku, on_hand from s`)
  await psql('create sequence bench_floor')
  for (let i = 0; i < TEMPLATES; i++) {
    const skus = Array.from({ length: 2 + i % 2 }, (_, k) => `SKU-${FIRST_SKU + (i * 37 + k * 311) % SKUS}`)
    const address = { fullName: 'Ana Souza', telephone: '+351 210 000 000', address1: 'Rua Augusta 1', city: 'Lisboa', country: 'PT', postcode: '1100-048' }
    const { uuid } = await server.place(order({
      currency: 'EUR', customer: { id: `c-${i}`, email: `ana${i}@example.org`, fullName: 'Ana Souza' },
      shippingAddress: address, billingAddress: address, paymentMethod: 'card', shippingMethod: 'post', shippingFeeInclTax: 4.95,
      items: skus.map(sku => ({ sku, name: 'Camisola de algodão', qty: 1, price: 19.99 })),
    }))
    const paid = i % 2 && await server.post(`/api/orders/${uuid}/payments`, { type: 'capture', method: 'card' })
    if (paid && paid.status !== 201) throw new Error(paid.text)
  }
  // Copies have their rows of projections from the start.
  for (const path of ['orders?limit=1', 'reports/sales']) await server.get(`/api/${path}`)
  const bases = {}
  const kinds = new Set(cases.map(c => c.kind))
  for (const kind of [...USES_UP, ...PAID].filter(k => kinds.has(k))) {
    bases[kind] = await copies(COPIES, PAID.includes(kind))
    if (kind !== 'payment') bases[`${kind}_floor`] = await copies(FLOOR_COPIES, PAID.includes(kind))
  }
  bases.read = await copies(READABLE, false)
  await psql(STOCK_OF_ALL_ORDERS)
  await psql(FEED_HAS_SEEN_ALL) // copies are history
  await psql('vacuum analyze')
  return bases
}

/** The orders that the floor of a kind takes in turn: those that a command can be given to once, once. */
async function floorRange(kind, bases) {
  const base = bases[`${kind}_floor`] ?? bases.read
  const count = base === bases.read ? READABLE : FLOOR_COPIES
  const [min, max] = [base, base + count - 1]
  await psql(`drop sequence bench_floor; create sequence bench_floor minvalue ${min} maxvalue ${max} ${base === bases.read ? 'cycle' : 'no cycle'}`)
  return [base, count]
}

/** What orderd and hand-written SQL have written is what the books allow. */
async function verify() {
  const { code, stdout, stderr } = await server.run('verify', [], { timeout: 3_600_000 })
  if (code !== 0) throw new Error(`verify: ${stderr || stdout.slice(-2000)}`)
  note(stdout.trim())
}

async function rssKb(pid = server.pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(await fs.promises.readFile(`/proc/${pid}/status`, 'utf8'))[1])
}

const shown = []
function show(row, goal, reached) {
  shown.push({ ...row, goal, reached })
  if (args.json) console.log(JSON.stringify(row))
  else note(`${row.name}: ${row.ratio === null ? `${row.rss_kb} kB` : `${row.orderd}, ${row.ratio} of the floor`}`)
}

/** The floor is taken before and after: the speed of a machine drifts by the minute. */
async function measureCase({ name, kind, connections, goal, latency }, clients, base, floorBase, floorCount) {
  await psql('checkpoint')
  const floor = () => pgbench(kind, latency ? 1 : clients, SECONDS / 2, floorBase, floorCount)
  const half = Math.floor(COPIES * PROBE_SECONDS / (SECONDS + PROBE_SECONDS))
  const from = kind === 'read' ? [base, READABLE] : [base + half, COPIES - half]
  const limited = fs.existsSync(path.join(HERE, `${kind}_limit.sql`)) && !latency
  const limit = limited && await pgbench(`${kind}_limit`, LIMIT_CLIENTS, SECONDS / 2, floorBase, floorCount)
  const before = await floor()
  await wrk(kind, connections, PROBE_SECONDS, base, kind === 'read' ? READABLE : half)
  const result = await wrk(kind, connections, SECONDS, ...from)
  const after = await floor()
  const ours = latency ? result.p50 : result.rate
  const theirs = latency ? (before.latencyUs + after.latencyUs) / 2 : (before.rate + after.rate) / 2
  const ratio = ours / theirs
  const limitRate = limit ? limit.rate * LIMIT_ORDERS : null
  show({ name, orderd: Math.round(ours), floor: Math.round(theirs), ratio: Number(ratio.toFixed(2)),
    limit: limit ? Math.round(limitRate) : null, of_limit: limit ? Number((ours / limitRate).toFixed(2)) : null,
    p50_us: result.p50, p99_us: result.p99, rss_kb: await rssKb() },
    `${latency ? '<=' : '>='} ${goal}`, latency ? ratio <= goal : ratio >= goal)
}

async function measureMemory() {
  await server.restart()
  await until(async () => (await server.get('/readyz')).status === 200, { what: 'ready' })
  const idle = await rssKb()
  let peak = 0
  let running = true
  const sampling = (async () => {
    while (running) {
      peak = Math.max(peak, await rssKb())
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })()
  const result = await wrk('place', 1000, SECONDS)
  running = false
  await sampling
  for (const [name, kb] of [['rss_idle', idle], ['rss_1000', peak]]) {
    const latencies = name === 'rss_idle' ? [null, null] : [result.p50, result.p99]
    show({ name, orderd: null, floor: null, ratio: null, p50_us: latencies[0], p99_us: latencies[1], rss_kb: kb },
      `<= ${RSS_GOALS_KB[name]} kB`, kb <= RSS_GOALS_KB[name])
  }
}

/** An answer of a policy in microseconds, and decisions of a replay a second. */
async function measureRules() {
  const program = path.join(path.dirname(ORDERD), 'tests/bench_rules')
  if (!fs.existsSync(program)) return note(`no ${program}: the target bench_rules is not built`)
  const out = await must(program, [String(SECONDS)])
  for (const line of out.trim().split('\n')) {
    const { name, us, rate } = JSON.parse(line)
    const goal = RULES_GOALS[name]
    show({ name, orderd: us ?? rate, floor: null, ratio: null, p50_us: us ?? null, p99_us: null, rss_kb: null },
      us === undefined ? `>= ${goal.rate}` : `<= ${goal.us} us`, us === undefined ? rate >= goal.rate : us <= goal.us)
  }
}

/** What an order costs that has a long history, as a ratio of medians to a fresh one: a command, the
 * last one once more by its key, reading it, and telling a hook of its next event. */
async function measureLongOrder(hooks) {
  const fresh = await server.place(order({ currency: 'EUR' }))
  const long = await server.place(order({ currency: 'EUR' }))
  await psql(`with said as (insert into order_event (order_id, seq, type, at, recorded_at, actor, bundle_id, data)
      select ${long.orderId}, ${long.version} + n, 'activity.added', now(), now(), 'chatty', 0, '{"comment":"So they said.","customer_notified":false}'
      from generate_series(1, ${LONG_EVENTS}) n)
    update orders set version = version + ${LONG_EVENTS} where order_id = ${long.orderId}`)
  await psql(FEED_HAS_SEEN_ALL)
  await psql('vacuum analyze order_event')
  const comment = async (o, key) => {
    const { status, text } = await server.post(`/api/orders/${o.uuid}/activities`, { comment: 'And so on.' }, { 'idempotency-key': key })
    if (status !== 201) throw new Error(text)
  }
  const kinds = {
    long_command: async (o, i) => { await comment(o, `n-${o.orderId}-${i}`) },
    long_repeat: async o => { await comment(o, `again-${o.orderId}`) },
    long_read: async o => { await server.get(`/api/orders/${o.uuid}`) },
    long_hook: o => feedLatency(server, hooks, o),
  }
  for (const [name, work] of Object.entries(kinds)) {
    const took = new Map([[fresh, []], [long, []]])
    const until = performance.now() + SECONDS * 1000
    for (let i = 0; performance.now() < until || i < 10; i++) {
      for (const [o, times] of took) {
        const began = performance.now()
        const us = await work(o, i)
        times.push(us ?? (performance.now() - began) * 1000)
      }
    }
    const [theirs, ours] = [median(took.get(fresh)), median(took.get(long))]
    const ratio = Number((ours / theirs).toFixed(2))
    show({ name, orderd: Math.round(ours), floor: Math.round(theirs), ratio, p50_us: Math.round(ours), p99_us: null, rss_kb: await rssKb() },
      `<= ${LONG_GOAL}`, ratio <= LONG_GOAL)
  }
}

const median = times => times.toSorted((a, b) => a - b)[times.length >> 1]

/** Processor time of an order that is placed, and the rate, with and without all that listens, in turn. */
async function measureFeedCost(settings) {
  const runs = { off: [], on: [] }
  for (let i = 0; i < 2 * FEED_PAIRS; i++) {
    const which = i % 2 ? 'on' : 'off'
    await settings[which]()
    const stopListening = which === 'on' ? listen(server) : () => {}
    await wrk('place', 64, PROBE_SECONDS)
    await psql(FEED_HAS_SEEN_ALL) // each run begins without arrears
    const spent = cpuSince(server)
    const { rate, requests } = await wrk('place', 64, SECONDS)
    const { orderd, postgres } = spent()
    runs[which].push({ rate, us: (orderd + postgres) / requests })
    stopListening()
  }
  const of = (which, key) => median(runs[which].map(run => run[key]))
  const kept = Number((of('off', 'us') / of('on', 'us')).toFixed(2))
  note(`placing takes ${of('off', 'us').toFixed(0)} us of processor time, ${of('on', 'us').toFixed(0)} with all that listens`)
  show({ name: 'feed_cost', orderd: Math.round(of('on', 'rate')), floor: Math.round(of('off', 'rate')), ratio: kept, p50_us: null, p99_us: null, rss_kb: await rssKb() },
    `>= ${FEED_GOALS.kept}`, kept >= FEED_GOALS.kept)
}

async function measureFeed(hooks, settings) {
  await measureFeedCost(settings)
  await psql(FEED_HAS_SEEN_ALL)
  await psql("delete from delivery where state = 'queued'") // the arrears of a rush
  await settings.on()
  const quiet = await server.place(order({ currency: 'EUR' }))
  const times = []
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end || times.length < 20;) {
    times.push(await feedLatency(server, hooks, quiet))
  }
  const p50 = Math.round(median(times))
  show({ name: 'feed_latency', orderd: p50, floor: null, ratio: null, p50_us: p50, p99_us: Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]), rss_kb: await rssKb() },
    `<= ${FEED_GOALS.latencyUs} us`, p50 <= FEED_GOALS.latencyUs)
  const { rate, perCore } = await feedRate(server, psql, FEED_EVENTS)
  note(`${rate} events a second of the clock`)
  show({ name: 'feed_rate', orderd: perCore, floor: null, ratio: null, p50_us: null, p99_us: null, rss_kb: await rssKb() },
    `>= ${FEED_GOALS.rate}`, perCore >= FEED_GOALS.rate)
}

function printTable() {
  const head = { name: 'name', orderd: 'orderd', floor: 'floor', ratio: 'ratio', limit: 'limit', of_limit: 'of limit', p50_us: 'p50 us', p99_us: 'p99 us', rss_kb: 'rss kB', goal: 'goal', reached: 'reached' }
  const cells = row => Object.keys(head).map((key, i) => {
    const text = (row[key] ?? null) === null ? '-' : row[key] === true ? 'yes' : row[key] === false ? 'no' : String(row[key])
    return i === 0 ? text.padEnd(17) : text.padStart(key === 'goal' ? 12 : 9)
  }).join('')
  console.log([head, ...shown].map(cells).join('\n'))
  console.log('policy_status: us for one answer; order_clone: us for a copy of a snapshot; replay: decisions a second on one core.')
  console.log(`long_*: medians in us of an order with ${LONG_EVENTS} events and, as the floor, of a fresh one.`)
  console.log('feed_cost: orders a second with hooks, a webhook target and a stream and, as the floor, without; ratio: of their processor time.')
  console.log('feed_latency: us from commit to a webhook; feed_rate: events a second of processor time that one hook is shown.')
  console.log('orderd and floor: a second; place_c1: median and mean latency in us. floor: pgbench -M prepared, one order a transaction; limit: 32 orders a transaction, set-wise.')
}

/** Questions in a shop of their own. */
async function runReads() {
  const rows = []
  const ms = value => value === undefined ? '-' : value >= 100 ? value.toFixed(0) : value.toFixed(2)
  await server.start()
  await measureReads(server, {
    count: Number(args.orders ?? (args.quick ? 100_000 : 1_000_000)),
    note,
    show: row => {
      rows.push(row)
      if (args.json) console.log(JSON.stringify(row))
      else note(`${row.name}: ${row.of ? `longest ${ms(row.most)} ms${row.worst ? `: ${decodeURIComponent(row.worst)}` : ''}` : `${ms(row.orderd)}, ${ms(row.ratio)} of the floor`}`)
    },
  })
  await server.stop()
  if (args.json) return
  const head = ['name', 'of', 'orderd', 'floor', 'ratio', 'p50 ms', 'p95 ms', 'longest', 'goal', 'reached']
  const cells = rows.map(r => [r.name, r.of ?? '-', ms(r.orderd), ms(r.floor), ms(r.ratio), ms(r.p50), ms(r.p95), ms(r.most), r.goal ?? '-', r.goal ? r.reached ? 'yes' : 'no' : '-'])
  console.log([head, ...cells].map(row => row.map((text, i) => i ? String(text).padStart(i === 8 ? 14 : 9) : text.padEnd(19)).join('')).join('\n'))
  console.log('of: questions in the class; floor: hand-written SQL with the best index; graphql_of_rest: pages a second. Times in ms, of medians of each question.')
}

try {
  if (reads) await runReads()
  if (reads && names.length === 1) process.exit(0)
  if (names.length === 0) await measureRules()
  await server.start()
  note('preparing a catalogue and orders')
  const bases = await prepare()
  const clients = {}
  let kind, range
  for (const c of cases) {
    if (c.kind !== kind) range = await floorRange(c.kind, bases)
    kind = c.kind
    clients[c.kind] ??= c.latency ? undefined : await floorClients(c.kind, ...range)
    await measureCase(c, clients[c.kind], bases[c.kind] ?? 1, ...range)
  }
  if (names.length === 0 || feed) {
    const hooks = receiver()
    const settings = feedSettings(server, await hooks.listen())
    await measureFeed(hooks, settings)
    await measureLongOrder(hooks)
    await settings.restore()
    hooks.close()
  }
  if (names.length === 0) await measureMemory()
  note('verifying the books')
  await verify()
  if (!args.json) printTable()
  await server.stop()
} catch (error) {
  console.error(error)
  console.error(server.log.split('\n').slice(-20).join('\n'))
  process.exitCode = 1
} finally {
  server.disposeNow()
}
