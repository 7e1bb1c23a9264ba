// The sheets of the actions: a form each, whose fields are those of the command's body.
import { useState } from 'preact/hooks'

import { html } from '../lib/html.js'
import { guessCarrier } from '../lib/links.js'
import { money, number, t } from '../lib/text.js'
import { CommandSheet, orderPath } from './command.js'
import { unitsLeft } from './units.js'

const filled = text => text?.trim() || undefined

function useInput(first) {
  const [input, setInput] = useState(first)
  const field = name => ({ value: input[name] ?? '', onInput: event => setInput({ ...input, [name]: event.target.value }) })
  const flag = name => ({ checked: Boolean(input[name]), onChange: event => setInput({ ...input, [name]: event.target.checked }) })
  return { input, setInput, field, flag }
}

/** How many units of each item; `most` says how many there are. */
function Units({ order, most, units, setUnits }) {
  const items = order.items.filter(item => most(item) > 0)
  const all = Object.fromEntries(items.map(item => [item.orderItemId, most(item)]))
  return html`<fieldset class="stack"><legend class="hidden">${t('items')}</legend>
    <table class="lines"><thead><tr><th scope="col">${t('item')}</th><th scope="col" class="num">${t('units')}</th></tr></thead>
    <tbody>${items.map(item => html`<tr key=${item.orderItemId}>
      <th scope="row">${item.name ?? item.sku}<br /><span class="quiet">${item.sku}</span></th>
      <td class="num"><input type="number" min="0" max=${most(item)} aria-label=${t('units.of', { name: item.name ?? item.sku })}
        value=${units[item.orderItemId] ?? 0} onInput=${event => setUnits({ ...units, [item.orderItemId]: Number(event.target.value) })} />
        <span class="quiet"> / ${number(most(item))}</span></td></tr>`)}</tbody></table>
    <div><button type="button" class="plain" onClick=${() => setUnits(all)}>${t('units.all')}</button>
      <button type="button" class="plain" onClick=${() => setUnits({})}>${t('units.none')}</button></div>
  </fieldset>`
}

const lines = units => Object.entries(units).filter(([, qty]) => qty > 0).map(([id, qty]) => ({ orderItemId: Number(id), qty }))

function Ship({ order, ...sheet }) {
  const left = item => unitsLeft(item)
  const [units, setUnits] = useState(Object.fromEntries(order.items.map(item => [item.orderItemId, left(item)])))
  const { input, field } = useInput({})
  const guess = guessCarrier(input.trackingNumber ?? '')
  const body = { items: lines(units), carrier: filled(input.carrier) ?? guess, trackingNumber: filled(input.trackingNumber), note: filled(input.note) }
  return html`<${CommandSheet} order=${order} title=${t('do.ship')} path=${`${orderPath(order)}/shipments`} body=${body} ...${sheet}
      tell=${({ shipmentNumber, items }) => html`<p>${t('would.ship', { number: shipmentNumber, count: items.reduce((sum, each) => sum + each.qty, 0) })}</p>`}>
    <label>${t('field.trackingNumber')} <input autocomplete="off" maxlength="200" ...${field('trackingNumber')} /></label>
    <label>${t('field.carrier')} <input maxlength="200" placeholder=${guess} ...${field('carrier')} /></label>
    <${Units} order=${order} most=${left} units=${units} setUnits=${setUnits} />
    <label>${t('field.comment')} <input maxlength="500" ...${field('note')} /></label>
  <//>`
}

function Capture({ order, ...sheet }) {
  const { input, field } = useInput({ amount: order.amountOutstanding > 0 ? String(order.amountOutstanding) : '', method: order.paymentMethod ?? '' })
  const body = { type: 'capture', amount: filled(input.amount), method: filled(input.method), transactionId: filled(input.transactionId) }
  return html`<${CommandSheet} order=${order} title=${t('do.capture')} path=${`${orderPath(order)}/payments`} body=${body} ...${sheet}
      tell=${({ amount }) => amount !== undefined && html`<p>${t('would.capture', { amount: money(amount, order.currency) })}</p>`}>
    <label>${t('field.amount')} <input inputmode="decimal" ...${field('amount')} /></label>
    <label>${t('field.method')} <input maxlength="100" ...${field('method')} /></label>
    <label>${t('field.transactionId')} <input maxlength="200" ...${field('transactionId')} /></label>
  <//>`
}

