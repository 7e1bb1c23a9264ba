// One order: what happened, what may be done and what not and why, how it was, and who changed it meanwhile.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { until } from '../e2e/lib.mjs'
import { fullOrder } from '../e2e/client.mjs'
import { assertAccessible, assertFits, closeCleanly, openPalette, useBrowser, useShop } from './desk.mjs'

const server = await useShop()
const browser = await useBrowser()

async function open(order, query = '', options) {
  const page = await browser.open(`${server.url}/desk/orders/${order.orderNumber ?? order}${query}`, options)
  await page.getByRole('heading', { name: 'What happened' }).waitFor()
  await page.locator('.timeline li').first().waitFor()
  return page
}

/** A paid order of two lines. */
async function paid() {
  const order = await server.place({
    customer: { email: 'ada@example.org', fullName: 'Ada Lovelace' }, paymentMethod: 'card',
    items: [{ sku: 'MUG-SPECK', name: 'Speckled stoneware mug', qty: 2, price: 16.50 }, { sku: 'LAMP-DESK', name: 'Desk lamp', qty: 1, price: 119 }],
  })
  const captured = await server.post(`/api/orders/${order.orderNumber}/payments`, { type: 'capture' })
  assert.equal(captured.status, 201, captured.text)
  return order
}

const answer = async order => (await server.get(`/api/orders/${order.orderNumber}`)).body

test('one of two parcels is shipped and a part refunded, with the keyboard alone', async () => {
  const order = await paid()
  const page = await browser.open(`${server.url}/desk/`)
  await page.locator('tbody tr').first().waitFor()
  await openPalette(page)
  await page.keyboard.type(order.orderNumber)
  await page.locator('#palette li strong', { hasText: order.orderNumber }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.timeline li').first().waitFor()
  await page.getByRole('button', { name: 'Ship', exact: true }).waitFor()

  await page.keyboard.press('s')
  const first = page.getByLabel('Tracking number') // where a scanner types
  await until(() => first.evaluate(each => each === document.activeElement))
  await page.keyboard.type('JD0123456789')
  await page.getByText('would leave with 3 units').waitFor()
  const lamp = page.getByLabel('Units of Desk lamp')
  while (!await lamp.evaluate(each => each === document.activeElement)) await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.getByText('would leave with 2 units').waitFor()
  await assertAccessible(page, 'ship')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'DHL JD0123456789' }).waitFor()

  await page.keyboard.press('f')
  await page.getByRole('dialog', { name: 'Refund' }).waitFor()
  const mug = page.getByLabel('Units of Speckled stoneware mug')
  await until(() => mug.evaluate(each => each === document.activeElement))
  await page.keyboard.press('ArrowUp')
  await page.getByText('€16.50 would go back by card.').waitFor()
  await assertAccessible(page, 'refund')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await until(async () => (await answer(order)).amountRefunded === 16.5)
  const now = await answer(order)
  assert.deepEqual(now.shipments.map(each => each.items), [[{ orderItemId: 1, qty: 2 }]])
  assert.equal(now.shipments[0].carrier, 'DHL')
  await page.locator('.timeline').getByText('€16.50 refunded by card').waitFor()
  await closeCleanly(page)
})

test('what is refused is shown greyed, with the rule and what would make it allowed', async () => {
  const order = await paid()
  await server.post(`/api/orders/${order.orderNumber}/shipments`, { items: [{ orderItemId: 1, qty: 1 }] })
  const page = await open(order)
  const cancel = page.getByRole('button', { name: 'Cancel', exact: true })
  await cancel.waitFor()
  assert.equal(await cancel.getAttribute('aria-disabled'), 'true')
  await cancel.press('Enter')
  const why = page.getByRole('alert')
  await why.getByText('order.cancel@default').waitFor()
  const { body } = await server.get(`/api/orders/${order.orderNumber}/actions`)
  const refusal = body.items.find(each => each.command === 'cancel')
  assert.ok((await why.textContent()).includes(refusal.reason))
  await why.getByText('possible for units that have not left').waitFor()
  await assertAccessible(page, 'refused')
  assert.equal(await page.getByRole('dialog').count(), 0)
  await closeCleanly(page)
})

