// Random documents for a schema. Most are valid or nearly so: each choice goes wrong with a small probability.
import {
  getNamedType, isCompositeType, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType,
} from 'graphql'

/** A generator of numbers in [0, 1) that a seed determines (mulberry32). */
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** What graphql-js has of drafts after October 2021. */
const later = new Set(['__Schema.directives', '__Directive.isDeprecated', '__Directive.deprecationReason', '__Type.isOneOf'])

export class Documents {
  constructor(schema, seed) {
    this.schema = schema
    this.next = random(seed)
    this.composites = Object.values(schema.getTypeMap()).filter(isCompositeType)
    this.inputs = Object.values(schema.getTypeMap()).filter(t => !isCompositeType(t)).map(t => t.name)
  }

  chance(p) { return this.next() < p }
  below(n) { return Math.floor(this.next() * n) }
  one(list) { return list[this.below(list.length)] }

  document() {
    this.wrong = this.chance(0.4) ? 0 : this.one([0.005, 0.02, 0.08]) // how often a choice goes wrong
    this.budget = 40
    this.fragments = new Map() // name -> type
    const definitions = []
    const operations = this.chance(0.15) ? 2 : 1
    for (let i = 0; i < operations; i++) definitions.push(this.operation(operations > 1 ? `Q${i}` : this.one(['', 'Q'])))
    for (const [name, type] of this.fragments) { // grows while it is walked
      this.variables = this.all
      definitions.push(`fragment ${name} on ${this.oops() ? this.one([...this.inputs, 'Nope']) : type.name}` +
        `${this.directives('FRAGMENT_DEFINITION')} ${this.selections(type, 2)}`)
    }
    if (this.oops()) definitions.push('fragment Unused on Query { __typename }')
    if (this.oops()) definitions.push(this.one(definitions))
    if (this.oops()) definitions.push(this.one(['type T { a: Int }', 'extend schema @x', '{ __typename }']))
    const text = definitions.join('\n')
    return this.chance(0.06) ? this.damaged(text) : text
  }

  oops() { return this.chance(this.wrong) }

