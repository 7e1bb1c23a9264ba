// The cards of an order: its items by what happened to them, its money, parcels, people, notes and papers.
import { useResource } from '../lib/api.js'
import { html } from '../lib/html.js'
import { trackingAddress } from '../lib/links.js'
import { orderUrl } from '../lib/route.js'
import { money, number, t } from '../lib/text.js'
import { Badge } from './badge.js'
import { orderPath } from './command.js'
import { Ago } from './time.js'
import { GROUPS } from './units.js'

export function Card({ title, extra, children }) {
  return html`<section class="card"><header><h2>${title}</h2>${extra}</header>${children}</section>`
}

export function Items({ order }) {
  const groups = Object.entries(GROUPS).map(([name, units]) => [name, order.items.filter(item => units(item) > 0), units]).filter(([, items]) => items.length)
  return html`<${Card} title=${t('items')}>${groups.map(([name, items, units]) => html`<section key=${name} class="group">
    <h3>${t(`group.${name}`)} <span class="count">${number(items.reduce((sum, item) => sum + units(item), 0))}</span></h3>
    <table class="lines"><caption class="hidden">${t(`group.${name}`)}</caption><tbody>${items.map(item => html`<tr key=${item.uuid}>
      <th scope="row">${item.name ?? item.sku}<br /><a class="quiet" href=${`/desk/orders?sku=${encodeURIComponent(item.sku)}`}>${item.sku}</a>
        ${item.qtyRefunded > 0 && html` <span class="tag">${t('refunded.units', { count: item.qtyRefunded })}</span>`}</th>
      <td class="num">${number(units(item))} × ${money(item.finalPriceInclTax ?? item.finalPrice, order.currency)}</td>
    </tr>`)}</tbody></table></section>`)}<//>`
}

const Fact = ({ name, amount, order, always, sum }) => always || amount
  ? html`<dt class=${sum ? 'sum' : undefined}>${name}</dt><dd class=${sum ? 'num sum' : 'num'}>${money(amount, order.currency)}</dd>` : null

export function Money({ order }) {
  const fact = (name, options) => html`<${Fact} name=${t(name)} amount=${order[name]} order=${order} ...${options} />`
  return html`<${Card} title=${t('money')}>
    <dl class="facts">
      ${fact('subTotal', { always: true })}
      <${Fact} name=${order.coupon ? `${t('discountAmount')} (${order.coupon})` : t('discountAmount')} amount=${-order.discountAmount} order=${order} />
      ${fact('shippingFeeInclTax')}${fact('taxAmount')}${fact('grandTotal', { always: true, sum: true })}
    </dl>
    <dl class="facts">
      ${fact('amountAuthorized')}${fact('amountCaptured', { always: true })}${fact('amountRefunded')}${fact('amountChargedBack')}
      ${fact('amountCanceled')}${fact('amountOverpaid')}${fact('amountOutstanding', { always: true, sum: true })}
    </dl>
    ${order.payments.length > 0 && html`<table class="lines"><caption class="hidden">${t('payments')}</caption>
      <tbody>${order.payments.map(payment => html`<tr key=${payment.paymentId}>
        <th scope="row">${t(`payment.${payment.type}`)} <span class="quiet">${payment.method}</span>
          ${payment.status !== 'succeeded' && html` <span class="tag">${payment.status}</span>`}
          <br /><span class="quiet"><${Ago} at=${payment.createdAt} /> ${payment.transactionId && html`<code>${payment.transactionId}</code>`}</span></th>
        <td class="num">${money(payment.amount, order.currency)}</td></tr>`)}</tbody></table>`}
  <//>`
}

const Paper = ({ order, kind, query, name }) => html`<a href=${`${orderPath(order)}/${kind}?${query}`} target="_blank">${name}</a>`

export function Parcels({ order }) {
  if (!order.shipments.length) return null
  const name = id => order.items.find(item => item.orderItemId === id)?.name ?? id
  return html`<${Card} title=${t('parcels')}>${order.shipments.map(parcel => {
    const at = trackingAddress(parcel)
    const tracking = [parcel.carrier, parcel.trackingNumber].filter(Boolean).join(' ')
    return html`<article key=${parcel.uuid} class="parcel">
      <p><strong>${parcel.shipmentNumber}</strong> <span class="badge">${parcel.canceledAt ? t('parcel.canceled') : parcel.status}</span>
        ${tracking && html` ${at ? html`<a href=${at} target="_blank" rel="noopener noreferrer">${tracking}</a>` : tracking}`}</p>
      <p class="quiet">${parcel.items.map(each => `${number(each.qty)} × ${name(each.orderItemId)}`).join(', ')}</p>
      ${parcel.note && html`<p class="quiet">${parcel.note}</p>`}
      <p class="quiet">${t('parcel.left')} <${Ago} at=${parcel.shippedAt} /> ${parcel.deliveredAt && html`· ${t('parcel.arrived')} <${Ago} at=${parcel.deliveredAt} />`}
        · <${Paper} order=${order} kind="packing-slip" query=${`shipmentId=${parcel.shipmentId}`} name=${t('packing.slip')} /></p>
    </article>`
  })}<//>`
}

