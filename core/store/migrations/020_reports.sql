-- The projection `reports` (core/store/read/reports.c): what reports add up. A fact is something of an order that has a
-- time: its sale, a refund, a capture. A sum is what the facts of one bucket of time come to, so a report of a year costs
-- what its buckets cost. Amounts are minor units; they are numeric because the sum of two orders may not fit int8.

-- kind: 1 sale, 2 refund (key: its reason), 3 product sold (SKU), 4 product refunded (SKU), 5 capture (method), 6 money paid
-- back (method), 7 tax of a sale (percent in ten-thousandths; empty: of shipping), 8 tax of a refund (the same), 9 status
-- (the codes of the order, its payment and its shipment, with blanks between), 10 fulfilment.
create table report_order (
    order_id int8 primary key,
    version  int4 not null,
    customer text          -- the customer id with "i" before it, else the e-mail in lower case with "e"; null: neither is known
) with (fillfactor = 80);

create table report_fact (
    order_id int8 not null,
    kind     int2 not null,
    at       timestamptz not null,
    key      text not null,
    currency text not null,
    store    text not null, -- empty: none
    count    int4 not null,
    units    numeric not null, -- of goods; of a fulfilment: its seconds
    gross    numeric not null, -- of a sale, product or status: without its discount; captured; of tax: its base
    discount numeric not null,
    refund   numeric not null, -- of tax of a refund: its base
    tax      numeric not null,
    shipping numeric not null
);
-- The fold makes one fact of each kind, time and key; an index on all of them would cost as much as the facts.
create index report_fact_order on report_fact (order_id);
create index report_fact_at on report_fact (kind, at);

-- Fulfilments have no sums: a median is none.
create table report_sum (
    kind     int2 not null,
    bucket   timestamptz not null, -- its beginning: report_bucket
    currency text not null,
    store    text not null,
    key      text not null,
    count    int8 not null,
    units    numeric not null,
    gross    numeric not null,
    discount numeric not null,
    refund   numeric not null,
    tax      numeric not null,
    shipping numeric not null,
    primary key (kind, bucket, currency, store, key)
) with (fillfactor = 50); -- those of today change all the time

-- The bucket of a time: 15 minutes, because every zone of today begins its days at a quarter of an hour; and a day in
-- UTC for what has many keys and no interval.
create function report_bucket(kind int2, at timestamptz) returns timestamptz language sql immutable parallel safe as $$
    select date_bin(case when kind in (3, 4, 9) then interval '1 day' else interval '15 minutes' end, at,
        timestamptz '2000-01-01 00:00Z')
$$;

-- The first moment of a zone's clock at or behind a local time: of two hours with the same name the first, and in place
-- of an hour that is left out its end.
create function report_instant(local timestamp, zone text) returns timestamptz language sql stable parallel safe as $$
    select case when ((local at time zone zone) - interval '1 hour') at time zone zone >= local
        then (local at time zone zone) - interval '1 hour' else local at time zone zone end
$$;

-- The local days, weeks (from Monday) or months of a zone that a time is cut into; without an interval the whole.
create function report_periods(since timestamptz, until timestamptz, zone text, every text)
returns table (n int, starts timestamptz, ends timestamptz) language sql stable as $$
    select row_number() over (order by b.at)::int - 1, greatest(b.at, since),
        coalesce(lead(b.at) over (order by b.at), until)
    from (
        select report_instant(l, zone) as at
        from generate_series(date_trunc(every, since at time zone zone), until at time zone zone,
            ('1 ' || every)::interval) l
        where report_instant(l, zone) < until
        union all
        select since where every is null
    ) b
$$;
