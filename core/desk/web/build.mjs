// Makes what orderd embeds: node build.mjs WEB OUT. WEB is this folder; OUT has node_modules, and gets
// files.c (core/desk/files.h) and pack. No bundler: each module stays a file of its own, whose name
// gets a hash of its content, and an import map in the page leads to it.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'

const [web, out] = process.argv.slice(2)
const BASE = '/desk/assets/'
const TYPES = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}
// Specifier → file. Their own imports name each other by these specifiers.
const MODULES = {
  'preact': 'preact/dist/preact.mjs',
  'preact/hooks': 'preact/hooks/dist/hooks.mjs',
  '@preact/signals-core': '@preact/signals-core/dist/signals-core.mjs',
  '@preact/signals': '@preact/signals/dist/signals.mjs',
  'htm': 'htm/dist/htm.mjs',
}
// What is no part of the page.
const NOT_SERVED = ['build.mjs', 'package.json', 'package-lock.json', 'page.html', 'README.md']

const digest = (bytes, encoding, algorithm = 'sha256') => crypto.createHash(algorithm).update(bytes).digest(encoding)

/** {path, type, bytes, name}: `path` has the hash. */
function file(name, bytes) {
  const { dir, base, ext } = path.posix.parse(name)
  const hashed = `${base.slice(0, -ext.length)}.${digest(bytes, 'hex').slice(0, 16)}${ext}`
  return { name, path: path.posix.join(dir, hashed), type: TYPES[ext], bytes }
}

const own = fs.readdirSync(web, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => path.relative(web, path.join(entry.parentPath ?? entry.path, entry.name)))
  .filter(name => !NOT_SERVED.includes(name) && !name.startsWith('node_modules'))
  .sort()
for (const name of own) {
  if (!TYPES[path.extname(name)]) throw new Error(`${name}: a file of this kind has no media type`)
}

// A maps' address means nothing here.
const vendored = Object.entries(MODULES).map(([specifier, from]) => ({
  specifier,
  ...file(`vendor/${specifier.replace(/[@/]/g, '-').replace(/^-/, '')}.js`, Buffer.from(
    fs.readFileSync(path.join(out, 'node_modules', from), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n'))),
}))

/** Without what only readers of the source need: indentation, and lines that are a comment. */
function bare(name) {
  const text = fs.readFileSync(path.join(web, name), 'utf8')
  if (name.endsWith('.json')) return Buffer.from(JSON.stringify(JSON.parse(text)))
  return Buffer.from(text.replace(/^\s*(\/\/.*|\/\*.*\*\/|\/\*\*?\n(\s*\*.*\n)+?\s*\*\/)$/gm, '').replace(/^\s+/gm, ''))
}

const files = [...vendored, ...own.map(name => file(name, bare(name)))]

// A catalogue is fetched by import.meta.resolve, which asks the map as well.
const imports = Object.fromEntries([
  ...vendored.map(({ specifier, path }) => [specifier, BASE + path]),
  ...files.filter(({ name }) => !name.startsWith('vendor/')).map(({ name, path }) => [BASE + name, BASE + path]),
])
const map = JSON.stringify({ imports })
const address = name => BASE + files.find(each => each.name === name).path
// Everything that the first view needs, asked for at once and not import by import.
const preloads = files.filter(each => each.path.endsWith('.js'))
  .map(each => `<link rel="modulepreload" href="${BASE + each.path}">`).join('\n')
const html = Buffer.from(fs.readFileSync(path.join(web, 'page.html'), 'utf8')
  .replace('{{map}}', () => map)
  .replace('{{preloads}}', () => preloads)
  .replace(/\{\{([\w./]+)\}\}/g, (_, name) => address(name)))

const policy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${digest(map, 'base64')}'`,
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const parts = []
let length = 0
function add(bytes) {
  const at = length
  parts.push(bytes)
  length += bytes.length
  return [at, bytes.length]
}
const row = ({ path, type, bytes }) =>
  `{"${path}", "${type}", ${[...add(bytes), ...add(zlib.gzipSync(bytes, { level: 9 }))].join(', ')}}`
const pageRow = row({ path: '', type: 'text/html; charset=utf-8', bytes: html })
const rows = files.map(row)

fs.writeFileSync(path.join(out, 'pack'), Buffer.concat(parts))
fs.writeFileSync(path.join(out, 'files.c'), `#include "desk/files.h"

__asm__(".pushsection .rodata, \\"a\\", @progbits\\n.globl od_desk_pack\\n.hidden od_desk_pack\\n"
        "od_desk_pack:\\n.incbin \\"${path.resolve(out, 'pack')}\\"\\n.popsection\\n");
/* ${digest(Buffer.concat(parts), 'hex')}, so that no compiler cache takes another pack for this one */
extern const char od_desk_pack[];

static const struct od_desk_file page = ${pageRow};

static const struct od_desk_file files[] = {
    ${rows.join(',\n    ')},
};

const struct od_desk_files od_desk_files = {
    .page = &page,
    .files = files,
    .count = sizeof files / sizeof *files,
    .etag = "\\"${digest(html, 'hex').slice(0, 16)}\\"",
    .policy = "${policy}",
    .pack = od_desk_pack,
};
`)
