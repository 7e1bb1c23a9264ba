// What happened to the order, newest first: each event with who, by which rules, because of what, and the
// mails and messages that went out for it.
import { useEffect, useState } from 'preact/hooks'

import { get } from '../lib/api.js'
import { html } from '../lib/html.js'
import { statuses } from '../lib/shop.js'
import { t } from '../lib/text.js'
import { Badge } from './badge.js'
import { orderPath } from './command.js'
import { eventText } from './event_text.js'
import { Card } from './order_parts.js'
import { ProblemBox } from './problem.js'
import { Ago } from './time.js'

const PAGE = 200

function Moves({ event }) {
  return ['status', 'paymentStatus', 'shipmentStatus'].filter(kind => event[kind]?.from).map(kind => {
    const named = code => statuses.value[kind].find(each => each.code === code) ?? { code }
    return html` <span class="move" key=${kind}><${Badge} status=${named(event[kind].to)} label=${t(kind)} /></span>`
  })
}

function Cause({ cause }) {
  if (!cause) return null
  const text = cause.hook ? t('cause.hook', { hook: cause.hook, seq: String(cause.seq ?? '') }) : t('cause.message', { source: cause.source, message: cause.message })
  return html`<dt>${t('cause')}</dt><dd>${text}</dd>`
}

function Event({ event, order, deliveries }) {
  return html`<li>
    <p><strong>${eventText(event, order)}</strong><${Moves} event=${event} /></p>
    ${event.data.comment && html`<p class="note">${event.data.comment}</p>`}
    ${event.reason && html`<p>“${event.reason}”</p>`}
    <p class="quiet">${event.actor ?? 'orderd'} · <${Ago} at=${event.at} /></p>
    ${deliveries.map(each => html`<p class="quiet" key=${each.deliveryId}>→ ${t(`delivery.${each.kind}`)} ${each.name ?? each.topic} ${each.recipient ?? each.target} <span class=${each.state === 'delivered' ? 'badge badge-success' : each.error ? 'badge badge-critical' : 'badge'}>${t(`state.${each.state}`)}</span> ${each.error}</p>`)}
    <details><summary>${t('why')}</summary><dl class="facts start">
      <dt>${t('version')}</dt><dd>${event.seq}</dd>
      ${event.policy && html`<dt>${t('rules')}</dt><dd>${event.policy.split(' ').map(each => html`<code>${each}</code> `)}</dd>`}
      ${event.policyReason && html`<dt>${t('rules.said')}</dt><dd>${event.policyReason}</dd>`}
      ${event.overruled && html`<dt>${t('overruled')}</dt><dd>${event.overruled}</dd>`}
      ${event.bundle && html`<dt>${t('bundle')}</dt><dd><code title=${event.bundle}>${event.bundle.slice(0, 12)}</code></dd>`}
      <${Cause} cause=${event.cause} /></dl>
      <pre tabindex="0" aria-label=${t('data')}>${JSON.stringify(event.data, null, 2)}</pre></details>
  </li>`
}

export function Timeline({ order, until }) {
  const [events, setEvents] = useState([])
  const [deliveries, setDeliveries] = useState([])
  const [problem, setProblem] = useState(null)
  const [from, setFrom] = useState(Math.max(0, order.version - PAGE))
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    get(`${orderPath(order)}/events?after=${from}&limit=1000`, { signal }).then(page => { setEvents(page.items); setProblem(null) }, error => { if (!signal.aborted) setProblem(error) })
    get(`${orderPath(order)}/deliveries?limit=200`, { signal }).then(page => setDeliveries(page.items), () => {})
    return () => abort.abort()
  }, [order.uuid, order.version, from])
  return html`<${Card} title=${t('timeline')}>
    <${ProblemBox} problem=${problem} />
    <ol class="timeline" reversed>${events.filter(each => each.seq <= until).reverse().map(event => html`<${Event} key=${event.seq} event=${event} order=${order}
      deliveries=${deliveries.filter(each => each.seq === event.seq)} />`)}</ol>
    ${from > 0 && html`<button class="plain" onClick=${() => setFrom(Math.max(0, from - 1000 + PAGE))}>${t('earlier')}</button>`}
  <//>`
}
