// The list itself: a table of links and checkboxes. A click with shift selects a range.
import { useRef } from 'preact/hooks'

import { html } from '../lib/html.js'
import { orderUrl, url } from '../lib/route.js'
import { money, number, t } from '../lib/text.js'
import { Badge } from './badge.js'
import { Ago } from './time.js'

function SortLink({ name, query, children }) {
  if (query.has('q')) return html`<span>${children}</span>` // what is found comes by how well it fits
  const now = query.get('sort') ?? '-createdAt'
  const next = new URLSearchParams(query)
  next.delete('after')
  next.set('sort', now === `-${name}` ? name : `-${name}`)
  const mark = now === name ? '↑' : now === `-${name}` ? '↓' : ''
  return html`<a href=${url('/desk/orders', next)}>${children} <span aria-hidden="true">${mark}</span></a>`
}

const direction = (name, query) => query.has('q') ? undefined
  : ({ [name]: 'ascending', [`-${name}`]: 'descending' })[query.get('sort') ?? '-createdAt'] ?? undefined

function Row({ order, selected, changed, onSelect }) {
  return html`<tr class=${changed ? 'changed' : undefined} aria-selected=${selected}>
    <td class="check"><input type="checkbox" checked=${selected} aria-label=${t('select.one', { order: order.orderNumber })}
      onClick=${event => onSelect(order, event.target.checked, event.shiftKey)} /></td>
    <th scope="row"><a href=${orderUrl(order)}>${order.orderNumber}</a>
      <span class="below narrow">${order.customer?.fullName ?? order.customer?.email}</span>
      <span class="below narrow">${money(order.grandTotal, order.currency)} · <${Ago} at=${order.createdAt} /></span></th>
    <td class="wide-only"><${Ago} at=${order.createdAt} /></td>
    <td class="wide-only cut">${order.customer?.fullName ?? order.customer?.email}</td>
    <td class="wide-only num">${number(order.totalQty)}</td>
    <td class="wide-only mid num">${money(order.grandTotal, order.currency)}</td>
    <td class="wide-only mid"><${Badge} status=${order.paymentStatus} label=${t('paymentStatus')} /></td>
    <td class="wide-only mid"><${Badge} status=${order.shipmentStatus} label=${t('shipmentStatus')} /></td>
    <td><${Badge} status=${order.status} label=${t('status')} />
      ${order.tags?.map(tag => html` <span class="tag">${tag}</span>`)}</td>
  </tr>`
}

/** selection: Map of uuid → order. */
export function OrderTable({ orders, query, selection, onSelection, changed, stale, busy }) {
  const last = useRef(null)
  const onSelect = (order, on, range) => {
    const from = range && last.current ? orders.findIndex(each => each.uuid === last.current) : -1
    const to = orders.findIndex(each => each.uuid === order.uuid)
    const next = new Map(selection)
    for (const each of from < 0 ? [order] : orders.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      if (on) next.set(each.uuid, each)
      else next.delete(each.uuid)
    }
    last.current = order.uuid
    onSelection(next)
  }
  const here = orders.filter(each => selection.has(each.uuid)).length
  const all = here > 0 && here === orders.length
  return html`<div class="scroll"><table class=${stale ? 'list stale' : 'list'} aria-busy=${busy}>
    <caption class="hidden">${t('orders')}</caption>
    <thead><tr>
      <th class="check"><input type="checkbox" aria-label=${t('select.page')} checked=${all} indeterminate=${here > 0 && !all}
        onClick=${() => onSelection(all ? new Map() : new Map(orders.map(each => [each.uuid, each])))} /></th>
      <th scope="col">${t('order')}</th>
      <th scope="col" class="wide-only" aria-sort=${direction('createdAt', query)}><${SortLink} name="createdAt" query=${query}>${t('createdAt')}<//></th>
      <th scope="col" class="wide-only">${t('customer')}</th>
      <th scope="col" class="wide-only num">${t('items')}</th>
      <th scope="col" class="wide-only mid num" aria-sort=${direction('grandTotal', query)}><${SortLink} name="grandTotal" query=${query}>${t('grandTotal')}<//></th>
      <th scope="col" class="wide-only mid">${t('paymentStatus')}</th>
      <th scope="col" class="wide-only mid">${t('shipmentStatus')}</th>
      <th scope="col">${t('status')}</th>
    </tr></thead>
    <tbody>${orders.map(order => html`<${Row} key=${order.uuid} order=${order} selected=${selection.has(order.uuid)}
      changed=${changed.has(order.uuid)} onSelect=${onSelect} />`)}</tbody>
  </table></div>`
}
