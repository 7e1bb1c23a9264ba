// Scheduled jobs: each due run happens in one process, a lost one's jobs go on elsewhere, and what a
// job decides cannot race what customers do.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertProblem, assertVerified, pool, until, useServer, withServer } from './lib.mjs'

const CLOCK = `
local function newest(name)
  return oms.orders():where("customer_full_name", "=", name):order_by("order_id", "desc"):first()
end
oms.job("tick", { every = "1s" }, function(job)
  local order = newest("CLOCK")
  if order then oms.add_activity(order, ("%s %d"):format(job.name, job.scheduled_at)) end
end)
oms.job("fails", { every = "1s" }, function() error("out of paper") end)
oms.job("nightly", { at = "03:00" }, function() end)
oms.job("slow", { every = "1s" }, function(job)
  local order = newest("SLOW")
  if not order then return end
  oms.add_activity(order, "begins")
  oms.orders():join("activities"):where("activities.comment", "=", "begins"):count()
  oms.add_activity(order, "ends")
end)
`
const SHOP = `
oms.command("cancel_if_unpaid", function(order)
  if order.amount_captured > 0 then return oms.refuse("is_paid", "The payment has arrived") end
  order:cancel("Not paid in time")
end)
oms.command("deliver", function(order)
  local ids = {}
  for _, parcel in ipairs(order.shipments) do
    if not parcel.delivered_at then ids[#ids + 1] = parcel.shipment_id end
  end
  for _, id in ipairs(ids) do order:update_shipment(id, { status = "delivered" }) end
end)
local function each(rows, command)
  for _, row in ipairs(rows) do
    local ok, problem = pcall(oms.command_order, row, command)
    if not ok then oms.log(tostring(problem)) end
  end
end
oms.job("auto_cancel", { every = "1s" }, function()
  each(oms.orders():where("status", "=", "pending"):and_where("customer_full_name", "=", "LATE")
    :and_where("created_at", "<", oms.now() - oms.config.after):execute(), "cancel_if_unpaid")
end)
oms.job("auto_complete", { every = "1s" }, function()
  each(oms.orders():join("shipments"):where("shipments.delivered_at", "is_null")
    :and_where("customer_full_name", "=", "LATE")
    :and_where("shipments.shipped_at", "<", oms.now() - oms.config.after):execute(), "deliver")
end)
`
const MANIFEST = `name = shop
capabilities = commands, sql.read
[config.after]
type = duration
default = 500ms
description = How long to wait
`
const settings = {
  options: { 'plugins.load': 'clock,shop', 'jobs.interval': '50ms', 'jobs.lease': '2s' },
  config: text => `${text}\n[grant]\nclock = commands, sql.read\nshop = commands, sql.read\n`,
  prepare: on => {
    on.writePlugin('clock', CLOCK, { capabilities: ['commands', 'sql.read'] })
    on.writePlugin('shop', SHOP)
    on.writePluginFile('shop', 'plugin.ini', MANIFEST)
  },
}
const server = await useServer(settings)
const named = (name, overrides = {}) => server.place({ customer: { fullName: name }, ...overrides })
const comments = async order => (await server.client.order(order.uuid)).activities.map(a => a.comment)
const job = async (name, on = server) => {
  const { status, text, body } = await on.get('/admin/jobs')
  assert.equal(status, 200, text)
  return body.items.find(j => j.job === name)
}
/** A second process on the same database, files and configuration. */
const withPeer = use => withServer({ ...settings, options: { ...settings.options, 'database.url': server.databaseUrl() } }, use)
const ranHere = async (on, name) =>
  Number(new RegExp(`^orderd_job_runs_total\\{job="${name}"\\} (\\d+)`, 'm').exec((await on.get('/metrics')).text)?.[1] ?? 0)

test('a job runs at each of its times; one that fails goes on at the next', async () => {
  const order = await named('CLOCK')
  const ticks = await until(async () => {
    const found = await comments(order)
    return found.length >= 3 && found
  }, { what: 'three ticks' })
  const times = ticks.map(t => Number(/^tick (\d+)$/.exec(t)[1]))
  for (const at of times) assert.equal(at % 1000, 0, 'on the grid of its period')
  assert.equal(new Set(times).size, times.length)
  assert.equal((await server.client.order(order.uuid)).activities[0].username, 'job.tick@clock')

  const failing = await until(async () => {
    const found = await job('fails@clock')
    return found.failures >= 2 && found
  }, { what: 'two failures' })
  assert.match(failing.lastError, /init\.lua:\d+.*out of paper/)
  assert.equal(failing.active, true)
})

