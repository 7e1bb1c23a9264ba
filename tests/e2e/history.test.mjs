// What a command, a read or the feed costs does not grow with the orders there have been: every
// statement is measured by the pages it touches, beside a history of many orders.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { life } from '../model/life.mjs'
import { Shop } from '../model/shop.mjs'
import { copyOrders } from './copies.mjs'
import { Client, until } from './lib.mjs'

const LIVES = 20
const COPIES = 5000 // of orders that have about 30 events each
const PAGES = 20 // of a statement, for each call and each row
/** Of statements whose rows do not say what they did: a fold of several orders, a page of the ledger, and a walk of an index, which is bounded. */
const PAGES_OF = [[/^with walk/, 600], [/^with (facts|made) /, 100], [/^with head /, 200], [/^with page/, 100]]

const shop = new Shop()
const server = shop.servers[0]
after(() => server.dispose())
await shop.start()

async function live(seed) {
  const client = new Client(server.url)
  const plays = []
  for (let number = 0; number < LIVES; number++) plays.push(await life([client], { seed, number, length: 40 }))
  client.close()
  return plays.filter(Boolean)
}

const caughtUp = () => until(async () => (await server.sql(`select from
  (select txid, order_id, seq from feed_cursor union all select txid, order_id, seq from projection) c where (txid, order_id, seq) =
  (select txid, order_id, seq from order_event order by txid desc, order_id desc, seq desc limit 1)
  having count(*) = (select count(*) from feed_cursor) + (select count(*) from projection)`)).length,
{ what: 'the feed and the projections at the end of the ledger' })

test('what is read for a command does not grow with the history', async () => {
  await live(1)
  const [{ base }] = await server.sql(`select setval('order_id_seq', nextval('order_id_seq') + ${COPIES}) - ${COPIES} as base`)
  await server.sql(copyOrders({ count: COPIES, base }))
  await server.sql('vacuum analyze')
  await server.sql('alter system set shared_preload_libraries = pg_stat_statements')
  await caughtUp()
  await server.restart()
  await server.sql('create extension pg_stat_statements')
  await caughtUp()
  await server.sql('select pg_stat_statements_reset()')

  const plays = await live(2)
  for (const { uuid } of plays) {
    for (const path of ['', '/events', '/activities', '/shipments', '/actions']) {
      const { status, text } = await server.get(`/api/orders/${uuid}${path}`)
      assert.equal(status, 200, text)
    }
  }
  const filters = ['', '?limit=100', '?sort=createdAt', '?createdAt.gte=2030-01-01T00:00:00Z', '?customerEmail=nobody@example.org', '?orderNumber=none']
  for (const filter of filters) assert.equal((await server.get(`/api/orders${filter}`)).status, 200)
  await caughtUp()

  const statements = await server.sql(`select query, calls, rows, shared_blks_hit + shared_blks_read as pages
    from pg_stat_statements join pg_database d on d.oid = dbid and d.datname = current_database()
    where query ~* '^(select|insert|update|delete|with)' and query !~ 'pg_stat_|max\\(txid'`)
  assert.ok(statements.length > 40, 'commands are measured')
  const heavy = statements.filter(({ query, calls, rows, pages }) => pages > (PAGES_OF.find(([of]) => of.test(query))?.[1] ?? PAGES) * (calls + rows))
    .map(({ query, calls, rows, pages }) => `${pages} pages in ${calls} calls for ${rows} rows: ${query}`)
  assert.deepEqual(heavy, [])
})
