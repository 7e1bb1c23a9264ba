// The desk in a real browser: Debian's Chromium, driven by playwright-core, with a profile of its own.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { after } from 'node:test'

import { chromium } from 'playwright-core'

import { makeHome, ROOT, until, useServer } from '../e2e/lib.mjs'

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The demo shop of tools/run: 300 orders in all stages, with what the staff did today. */
export async function useShop(settings) {
  const server = await useServer(settings)
  const demo = path.join(ROOT, 'tools/demo')
  const big = { maxBuffer: 64 << 20 }
  const imported = await server.run('import', ['--format', 'ndjson', '--report', path.join(server.dir, 'report.ndjson'), '-'],
    { input: execFileSync(demo, big) })
  assert.equal(imported.code, 0, imported.stderr)
  const today = execFileSync(demo, ['today'], big)
  const done = await server.api('POST', '/api/batch', today, { 'content-type': 'application/x-ndjson', 'content-length': today.length })
  assert.equal(done.status, 200, done.text)
  return server
}

/** One browser for a test file. open(url, options): a page of a new context;
 * `prepare` is called with it before it goes there. */
export async function useBrowser() {
  const profile = makeHome()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-first-run', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', ...process.getuid() === 0 ? ['--no-sandbox'] : []],
    env: { ...process.env, HOME: profile },
  })
  after(async () => {
    await browser.close()
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  return {
    async open(url, { width = 1440, height = 900, prepare, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB', reducedMotion: 'reduce', ...options })
      const page = await context.newPage()
      page.errors = []
      page.on('pageerror', error => page.errors.push(error.message))
      page.on('console', message => {
        if (/Content Security Policy|Trusted/i.test(message.text())) page.errors.push(message.text())
      })
      page.setDefaultTimeout(60_000)
      await prepare?.(page)
      await page.goto(url)
      return page
    },
  }
}

/** Ends a page's life: nothing failed in it. */
export async function closeCleanly(page) {
  assert.deepEqual(page.errors, [])
  await page.context().close()
}

/** What axe finds wrong; it runs beside the page's policy, as an extension would. */
export async function assertAccessible(page, what) {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).slice(0, 5).join(', ')}`), [], what)
}

/** Nothing sticks out to the side. */
export async function assertFits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(over <= 0, `the page is ${over} px too wide`)
}

/** With the keyboard; what is typed from now on is searched for. */
export async function openPalette(page) {
  await page.keyboard.press('Control+k')
  await until(() => page.evaluate(() => document.activeElement.getAttribute('role') === 'combobox'))
}
