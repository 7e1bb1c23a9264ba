// What may be done with the order now. What is refused is shown, too: greyed, and a click tells the rule,
// its reason and what would make it allowed.
import { useState } from 'preact/hooks'

import { html } from '../lib/html.js'
import { t } from '../lib/text.js'
import { SHEETS } from './action_sheets.js'
import { ProblemBox } from './problem.js'

/** Name of a sheet → its entry of GET /api/orders/:id/actions. */
const BUTTONS = {
  ship: each => each.command === 'create_shipment',
  capture: each => each.command === 'payment' && each.type === 'capture',
  refund: each => each.command === 'refund',
  return: each => each.command === 'create_return',
  invoice: each => each.command === 'issue_invoice',
  note: each => each.command === 'activity',
  hold: each => each.command === 'hold',
  cancel: each => each.command === 'cancel',
}

/** Opens the sheet of that name for an order. */
export function ActionSheet({ name, order, ...rest }) {
  const Body = SHEETS[name]
  return html`<${Body} order=${order} ...${rest} />`
}

export function Actions({ actions, onOpen }) {
  const [why, setWhy] = useState(null)
  const refusal = why && actions.find(BUTTONS[why])
  return html`<div class="actions" role="group" aria-label=${t('actions')}>${Object.entries(BUTTONS).map(([name, find]) => {
      const action = actions.find(find)
      if (!action) return null
      return action.allowed
        ? html`<button key=${name} class=${name === 'ship' ? 'primary' : undefined} onClick=${() => { setWhy(null); onOpen(name) }}>${t(`do.${name}`)}</button>`
        : html`<button key=${name} aria-disabled="true" aria-expanded=${why === name} title=${action.reason}
            onClick=${() => setWhy(why === name ? null : name)}>${t(`do.${name}`)}</button>`
    })}</div>
    ${refusal && !refusal.allowed && html`<div class="refused-why"><${ProblemBox}
      problem=${{ message: `${t(`do.${why}`)}: ${refusal.reason ?? refusal.code}`, code: refusal.code, policy: refusal.policy ?? t('orderd.itself') }} /></div>`}`
}
