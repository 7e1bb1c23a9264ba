// One change of a copy of the source tree, and the files it touches.
import fs from 'node:fs'
import path from 'node:path'

export class Tree {
  constructor(root) {
    this.root = root
    this.files = new Set() // what was touched
  }

  read(file) {
    return fs.readFileSync(path.join(this.root, file), 'utf8')
  }

  #write(file, text) {
    fs.writeFileSync(path.join(this.root, file), text)
    this.files.add(file)
  }

  create(file, text) {
    if (fs.existsSync(path.join(this.root, file))) throw new Error(`${file} is there already`)
    this.#write(file, text)
  }

  /** Replaces the one place where `anchor`, a text or a regular expression, is found. */
  replace(file, anchor, text) {
    const was = this.read(file)
    const pattern = anchor instanceof RegExp ? new RegExp(anchor, `${anchor.flags}g`) : anchor
    const found = anchor instanceof RegExp ? [...was.matchAll(pattern)].length : was.split(anchor).length - 1
    if (found !== 1) throw new Error(`${file}: ${anchor} is found ${found} times; the change needs another anchor`)
    this.#write(file, was.replace(anchor, text instanceof Function ? text : () => text))
  }

  after(file, anchor, text) {
    this.replace(file, anchor, found => found + text)
  }

  ahead(file, anchor, text) {
    this.replace(file, anchor, found => text + found)
  }

  /** Adds a line to a list of the form `#define LIST(X) \ X(…) \ …`. */
  list(file, name, line) {
    this.after(file, new RegExp(`#define ${name}\\(X\\)(?:.*\\\\\\n)+.*`), ` \\\n    ${line}`)
  }

  /** Adds the next migration. */
  migration(name, sql) {
    const folder = 'core/store/migrations'
    const last = Math.max(...fs.readdirSync(path.join(this.root, folder)).map(file => parseInt(file, 10)))
    this.create(`${folder}/${String(last + 1).padStart(3, '0')}_${name}.sql`, sql)
  }

  /** The files below core/ that were touched, new ones as well. */
  touched() {
    return [...this.files].filter(file => file.startsWith('core/')).sort()
  }
}
