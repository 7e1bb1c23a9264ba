-- Targets that the API makes, what happened to targets, and what caused an event.

-- How a target is set up that is in no configuration file: the keys of a section [target.NAME], as the API
-- takes them. Secrets are in here. null: it is in a file, or was.
alter table target add column settings json;
alter table target add column revision int4 not null default 0; -- counts changes of the settings
alter table target add column created_at timestamptz not null default now();

-- Grows with every change of any target's settings, so that a process can tell whether it knows them all.
create table target_version (
    version int8 not null
);
insert into target_version (version) values (0);

-- What was done to a target, by whom, and what it did: it stays when the target is deleted.
create table target_history (
    entry_id int8 generated always as identity primary key,
    name     text not null, -- of the target
    at       timestamptz not null default now(),
    what     text not null, -- created, changed, rotated, paused, resumed, disabled, deleted
    actor    text,          -- null: the server itself
    reason   text
);
create index target_history_of on target_history (name, entry_id);

-- What gave the command that an event came from, beside its actor: "delivery:42", "message:stripe:evt_1",
-- "job:remind". An event that a person or a customer's system caused has no row.
create table event_cause (
    order_id int8 not null,
    seq      int4 not null,
    cause    text not null,
    primary key (order_id, seq)
);
create index event_cause_of on event_cause (cause);
