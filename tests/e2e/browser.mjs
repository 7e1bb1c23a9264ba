// A real browser, with a profile of its own for each page.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'

import { makeHome, run } from './lib.mjs'

// It talks to nobody by itself, and as root it has no sandbox.
const FLAGS = ['--headless', '--disable-gpu', '--no-first-run', '--disable-quic', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
  ...process.getuid() === 0 ? ['--no-sandbox'] : []]

function remove(profile) {
  fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

/** Runs it on a URL until it has done what the flags say, and returns what it printed. */
export async function browse(url, flags) {
  const profile = makeHome()
  try {
    const { code, stdout, stderr } = await run('chromium', [...FLAGS, `--user-data-dir=${profile}`, ...flags, url])
    assert.equal(code, 0, stderr)
    return stdout
  } finally {
    remove(profile)
  }
}

/** What `work` comes to while the page is open. */
export async function withPage(url, flags, work) {
  const profile = makeHome()
  // With a debugging port it stays until it is told to go. In a group of its own, it goes with its children.
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, '--remote-debugging-port=0', ...flags, url],
    { stdio: 'ignore', detached: true })
  const gone = new Promise(resolve => { child.once('exit', resolve).once('error', resolve) })
  try {
    return await work()
  } finally {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has gone by itself.
    }
    await gone
    remove(profile)
  }
}
