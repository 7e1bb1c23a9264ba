// The pages of the plugins: each configuration that they print loads, and each command that they print
// answers what they say.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertVerified, finished, findOrderd, ROOT, useServer } from './lib.mjs'

const dir = path.join(ROOT, 'plugins')
const pages = fs.readdirSync(dir).filter(name => fs.existsSync(path.join(dir, name, 'README.md')))
const page = name => fs.readFileSync(path.join(dir, name, 'README.md'), 'utf8')
const blocks = (name, kind) => [...page(name).matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, 'gms'))].map(m => m[1])

/** All their configurations as one: what they load together, the sections one behind the other. */
const inis = pages.flatMap(name => blocks(name, 'ini'))
const loaded = inis.flatMap(ini => /^load = (.*)$/m.exec(ini)[1].split(', '))
const grants = inis.map(ini => /^\[grant\]\n(.*)$/m.exec(ini)[1])
const settings = inis.map(ini => ini.slice(ini.indexOf('[plugin.')))

const server = await useServer({
  options: { 'plugins.dir': dir, 'plugins.load': loaded.join(', ') },
  config: text => `${text}\n[grant]\n${grants.join('\n')}\n\n${settings.join('\n')}`,
})

for (const name of pages) {
  test(`the page of ${name}`, async () => {
    for (const block of blocks(name, 'sh')) {
      const script = block.replace(/^URL=.*$/m, `URL=${server.url}`)
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${path.dirname(findOrderd())}:${process.env.PATH}` },
      })
      const { stdout, stderr } = await finished(child, { what: name, timeout: 60_000 })
      const said = [...block.matchAll(/^# (.*)$/gm)].map(m => m[1])
      assert.deepEqual(stdout.replaceAll(/(?<=[\]}])(?=[[{\d])/g, '\n').trim().split('\n'), said, stderr)
    }
  })
}

test('every plugin that takes messages has a page, and the lists count and name all plugins', () => {
  const all = fs.readdirSync(dir).filter(name => fs.statSync(path.join(dir, name)).isDirectory())
  const list = fs.readFileSync(path.join(dir, 'README.md'), 'utf8')
  for (const name of all) assert.ok(list.includes(`[${name}](${name}/`), name)
  assert.ok(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').includes(`plugins: ${all.length} to copy from`))
  for (const name of all) {
    const text = fs.readdirSync(path.join(dir, name)).filter(f => f.endsWith('.lua')).map(f => fs.readFileSync(path.join(dir, name, f), 'utf8')).join('')
    assert.equal(pages.includes(name) || !text.includes('oms.receiver'), true, name)
  }
})

test('the books agree', () => assertVerified(server))