function Refund({ order, ...sheet }) {
  const [units, setUnits] = useState({})
  const { input, field, flag } = useInput({})
  const items = lines(units).map(line => ({ ...line, restock: input.restock || undefined }))
  const body = {
    items: items.length ? items : undefined, amount: filled(input.amount), shipping: items.length && input.shipping ? true : undefined,
    reason: filled(input.reason),
  }
  return html`<${CommandSheet} order=${order} title=${t('do.refund')} path=${`${orderPath(order)}/refunds`} body=${body} ...${sheet}
      tell=${({ amount, method, amountRefundable }) => html`<p><strong>${t('would.refund', { amount: money(amount, order.currency), method: method ?? '–' })}</strong></p>
        <p>${t('would.stay', { amount: money(amountRefundable, order.currency) })}</p>`}>
    <p class="quiet">${t('refund.how', { amount: money(order.amountRefundable, order.currency) })}</p>
    <${Units} order=${order} most=${item => item.qty - item.qtyRefunded} units=${units} setUnits=${setUnits} />
    <label class="flag"><input type="checkbox" ...${flag('restock')} /> ${t('field.restock')}</label>
    <label class="flag"><input type="checkbox" disabled=${!items.length} ...${flag('shipping')} /> ${t('field.shipping')}</label>
    <label>${t('field.amount')} <input inputmode="decimal" ...${field('amount')} /><span class="quiet">${t('refund.amount')}</span></label>
    <label>${t('field.reason')} <input maxlength="500" ...${field('reason')} /></label>
  <//>`
}

function Return({ order, ...sheet }) {
  const [units, setUnits] = useState({})
  const { input, field } = useInput({})
  const body = { items: lines(units).map(line => ({ ...line, reason: filled(input.reason) })) }
  return html`<${CommandSheet} order=${order} title=${t('do.return')} path=${`${orderPath(order)}/returns`} body=${body} ...${sheet}>
    <${Units} order=${order} most=${item => item.qtyShipped - item.qtyReturned} units=${units} setUnits=${setUnits} />
    <label>${t('field.reason')} <input maxlength="500" ...${field('reason')} /></label>
  <//>`
}

function Cancel({ order, ...sheet }) {
  const { input, field } = useInput({})
  return html`<${CommandSheet} order=${order} title=${t('do.cancel')} button=${t('do.cancel.order')} danger path=${`${orderPath(order)}/cancel`}
      body=${{ reason: filled(input.reason) }} ...${sheet}>
    <label>${t('field.reason')} <input maxlength="500" ...${field('reason')} /></label>
  <//>`
}

function Hold({ order, ...sheet }) {
  const { input, field } = useInput({})
  return html`<${CommandSheet} order=${order} title=${t('do.hold')} path=${`${orderPath(order)}/holds`}
      body=${{ handle: filled(input.handle), reason: filled(input.reason) }} ...${sheet}>
    <label>${t('field.reason')} <input maxlength="500" ...${field('reason')} /></label>
    <label>${t('field.handle')} <input pattern="[a-z0-9_\\-]{1,40}" ...${field('handle')} /><span class="quiet">${t('bulk.handle')}</span></label>
  <//>`
}

function Release({ order, handle, ...sheet }) {
  return html`<${CommandSheet} order=${order} title=${t('do.release', { handle })} method="DELETE"
    path=${`${orderPath(order)}/holds/${encodeURIComponent(handle)}`} ...${sheet} />`
}

function Note({ order, ...sheet }) {
  const { input, field, flag } = useInput({ comment: '' })
  return html`<${CommandSheet} order=${order} title=${t('do.note')} path=${`${orderPath(order)}/activities`}
      body=${{ comment: input.comment, customerNotified: Boolean(input.notified) }} tell=${() => null} ...${sheet}>
    <label>${t('field.comment')} <textarea rows="4" required maxlength="5000" ...${field('comment')}></textarea></label>
    <label class="flag"><input type="checkbox" ...${flag('notified')} /> ${t('field.customerNotified')}</label>
  <//>`
}

function Invoice({ order, ...sheet }) {
  return html`<${CommandSheet} order=${order} title=${t('do.invoice')} path=${`${orderPath(order)}/invoices`} ...${sheet}
    tell=${({ invoiceNumber, amount }) => html`<p>${t('would.invoice', { number: invoiceNumber, amount: money(amount, order.currency) })}</p>`} />`
}

export const SHEETS = { ship: Ship, capture: Capture, refund: Refund, return: Return, cancel: Cancel, hold: Hold, release: Release, note: Note, invoice: Invoice }
