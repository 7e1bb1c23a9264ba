// One order: what it is, and what it comes to.
import { useEffect } from 'preact/hooks'

import { useResource } from '../lib/api.js'
import { html } from '../lib/html.js'
import { money, number, t } from '../lib/text.js'
import { Badge } from '../parts/badge.js'
import { ProblemBox } from '../parts/problem.js'
import { Ago } from '../parts/time.js'

export function Order({ subject }) {
  const { data: order, error } = useResource(`/api/orders/${encodeURIComponent(subject)}`).state.value
  useEffect(() => { document.title = `${subject} · orderd` }, [subject])
  return html`
    <header class="head"><h1 tabindex="-1">${order?.orderNumber ?? subject}</h1>
      ${order && html`<${Badge} status=${order.status} label=${t('status')} /> <${Badge} status=${order.paymentStatus} label=${t('paymentStatus')} />
        <${Badge} status=${order.shipmentStatus} label=${t('shipmentStatus')} /> <span class="quiet"><${Ago} at=${order.createdAt} /></span>`}
    </header>
    ${error && !error.passing && html`<${ProblemBox} problem=${error}><a href="/desk/orders">${t('orders')}</a><//>`}
    ${order && html`<section class="card"><table class="lines"><caption class="hidden">${t('items')}</caption>
      <tbody>${order.items.map(item => html`<tr key=${item.uuid}><th scope="row">${item.name ?? item.sku}<br /><span class="quiet">${item.sku}</span></th>
        <td class="num">${number(item.qty)} × ${money(item.finalPrice, order.currency)}</td>
        <td class="num">${money(item.total, order.currency)}</td></tr>`)}
        <tr class="sum"><th scope="row">${t('grandTotal')}</th><td></td><td class="num">${money(order.grandTotal, order.currency)}</td></tr></tbody></table></section>`}`
}
