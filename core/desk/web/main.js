// The desk begins here: language and theme, then the page that the address names.
import { render } from 'preact'

import { html } from './lib/html.js'
import { route, watchLinks } from './lib/route.js'
import { readShop } from './lib/shop.js'
import { language, t, useLanguage } from './lib/text.js'
import { Deliveries } from './pages/deliveries.js'
import { Order } from './pages/order.js'
import { Orders } from './pages/orders.js'
import { watchKeys } from './parts/keys.js'
import { Shell } from './parts/shell.js'
import { useTheme } from './parts/theme.js'

const PAGES = [
  { path: '/desk/orders', text: 'orders', keys: 'g o', page: Orders, subject: Order },
  { path: '/desk/deliveries', text: 'deliveries', keys: 'g d', page: Deliveries },
]

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function Nowhere() {
  return html`<h1 tabindex="-1">${t('nowhere')}</h1><p><a href="/desk/orders">${t('orders')}</a></p>`
}

function Desk() {
  const [, , name, subject] = route.value.path.split('/')
  const place = PAGES.find(each => each.path === `/desk/${name || 'orders'}`)
  const Page = place ? (subject ? place.subject : place.page) ?? Nowhere : Nowhere
  return html`<${Shell} pages=${PAGES} key=${language.value}>
    <${Page} key=${route.value.path} subject=${subject && decoded(subject)} />
  <//>`
}

useTheme()
watchLinks()
watchKeys()
await useLanguage()
render(html`<${Desk} />`, document.getElementById('desk'))
readShop()
