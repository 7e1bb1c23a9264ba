-- What rules need beside the books: which bundle serves, who runs it, jobs, series of numbers.

alter table orders add column store text;

-- What the policies said with their answers; `reason` is the person's, if one was given.
alter table order_event add column policy_reason text;

create or replace view order_history as
    select e.order_id, o.order_number, e.seq, e.at, e.type, e.actor, e.reason, e.overruled,
           e.from_status, e.to_status, e.from_payment_status, e.to_payment_status,
           e.from_shipment_status, e.to_shipment_status, b.hash as bundle, e.policy, e.data,
           e.policy_reason
    from order_event e
    join orders o using (order_id)
    left join bundle b using (bundle_id);

-- The last value taken of each series. Taken inside the transaction that uses the number, so a
-- series has no gaps and its takers wait for one another.
create table counter (
    series text primary key,
    value  int8 not null
) with (fillfactor = 50);

-- What was put into service, and why. The last row is what every process serves.
create table activation (
    activation_id int4 generated always as identity primary key,
    bundle_id     int4 not null,
    at            timestamptz not null default now(),
    actor         text not null,
    kind          text not null, -- start, reload, activate, rollback, auto_rollback
    reason        text,
    moved         int8 not null default 0 -- orders that [migrate] has moved since
);

-- Running processes and what each serves. A row whose seen_at is old belongs to one that is gone.
create table server_process (
    server_process_id uuid primary key,
    host              text not null,
    pid               int4 not null,
    address           text not null,
    bundle_id         int4 not null,
    activation_id     int4 not null,
    started_at        timestamptz not null default now(),
    seen_at           timestamptz not null default now(),
    error             text -- why it does not serve the last activation
);

-- Scheduled jobs of plugins: when each is due, and the process that runs it.
create table job (
    job         text primary key, -- "auto_cancel@plugin"
    next_at     timestamptz not null,
    runner      uuid,             -- server_process that runs it now
    lease_until timestamptz,      -- after which another may take it over
    last_start  timestamptz,
    last_end    timestamptz,
    last_error  text,
    runs        int8 not null default 0,
    failures    int8 not null default 0
);

-- Every delivery leaves delivery_pending soon after it entered. Under load the dead entries pile up
-- in front of those that are due, and looking for these reads over them: vacuum often, whatever
-- the table's size.
alter table delivery set (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0.2,
    autovacuum_vacuum_cost_delay = 0
);
