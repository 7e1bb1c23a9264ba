#ifndef OD_STORE_READ_TRAIL_H
#define OD_STORE_READ_TRAIL_H

/*
 * Internal to store/. The trail of an order is who decided about it, as its events say. This is a
 * row of (decided text[], refused text[], bundles int4[]), each sorted: the policies that were
 * asked, such as order.cancel@net30; those whose refusal history overruled; and the ids of the
 * bundles that decided. `id` is an expression for the order's id. An event names what was overruled
 * as "order.cancel: why; order.ship: why", without the plugin, which its policies tell.
 */
#define OD_TRAIL_OF(id)                                                                            \
    "(select coalesce(array_agg(distinct p.policy order by p.policy)"                              \
    " filter (where p.policy is not null), '{}') as decided,"                                      \
    " coalesce(array_agg(distinct p.policy order by p.policy) filter (where"                       \
    " strpos('; ' || e.overruled, '; ' || split_part(p.policy, '@', 1) || ': ') > 0), '{}')"       \
    " as refused,"                                                                                 \
    " coalesce(array_agg(distinct e.bundle_id) filter (where e.bundle_id <> 0), '{}') as bundles"  \
    " from order_event e left join lateral unnest(string_to_array(e.policy, ' ')) p (policy)"      \
    " on true where e.order_id = " id ")"

#endif
