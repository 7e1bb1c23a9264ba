-- Messages of other systems that wait for their order (core/store/messages.h).
create table message (
    message_id int8 primary key generated always as identity,
    source text not null,
    sender_id text not null, -- the sender's name for it: a repeated one is the same message
    headers json not null,
    body bytea not null,
    state text not null default 'parked' check (state in ('parked', 'done', 'failed', 'discarded')),
    attempts int4 not null default 1,
    reason text, -- why it is not carried out
    received_at timestamptz not null,
    next_at timestamptz not null,
    finished_at timestamptz,
    unique (source, sender_id)
);
create index message_due on message (next_at) where state = 'parked';
create index message_unsettled on message (state) where state in ('parked', 'failed');
create index message_finished on message (finished_at) where finished_at is not null;
