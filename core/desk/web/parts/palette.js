// The command palette: pages, what the page offers, and orders, found as one types.
import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'

import { get } from '../lib/api.js'
import { html } from '../lib/html.js'
import { go, orderUrl } from '../lib/route.js'
import { money, t } from '../lib/text.js'
import { Badge } from './badge.js'
import { Sheet } from './sheet.js'

export const searching = signal(false)
const offers = signal([])

/** list: [{text, run}] that the palette shows while the component does. */
export function useOffers(list, deps) {
  useEffect(() => {
    offers.value = [...offers.peek(), ...list]
    return () => { offers.value = offers.peek().filter(each => !list.includes(each)) }
  }, deps)
}

const WAIT_MS = 120

function useOrders(text) {
  const [orders, setOrders] = useState([])
  useEffect(() => {
    if (!text.trim()) {
      setOrders([])
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      const page = await get(`/api/orders?limit=8&fields=orderNumber,uuid,customer,grandTotal,currency,status&q=${encodeURIComponent(text)}`,
        { signal: abort.signal }).catch(() => undefined)
      if (page) setOrders(page.items)
    }, WAIT_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])
  return orders
}

function Palette() {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef()
  const orders = useOrders(text)
  const close = () => { searching.value = false }
  const wanted = text.trim().toLowerCase()
  const rows = [
    ...orders.map(order => ({ key: order.uuid, order, run: () => go(orderUrl(order)) })),
    ...offers.value.filter(each => each.text.toLowerCase().includes(wanted)).map(each => ({ key: each.text, ...each })),
  ]
  const chosen = Math.min(at, rows.length - 1)
  const choose = row => {
    close()
    row.run()
  }
  const onKeyDown = event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && rows.length) {
      event.preventDefault()
      setAt((chosen + step + rows.length) % rows.length)
      list.current.children[(chosen + step + rows.length) % rows.length]?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter' && rows[chosen]) {
      event.preventDefault()
      choose(rows[chosen])
    }
  }
  return html`<${Sheet} title=${t('palette')} kind="middle" onClose=${close}>
    <input class="wide" type="search" role="combobox" aria-expanded="true" aria-controls="palette" aria-label=${t('palette.label')}
      aria-activedescendant=${rows.length ? `palette-${chosen}` : undefined} autocomplete="off" placeholder=${t('palette.hint')}
      value=${text} onInput=${event => { setText(event.target.value); setAt(0) }} onKeyDown=${onKeyDown} />
    <ul class="palette" id="palette" role="listbox" aria-label=${t('palette.found')} ref=${list}>${rows.map((row, i) => html`
      <li id="palette-${i}" key=${row.key} role="option" aria-selected=${i === chosen} onClick=${() => choose(row)}>
        ${row.order ? html`<strong>${row.order.orderNumber}</strong> <span>${row.order.customer?.fullName ?? row.order.customer?.email}</span>
          <span class="push">${money(row.order.grandTotal, row.order.currency)}</span> <${Badge} status=${row.order.status} />` : row.text}
      </li>`)}</ul>
    ${!rows.length && html`<p class="quiet">${t('palette.none')}</p>`}
  <//>`
}

export const PaletteHost = () => searching.value && html`<${Palette} />`
