// The filters of the list. Their names are those of GET /api/orders, and so is the page's own query.
import { useEffect, useRef, useState } from 'preact/hooks'

import { html } from '../lib/html.js'
import { statuses } from '../lib/shop.js'
import { t } from '../lib/text.js'

const KINDS = ['status', 'paymentStatus', 'shipmentStatus']
// What else one may filter by, and how it is asked for.
const MORE = {
  'sku': 'text', 'customerEmail': 'text', 'tag': 'text', 'store': 'text', 'carrier': 'text', 'country': 'text',
  'paymentMethod': 'text', 'coupon': 'text', 'hold': 'text', 'hold.exists': 'flag', 'grandTotal.gte': 'amount',
  'grandTotal.lt': 'amount', 'createdAt.gte': 'date', 'createdAt.lt': 'date',
}
/** What in the page's query is no filter. */
const OTHERS = ['sort', 'after', 'q']
const SEARCH_MS = 200

export const filtersOf = query => [...query].filter(([name]) => !OTHERS.includes(name))

function Search({ value, onSearch }) {
  const [text, setText] = useState(value)
  const timer = useRef()
  const sent = useRef(value)
  useEffect(() => {
    if (value !== sent.current) setText(value)
    sent.current = value
  }, [value])
  const onInput = event => {
    setText(event.target.value)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      sent.current = event.target.value.trim()
      onSearch(sent.current)
    }, SEARCH_MS)
  }
  return html`<input class="search" type="search" id="search" aria-label=${t('orders.search')} placeholder=${t('orders.search')}
    maxlength="200" value=${text} onInput=${onInput} />`
}

/** Any of a set's statuses; none chosen means all. */
function StatusFilter({ kind, query, change }) {
  const name = `${kind}.in`
  const chosen = (query.get(name) ?? query.get(kind) ?? '').split(',').filter(Boolean)
  const set = (code, on) => change({ [kind]: '', [name]: on ? [...chosen, code].join(',') : chosen.filter(each => each !== code).join(',') })
  const details = useRef()
  useEffect(() => {
    const away = event => { if (details.current && !details.current.contains(event.target)) details.current.open = false }
    document.addEventListener('click', away)
    document.addEventListener('focusin', away)
    return () => {
      document.removeEventListener('click', away)
      document.removeEventListener('focusin', away)
    }
  }, [])
  return html`<details class="choice" ref=${details} onKeyDown=${event => {
      if (event.key === 'Escape') { details.current.open = false; details.current.firstElementChild.focus() }
    }}>
    <summary>${t(kind)}${chosen.length > 0 && html` <span class="count">${chosen.length}</span>`}</summary>
    <fieldset class="choices"><legend class="hidden">${t(kind)}</legend>${statuses.value[kind].map(({ code, name: label }) => html`
      <label><input type="checkbox" checked=${chosen.includes(code)} onChange=${event => set(code, event.target.checked)} /> ${label}</label>`)}
    </fieldset>
  </details>`
}

function Value({ name, value, change }) {
  const kind = MORE[name]
  const set = text => change({ [name]: text })
  if (kind === 'flag') {
    return html`<select value=${value} onChange=${event => set(event.target.value)}>
      <option value="true">${t('yes')}</option><option value="false">${t('no')}</option></select>`
  }
  if (kind === 'date') {
    const day = value ? new Date(value) : undefined
    const local = day && !isNaN(day) ? new Date(day - day.getTimezoneOffset() * 60000).toISOString().slice(0, 10) : ''
    return html`<input type="date" value=${local}
      onChange=${event => event.target.value && set(new Date(`${event.target.value}T00:00`).toISOString())} />`
  }
  return html`<input type="text" inputmode=${kind === 'amount' ? 'decimal' : undefined} value=${value} size="14"
    onChange=${event => set(event.target.value.trim())} />`
}

export function Filters({ query, change }) {
  const [fresh, setFresh] = useState(null)
  const others = filtersOf(query).filter(([name]) => !KINDS.some(kind => name === kind || name === `${kind}.in`)).map(([name]) => name)
  const shown = [...others, ...fresh && !others.includes(fresh) ? [fresh] : []]
  const add = name => {
    if (MORE[name] === 'flag') change({ [name]: 'true' })
    else setFresh(name)
  }
  const label = name => MORE[name] ? t(`filter.${name}`) : name
  return html`<div class="filters" role="search" aria-label=${t('filters')}>
    <${Search} value=${query.get('q') ?? ''} onSearch=${text => change({ q: text, sort: '', after: '' })} />
    ${KINDS.map(kind => html`<${StatusFilter} kind=${kind} query=${query} change=${change} key=${kind} />`)}
    ${shown.map(name => html`<label class="filter" key=${name}><span>${label(name)}</span>
      <${Value} name=${name} value=${query.get(name) ?? ''} change=${change} />
      <button class="plain" type="button" aria-label=${t('filter.remove', { name: label(name) })}
        onClick=${() => { setFresh(null); change({ [name]: '' }) }}>✕</button></label>`)}
    <label class="add"><span class="hidden">${t('filter.add')}</span>
      <select value="" onChange=${event => { add(event.target.value); event.target.value = '' }}>
        <option value="">${t('filter.add')}</option>
        ${Object.keys(MORE).filter(name => !shown.includes(name)).map(name => html`<option value=${name}>${label(name)}</option>`)}
      </select></label>
  </div>`
}