export function Papers({ order }) {
  if (!order.invoices.length && !order.refunds.length) return null
  return html`<${Card} title=${t('documents')}><ul class="stack">
    ${order.invoices.map(each => html`<li key=${each.invoiceNumber}><${Paper} order=${order} kind="invoice" query=${`invoiceId=${each.invoiceId}`} name=${each.invoiceNumber} />
      <span class="quiet"> ${money(each.amount, order.currency)} · <${Ago} at=${each.createdAt} /></span></li>`)}
    ${order.refunds.filter(each => each.creditMemoNumber).map(each => html`<li key=${each.creditMemoNumber}>
      <${Paper} order=${order} kind="credit-memo" query=${`refundId=${each.refundId}`} name=${each.creditMemoNumber} />
      <span class="quiet"> ${money(each.amount, order.currency)} · <${Ago} at=${each.createdAt} /></span></li>`)}
  </ul><//>`
}

function Address({ title, address }) {
  if (!address) return null
  const lines = ['fullName', 'company', 'address1', 'address2'].map(name => address[name])
    .concat([address.postcode, address.city].filter(Boolean).join(' '), address.province, address.country, address.telephone)
  return html`<div><h3>${title}</h3><address>${lines.filter(Boolean).map(line => html`${line}<br />`)}</address></div>`
}

function OtherOrders({ order }) {
  const email = order.customer.email
  const { data } = useResource(email ? `/api/orders?customerEmail=${encodeURIComponent(email)}&limit=6&count=true&fields=uuid,orderNumber,createdAt,status,grandTotal,currency` : null).state.value
  const others = data?.items.filter(each => each.uuid !== order.uuid).slice(0, 5) ?? []
  if (!others.length) return null
  return html`<div><h3>${t('other.orders')}</h3><ul>${others.map(each => html`<li key=${each.uuid}>
      <a href=${orderUrl(each)}>${each.orderNumber}</a> <span class="quiet">${money(each.grandTotal, each.currency)} · <${Ago} at=${each.createdAt} /></span> <${Badge} status=${each.status} /></li>`)}</ul>
    ${data.total > 6 && html`<a href=${`/desk/orders?customerEmail=${encodeURIComponent(email)}`}>${t('other.all', { count: data.total })}</a>`}</div>`
}

export function Customer({ order }) {
  const { customer } = order
  return html`<${Card} title=${t('customer')}>
    ${customer && html`<p><strong>${customer.fullName ?? customer.email ?? customer.id ?? '–'}</strong>
      ${customer.email && html`<br /><a href=${`mailto:${encodeURIComponent(customer.email)}`}>${customer.email}</a>`}
      ${customer.id && html`<br /><span class="quiet">${customer.id}</span>`}</p>
      <${OtherOrders} order=${order} />`}
    <${Address} title=${t('shippingAddress')} address=${order.shippingAddress} />
    <${Address} title=${t('billingAddress')} address=${order.billingAddress} />
    ${order.shippingNote && html`<p class="note">${order.shippingNote}</p>`}
  <//>`
}

export function Notes({ order, onAdd }) {
  return html`<${Card} title=${t('notes')} extra=${onAdd && html`<button class="plain" onClick=${onAdd}>${t('do.note')}</button>`}>
    ${!order.activities ? html`<p class="quiet">–</p>` : order.activities.length ? [...order.activities].reverse().map(each => html`<div class="note" key=${each.activityId}>${each.comment}
      <br /><span class="quiet">${each.username ?? 'orderd'} · <${Ago} at=${each.createdAt} /> · ${t(each.customerNotified ? 'note.seen' : 'note.internal')}</span></div>`)
      : html`<p class="quiet">${t('notes.none')}</p>`}
  <//>`
}

export function Holds({ order, onRelease }) {
  return order.holds.map(hold => html`<div class="problem hold" key=${hold.handle}>
    <p><strong>${t('held', { handle: hold.handle })}</strong> ${hold.reason} <span class="quiet">${hold.by ?? 'orderd'} · <${Ago} at=${hold.at} /></span></p>
    ${onRelease && html`<button onClick=${() => onRelease(hold.handle)}>${t('action.release')}</button>`}
  </div>`)
}

export function Returns({ order }) {
  if (!order.returns.length) return null
  const name = id => order.items.find(item => item.orderItemId === id)?.name ?? id
  return html`<${Card} title=${t('returns')}>${order.returns.map(each => html`<p key=${each.returnId}>
    <strong>${t('return.number', { number: String(each.returnId) })}</strong> <span class="badge">${each.status}</span>
    <br /><span class="quiet">${each.items?.map(item => `${number(item.qty)} × ${name(item.orderItemId)}`).join(', ')} ${each.reason}</span></p>`)}<//>`
}

export function About({ order }) {
  const rows = [['store', order.store], ['shippingMethod', order.shippingMethodName ?? order.shippingMethod],
    ['paymentMethod', order.paymentMethodName ?? order.paymentMethod], ['cancelReason', order.cancelReason],
    ...Object.entries(order.metadata ?? {}).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)])].filter(([, value]) => value)
  return html`<${Card} title=${t('about')}><dl class="facts start">${rows.map(([name, value]) => html`<dt>${t(name)}</dt><dd>${value}</dd>`)}
    <dt>${t('version')}</dt><dd>${number(order.version)}</dd></dl>
    ${order.tags?.length > 0 && html`<p>${order.tags.map(tag => html`<a class="tag" href=${`/desk/orders?tag=${encodeURIComponent(tag)}`}>${tag}</a> `)}</p>`}
  <//>`
}
