// Checks answers against the OpenAPI document that the server itself hands out: as much of JSON
// Schema as that document uses, and stricter in one point: a member that it does not name is a
// finding, for then the document is not whole.
import assert from 'node:assert/strict'

const typeOf = value => value === null ? 'null' : Array.isArray(value) ? 'array'
  : Number.isInteger(value) ? 'integer' : typeof value

const isType = (value, type) => [type].flat().some(t => t === typeOf(value) || (t === 'number' && typeOf(value) === 'integer'))

const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  uuid: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/,
}

export class Contract {
  constructor(document) {
    this.document = document
  }

  static async of(server) {
    return new Contract((await server.get('/openapi.json')).body)
  }

  resolve(schema) {
    if (!schema.$ref) return schema
    const target = schema.$ref.slice(2).split('/').reduce((at, key) => at[key], this.document)
    assert.ok(target, schema.$ref)
    return this.resolve(target)
  }

  /** Members that an object may have, over allOf. */
  members(schema) {
    const own = this.resolve(schema)
    return Object.assign({}, own.properties, ...(own.allOf ?? []).map(part => this.members(part)))
  }

  findings(value, reference, at = '') {
    const schema = this.resolve(reference)
    if (schema.oneOf) {
      const each = schema.oneOf.map(one => this.findings(value, one, at))
      return each.some(found => found.length === 0) ? [] : each.reduce((a, b) => (a.length <= b.length ? a : b))
    }
    const found = (schema.allOf ?? []).flatMap(part => this.findings(value, part, at))
    if (schema.type && !isType(value, schema.type)) return [...found, `${at}: ${typeOf(value)}, not ${schema.type}`]
    if (schema.enum && !schema.enum.includes(value)) found.push(`${at}: ${value} is not one of ${schema.enum}`)
    if (schema.minimum !== undefined && value < schema.minimum) found.push(`${at}: ${value} < ${schema.minimum}`)
    if (FORMATS[schema.format] && value !== null && !FORMATS[schema.format].test(value)) found.push(`${at}: ${value} is no ${schema.format}`)
    if (Array.isArray(value) && schema.items) found.push(...value.flatMap((each, i) => this.findings(each, schema.items, `${at}/${i}`)))
    if (typeOf(value) === 'object' && schema.properties) found.push(...this.object(value, schema, at))
    return found
  }

  object(value, schema, at) {
    const missing = (schema.required ?? []).filter(key => !(key in value)).map(key => `${at}/${key}: missing`)
    return [...missing, ...Object.entries(value).filter(([key]) => schema.properties[key])
      .flatMap(([key, member]) => this.findings(member, schema.properties[key], `${at}/${key}`))]
  }

  /** Members of an object, at any depth, that the document does not name. */
  unnamed(value, reference, at = '') {
    const schema = this.resolve(reference)
    if (value === null || typeof value !== 'object') return []
    if (Array.isArray(value)) return schema.items ? value.flatMap((each, i) => this.unnamed(each, schema.items, `${at}/${i}`)) : []
    const branch = schema.oneOf?.find(one => this.findings(value, one).length === 0)
    if (branch) return this.unnamed(value, branch, at)
    const members = this.members(schema)
    if (Object.keys(members).length === 0) return []
    return Object.entries(value).flatMap(([key, member]) => members[key]
      ? this.unnamed(member, members[key], `${at}/${key}`) : [`${at}/${key}: not in the document`])
  }

  operation(method, path) {
    const segments = path.split('?')[0].split('/')
    const fits = template => {
      const parts = template.split('/')
      return parts.length === segments.length && parts.every((part, i) => part.startsWith('{') || part === segments[i])
    }
    const template = Object.keys(this.document.paths).find(fits)
    return this.document.paths[template]?.[method.toLowerCase()]
  }

  /** The answer is one that the document promises of this call. */
  check(method, path, answer) {
    const operation = this.operation(method, path)
    assert.ok(operation, `${method} ${path} is not in the document`)
    const response = this.resolve(operation.responses[answer.status] ?? operation.responses.default)
    const content = response.content?.['application/json'] ?? response.content?.['application/problem+json']
    if (!content?.schema) return
    const found = [...this.findings(answer.body, content.schema),
      ...(answer.status < 300 ? this.unnamed(answer.body, content.schema) : [])]
    assert.deepEqual(found, [], `${method} ${path} ${answer.status}: ${answer.text}`)
  }
}
