// The tabs over the list: each a link to a query, with the number of orders in it.
import { useEffect, useState } from 'preact/hooks'

import { get } from '../lib/api.js'
import { html } from '../lib/html.js'
import { number, t } from '../lib/text.js'
import { dropView, saveView, shopViews, views } from '../lib/views.js'
import { Sheet } from './sheet.js'
import { toast } from './toasts.js'

const EXACT = 10000

/** A view that the API refuses (a status that is gone, say) has no number, and opens all the same. */
function Count({ query, of }) {
  const [total, setTotal] = useState()
  useEffect(() => {
    const abort = new AbortController()
    const asked = new URLSearchParams(query)
    if (asked.has('q')) return
    for (const name of ['sort', 'after']) asked.delete(name)
    get(`/api/orders?${asked}${query ? '&' : ''}limit=1&count=true&fields=orderId`, { signal: abort.signal })
      .then(page => setTotal(page.total), () => setTotal(undefined))
    return () => abort.abort()
  }, [query, of])
  return total === undefined ? null : html` <span class="count">${total > EXACT ? `${number(EXACT)}+` : number(total)}</span>`
}

function SaveView({ query, close }) {
  const [name, setName] = useState('')
  return html`<${Sheet} title=${t('view.save')} kind="middle" onClose=${close}>
    <form class="form" onSubmit=${event => {
      event.preventDefault()
      saveView(name.trim(), query)
      toast(t('view.saved', { name: name.trim() }))
      close()
    }}>
      <label>${t('view.name')} <input required maxlength="40" value=${name} onInput=${event => setName(event.target.value)} /></label>
      <div class="buttons"><button class="primary">${t('save')}</button></div>
    </form>
  <//>`
}

/** changes: a number that grows when orders changed, so that the counts are read again. */
export function Views({ query, changes }) {
  const [saving, setSaving] = useState(false)
  const all = [...shopViews().map(({ text, query }) => ({ name: t(text), query })), ...views.value.map(each => ({ ...each, own: true }))]
  const known = all.some(each => each.query === query)
  return html`<nav class="views" aria-label=${t('views')}>
    ${all.map(each => html`<span class="view" key=${each.name}>
      <a href=${each.query ? `/desk/orders?${each.query}` : '/desk/orders'} aria-current=${each.query === query ? 'page' : undefined}>
        ${each.name}<${Count} query=${each.query} of=${changes} /></a>
      ${each.own && each.query === query && html`<button class="plain" aria-label=${t('view.drop', { name: each.name })}
        onClick=${() => dropView(each.name)}>✕</button>`}
    </span>`)}
    ${!known && html`<button class="plain" onClick=${() => setSaving(true)}>${t('view.save')}</button>`}
    ${saving && html`<${SaveView} query=${query} close=${() => setSaving(false)} />`}
  </nav>`
}
