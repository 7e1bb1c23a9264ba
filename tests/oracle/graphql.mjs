// graphql-js as the oracle of validation: `node tests/oracle/graphql.mjs [--count N] [--seed N]` gives random documents to
// `orderd schema` and to graphql-js 16. Both must break the same rules.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSchema, GraphQLError, Kind, parse, specifiedRules, validate } from 'graphql'

import { Documents } from './documents.mjs'

const CHUNK = 500 // documents in a call of orderd

/** buildSchema with the scalars of orderd, which take literals of certain kinds. */
export function readSchema(file) {
  const schema = buildSchema(fs.readFileSync(file, 'utf8'))
  const takes = (name, ...kinds) => {
    const type = schema.getType(name)
    if (!type) return
    type.parseLiteral = node => {
      if (!kinds.includes(node.kind)) throw new GraphQLError(`${name} cannot be ${node.kind}`)
      return node.value
    }
  }
  takes('Amount', Kind.INT, Kind.FLOAT, Kind.STRING)
  takes('Decimal', Kind.INT, Kind.FLOAT, Kind.STRING)
  takes('DateTime', Kind.STRING)
  return schema
}

/** The rules of the specification; graphql-js has one more. */
export const rules = specifiedRules.filter(rule => rule.name !== 'MaxIntrospectionDepthRule')

/** Whether it breaks the rule; null: the rule on subscriptions throws where @skip has a variable. */
function breaks(schema, document, rule) {
  try {
    return validate(schema, document, [rule], { maxErrors: 1 }).length > 0
  } catch {
    return null
  }
}

/** [name, whether graphql-js finds it broken] for each rule. */
export function verdict(schema, text) {
  let document
  try {
    document = parse(text)
  } catch {
    return [['SyntaxError', true]]
  }
  return rules.map(rule => [rule.name, breaks(schema, document, rule)])
}

/** The same of `orderd schema`, for each file. */
function verdicts(orderd, file, names, directory) {
  let out
  try {
    out = execFileSync(orderd, ['schema', '--from', file, ...names], { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28 })
  } catch (e) {
    if (e.status !== 1) throw e
    out = e.stdout
  }
  const found = new Map(names.map(name => [name, new Set()]))
  for (const line of out.split('\n')) {
    const m = line.match(/^(\d+\.graphql):\d+:\d+: .* \((\w+)\)$/)
    if (m) found.get(m[1]).add(m[2])
  }
  return found
}

/** A document of types stops our parser, which reads no more; two definitions of one name may each be checked. */
function comparable(rules) {
  if (rules.includes('ExecutableDefinitionsRule')) return ['ExecutableDefinitionsRule']
  if (rules.includes('UniqueFragmentNamesRule')) return ['UniqueFragmentNamesRule']
  return rules
}

export function compare({ orderd, file, count, seed, log = () => {} }) {
  const schema = readSchema(file)
  const documents = new Documents(schema, seed)
  const seen = new Map()
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'graphql-'))
  try {
    for (let done = 0; done < count; done += CHUNK) {
      const texts = Array.from({ length: Math.min(CHUNK, count - done) }, () => documents.document())
      const names = texts.map((_, i) => `${i}.graphql`)
      texts.forEach((text, i) => fs.writeFileSync(path.join(directory, names[i]), text))
      const ours = verdicts(orderd, file, names, directory)
      texts.forEach((text, i) => {
        const all = verdict(schema, text)
        const unknown = all.filter(([, is]) => is === null).map(([name]) => name)
        const mine = comparable([...ours.get(names[i])].filter(name => !unknown.includes(name)).sort())
        const found = comparable(all.filter(([, is]) => is).map(([name]) => name).sort())
        // Our parser stops at the first word of a definition of types, which may be no such definition.
        const theirs = mine[0] === 'ExecutableDefinitionsRule' && /\b(type|extend)\b/.test(text) ? mine : found
        assert.deepEqual(mine, theirs, `document ${done + i} of seed ${seed}:\n${text}\n`)
        for (const rule of theirs.length ? theirs : ['valid']) seen.set(rule, (seen.get(rule) ?? 0) + 1)
      })
      log(`${done + texts.length} of ${count}`)
    }
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
  return seen
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const option = (name, fallback) => Number(process.argv[process.argv.indexOf(name) + 1 || process.argv.length] ?? fallback)
  const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..')
  const count = option('--count', 100000)
  for (const file of ['conf/schema.graphql', 'tests/oracle/pets.graphql']) {
    const seen = compare({
      orderd: process.env.ORDERD ?? path.join(root, 'build/asan/orderd'), file: path.join(root, file), count: count / 2,
      seed: option('--seed', 1), log: text => process.stderr.write(`\r${file}: ${text} `),
    })
    process.stderr.write('\n')
    console.log(file, Object.fromEntries([...seen].sort()))
  }
}
