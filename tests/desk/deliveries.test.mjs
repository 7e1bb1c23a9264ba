// What went out: a target is paused and goes on, a message is sent again.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { until } from '../e2e/lib.mjs'
import { assertAccessible, assertFits, closeCleanly, useBrowser, useShop } from './desk.mjs'

const server = await useShop()
const browser = await useBrowser()
const list = `${server.url}/desk/deliveries`

const target = async name => (await server.get('/api/targets')).body.items.find(each => each.name === name)

/** Whether all that happened has gone out. */
async function settled() {
  const [{ body }, log] = [await server.get('/admin/feed'), await target('log')]
  return body.lagMs === 0 && log.queued === 0 && log.underWay === 0
}

test('a paused target keeps what waits, and a message is sent again once it goes on', async () => {
  await until(settled)
  const page = await browser.open(list)
  await page.getByRole('button', { name: 'Pause log' }).click()
  await page.getByText('log is paused').waitFor()
  await until(async () => (await target('log')).state === 'paused')
  const { body } = await server.get('/api/deliveries?limit=1')
  const [delivery] = body.items
  await page.getByRole('button', { name: 'Send again' }).first().click()
  await page.locator('tbody tr').filter({ hasText: delivery.orderNumber }).locator('td').getByText('Waiting').first().waitFor()
  await assertAccessible(page, 'paused')
  await page.goto(`${list}?state=queued`)
  assert.equal(await page.locator('.list tbody tr').count(), 1)
  await page.getByRole('button', { name: 'Resume log' }).click()
  await until(async () => (await server.get(`/api/deliveries/${delivery.deliveryId}`)).body.state === 'delivered')
  await page.keyboard.press('r')
  await page.getByText('Nothing went out that matches.').waitFor()
  await closeCleanly(page)
})

test('no violation, nothing sticks out, from 320 to 1440 px', async () => {
  for (const width of [320, 1440]) {
    const page = await browser.open(list, { width })
    await page.locator('.list tbody tr').first().waitFor()
    await assertAccessible(page, `${width} px`)
    await assertFits(page)
    await closeCleanly(page)
  }
})
