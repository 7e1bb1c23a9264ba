// How the desk is served: policy, caching, compression, and how much of it there is.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import zlib from 'node:zlib'

import { makeHome, ROOT, useServer } from '../e2e/lib.mjs'

const BUDGET = 60 * 1024

const server = await useServer()

async function ask(path, headers = {}, method = 'GET') {
  const response = await fetch(server.url + path, { method, headers, redirect: 'manual' })
  return { response, headers: response.headers, text: await response.text() }
}

const page = await ask('/desk/')
const assets = [...new Set([...page.text.matchAll(/"(\/desk\/assets\/[^"]+\.[0-9a-f]{16}\.\w+)"/g)].map(([, each]) => each))]

test('every address of the desk is the same page, also for HEAD', async () => {
  assert.equal(page.response.status, 200, page.text)
  assert.match(page.headers.get('content-type'), /^text\/html/)
  for (const address of ['/desk/orders', '/desk/orders/10042', '/desk/orders?q=a']) {
    assert.equal((await ask(address)).text, page.text)
    const head = await ask(address, {}, 'HEAD')
    assert.equal(head.response.status, 200)
    assert.equal(head.text, '')
  }
  const bare = await ask('/desk')
  assert.equal(bare.response.status, 308)
  assert.equal(bare.headers.get('location'), '/desk/')
})

test('only the page\'s own scripts may run, and no other page may frame it', () => {
  const policy = page.headers.get('content-security-policy')
  const map = /<script type="importmap">(.*?)<\/script>/s.exec(page.text)[1]
  const hash = crypto.createHash('sha256').update(map).digest('base64')
  assert.match(policy, /^default-src 'none'; /)
  assert.ok(policy.includes(`script-src 'self' 'sha256-${hash}'`), policy)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe/)
  assert.doesNotMatch(page.text, /\son\w+=|\sstyle=|<style/)
})

test('the page is asked for again each time, its files once', async () => {
  const etag = page.headers.get('etag')
  assert.equal(page.headers.get('cache-control'), 'no-cache')
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    assert.equal((await ask('/desk/', { 'if-none-match': known })).response.status, 304)
  }
  assert.equal((await ask('/desk/', { 'if-none-match': '"other"' })).response.status, 200)
  for (const asset of assets) {
    const { response, headers } = await ask(asset)
    assert.equal(response.status, 200, asset)
    assert.match(headers.get('cache-control'), /immutable/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  }
  const gone = await ask('/desk/assets/main.0000000000000000.js')
  assert.equal(gone.response.status, 404)
  assert.equal(gone.headers.get('cache-control'), 'no-store')
})

test('files are compressed for those who take it, and for nobody else', async () => {
  const bytes = (accept, address = assets[0]) => server.api('GET', address, undefined, accept ? { 'accept-encoding': accept } : {})
  const plain = await bytes()
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.headers.vary, 'Accept-Encoding')
  for (const accept of ['gzip', 'br, gzip;q=0.5', 'GZIP']) assert.equal((await bytes(accept)).headers['content-encoding'], 'gzip', accept)
  for (const accept of ['br', 'gzip;q=0', 'identity']) assert.equal((await bytes(accept)).headers['content-encoding'], undefined, accept)
  const response = await fetch(server.url + assets[0])
  assert.equal(await response.text(), plain.text) // fetch takes gzip and unpacks it
})

test(`all of it has at most ${BUDGET} bytes compressed`, async () => {
  let sum = zlib.gzipSync(page.text, { level: 9 }).length
  for (const asset of assets) {
    const { headers } = await ask(asset, { 'accept-encoding': 'gzip' }, 'HEAD')
    assert.equal(headers.get('content-encoding'), 'gzip')
    sum += Number(headers.get('content-length'))
  }
  assert.ok(assets.length > 20, `only ${assets.length} files were found`)
  assert.ok(sum <= BUDGET, `${sum} bytes`)
  console.log(`# the desk has ${sum} bytes compressed, in ${assets.length} files`)
})

test('where npm or the network is missing the build goes on, and says why there is no desk', () => {
  const away = [['NODE-NOTFOUND', 'NPM-NOTFOUND', /\.missing = .*npm was not found/], ['/bin/true', '/bin/false', /\.missing = .*npm ci failed/]]
  for (const [node, npm, why] of away) {
    const out = makeHome()
    execFileSync('cmake', [`-DWEB=${path.join(ROOT, 'core/desk/web')}`, `-DOUT=${out}`, `-DNODE=${node}`, `-DNPM=${npm}`,
      '-P', path.join(ROOT, 'tools/desk.cmake')], { stdio: 'ignore' })
    assert.match(fs.readFileSync(path.join(out, 'files.c'), 'utf8'), why)
    execFileSync('cc', ['-fsyntax-only', '-D_GNU_SOURCE', `-I${path.join(ROOT, 'core')}`, path.join(out, 'files.c')])
    fs.rmSync(out, { recursive: true })
  }
})
