// One order: what happened and what comes next, on one page; and how it was at any version.
import { useEffect, useRef, useState } from 'preact/hooks'

import { useResource } from '../lib/api.js'
import { html } from '../lib/html.js'
import { go, route, url } from '../lib/route.js'
import { follow } from '../lib/stream.js'
import { t } from '../lib/text.js'
import { Actions, ActionSheet } from '../parts/actions.js'
import { Badge } from '../parts/badge.js'
import { useShortcuts } from '../parts/keys.js'
import { About, Customer, Holds, Items, Money, Notes, Papers, Parcels, Returns } from '../parts/order_parts.js'
import { useOffers } from '../parts/palette.js'
import { ProblemBox } from '../parts/problem.js'
import { Ago } from '../parts/time.js'
import { Timeline } from '../parts/timeline.js'

const SLIDE_MS = 150

/** Which version is shown; the last one is "now" and stands in no address. */
function Slider({ version, latest }) {
  const timer = useRef()
  const { path } = route.value
  const show = value => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => go(url(path, value < latest ? [['at', value]] : []), { replace: true }), SLIDE_MS)
  }
  return html`<label class="slider quiet"><span>${t('as.it.was')}</span>
    <input type="range" min="1" max=${latest} value=${version} aria-valuetext=${t('version.of', { version, latest })} onInput=${event => show(Number(event.target.value))} />
    <span class="num">${version} / ${latest}</span></label>`
}

export function Order({ subject }) {
  const at = route.value.query.get('at')
  const path = `/api/orders/${encodeURIComponent(subject)}`
  const now = useResource(path, { keepData: true })
  const past = useResource(at ? `${path}?at=${encodeURIComponent(at)}` : null, { keepData: true })
  const actions = useResource(`${path}/actions`, { keepData: true })
  const [sheet, setSheet] = useState(null)
  const { data: latest, error, at: readAt } = now.state.value
  const was = at ? past.state.value : undefined
  const order = at ? was.data : latest
  const refresh = () => {
    now.refresh()
    actions.refresh()
  }

  useEffect(() => { document.title = `${subject} · orderd` }, [subject])
  const id = latest?.orderId
  useEffect(() => id === undefined ? undefined : follow(event => { if (event.orderId === id) refresh() }), [id])
  const open = name => { if (latest && actions.state.peek().data?.items) setSheet({ name }) }
  const live = useRef()
  live.current = { open, refresh }
  useShortcuts([
    { keys: 's', text: 'do.ship', run: () => live.current.open('ship') },
    { keys: 'n', text: 'do.note', run: () => live.current.open('note') },
    { keys: 'f', text: 'do.refund', run: () => live.current.open('refund') },
    { keys: 'h', text: 'do.hold', run: () => live.current.open('hold') },
    { keys: 'r', text: 'refresh', run: () => live.current.refresh() },
  ])
  useOffers(['ship', 'capture', 'refund', 'return', 'invoice', 'note', 'hold', 'cancel'].map(name => ({
    text: `${subject}: ${t(`do.${name}`)}`, run: () => live.current.open(name),
  })), [subject])

  const trouble = at && was.error ? was.error : error
  return html`
    <header class="head"><h1 tabindex="-1">${latest?.orderNumber ?? subject}</h1>
      ${order && html`<span class="quiet"><${Ago} at=${order.createdAt} /></span>
        <span class="states">${['status', 'paymentStatus', 'shipmentStatus'].map(kind => html`<span key=${kind}>
          <span class="quiet" aria-hidden="true">${t(kind)}</span> <${Badge} status=${order[kind]} label=${t(kind)} /></span>`)}</span>`}
      ${trouble?.passing && order && html`<span class="old">${t('old')} <${Ago} at=${new Date(readAt).toISOString()} /></span>`}
    </header>
    ${trouble && !trouble.passing && html`<${ProblemBox} problem=${trouble}><a href="/desk/orders">${t('orders')}</a><//>`}
    ${!order && !trouble && html`<p class="empty" role="status">${t('loading')}</p>`}
    ${order?.masked && html`<p class="quiet">${t('masked')}</p>`}
    ${order && latest && html`
      ${at ? html`<div class="past" role="status"><strong>${t('past', { version: order.version })}</strong> <span class="quiet"><${Ago} at=${order.updatedAt} /></span>
          <a class="push" href=${route.value.path}>${t('past.leave')}</a></div>`
        : html`<${Actions} actions=${actions.state.value.data?.items ?? []} onOpen=${open} />`}
      <div class="order-grid">
        <div class="stack">
          <${Holds} order=${order} onRelease=${at ? undefined : handle => setSheet({ name: 'release', handle })} />
          <${Items} order=${order} /><${Parcels} order=${order} /><${Returns} order=${order} />
          ${latest.version > 1 && html`<${Slider} version=${order.version} latest=${latest.version} />`}
          <${Timeline} order=${latest} until=${order.version} />
        </div>
        <div class="stack">
          <${Money} order=${order} /><${Customer} order=${order} />
          <${Notes} order=${order} onAdd=${at ? undefined : () => open('note')} />
          <${Papers} order=${order} /><${About} order=${order} />
        </div>
      </div>`}
    ${sheet && html`<${ActionSheet} key=${sheet.name} name=${sheet.name} handle=${sheet.handle} order=${latest} onClose=${() => setSheet(null)} onDone=${refresh} />`}`
}
