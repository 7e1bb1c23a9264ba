// The list of orders. The page's query is the API's: what the address says is what is asked for.
import { useEffect, useRef, useState } from 'preact/hooks'

import { get, useResource } from '../lib/api.js'
import { html } from '../lib/html.js'
import { go, route, url } from '../lib/route.js'
import { follow } from '../lib/stream.js'
import { number, t } from '../lib/text.js'
import { ACTIONS, Bulk } from '../parts/bulk.js'
import { Filters, filtersOf } from '../parts/filters.js'
import { useShortcuts } from '../parts/keys.js'
import { OrderTable } from '../parts/order_table.js'
import { useOffers } from '../parts/palette.js'
import { ProblemBox } from '../parts/problem.js'
import { Ago } from '../parts/time.js'
import { Views } from '../parts/views.js'

const LIMIT = 50
const FIELDS = 'orderId,uuid,orderNumber,version,createdAt,customer,totalQty,grandTotal,currency,status,paymentStatus,shipmentStatus,tags,holds'
const MANY = 10000
const GATHER_MS = 300
const MARKED_MS = 4000

/**
 * What happens meanwhile. An order of the page is read again and changes where it is; those that are new
 * are counted until somebody wants to see them. Nothing moves under the pointer.
 */
function useLive(query, orders, update) {
  const [fresh, setFresh] = useState(0)
  const [changes, setChanges] = useState(0)
  const now = useRef()
  now.current = { query, orders, update }
  useEffect(() => {
    const placed = new Set()
    const touched = new Set()
    let timer
    async function look() {
      timer = undefined
      const { query, orders, update } = now.current
      const ids = [...placed].slice(0, 50)
      const own = orders.filter(each => touched.has(each.orderId)).slice(0, 50)
      placed.clear()
      touched.clear()
      setChanges(n => n + 1)
      if (own.length) {
        const page = await get(`/api/orders?limit=200&fields=${FIELDS}&orderId.in=${own.map(each => each.orderId)}`).catch(() => undefined)
        if (page) update(page.items)
      }
      if (ids.length && !query.has('q')) {
        const asked = new URLSearchParams(filtersOf(query))
        const page = await get(`/api/orders?${asked}&limit=200&fields=orderId&orderId.in=${ids}`).catch(() => undefined)
        const shown = new Set(now.current.orders.map(each => each.orderId))
        const more = page?.items.filter(each => !shown.has(each.orderId)).length
        if (more) setFresh(n => n + more)
      }
    }
    const stop = follow(event => {
      if (event.type === 'order.placed') placed.add(event.orderId)
      else touched.add(event.orderId)
      timer ??= setTimeout(look, GATHER_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
  return { fresh, changes, seen: () => setFresh(0) }
}

function Chosen({ selection, total, query, whole, onWhole, onAction, onNone, pageFull }) {
  const count = whole ? total : selection.size
  return html`<div class="chosen" role="region" aria-label=${t('selection')}>
    <span aria-live="polite"><strong>${t('select.count', { count })}</strong></span>
    ${!whole && pageFull && total > selection.size && html`<button class="plain" onClick=${onWhole}>${t('select.all', { count: total })}</button>`}
    ${ACTIONS.map(action => html`<button key=${action} onClick=${() => onAction(action)}>${t(`action.${action}`)}</button>`)}
    <button class="plain" onClick=${onNone}>${t('select.none')}</button>
  </div>`
}

export function Orders() {
  const { query } = route.value
  const asked = new URLSearchParams(query)
  asked.set('limit', LIMIT)
  asked.set('fields', FIELDS)
  if (!query.has('q')) asked.set('count', 'true')
  const resource = useResource(`/api/orders?${asked}`, { keepData: true })
  const { data, error, loading, at } = resource.state.value
  const [patches, setPatches] = useState(new Map())
  const [changed, setChanged] = useState(new Set())
  const [selection, setSelection] = useState(new Map())
  const [whole, setWhole] = useState(false)
  const [action, setAction] = useState(null)
  const orders = (data?.items ?? []).map(each => {
    const patch = patches.get(each.uuid)
    return patch?.version > each.version ? patch : each
  })
  const { fresh, changes, seen } = useLive(query, orders, items => {
    setPatches(old => new Map([...old, ...items.map(each => [each.uuid, each])]))
    setChanged(new Set(items.map(each => each.uuid)))
    setTimeout(() => setChanged(new Set()), MARKED_MS)
  })
  const text = url('', query).slice(1)
  useEffect(() => {
    setSelection(new Map())
    setWhole(false)
    document.title = `${t('orders')} · orderd`
  }, [text])

  const change = values => {
    const next = new URLSearchParams(query)
    next.delete('after')
    for (const [name, value] of Object.entries(values)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    go(url('/desk/orders', next), { replace: 'q' in values })
  }
  const refresh = () => {
    seen()
    if (query.has('after')) change({})
    else resource.refresh()
  }
  const select = (next, all = false) => {
    setSelection(next)
    setWhole(all)
  }
  const chosen = whole || selection.size > 0
  const everything = () => select(new Map(orders.map(each => [each.uuid, each])))
  const now = useRef()
  now.current = { refresh, everything }
  useShortcuts([
    { keys: '/', text: 'orders.search', run: () => document.getElementById('search').focus() },
    { keys: 'j', text: 'key.next', run: () => focusRow(1) },
    { keys: 'k', text: 'key.previous', run: () => focusRow(-1) },
    { keys: 'x', text: 'key.select', run: () => document.activeElement.closest('tr')?.querySelector('input').click() },
    { keys: 'a', text: 'select.page', run: () => now.current.everything() },
    { keys: 'r', text: 'refresh', run: () => now.current.refresh() },
  ])
  useOffers([{ text: t('refresh'), run: () => now.current.refresh() }], [])

  const total = data?.total
  const filters = new URLSearchParams(filtersOf(query))
  const next = new URLSearchParams(query)
  if (data?.next) next.set('after', data.next)
  return html`
    <header class="head"><h1 tabindex="-1">${t('orders')}</h1>
      ${total !== undefined && html`<span class="quiet">${total > MANY ? t('orders.more', { count: MANY }) : t('orders.count', { count: total })}</span>`}
      ${error?.passing && data && html`<span class="old">${t('old')} <${Ago} at=${new Date(at).toISOString()} /></span>`}
    </header>
    <${Views} query=${text} changes=${changes} />
    <${Filters} query=${query} change=${change} />
    ${error && !error.passing && html`<${ProblemBox} problem=${error}><a href="/desk/orders">${t('filters.clear')}</a><//>`}
    ${fresh > 0 && html`<button class="fresh" onClick=${refresh}>${t('orders.new', { count: fresh })}</button>`}
    ${chosen && html`<${Chosen} selection=${selection} total=${total} whole=${whole} pageFull=${selection.size === orders.length}
      onWhole=${() => select(selection, true)} onAction=${setAction} onNone=${() => select(new Map())} />`}
    ${data && html`<${OrderTable} orders=${orders} query=${query} selection=${selection} onSelection=${map => select(map)} changed=${changed}
      stale=${Boolean(error?.passing)} busy=${loading} />`}
    ${data && !orders.length && html`<p class="empty">${t('orders.none')} ${text && html`<a href="/desk/orders">${t('filters.clear')}</a>`}</p>`}
    ${!data && loading && html`<p class="empty" role="status">${t('loading')}</p>`}
    <nav class="pages" aria-label=${t('pages')}>
      ${query.has('after') && html`<a href=${url('/desk/orders', [...query].filter(([name]) => name !== 'after'))}>${t('page.first')}</a>`}
      ${data?.next && html`<a rel="next" href=${url('/desk/orders', next)}>${t('page.next')}</a>`}
    </nav>
    ${action && html`<${Bulk} action=${action} target=${whole ? { query: filters, total } : { orders: [...selection.values()] }}
      onClose=${() => setAction(null)} onDone=${() => resource.refresh()} />`}`
}

function focusRow(step) {
  const links = [...document.querySelectorAll('tbody th a')]
  const at = links.indexOf(document.activeElement.closest('tr')?.querySelector('th a'))
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))]?.focus()
}