test('the list tells when each is due', async () => {
  const nightly = await job('nightly@clock')
  assert.deepEqual([nightly.schedule, nightly.runs, nightly.runner], ['at 03:00', 0, null])
  assert.match(nightly.nextAt, /T03:00:00(\.0+)?Z$/)
  const wait = Date.parse(nightly.nextAt) - Date.now()
  assert.ok(wait > 0 && wait <= 24 * 3600 * 1000)
  assert.equal((await job('tick@clock')).schedule, 'every 1 s')
})

test('of two processes one runs each time, and both take turns at living', async () => {
  await withPeer(async peer => {
    const order = await named('CLOCK')
    const before = (await comments(order)).length
    await until(async () => (await comments(order)).length >= before + 4, { what: 'four ticks with two processes' })
    const seen = await server.sql(`select data->>'comment' as tick, count(*)::int as times from order_event
      where type = 'activity.added' and data->>'comment' like 'tick %' group by 1 having count(*) > 1`)
    assert.deepEqual(seen, [], 'no time was run twice')
  })
})

test('periods that nobody ran are not made up for', async () => {
  await server.sql("update job set next_at = now() - interval '1 hour' where job = 'tick@clock'")
  const { runs } = await job('tick@clock')
  const from = Date.now()
  await until(async () => (await job('tick@clock')).runs >= runs + 2, { what: 'two more runs' })
  const late = (await job('tick@clock')).runs - runs
  assert.ok(late <= 3 + (Date.now() - from) / 1000, `${late} runs`)
})

test('a job whose process is gone is taken over when its lease has run out, not before', async () => {
  const { runs, failures } = await job('tick@clock')
  // Between two of its runs, so that it is nobody's.
  const [lease] = await until(async () => {
    const rows = await server.sql(`update job set runner = '00000000-0000-7000-8000-000000000001',
      lease_until = now() + interval '2 seconds', next_at = now() where job = 'tick@clock' and runner is null
      returning (extract(epoch from lease_until) * 1000)::float8 as until`)
    return rows.length && rows
  }, { what: 'a moment between two runs' })
  // The log may tell of earlier ones, on a machine that is late with a renewal.
  await until(async () => (await job('tick@clock')).failures > failures, { what: 'the takeover' })
  assert.match(server.log, /job_taken_over job=tick@clock/)
  const [start] = await server.sql(`select (extract(epoch from last_start) * 1000)::float8 as at from job where job = 'tick@clock'`)
  assert.ok(start.at >= lease.until, 'the lease was honoured')
  await until(async () => (await job('tick@clock')).runs > runs, { what: 'it to run again' })
  assert.equal((await job('tick@clock')).failures, failures + 1)
})

test('a job that is still running when its time comes again is not started twice', async () => {
  // Materialized: read once in a query, whatever its plan; else it sleeps once for each order there is.
  await server.sql(`create or replace view order_activity as
    with slow as materialized (select * from order_event where type = 'activity.added' and seq = 1 and pg_sleep(3) is null)
    select order_id, seq as activity_id, at as created_at, actor as username, data->>'comment' as comment,
      coalesce((data->>'customer_notified')::bool, false) as customer_notified
    from slow`)
  const order = await named('SLOW')
  await withPeer(async () => {
    const found = await until(async () => {
      const all = await comments(order)
      return all.filter(c => c === 'ends').length >= 2 && all
    }, { what: 'two slow runs' })
    found.forEach((comment, i) => assert.equal(comment, i % 2 ? 'ends' : 'begins', found.join()))
  })
})

test('unpaid orders are cancelled after their time, paid ones are not', async () => {
  const [unpaid, paid, fresh] = [await named('LATE'), await named('LATE'), await named('OTHER')]
  assert.equal((await server.post(`/api/orders/${paid.uuid}/payments`, { type: 'capture', amount: paid.grandTotal, method: 'card' })).status, 201)
  const gone = await until(async () => {
    const order = await server.client.order(unpaid.uuid)
    return order.status.code === 'canceled' && order
  }, { what: 'the cancellation' })
  assert.equal(gone.cancelReason, 'Not paid in time')
  assert.match((await server.client.events(unpaid.uuid)).at(-1).policy, /^command\.cancel_if_unpaid@shop/)
  assert.equal((await server.client.order(paid.uuid)).status.code, 'processing')
  assert.equal((await server.client.order(fresh.uuid)).status.code, 'pending')
})

