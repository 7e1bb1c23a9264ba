// What every page of the desk has: palette, shortcuts, languages, themes, and honest news of the server.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { until } from '../e2e/lib.mjs'
import { assertAccessible, assertFits, closeCleanly, openPalette, useBrowser, useShop } from './desk.mjs'

const server = await useShop()
const browser = await useBrowser()
const desk = `${server.url}/desk/`

test('the palette finds an order by a part of a SKU, with the keyboard alone', async () => {
  const page = await browser.open(desk)
  await page.locator('tbody tr').first().waitFor()
  await openPalette(page)
  await page.keyboard.type('lamp-de')
  await page.locator('#palette li strong').first().waitFor()
  const number = await page.locator('#palette li[aria-selected=true] strong').textContent()
  await assertAccessible(page, 'palette')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/desk/orders/${number}`)
  await closeCleanly(page)
})

test('the sheet of shortcuts lists what works, and Escape gives the focus back', async () => {
  const page = await browser.open(desk)
  await page.locator('tbody tr').first().waitFor()
  await page.locator('tbody th a').first().focus()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  assert.ok(await page.locator('.keys div').count() >= 8)
  await assertAccessible(page, 'shortcuts')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.ok(await page.evaluate(() => document.activeElement.matches('tbody th a')))
  await closeCleanly(page)
})

test('German and dark stay chosen', async () => {
  const page = await browser.open(desk)
  await page.getByLabel('Language').selectOption('de')
  await page.getByRole('heading', { name: 'Bestellungen' }).waitFor()
  await page.getByLabel('Farben').selectOption('dark')
  await page.reload()
  await page.getByRole('heading', { name: 'Bestellungen' }).waitFor()
  await page.locator('tbody tr').first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de')
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(16, 16, 20)')
  await assertAccessible(page, 'dark')
  await closeCleanly(page)
})

test('both catalogues have the same texts', async () => {
  const { default: fs } = await import('node:fs')
  const read = code => JSON.parse(fs.readFileSync(new URL(`../../core/desk/web/texts/${code}.json`, import.meta.url)))
  const shape = texts => Object.entries(texts).map(([name, text]) =>
    `${name} ${[...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, key]) => key).filter((key, i, all) => all.indexOf(key) === i).sort()}`).sort()
  assert.deepEqual(shape(read('de')), shape(read('en')))
})

test('a network that is gone is told, what was read stays marked as old, and it comes back by itself', async () => {
  const page = await browser.open(desk)
  await page.locator('tbody tr').first().waitFor()
  const rows = await page.locator('tbody tr').count()
  await page.context().setOffline(true)
  await page.keyboard.press('r')
  await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor()
  assert.equal(await page.locator('tbody tr').count(), rows)
  await page.locator('.list.stale').waitFor()
  await page.locator('.old').waitFor()
  await assertAccessible(page, 'offline')
  await page.context().setOffline(false)
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await page.locator('.list:not(.stale)').waitFor()
  await closeCleanly(page)
})

test('a server that is not ready is told in its own words, and asked again', async () => {
  const page = await browser.open(desk)
  await page.locator('tbody tr').first().waitFor()
  await page.route('**/api/orders?*', route => route.fulfill({
    status: 503, contentType: 'application/problem+json', body: '{"title":"x","status":503,"code":"unavailable","detail":"The database is away."}',
  }))
  await page.keyboard.press('r')
  await page.getByRole('alert').filter({ hasText: 'The database is away.' }).waitFor()
  await page.unroute('**/api/orders?*')
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await closeCleanly(page)
})

const isApi = url => /^\/(graphql|api\/)/.test(url.pathname)

test('a page that was opened while the server was away learns the shop\'s statuses once it is back', async () => {
  const page = await browser.open(desk, { prepare: page => page.route(isApi, route => route.abort()) })
  await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor()
  await page.unroute(isApi)
  await page.locator('tbody tr').first().waitFor()
  await page.locator('summary', { hasText: 'Status' }).click()
  await page.getByLabel('Processing').first().waitFor()
  await closeCleanly(page)
})

test('links are links: a middle click opens another tab, an unknown address says so', async () => {
  const page = await browser.open(desk)
  const link = page.locator('tbody th a').first()
  await link.waitFor()
  const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click({ button: 'middle' })])
  await tab.waitForURL('**/desk/orders/*')
  assert.ok(page.url().endsWith('/desk/'))
  await page.goto(`${desk}nothing`)
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await closeCleanly(page)
})

test('right to left, nothing sticks out', async () => {
  const page = await browser.open(desk, { width: 360 })
  await page.locator('tbody tr').first().waitFor()
  await page.evaluate(() => { document.documentElement.dir = 'rtl' })
  await assertFits(page)
  await until(() => page.evaluate(() => document.querySelector('.head h1').getBoundingClientRect().right > innerWidth / 2))
  await closeCleanly(page)
})
