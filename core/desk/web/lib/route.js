// Every view is a URL. Links are real; a plain click on one of the desk's is followed without loading
// the page again.
import { signal } from '@preact/signals'

const read = () => ({ path: location.pathname, query: new URLSearchParams(location.search) })

/** {path, query} */
export const route = signal(read())

export function go(url, { replace = false } = {}) {
  if (url === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', url)
  route.value = read()
  if (!replace) scrollTo(0, 0)
}

/** `path` with a query of those pairs that have a value. */
export function url(path, query) {
  const text = new URLSearchParams([...query].filter(([, value]) => value !== '' && value != null))
    .toString().replace(/%2C/g, ',').replace(/%3A/g, ':')
  return text ? `${path}?${text}` : path
}

export const orderUrl = order => `/desk/orders/${encodeURIComponent(order.orderNumber ?? order.uuid)}`

export function watchLinks() {
  addEventListener('popstate', () => { route.value = read() })
  document.addEventListener('click', event => {
    const link = event.target.closest?.('a[href]')
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey ||
      link.target || link.hasAttribute('download') || link.origin !== location.origin ||
      !link.pathname.startsWith('/desk/') || link.pathname.startsWith('/desk/assets/') || link.hash) return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}
