// What the fault commands share: options of the command line, a summary line, an exit code.

/** --name N for each default; anything else ends the program with the usage. */
export function options(defaults) {
  const values = { ...defaults }
  const args = process.argv.slice(2)
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i].replace(/^--/, '').replace(/-./g, s => s[1].toUpperCase())
    if (!(name in defaults) || !/^\d+$/.test(args[i + 1] ?? '')) {
      const usage = Object.entries(defaults).map(([key, value]) => `--${key.replace(/[A-Z]/g, s => `-${s.toLowerCase()}`)} ${value}`)
      console.error(`usage: node ${process.argv[1]} ${usage.join(' ')}`)
      process.exit(2)
    }
    values[name] = Number(args[i + 1])
  }
  return values
}

/** Runs `work` on servers that are removed whatever happens; it returns the summary. */
export async function main(name, servers, work) {
  const from = Date.now()
  try {
    const summary = await work()
    for (const server of servers) await server.stop()
    console.log(`${name}: ok: ${summary} (${((Date.now() - from) / 1000).toFixed(1)} s)`)
  } catch (error) {
    console.log(`${name}: FAILED: ${error.message}`)
    console.error(error)
    for (const server of servers) console.error(server.log.split('\n').slice(-100).join('\n'))
    process.exitCode = 1
  } finally {
    for (const server of [...servers].reverse()) server.disposeNow()
  }
}
