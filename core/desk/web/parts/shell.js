// What every page has: where one can go, what is wrong with the server, and what lies over the page.
import { useEffect } from 'preact/hooks'

import { health, retryAll } from '../lib/api.js'
import { html } from '../lib/html.js'
import { go, route } from '../lib/route.js'
import { asking, logIn, me, signOut } from '../lib/session.js'
import { chooseLanguage, language, LANGUAGES, t } from '../lib/text.js'
import { Help, helping, useShortcuts } from './keys.js'
import { PaletteHost, searching, useOffers } from './palette.js'
import { Sheet } from './sheet.js'
import { chooseTheme, nextTheme, theme } from './theme.js'
import { Ago } from './time.js'
import { Toasts } from './toasts.js'

function Navigation({ pages }) {
  const here = route.value.path === '/desk/' ? pages[0].path : route.value.path
  return html`<nav class="nav" aria-label=${t('navigation')}>
    <a class="brand" href="/desk/"><span class="brand-mark" aria-hidden="true">o</span> orderd</a>
    <button class="jump" onClick=${() => { searching.value = true }}>${t('search')} <kbd>Ctrl</kbd><kbd>K</kbd></button>
    <ul class="places">${pages.map(({ path, text }) => html`<li>
      <a href=${path} aria-current=${here === path || here.startsWith(`${path}/`) ? 'page' : undefined}>${t(text)}</a>
    </li>`)}</ul>
  </nav>`
}

function Settings() {
  return html`<footer class="settings">
    <label>${t('theme')} <select value=${theme.value} onChange=${event => chooseTheme(event.target.value)}>
      ${['system', 'light', 'dark'].map(name => html`<option value=${name}>${t(`theme.${name}`)}</option>`)}
    </select></label>
    <label>${t('language')} <select value=${language.value} onChange=${event => chooseLanguage(event.target.value)}>
      ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} lang=${code}>${name}</option>`)}
    </select></label>
    <button class="plain" onClick=${() => { helping.value = true }}>${t('shortcuts')} <kbd>?</kbd></button>
    ${me.value?.name && html`<span class="quiet">${me.value.name}${me.value.role && ` · ${me.value.role}`}</span>`}
    ${me.value?.kind === 'user' && html`<button class="plain" onClick=${signOut}>${t('sign.out')}</button>`}
  </footer>`
}

/** Nothing is hidden: what is on the page stays, and the banner says how old it is. */
function Banner() {
  const { state, since, detail } = health.value
  if (state === 'ok') return null
  return html`<div class="banner" role="alert">
    <p><strong>${t(`${state}.title`)}</strong> ${t(`${state}.text`)} ${detail && html`<q>${detail}</q>`}
      <span class="quiet"> ${t('since')} <${Ago} at=${new Date(since).toISOString()} /></span></p>
    <button onClick=${retryAll}>${t('retry')}</button>
  </div>`
}

function SignIn() {
  if (!asking.value) return null
  const { code, detail } = asking.value
  const send = event => {
    event.preventDefault()
    logIn(Object.fromEntries(new FormData(event.target)))
  }
  return html`<${Sheet} title=${t('sign.in')} kind="middle" onClose=${() => {}}>
    <form class="form" onSubmit=${send}>
      ${detail && html`<p class="problem" role="alert">${detail}</p>`}
      <label>${t('sign.email')} <input name="email" type="email" autocomplete="username" required /></label>
      <label>${t('sign.password')} <input name="password" type="password" autocomplete="current-password" required /></label>
      ${code && html`<label>${t('sign.code')} <input name="totp" autocomplete="one-time-code" required /></label>`}
      <div class="buttons"><button class="primary">${t('sign.in')}</button></div>
    </form>
  <//>`
}

export function Shell({ pages, children }) {
  useShortcuts([
    { keys: 'ctrl k', text: 'palette', run: () => { searching.value = true } },
    { keys: '?', text: 'shortcuts', run: () => { helping.value = true } },
    { keys: 't', text: 'theme.next', run: nextTheme },
    ...pages.filter(each => each.keys).map(({ path, text, keys }) => ({ keys, text, run: () => go(path) })),
  ])
  useOffers([
    ...pages.map(({ path, text }) => ({ text: t(text), run: () => go(path) })),
    { text: t('theme.next'), run: nextTheme },
    { text: t('shortcuts'), run: () => { helping.value = true } },
  ], [language.value])
  // A page that was followed to is told to those who cannot see it.
  useEffect(() => { document.querySelector('main h1')?.focus({ preventScroll: true }) }, [route.value.path])
  return html`
    <a class="skip" href="#main" onClick=${event => { event.preventDefault(); document.getElementById('main').focus() }}>${t('skip')}</a>
    <div class="frame">
      <${Navigation} pages=${pages} />
      <div class="page">
        <${Banner} />
        <main id="main" tabindex="-1">${children}</main>
      </div>
      <${Settings} />
    </div>
    <${PaletteHost} /><${Help} /><${SignIn} /><${Toasts} />`
}
