// Copies of a database as an administrator makes them, with PostgreSQL's own programs.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'

import { run } from './lib.mjs'

/** One of the programs that belong to the server of the private cluster. */
export function program(server, name) {
  return path.join(path.dirname(fs.readlinkSync(`/proc/${server.cluster().pid}/exe`)), name)
}

async function succeed(...command) {
  const { code, stderr } = await run(...command)
  assert.equal(code, 0, stderr)
}

export const dump = (server, file) => succeed(program(server, 'pg_dump'), ['-Fc', '-f', file, server.databaseUrl()])

/** In place of what is there; orderd may be running. */
export const load = (server, file) =>
  succeed(program(server, 'pg_restore'), ['--clean', '--if-exists', '--no-owner', '-1', '-d', server.databaseUrl(), file])

/** Uses up transaction ids, as other work on the same server does. */
export const useUpIds = (server, count) => server.withDatabase(async db => {
  for (let i = 0; i < count; i++) await db.query('select pg_current_xact_id()')
})
