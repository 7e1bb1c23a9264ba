// What went out: targets with their state, and deliveries with what became of them. The page's query is
// that of GET /api/deliveries.
import { useEffect } from 'preact/hooks'

import { api, useResource } from '../lib/api.js'
import { html } from '../lib/html.js'
import { orderUrl, route, url } from '../lib/route.js'
import { number, t } from '../lib/text.js'
import { useShortcuts } from '../parts/keys.js'
import { Card } from '../parts/order_parts.js'
import { ProblemBox } from '../parts/problem.js'
import { Ago } from '../parts/time.js'
import { toast } from '../parts/toasts.js'

const STATES = ['', 'queued', 'delivered', 'failed']
const TONES = { active: 'success', delivered: 'success', paused: 'warning', queued: 'warning', failed: 'critical', disabled: 'critical' }
const HERE = '/desk/deliveries'

const State = ({ name }) => html`<span class="badge badge-${TONES[name] ?? 'default'}">${t(`state.${name}`)}</span>`

function Targets({ targets, onChange }) {
  const set = async (target, verb) => {
    try {
      await api('POST', `/api/targets/${encodeURIComponent(target.name)}/${verb}`, { body: {} })
      toast(t(`target.${verb}.done`, { target: target.name }))
    } catch (problem) {
      toast(problem.message, 'failed')
    }
    onChange()
  }
  return html`<${Card} title=${t('targets')}><table class="lines"><caption class="hidden">${t('targets')}</caption>
    <tbody>${targets.map(target => {
      const verb = target.state === 'active' ? 'pause' : 'resume'
      return html`<tr key=${target.name}>
        <th scope="row"><a href=${`${HERE}?target=${encodeURIComponent(target.name)}`}>${target.name}</a> ${target.kind !== target.name && html`<span class="quiet">${target.kind}</span>`}</th>
        <td><${State} name=${target.state} /> <span class="quiet">${target.disabledReason}</span>
          ${target.failingSince && html` <span class="quiet">${t('target.failing')} <${Ago} at=${target.failingSince} /></span>`}</td>
        <td class="num">${target.queued > 0 && t('target.queued', { count: target.queued })}</td>
        <td class="num"><button aria-label=${t(`target.${verb}`, { target: target.name })} onClick=${() => set(target, verb)}>${t(`do.${verb}`)}</button></td></tr>`
    })}</tbody></table><//>`
}

function Row({ delivery, onAgain }) {
  return html`<tr>
    <th scope="row"><a href=${orderUrl(delivery)}>${delivery.orderNumber}</a><span class="below narrow">${delivery.name ?? delivery.topic} <${State} name=${delivery.state} /></span></th>
    <td class="wide-only">${delivery.name ?? delivery.topic}</td>
    <td class="wide-only cut">${delivery.recipient ?? delivery.target}</td>
    <td class="wide-only"><${Ago} at=${delivery.deliveredAt ?? delivery.createdAt} /></td>
    <td class="wide-only mid"><${State} name=${delivery.state} /> ${delivery.error && html`<span class="below">${delivery.error}</span>`}</td>
    <td class="wide-only num">${number(delivery.attempts)}</td>
    <td class="num"><button aria-label=${t('send.again.of', { what: delivery.name ?? delivery.topic, order: delivery.orderNumber })}
      onClick=${() => onAgain(delivery)}>${t('send.again')}</button></td></tr>`
}

export function Deliveries() {
  const { query } = route.value
  const targets = useResource('/api/targets')
  const list = useResource(`/api/deliveries?${query}`, { keepData: true })
  const { data, error } = list.state.value
  const refresh = () => {
    targets.refresh()
    list.refresh()
  }
  const again = async delivery => {
    try {
      await api('POST', `/api/deliveries/${delivery.deliveryId}/redeliver`, { body: {} })
      toast(t('send.again.done', { what: delivery.name ?? delivery.topic }))
    } catch (problem) {
      toast(problem.message, 'failed')
    }
    refresh()
  }
  useEffect(() => { document.title = `${t('deliveries')} · orderd` }, [])
  useShortcuts([{ keys: 'r', text: 'refresh', run: refresh }])
  const turned = (name, value) => url(HERE, [...query].filter(([other]) => other !== name && other !== 'after').concat([[name, value]]))
  return html`
    <header class="head"><h1 tabindex="-1">${t('deliveries')}</h1></header>
    ${targets.state.value.data && html`<${Targets} targets=${targets.state.value.data.items} onChange=${refresh} />`}
    <nav class="views spaced" aria-label=${t('views')}>${STATES.map(state => html`<span class="view" key=${state}>
      <a href=${turned('state', state)} aria-current=${(query.get('state') ?? '') === state ? 'page' : undefined}>${t(state ? `state.${state}` : 'view.all')}</a></span>`)}
      ${query.get('target') && html`<a class="view" href=${turned('target', '')}>${query.get('target')} ✕</a>`}</nav>
    ${error && !error.passing && html`<${ProblemBox} problem=${error}><a href=${HERE}>${t('filters.clear')}</a><//>`}
    ${data && html`<div class="scroll"><table class=${error ? 'list stale' : 'list'}><caption class="hidden">${t('deliveries')}</caption>
      <thead><tr><th scope="col">${t('order')}</th><th scope="col" class="wide-only">${t('delivery')}</th><th scope="col" class="wide-only">${t('recipient')}</th>
        <th scope="col" class="wide-only">${t('when')}</th><th scope="col" class="wide-only mid">${t('state')}</th><th scope="col" class="wide-only num">${t('attempts')}</th>
        <th scope="col"><span class="hidden">${t('actions')}</span></th></tr></thead>
      <tbody>${data.items.map(each => html`<${Row} key=${each.deliveryId} delivery=${each} onAgain=${again} />`)}</tbody></table></div>
      ${!data.items.length && html`<p class="empty">${t('deliveries.none')}</p>`}`}
    <nav class="pages" aria-label=${t('pages')}>
      ${query.has('after') && html`<a href=${turned('after', '')}>${t('page.first')}</a>`}
      ${data?.next && html`<a rel="next" href=${turned('after', data.next)}>${t('page.next')}</a>`}</nav>`
}
