// A configuration key that the HTTP server follows, which knows nothing of the configuration itself.
import assert from 'node:assert/strict'

export const title = 'a configuration key'
export const limit = 4
export const targets = []
export const options = { 'server.date': 'no' }

export function edit(tree) {
  tree.after('core/conf/keys.def', 'SECTION(server)\n', `KEY(server, date, BOOL, date, "yes", 0, 0, NULL, false,
    "Replies say when they were made, as RFC 9110 asks of servers with a clock.")
`)
  tree.after('core/server/part_conf.c', '    out->reuse_port = conf->server.reuse_port;\n',
    '    out->date = conf->server.date;\n')
  tree.after('core/http/server.h', /    bool reuse_port;.*\n/, '    bool date; /* replies have one */\n')
  tree.replace('core/http/server.c', '"Date: %a, %d %b %Y %H:%M:%S GMT\\r\\nServer: orderd\\r\\n", &tm);',
    `server->conf.date ? "Date: %a, %d %b %Y %H:%M:%S GMT\\r\\nServer: orderd\\r\\n"
                                                        : "Server: orderd\\r\\n",
                                      &tm);`)
}

export async function prove(server) {
  const { headers } = await fetch(`${server.url}/healthz`)
  assert.equal(headers.get('server'), 'orderd')
  assert.equal(headers.get('date'), null)
  const { code, stdout } = await server.run('check', ['--print'])
  assert.equal(code, 0, stdout)
  assert.match(stdout, /date\s*=\s*no/)
}
