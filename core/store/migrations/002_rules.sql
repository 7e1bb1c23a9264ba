-- What rules need beside the books: which bundle serves, who runs it, jobs, series of numbers.

alter table orders add column store text;

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
    reason        text
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