test('somebody else was quicker: the sheet shows what they did, and tries on the order as it is', async () => {
  const order = await paid()
  const page = await open(order)
  await page.getByRole('button', { name: 'Add a note' }).first().click()
  await page.getByRole('textbox', { name: 'Note' }).fill('Rings at noon')
  // What happens elsewhere must not reach the page before its own command does.
  await page.route('**/api/orders/*', route => route.abort())
  await page.route('**/api/stream*', route => route.abort())
  const held = await server.post(`/api/orders/${order.orderNumber}/holds`, { handle: 'fraud', reason: 'Odd address' })
  assert.equal(held.status, 201)
  await page.getByRole('dialog').getByRole('button', { name: 'Add a note' }).click()
  const conflict = page.getByRole('alert').filter({ hasText: 'changed while you looked' })
  await conflict.getByText('Put on hold: fraud').waitFor()
  await page.unroute('**/api/orders/*')
  await conflict.getByRole('button').click()
  await conflict.waitFor({ state: 'detached' })
  await page.getByRole('dialog').getByRole('button', { name: 'Add a note' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.deepEqual((await answer(order)).activities.map(each => each.comment), ['Rings at noon'])
  await closeCleanly(page)
})

test('the time slider shows the order at any version, by its address', async () => {
  const order = await paid()
  await server.post(`/api/orders/${order.orderNumber}/shipments`, {})
  const page = await open(order)
  const latest = (await answer(order)).version
  const slider = page.getByRole('slider')
  await slider.focus()
  await page.keyboard.press('Home')
  await page.waitForURL(/\?at=1$/)
  await page.getByText('The order as it was at version 1').waitFor()
  await until(async () => await page.locator('.timeline > li').count() === 1)
  assert.equal(await page.getByRole('button', { name: 'Ship', exact: true }).count(), 0)
  await assertAccessible(page, 'past')
  await slider.focus()
  await page.keyboard.press('End')
  await page.waitForURL(url => url.search === '')
  await until(async () => await page.locator('.timeline > li').count() === latest)
  await closeCleanly(page)
})

test('what others do with it appears by itself', async () => {
  const order = await paid()
  const page = await open(order)
  await until(async () => server.get('/metrics').then(({ text }) => Number(/^orderd_stream_listeners(?:\{\})? (\d+)/m.exec(text)?.[1]) > 0))
  await server.post(`/api/orders/${order.orderNumber}/holds`, { handle: 'look', reason: 'To be looked at' })
  await page.locator('.hold').getByText('To be looked at').waitFor()
  await page.locator('.hold').getByRole('button', { name: 'Release' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
  await page.locator('.hold').waitFor({ state: 'detached' })
  await closeCleanly(page)
})

test('a click beside the fields keeps what was filled in, and a trial that failed is made again by itself', async () => {
  const order = await paid()
  const page = await open(order)
  await page.getByRole('button', { name: 'Add a note' }).first().click()
  const note = page.getByRole('textbox', { name: 'Note' })
  const send = page.getByRole('dialog').getByRole('button', { name: 'Add a note' })
  await page.context().setOffline(true)
  await note.fill('Rings at noon')
  await page.getByRole('dialog').getByRole('alert').waitFor()
  assert.ok(await send.isDisabled())
  const box = await page.getByRole('dialog').boundingBox()
  await page.mouse.click(box.x + box.width / 2, box.y + box.height - 20)
  assert.equal(await note.inputValue(), 'Rings at noon')
  await page.context().setOffline(false)
  await until(() => send.isEnabled())
  await send.click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('.note').getByText('Rings at noon').first().waitFor()
  await closeCleanly(page)
})

test('there is no such order, and the page says so', async () => {
  const page = await browser.open(`${server.url}/desk/orders/NOPE-1`)
  await page.getByRole('alert').filter({ hasText: 'no such order' }).waitFor()
  await assertAccessible(page, 'no order')
  await closeCleanly(page)
})

test('whatever an order carries is text: nothing of it runs, nothing becomes a link that does', async () => {
  const evil = name => `<img src=x onerror="window.ran='${name}'"><script>window.ran='${name}'</script>"'\`\${window.ran='${name}'}{{7*7}}`
  const address = Object.fromEntries(['fullName', 'address1', 'address2', 'city', 'province', 'postcode', 'telephone']
    .map(name => [name, evil(name).slice(0, 90)]))
  const full = fullOrder()
  const order = await server.place({
    ...full,
    customer: { id: evil('id').slice(0, 60), email: `"<img src=x onerror=window.ran=1>"@example.org`, fullName: evil('name') },
    shippingAddress: { ...address, country: 'PT' }, billingAddress: { ...address, country: 'PT' },
    shippingNote: evil('shippingNote'), tags: [evil('tag').slice(0, 60)], metadata: { gift: evil('metadata') },
    shippingMethodName: evil('shippingMethodName').slice(0, 90), paymentMethodName: evil('paymentMethodName').slice(0, 90),
    items: full.items.map(item => ({ ...item, name: evil('item'), thumbnail: 'javascript:window.ran=1' })),
  })
  const at = `/api/orders/${order.orderNumber}`
  await server.post(`${at}/activities`, { comment: evil('comment') })
  await server.post(`${at}/payments`, { type: 'capture', transactionId: evil('transaction').slice(0, 90) })
  const sent = await server.post(`${at}/shipments`, {
    carrier: evil('carrier').slice(0, 60), trackingNumber: evil('tracking').slice(0, 90), trackingUrl: 'javascript:window.ran=1', note: evil('note'),
  })
  const hold = await server.post(`${at}/holds`, { handle: 'x', reason: evil('hold') })
  assert.equal(hold.status, 201, hold.text)
  const page = await open(order)
  for (const summary of await page.locator('.timeline summary').all()) await summary.click()
  assert.ok((await page.locator('main').textContent()).includes('<img src=x onerror='))
  assert.equal(await page.locator('main img, main script, [onerror]').count(), 0)
  const links = await page.locator('a[href]').evaluateAll(all => all.map(each => each.protocol))
  assert.deepEqual(links.filter(each => !['http:', 'https:', 'mailto:'].includes(each)), [])
  await openPalette(page)
  await page.keyboard.type(order.orderNumber)
  await page.locator('#palette li strong').first().waitFor()
  await page.goto(`${server.url}/desk/orders?q=${encodeURIComponent(order.orderNumber)}`)
  await page.locator('tbody tr').first().waitFor()
  assert.equal(await page.evaluate(() => globalThis.ran), undefined)
  assert.ok(sent.status === 201 || sent.status === 422, sent.text)
  await closeCleanly(page)
})

test('no violation, nothing sticks out, from 320 to 1440 px, in both themes', async () => {
  const { body } = await server.get('/api/orders?shipmentStatus=partially_shipped&limit=1')
  for (const [width, colorScheme] of [[320, 'light'], [360, 'dark'], [768, 'light'], [1440, 'dark']]) {
    const page = await open(body.items[0], '', { width, colorScheme })
    await page.locator('.timeline summary').first().click()
    await assertAccessible(page, `${width} px`)
    await assertFits(page)
    await closeCleanly(page)
  }
})
