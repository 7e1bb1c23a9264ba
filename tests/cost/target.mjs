// A delivery target: the server's own log.
import { until } from '../e2e/lib.mjs'

export const title = 'a delivery target'
export const limit = 3
export const targets = []
export const config = '\n[target.bell]\nkind = stderr\nevents = order.placed\n'

const SOURCE = `#include "base/log.h"
#include "feed/targets/kinds.h"

/* The server's own log, for a shop that rings a bell by it. */

static void deliver(void *target, struct od_delivery *const *batch, size_t n)
{
    (void)target;
    for (size_t i = 0; i < n; i++) {
        od_info("rung", "topic=%.*s order=%lld", OD_STR_ARG(batch[i]->topic),
                (long long)batch[i]->order_id);
        od_delivery_done(batch[i], &(struct od_delivery_result){0});
    }
}

static void *open_target(const struct od_target_host *host, const struct od_target_conf *conf)
{
    (void)conf;
    return host->loop;
}

static void close_target(void *target, void (*closed)(void *ctx), void *ctx)
{
    (void)target;
    closed(ctx);
}

const struct od_target_kind od_target_stderr = {
    .name = "stderr",
    .help = "The server's own log.",
    .concurrency = 1,
    .open = open_target,
    .deliver = deliver,
    .close = close_target,
};
`

export function edit(tree) {
  tree.create('core/feed/targets/stderr.c', SOURCE)
  tree.after('core/feed/targets/kinds.h', 'extern const struct od_target_kind od_target_log;\n',
    'extern const struct od_target_kind od_target_stderr;\n')
  tree.after('core/feed/targets/table.c', '&od_target_log,', ' &od_target_stderr,')
}

export async function prove(server) {
  const { orderId } = await server.place()
  await until(() => server.log.includes(`topic=order.placed order=${orderId}`), { what: 'a line of the log' })
}
