// Whoever writes plugins need not be whoever runs orderd: what lies in their folders cannot make it read anything
// else, nor wait.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { assertProblem, until, useServer } from './lib.mjs'

const SECRET = 'root:$y$j9T$secret:19000:0:99999:7:::'
const server = await useServer({
  options: { 'plugins.load': undefined },
  config: text => text.replace(/^#load =$/m, 'load = paper'),
  prepare: on => {
    on.writePlugin('paper', 'function shout(text) return text:upper() end\n')
    on.writePluginFile('paper', 'templates/invoice.html', '<!doctype html><p>ours</p>\n')
    on.writePluginFile('paper', 'tests/paper.lua', 'oms.test("nothing", function() end)\n')
    fs.writeFileSync(path.join(on.dir, 'secret'), SECRET)
    fs.mkdirSync(path.join(on.dir, 'elsewhere'))
    fs.writeFileSync(path.join(on.dir, 'elsewhere', 'invoice.html'), SECRET)
    fs.writeFileSync(path.join(on.dir, 'elsewhere', 'init.lua'), `-- ${SECRET}`)
  },
})
const inside = (...names) => path.join(server.pluginsDir, 'paper', ...names)
const outside = (...names) => path.join(server.dir, ...names)

/** A socket that stays when its server has gone. */
function makeSocket(file) {
  execFileSync(process.execPath, ['-e',
    `require('net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`], { stdio: 'ignore' })
}

const ignoringExit = make => file => {
  try {
    make(file)
  } catch {
    // It ended by a signal, as it should.
  }
  assert.ok(fs.lstatSync(file).isSocket())
}

const replaced = (file, make) => () => {
  const kept = `${outside('kept')}`
  if (fs.existsSync(file)) fs.renameSync(file, kept)
  make(file)
  return () => {
    fs.rmSync(file, { recursive: true, force: true })
    if (fs.existsSync(kept)) fs.renameSync(kept, file)
  }
}

/** [what, makes it and returns how to undo it, the file, what is wrong with it] */
const cases = [
  ['a template that is a link to a secret', replaced(inside('templates', 'invoice.html'), file => fs.symlinkSync(outside('secret'), file)),
    'paper/templates/invoice.html', 'is a symbolic link'],
  ['a template that is a link to /proc', replaced(inside('templates', 'invoice.html'), file => fs.symlinkSync('/proc/self/environ', file)),
    'paper/templates/invoice.html', 'is a symbolic link'],
  ['a link that leads nowhere', replaced(inside('templates', 'other.html'), file => fs.symlinkSync('nowhere', file)),
    'paper/templates/other.html', 'is a symbolic link'],
  ['a folder of templates that is a link', replaced(inside('templates'), file => fs.symlinkSync(outside('elsewhere'), file)),
    'paper/templates', 'is a symbolic link'],
  ['a script that is a link within the folder', replaced(inside('more.lua'), file => fs.symlinkSync('init.lua', file)),
    'paper/more.lua', 'is a symbolic link'],
  ['a manifest that is a link', replaced(inside('plugin.ini'), file => fs.symlinkSync(outside('secret'), file)),
    'paper/plugin.ini', 'is a symbolic link'],
  ['a plugin that is a link', replaced(inside(), file => fs.symlinkSync(outside('elsewhere'), file)),
    'plugins/paper', 'is a symbolic link'],
  ['a script that is a FIFO', replaced(inside('init.lua'), file => execFileSync('mkfifo', [file])), 'paper/init.lua', 'is a FIFO'],
  ['a test that is a FIFO', replaced(inside('tests', 'x.lua'), file => execFileSync('mkfifo', [file])), 'paper/tests/x.lua', 'is a FIFO'],
  ['a plugin that is a FIFO', replaced(inside(), file => execFileSync('mkfifo', [file])), 'plugins/paper', 'Not a directory'],
  ['a script that is a socket', replaced(inside('x.lua'), ignoringExit(makeSocket)), 'paper/x.lua', 'is a socket'],
  ['a script that is a folder', replaced(inside('x.lua'), file => fs.mkdirSync(file)), 'paper/x.lua', 'is a folder'],
  ['a folder of templates that is a file', replaced(inside('templates'), file => fs.writeFileSync(file, '')), 'paper/templates', 'Not a directory'],
  ['a script of a terabyte', replaced(inside('x.lua'), file => {
    fs.writeFileSync(file, '')
    fs.truncateSync(file, 2 ** 40)
  }), 'paper/x.lua', 'is larger than 262144 bytes'],
  ['more scripts than a plugin may have', replaced(inside('many'), () => {
    for (let i = 0; i < 210; i++) fs.writeFileSync(inside(`many-${i}.lua`), '')
  }), 'plugins/paper', 'has more than 200 files'],
]
if (process.getuid() === 0) {
  cases.push(['a script that is a device', replaced(inside('x.lua'), file => execFileSync('mknod', [file, 'c', '1', '5'])),
    'paper/x.lua', 'is a device'])
}

async function serving() {
  return (await server.get('/metrics')).text.match(/orderd_bundle_info\{bundle="(\w+)"\}/)[1]
}

for (const [what, make, file, wrong] of cases) {
  test(`${what} is refused by name, and everything goes on`, async () => {
    const before = await serving()
    const undo = make()
    try {
      const reload = server.post('/admin/reload')
      assert.equal((await server.get('/healthz')).status, 200)
      const answer = await reload
      assertProblem(answer, 422)
      assert.ok(answer.body.detail.includes(`${file}: `) && answer.body.detail.includes(wrong), answer.body.detail)
      assert.ok(!answer.text.includes('19000'), answer.text)
      const { uuid } = await server.place()
      assert.equal((await server.post(`/api/orders/${uuid}/invoices`)).status, 201)
      assert.match((await server.get(`/api/orders/${uuid}/invoice`)).text, /<p>ours<\/p>/)
      assert.equal(await serving(), before)
      const list = await server.run(['plugin', 'list'])
      assert.match(list.stdout, /paper, unusable/)
    } finally {
      undo()
      for (let i = 0; i < 210; i++) fs.rmSync(inside(`many-${i}.lua`), { force: true })
    }
    assert.equal((await server.post('/admin/reload')).status, 200)
  })
}

test('nothing of what lies elsewhere was kept', async () => {
  const [{ count }] = await server.sql("select count(*) from bundle_source where source like '%19000%'")
  assert.equal(count, 0)
})

test('a plugin’s name cannot lead out of the plugins’ folder', async () => {
  for (const name of ['../elsewhere', '/etc', '..']) {
    server.editConfig(text => text.replace(/^load = .*$/m, `load = ${name}`))
    assertProblem(await server.post('/admin/reload'), 422, { detail: /not a name|name/ })
  }
  server.editConfig(text => text.replace(/^load = .*$/m, 'load = paper'))
  assert.equal((await server.post('/admin/reload')).status, 200)
})

test('it starts with what is stored while a folder would make it wait', async () => {
  const undo = replaced(inside('init.lua'), file => execFileSync('mkfifo', [file]))()
  const before = await serving()
  try {
    await server.restart()
    assert.equal(await serving(), before)
    await until(() => /is a FIFO/.test(server.log), { what: 'the log saying why' })
  } finally {
    undo()
  }
})

test('the configuration and its folders are the operator’s, and may be links; a FIFO may not be read again and again', async () => {
  for (const release of ['1', '2']) {
    const dir = outside(`release-${release}`)
    fs.mkdirSync(path.join(dir, 'paper'), { recursive: true })
    fs.writeFileSync(path.join(dir, 'paper', 'init.lua'), `-- ${release}\n`)
    fs.writeFileSync(path.join(dir, 'paper', 'plugin.ini'), `name = paper\nversion = ${release}\n`)
  }
  fs.renameSync(server.pluginsDir, outside('release-0'))
  const bundles = new Set()
  for (const release of ['0', '1', '2']) {
    fs.symlinkSync(outside(`release-${release}`), outside('next'))
    fs.renameSync(outside('next'), server.pluginsDir)
    const answer = await server.post('/admin/reload')
    assert.equal(answer.status, 200, answer.text)
    bundles.add(answer.body.bundle)
  }
  assert.equal(bundles.size, 3)
  fs.renameSync(server.configFile, outside('kept.ini'))
  fs.symlinkSync('kept.ini', server.configFile)
  assert.equal((await server.post('/admin/reload')).status, 200)
  fs.rmSync(server.configFile)
  execFileSync('mkfifo', [server.configFile])
  assertProblem(await server.post('/admin/reload'), 422, { detail: /orderd\.ini: cannot be read: is a FIFO/ })
  fs.renameSync(outside('kept.ini'), server.configFile)
  assert.equal((await server.post('/admin/reload')).status, 200)
})
