// Views of the list of orders: a name and a query. Those of the shop follow from its statuses, those of
// the person stay in this browser.
import { signal } from '@preact/signals'

import { statuses } from './shop.js'
import { keep, recall } from './store.js'

const isView = view => view && typeof view.name === 'string' && view.name && typeof view.query === 'string'

/** One broken view is left out; the others stay. */
export const views = signal(recall('views', [], Array.isArray).filter(isView))

export function saveView(name, query) {
  views.value = [...views.value.filter(each => each.name !== name), { name, query }]
  keep('views', views.value)
}

export function dropView(name) {
  views.value = views.value.filter(each => each.name !== name)
  keep('views', views.value)
}

/** Codes are the shop's; their progress is not. */
export function shopViews() {
  const codes = (kind, progress) => statuses.value[kind].filter(each => each.progress === progress).map(each => each.code).join(',')
  const paid = codes('paymentStatus', 'complete')
  const unsent = codes('shipmentStatus', 'incomplete')
  return [
    { text: 'view.all', query: '' },
    ...paid && unsent ? [{ text: 'view.to_ship', query: `paymentStatus.in=${paid}&shipmentStatus.in=${unsent}&hold.exists=false` }] : [],
    { text: 'view.held', query: 'hold.exists=true' },
  ]
}
