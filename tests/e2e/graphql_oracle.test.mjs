// Validation of GraphQL against graphql-js; `node tests/oracle/graphql.mjs` does the same for 100,000 documents.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { compare, rules } from '../oracle/graphql.mjs'
import { findOrderd } from './lib.mjs'

const orderd = findOrderd()
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..')
const SEED = Number(process.env.OD_SEED ?? 1)

const seen = new Map()
for (const file of ['conf/schema.graphql', 'tests/oracle/pets.graphql']) {
  test(`1,000 documents break the same rules of ${file} as in graphql-js`, () => {
    for (const [rule, n] of compare({ orderd, file: path.join(root, file), count: 1000, seed: SEED })) seen.set(rule, (seen.get(rule) ?? 0) + n)
  })
}

test('the documents were valid often, and broke every rule', () => {
  assert.ok(seen.get('valid') >= 300, `${seen.get('valid')} valid`)
  for (const rule of rules) assert.ok(seen.get(rule.name), `none broke ${rule.name}`)
})
