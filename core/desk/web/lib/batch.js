// Many commands by POST /api/batch, a few at a time, so that progress can be told and a page that is
// closed has not begun the rest.
import { get, idempotencyKey, Problem, request } from './api.js'

const LINES = 50
const PAGE = 200

/** Commands of an action on one order; `input` is what the person filled in. */
export const COMMANDS = {
  cancel: (order, { reason }) => [{ command: 'cancel', reason: reason || undefined }],
  hold: (order, { handle, reason }) => [{ command: 'hold', handle: handle || undefined, reason: reason || undefined }],
  release: order => (order.holds?.length ? order.holds : [{ handle: 'manual' }])
    .map(({ handle }) => ({ command: 'release', handle })),
  tag: (order, { tag }) => [{ command: 'patch', tags: [...new Set([...order.tags ?? [], tag])] }],
  note: (order, { comment, customerNotified }) => [{ command: 'add_activity', comment, customerNotified }],
  ship: () => [{ command: 'create_shipment' }],
}

/** What COMMANDS needs to know of an order. */
export const FIELDS = 'orderId,uuid,orderNumber,version,tags,holds,customer'

/** Every order that passes the filters, page by page. */
export async function everyOrder(query, { onProgress, signal } = {}) {
  const orders = []
  for (let after = ''; after !== null;) {
    const asked = new URLSearchParams(query)
    asked.set('limit', PAGE)
    asked.set('fields', FIELDS)
    if (after) asked.set('after', after)
    const page = await get(`/api/orders?${asked}`, { signal })
    orders.push(...page.items)
    after = page.next
    onProgress?.(orders.length)
  }
  return orders
}

/**
 * Carries out the action on each order, or says with `dryRun` what would come of it:
 * [{order, status, problem}], in their order. A chunk whose answer was lost is sent again under its
 * key, which has one effect.
 */
export async function runBatch(action, orders, input, { dryRun, onProgress, signal }) {
  const results = []
  for (let at = 0; at < orders.length; at += LINES) {
    const chunk = orders.slice(at, at + LINES)
    const lines = chunk.flatMap(order => COMMANDS[action](order, input).map(command => ({ order, command })))
    const answers = await sendLines(lines, { dryRun, signal })
    for (const order of chunk) {
      const own = lines.flatMap((line, i) => line.order === order ? [answers[i]] : [])
      const worst = own.find(each => !each || each.problem) ?? own[0]
      results.push({ order, status: worst?.status ?? 0, problem: worst ? worst.problem && new Problem(worst.status, worst.problem) : new Problem(0) })
    }
    onProgress?.(results.length, orders.length)
  }
  return results
}

const TRIES = 4

async function sendLines(lines, { dryRun, signal }) {
  const body = lines.map(({ order, command }) => JSON.stringify({ ...command, order: order.uuid })).join('\n')
  const headers = dryRun ? {} : { 'idempotency-key': idempotencyKey() }
  for (let left = TRIES; ; left--) {
    try {
      const response = await request('POST', `/api/batch${dryRun ? '?dryRun=true' : ''}`,
        { body: `${body}\n`, headers, signal, type: 'application/x-ndjson' })
      return (await response.text()).trim().split('\n').map(line => JSON.parse(line))
    } catch (error) {
      if (!error.passing || left === 1) throw error
      await new Promise(resolve => setTimeout(resolve, Math.max(error.retryAfter * 1000, 1000)))
    }
  }
}