test('parcels nobody hears of are delivered after their time, which completes the order', async () => {
  const order = await named('LATE')
  assert.equal((await server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: order.grandTotal, method: 'card' })).status, 201)
  assert.equal((await server.post(`/api/orders/${order.uuid}/shipments`, { carrier: 'Post' })).status, 201)
  await until(async () => (await server.client.order(order.uuid)).status.code === 'completed', { what: 'the completion' })
})

test('when a payment and the cancellation for want of one meet, exactly one wins', async () => {
  const outcomes = { paid: 0, canceled: 0 }
  await pool(60, 6, async i => {
    const order = await named('RACE')
    const pay = () => server.post(`/api/orders/${order.uuid}/payments`, { type: 'capture', amount: order.grandTotal, method: 'card' })
    const cancel = () => server.post(`/api/orders/${order.uuid}/commands/cancel_if_unpaid`)
    const [payment, cancellation] = i % 2 ? await Promise.all([pay(), cancel()])
      : (await Promise.all([cancel(), pay()])).reverse()
    const now = await server.client.order(order.uuid)
    if (payment.status === 201) {
      assertProblem(cancellation, 409, { code: 'is_paid' })
      assert.deepEqual([now.status.code, now.amountCaptured, now.canceledAt], ['processing', order.grandTotal, null])
      outcomes.paid++
    } else {
      assertProblem(payment, 409, { code: 'order_canceled' })
      assert.equal(cancellation.status, 200, cancellation.text)
      assert.deepEqual([now.status.code, now.amountCaptured], ['canceled', 0])
      outcomes.canceled++
    }
  })
  assert.equal(outcomes.paid + outcomes.canceled, 60)
  assert.ok(outcomes.paid > 0 && outcomes.canceled > 0, `both ways were seen: ${JSON.stringify(outcomes)}`)
})

test('a job that no plugin has any more rests; a stop gives back what runs', async () => {
  server.writePlugin('clock', CLOCK.replace('oms.job("fails"', 'oms.job("renamed"'), { capabilities: ['commands', 'sql.read'] })
  assert.equal((await server.post('/admin/reload')).status, 200)
  await until(async () => (await job('renamed@clock'))?.failures >= 1, { what: 'the new job' })
  const { active, runs } = await job('fails@clock')
  assert.equal(active, false)
  const ran = (await job('renamed@clock')).runs
  await until(async () => (await job('renamed@clock')).runs >= ran + 2, { what: 'time to pass' })
  assert.equal((await job('fails@clock')).runs, runs)
  assert.ok(await ranHere(server, 'renamed@clock') >= 2)

  const order = await named('SLOW')
  // To look at comments is as slow as the job itself, so that to see both at once takes luck.
  await until(async () => (await comments(order)).includes('begins'), { what: 'the slow job' })
  await until(async () => (await job('slow@clock')).runner, { what: 'the slow job to run' })
  const logged = server.log.length
  await server.restart()
  await until(async () => (await comments(order)).filter(c => c === 'begins').length >= 2, { what: 'the slow job again' })
  assert.doesNotMatch(server.log.slice(logged), /job_taken_over/, 'nobody had to wait for its lease')
})

test('jobs outlive a loss of the database, and run only where they are enabled', async () => {
  await withServer({ ...settings, options: { ...settings.options, 'jobs.enabled': 'no' } }, async store => {
    const options = { ...settings.options, 'database.url': store.databaseUrl() }
    await withServer({ ...settings, options }, async front => {
      await until(async () => (await job('tick@clock', front))?.runs >= 1, { what: 'a run' })
      await store.stop()
      await until(async () => (await front.get('/readyz')).status === 503, { what: 'not ready' })
      await store.start()
      const before = await until(() => job('tick@clock', store), { what: 'the list' })
      await until(async () => (await job('tick@clock', store)).runs >= before.runs + 2, { what: 'two more runs' })
      assert.equal(await ranHere(store, 'tick@clock'), 0)
    })
  })
})

test('after all of it the rows are what the events add up to', () => assertVerified(server))
