-- Targets: where events go. Each has its own queue, and every attempt to deliver is kept.

-- What lasts of a target; how it is set up stands in the configuration, under the same name.
create table target (
    target_id       int4 generated always as identity primary key,
    name            text not null unique,
    paused_at       timestamptz,
    paused_by       text,
    failing_since   timestamptz, -- the first attempt that failed since the last that did not
    disabled_at     timestamptz, -- it failed for too long, or said that it is gone
    disabled_reason text
);
insert into target (name) values ('log'), ('command');

-- state: queued, delivered, failed. An older process knows `pending`, and takes every such delivery for one
-- of its log file; it does not see those that are queued.
alter table delivery add column target_name text not null default 'log';
update delivery set target_name = 'command' where kind = 'command';
update delivery set state = 'queued' where state = 'pending';
alter table delivery alter column state set default 'queued';

create index delivery_queue on delivery (target_name, next_at, delivery_id) where state = 'queued';
create index delivery_queue_of_order on delivery (target_name, order_id, delivery_id) where state = 'queued';
create index delivery_delivered on delivery (delivered_at) where state = 'delivered';
create index delivery_failed on delivery (created_at) where state = 'failed';

create table delivery_attempt (
    delivery_id int8 not null,
    attempt     int4 not null, -- 1, 2, 3 …, begun anew when it is sent again by hand
    at          timestamptz not null default now(), -- when it ended
    latency_ms  int4 not null,
    status      int4,          -- of HTTP; null: there was no answer
    error       text,          -- null: it was delivered
    answer      text,          -- its beginning
    primary key (delivery_id, at, attempt)
);