  /** Without a token, with one twice, or with one of another kind. */
  damaged(text) {
    const tokens = text.match(/"""[^]*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[\w.+-]+|\S/g)
    const i = this.below(tokens.length)
    const other = ['{', '}', '(', ')', '[', ']', ':', '!', '$', '@', '=', '|', '&', '...', 'on', 'null', '1', '1.5', '0x', '"', '""', '"\\u12"', '#', 'fragment', '01', '..']
    tokens.splice(i, 1, ...this.one([[], [tokens[i], tokens[i]], [this.one(other)], [tokens[i], this.one(other)]]))
    return tokens.join(' ')
  }

  operation(name) {
    const kinds = ['query', 'query', 'query', 'query', 'query', 'mutation', 'subscription']
    const kind = this.one(kinds)
    const root = { query: this.schema.getQueryType(), mutation: this.schema.getMutationType(), subscription: this.schema.getSubscriptionType() }[kind]
    this.variables = new Map()
    this.all = this.variables
    this.single = kind === 'subscription' && !this.chance(0.15)
    const directives = this.directives(kind.toUpperCase())
    const selections = root ? this.selections(root, 4) : '{ a }'
    // Fragments that come later may use more; those are undefined unless they were declared.
    const declared = [...this.variables].filter(() => !this.oops()).map(([n, t]) => this.variable(n, t))
    if (this.oops()) declared.push('$unused: Int')
    if (this.oops() && declared.length) declared.push(this.one(declared))
    if (kind === 'query' && !name && !declared.length && !directives) return selections
    return `${kind} ${name}${declared.length ? `(${declared.join(' ')})` : ''}${directives} ${selections}`
  }

  variable(name, type) {
    let text = String(type)
    if (this.oops()) text = this.one([String(this.one(this.composites)), 'Nope', `[${text}]`, 'Int', 'String!', text.replace(/!$/, '')])
    else if (isNonNullType(type) && this.chance(0.2)) return `$${name}: ${type.ofType} = ${this.constant(type)}`
    const fallback = this.chance(0.15) && !isNonNullType(type) ? ` = ${this.constant(type)}` : ''
    return `$${name}: ${text}${fallback}${this.oops() ? this.directives('VARIABLE_DEFINITION', 1) : ''}`
  }

  constant(type) {
    const variables = this.variables
    this.variables = null
    const text = this.value(type, 2)
    this.variables = variables
    return text
  }

  selections(type, depth) {
    const out = []
    const single = this.single
    this.single = false
    const n = single ? 1 : 1 + this.below(4)
    for (let i = 0; i < n; i++) out.push(this.selection(type, depth, single))
    return `{ ${out.join(' ')} }`
  }

  selection(type, depth, single) {
    this.budget--
    const what = this.next()
    if (!single && what < 0.12 && depth > 0) return this.inline(type, depth)
    if (!single && what < 0.24) return this.spread(type)
    return this.field(type, depth)
  }

  field(type, depth) {
    if (this.oops()) return this.one(['nope', 'nope { a }', '__typename { a }', '__schema { types { name } }', 'x: __typename(a: 1)'])
    const fields = type.getFields ? Object.values(type.getFields()).filter(f => !later.has(`${type.name}.${f.name}`)) : []
    // Without an alias: graphql-js asks no type of __typename when it compares shapes.
    if (!fields.length || this.chance(0.08)) return '__typename'
    let f = this.one(fields)
    let below = getNamedType(f.type)
    if (isCompositeType(below) && (depth <= 0 || this.budget < 0)) {
      const leaves = fields.filter(x => !isCompositeType(getNamedType(x.type)))
      if (!leaves.length) return '__typename'
      f = this.one(leaves)
      below = getNamedType(f.type)
    }
    const selects = isCompositeType(below) !== this.oops()
    return `${this.alias()}${f.name}${this.args(f.args)}${this.directives('FIELD')}` +
      (selects ? ` ${this.selections(isCompositeType(below) ? below : type, depth - 1)}` : '')
  }

  alias() { return this.chance(0.15) ? `${this.one(['a', 'b', 'c', 'name', 'id'])}: ` : '' }

  related(type) {
    if (this.oops()) return this.one(this.composites)
    const mine = new Set(isObjectType(type) ? [type] : this.schema.getPossibleTypes(type))
    return this.one(this.composites.filter(t => !t.name.startsWith('__') || t === type)
      .filter(t => isObjectType(t) ? mine.has(t) : this.schema.getPossibleTypes(t).some(p => mine.has(p))))
  }

  inline(type, depth) {
    if (this.chance(0.3)) return `...${this.directives('INLINE_FRAGMENT')} ${this.selections(type, depth - 1)}`
    if (this.oops()) return `... on ${this.one(['Nope', ...this.inputs])} { a }`
    const on = this.related(type)
    return `... on ${on.name}${this.directives('INLINE_FRAGMENT')} ${this.selections(on, depth - 1)}`
  }

  spread(type) {
    if (this.oops()) return '...Missing'
    const fitting = [...this.fragments].filter(([, t]) => t === type || this.oops()).map(([n]) => n)
    let name = fitting.length && this.chance(0.5) && (this.fragments.size >= 5 || this.oops() || this.all === this.variables) ? this.one(fitting) : null
    if (!name) {
      if (this.fragments.size >= 5 || this.budget < 0) return '__typename'
      name = `F${this.fragments.size}`
      this.fragments.set(name, this.related(type))
    }
    return `...${name}${this.directives('FRAGMENT_SPREAD')}`
  }

  directives(place, p = 0.06) {
    let out = ''
    while (this.chance(p)) {
      const known = this.schema.getDirectives().filter(d => d.name !== 'oneOf') // a later draft's
      const fitting = known.filter(d => d.locations.includes(place) || this.oops())
      if (this.oops() || !fitting.length) { if (this.oops()) out += ' @nope' ; return out }
      const d = this.one(fitting)
      if (out.includes(`@${d.name}`) && !d.isRepeatable && !this.oops()) return out
      out += ` @${d.name}${this.args(d.args)}`
      if (this.oops()) out += out
    }
    return out
  }

  args(args) {
    const out = []
    for (const a of args) {
      const required = isNonNullType(a.type) && a.defaultValue === undefined
      if (required ? !this.oops() : this.chance(0.35)) out.push(`${a.name}: ${this.value(a.type, 3)}`)
    }
    if (this.oops()) out.push('nope: 1')
    if (out.length && this.oops()) out.push(this.one(out))
    return out.length ? `(${out.join(', ')})` : ''
  }

  value(type, depth) {
    if (this.variables && this.chance(0.2)) return this.use(type)
    if (this.oops()) return this.one(['null', '1', '-0', '1.5', '"text"', 'true', 'SIT', '[]', '[1]', '[[1]]', '{}', '{a: 1}', '{a: 1, a: 2}', '2147483648', '[$a]', '{k: $a}', '"""\n  block\n    text\n  """'])
    if (isNonNullType(type)) return this.value(type.ofType, depth)
    if (this.chance(0.05)) return 'null'
    if (isListType(type)) {
      if (this.chance(0.2)) return this.value(type.ofType, depth)
      return `[${Array.from({ length: this.below(3) }, () => this.value(type.ofType, depth - 1)).join(', ')}]`
    }
    if (isEnumType(type)) return this.one(type.getValues()).name
    if (isInputObjectType(type)) return this.object(type, depth)
    return this.scalar(type.name)
  }

  object(type, depth) {
    const out = []
    for (const f of Object.values(type.getFields())) {
      const required = isNonNullType(f.type) && f.defaultValue === undefined
      if (required ? !this.oops() : depth > 0 && this.chance(0.4)) out.push(`${f.name}: ${this.value(f.type, depth - 1)}`)
    }
    if (this.oops()) out.push('nope: 1')
    if (out.length && this.oops()) out.push(this.one(out))
    return `{${out.join(', ')}}`
  }

  scalar(name) {
    switch (name) {
      case 'Int': return this.one(['0', '-1', '2147483647', '50'])
      case 'Float': return this.one(['0', '-1.5', '1e3', '2.5E-2'])
      case 'Boolean': return this.one(['true', 'false'])
      case 'ID': return this.one(['1', '"id:42"', '"uuid"'])
      case 'Amount': case 'Decimal': return this.one(['1', '59.98', '"59.98"'])
      case 'String': case 'DateTime': return this.one(['""', '"a \\"b\\" \\u00e9"', '"""block\n  text"""', '"2026-01-01T00:00:00Z"'])
      default: return this.one(['1', '"s"', '[1, {a: 2}]', '{a: {b: [null]}}', 'E', 'true'])
    }
  }

  use(type) {
    const fitting = [...this.variables].filter(([, t]) => String(t) === String(type) || this.oops()).map(([n]) => n)
    if (fitting.length && this.chance(0.6)) return `$${this.one(fitting)}`
    const name = `v${this.variables.size}`
    this.variables.set(name, type)
    return `$${name}`
  }
}
