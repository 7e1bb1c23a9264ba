-- Positions in the ledger that outlive a server (core/store/position.h).
--
-- order_event.txid and feed_cursor.txid are positions: the writing transaction's id plus `base`. The
-- base is a constant in the default of order_event.txid, so an older process writes the same
-- positions, and is repeated here for those who read.
create table ledger (
    ledger_id         int4 primary key default 1 check (ledger_id = 1), -- there is one row
    system_identifier int8,          -- of the server whose transaction ids count; null: not known
    timeline          int8 not null, -- its timeline
    base              int8 not null,
    generation        int4 not null, -- how often the base was raised
    settled_at        timestamptz not null default now()
);

-- This server is known when the newest event was written here: then the row's own transaction id is
-- the one it carries. After a restore it is the restoring transaction's.
insert into ledger (system_identifier, timeline, base, generation)
select case when newest.here then c.system_identifier end,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int8, 0, 0
from pg_control_system() c,
     (select coalesce((select xmin = txid::xid from order_event order by txid desc limit 1), true)
         as here) newest;

-- How many events a consumer has read since it stood at (since_txid, since_order_id, since_seq). As
-- many are there between that place and its present one, or it has missed some.
alter table feed_cursor
    add column events         int8 not null default 0,
    add column since_txid     xid8 not null default '0',
    add column since_order_id int8 not null default 0,
    add column since_seq      int4 not null default 0;
update feed_cursor set (since_txid, since_order_id, since_seq) = (txid, order_id, seq);

-- Whoever moves a cursor without counting, as processes before this migration do, begins the count
-- anew.
create function feed_cursor_count_anew() returns trigger language plpgsql as $$
begin
    new.events := 0;
    new.since_txid := new.txid;
    new.since_order_id := new.order_id;
    new.since_seq := new.seq;
    return new;
end $$;
create trigger feed_cursor_moved before update on feed_cursor for each row
    when (new.events = old.events
        and (new.txid, new.order_id, new.seq) is distinct from (old.txid, old.order_id, old.seq))
    execute function feed_cursor_count_anew();
