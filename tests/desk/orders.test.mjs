// The list of orders: filters and search in the address, views, selection, bulk actions with a dry run,
// and what happens meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { until } from '../e2e/lib.mjs'
import { assertAccessible, assertFits, closeCleanly, useBrowser, useShop } from './desk.mjs'

const server = await useShop()
const browser = await useBrowser()
const list = `${server.url}/desk/orders`

async function open(query = '', options) {
  const page = await browser.open(`${list}${query}`, options)
  await page.locator('tbody tr, .empty a').first().waitFor()
  return page
}

const numbers = page => page.locator('tbody th a').allTextContents()

/** The numbers that the API finds. */
async function found(query) {
  const { body } = await server.get(`/api/orders?limit=200&fields=orderNumber&${query}`)
  return body.items.map(each => each.orderNumber)
}

test('what the address says is what is shown, and what is chosen is in the address', async () => {
  const page = await open('?paymentStatus.in=paid&sort=-grandTotal')
  assert.deepEqual(await numbers(page), (await found('paymentStatus.in=paid&sort=-grandTotal')).slice(0, 50))
  const choice = page.locator('details', { hasText: 'Shipment' })
  await choice.locator('summary').click()
  await choice.getByLabel('Pending', { exact: true }).check()
  await page.waitForURL(/shipmentStatus\.in=pending/)
  const wanted = (await found('paymentStatus.in=paid&shipmentStatus.in=pending&sort=-grandTotal')).slice(0, 50)
  await until(async () => (await numbers(page)).join() === wanted.join())
  await page.goBack()
  await page.waitForURL(url => !url.search.includes('shipmentStatus'))
  await closeCleanly(page)
})

test('search finds as one types', async () => {
  const page = await open()
  await page.keyboard.press('/')
  await page.keyboard.type('hansen')
  await page.waitForURL(/q=hansen$/)
  const wanted = (await found('q=hansen')).slice(0, 50)
  assert.ok(wanted.length)
  await until(async () => (await numbers(page)).join() === wanted.join())
  await closeCleanly(page)
})

test('pages follow each other by cursor, and the browser goes back', async () => {
  const page = await open()
  const first = await numbers(page)
  await page.getByRole('link', { name: 'Next page' }).click()
  await until(async () => (await numbers(page))[0] !== first[0])
  assert.deepEqual(await numbers(page), (await found('sort=-createdAt')).slice(50, 100))
  await page.goBack()
  await until(async () => (await numbers(page)).join() === first.join())
  await closeCleanly(page)
})

test('a filter that the shop does not have is named, and one click leads out', async () => {
  const page = await browser.open(`${list}?status=no_such`)
  await page.getByRole('alert').filter({ hasText: 'there is no status "no_such"' }).waitFor()
  await page.getByRole('alert').getByRole('link').click()
  await page.locator('tbody tr').first().waitFor()
  await closeCleanly(page)
})

test('a view is kept, and a broken one blocks nobody', async () => {
  const page = await open('?tag=gift')
  await page.getByRole('button', { name: 'Save as a view' }).click()
  await page.getByLabel('Name of the view').fill('Gifts')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Gifts' }).waitFor()
  await page.evaluate(() => {
    const views = JSON.parse(localStorage.getItem('orderd.desk.views'))
    localStorage.setItem('orderd.desk.views', JSON.stringify([null, { name: 7 }, { name: 'Gone', query: 'status=gone&x=%' }, ...views]))
  })
  await page.goto(list)
  await page.getByRole('link', { name: 'Gifts' }).waitFor()
  await page.locator('tbody tr').first().waitFor()
  await page.getByRole('link', { name: 'Gone' }).click()
  await page.getByRole('alert').filter({ hasText: 'gone' }).waitFor()
  await page.getByRole('link', { name: 'All' }).click()
  await page.locator('tbody tr').first().waitFor()
  await page.evaluate(() => localStorage.setItem('orderd.desk.views', '{"broken'))
  await page.reload()
  await page.locator('tbody tr').first().waitFor()
  await closeCleanly(page)
})

test('shift-click selects a range; all that match are those of the filter, not of the shop', async () => {
  const page = await open('?paymentStatus.in=paid')
  const boxes = page.locator('tbody input[type=checkbox]')
  await boxes.nth(1).click()
  await boxes.nth(5).click({ modifiers: ['Shift'] })
  await page.getByText('5 selected').waitFor()
  await page.getByLabel('Select this page').click()
  await page.getByText('50 selected').waitFor()
  const total = (await server.get('/api/orders?paymentStatus.in=paid&limit=1&count=true')).body.total
  await page.getByRole('button', { name: `Select all ${total} that match` }).click()
  await page.getByText(`${total} selected`).waitFor()
  await page.getByRole('button', { name: 'Tag', exact: true }).click()
  await page.getByLabel('Tag', { exact: true }).fill('audited')
  await page.keyboard.press('Enter')
  await page.getByText(`${total} orders would be changed.`).waitFor()
  assert.deepEqual(await found('tag=audited'), [], 'a dry run changes nothing')
  await page.getByRole('button', { name: `Tag ${total} orders` }).click()
  await page.getByText(`${total} orders were changed.`).waitFor()
  await until(async () => (await server.get('/api/orders?tag=audited&limit=1&count=true')).body.total === total)
  assert.equal((await server.get('/api/orders?tag=audited&paymentStatus.nin=paid&limit=1&count=true')).body.total, 0)
  await closeCleanly(page)
})

test('cancelling many names first what is refused and why, then does the rest', async () => {
  const page = await open('?sort=-createdAt')
  await page.getByLabel('Select this page').click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByLabel('Reason').fill('Closing down')
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  await assertAccessible(page, 'dry run')
  const would = Number(/(\d+) orders? would be changed/.exec(await page.locator('.verdict').textContent())[1])
  assert.ok(would > 0 && would < 50, `${would} would be cancelled`)
  assert.match(await page.locator('.refusal').first().textContent(), /order\.cancel@default/)
  await page.getByRole('button', { name: `Cancel ${would} order` }).click()
  await page.getByText(`${would} orders were changed.`).waitFor()
  assert.equal(await page.locator('dialog tbody tr').count(), would)
  await closeCleanly(page)
})

test('new orders wait in a bar, changed ones change where they are', async () => {
  const page = await open()
  const before = await numbers(page)
  await until(async () => (await server.get('/metrics')).text.match(/orderd_stream_listeners (\d+)/)?.[1] !== '0')
  const placed = await server.place({ items: [{ sku: 'CAP-NVY', qty: 1, price: 22 }] })
  await page.getByRole('button', { name: '1 new order' }).waitFor()
  assert.deepEqual(await numbers(page), before)
  const third = before[2]
  await server.post(`/api/orders/${third}/holds`, { handle: 'look', reason: 'Address' })
  const row = page.locator('tbody tr').nth(2)
  await row.getByText('On hold').waitFor()
  assert.deepEqual(await numbers(page), before)
  await page.getByRole('button', { name: '1 new order' }).click()
  await until(async () => (await numbers(page))[0] === placed.orderNumber)
  await closeCleanly(page)
})

test('no violation, nothing sticks out, from 320 to 1440 px', async () => {
  for (const width of [320, 360, 768, 1440]) {
    const page = await open('', { width })
    await assertAccessible(page, `${width} px`)
    await assertFits(page)
    await closeCleanly(page)
  }
})
