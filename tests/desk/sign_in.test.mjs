// With keys: the desk asks for one, uses it in this tab, and asks again when it is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { useServer } from '../e2e/lib.mjs'
import { assertAccessible, closeCleanly, useBrowser } from './desk.mjs'

const server = await useServer({ options: { 'auth.mode': 'keys' } })
const browser = await useBrowser()

test('a key is asked for once, a wrong one is refused in the API\'s words', async () => {
  const made = await server.run(['key', 'add'], ['desk', '--role', 'staff'])
  assert.equal(made.code, 0, made.stderr)
  const key = /\S{20,}/.exec(made.stdout)[0]
  server.client.key = key
  await server.place()
  const page = await browser.open(`${server.url}/desk/`)
  await page.getByLabel('Key').waitFor()
  await assertAccessible(page, 'sign-in')
  await page.getByLabel('Key').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'not known' }).waitFor()
  await page.getByLabel('Key').fill(key)
  await page.keyboard.press('Enter')
  await page.locator('tbody tr').first().waitFor()
  await page.reload()
  await page.locator('tbody tr').first().waitFor()
  assert.equal(await page.getByLabel('Key').count(), 0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Key').waitFor()
  await closeCleanly(page)
})
