-- The books. Rows of orders and their parts are what the events of order_event add up to; they are
-- written only by the engine, in the transaction that writes the events. Invariants between rows are
-- kept by the engine under the order's row lock and proved by `orderd verify`, so there are no foreign
-- keys: each would cost a look-up per row of a batch.
--
-- Amounts are int8 minor units of orders.currency. weight and tax_percent are ten-thousandths.
-- Every table that grows with orders begins with order_id.

create sequence order_id_seq as int8;
-- Values of the order number series: unique and increasing, gaps allowed.
create sequence order_number_seq as int8;

create table orders (
    order_id              int8 primary key,
    uuid                  uuid not null,
    order_number          text not null,
    version               int4 not null,
    currency              text not null,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    status                text not null,
    payment_status        text not null,
    shipment_status       text not null,
    customer_id           text,
    customer_email        text,
    customer_full_name    text,
    sub_total             int8 not null,
    sub_total_incl_tax    int8 not null,
    discount_amount       int8 not null,
    coupon                text,
    tax_amount            int8 not null,
    shipping_fee_excl_tax int8 not null,
    shipping_fee_incl_tax int8 not null,
    grand_total           int8 not null,
    total_qty             int4 not null,
    total_weight          int8 not null,
    shipping_method       text,
    shipping_method_name  text,
    shipping_note         text,
    payment_method        text,
    payment_method_name   text,
    amount_authorized     int8 not null,
    amount_captured       int8 not null,
    amount_refunded       int8 not null,
    canceled_at           timestamptz,
    cancel_reason         text,
    tags                  json,
    metadata              json,
    historical            bool not null
) with (fillfactor = 50); -- every order changes several times: room for it beside the old row (HOT)

create unique index orders_uuid on orders (uuid);
create unique index orders_order_number on orders (order_number);
create index orders_created_at on orders (created_at, order_id);
create index orders_customer_email on orders (customer_email) where customer_email is not null;

create table order_item (
    order_id               int8 not null,
    order_item_id          int4 not null,
    product_id             text,
    sku                    text not null,
    name                   text,
    thumbnail              text,
    weight                 int8 not null,
    qty                    int4 not null,
    price                  int8 not null,
    final_price            int8 not null,
    final_price_incl_tax   int8 not null,
    tax_percent            int8 not null,
    tax_amount             int8 not null,
    discount_amount        int8 not null,
    sub_total              int8 not null,
    total                  int8 not null,
    variant_group_id       text,
    variant_options        json,
    product_custom_options json,
    qty_shipped            int4 not null,
    qty_delivered          int4 not null,
    qty_canceled           int4 not null,
    qty_returned           int4 not null,
    qty_refunded           int4 not null,
    stock_tracked          bool not null,
    primary key (order_id, order_item_id)
) with (fillfactor = 70); -- shipped, delivered or cancelled once or twice

create table order_address (
    order_id  int8 not null,
    kind      text not null,
    full_name text,
    telephone text,
    address1  text,
    address2  text,
    city      text,
    province  text,
    country   text,
    postcode  text,
    primary key (order_id, kind)
);

create table payment (
    order_id       int8 not null,
    payment_id     int4 not null,
    type           text not null,
    amount         int8 not null,
    method         text,
    transaction_id text,
    status         text,
    created_at     timestamptz not null,
    primary key (order_id, payment_id)
);

create table shipment (
    order_id        int8 not null,
    shipment_id     int4 not null,
    shipment_number text not null,
    carrier         text,
    tracking_number text,
    tracking_url    text,
    note            text,
    status          text not null,
    shipped_at      timestamptz,
    delivered_at    timestamptz,
    canceled_at     timestamptz,
    primary key (order_id, shipment_id)
);

create table shipment_item (
    order_id      int8 not null,
    shipment_id   int4 not null,
    order_item_id int4 not null,
    qty           int4 not null,
    primary key (order_id, shipment_id, order_item_id)
);

create table order_hold (
    order_id int8 not null,
    handle   text not null,
    reason   text,
    by       text,
    at       timestamptz not null,
    primary key (order_id, handle)
);

-- The ledger. txid makes the feed's order commit-safe: rows of a transaction become readable to the
-- feed only when no older transaction can still appear (txid < xmin of a snapshot).
create table order_event (
    order_id             int8 not null,
    seq                  int4 not null,
    type                 text not null,
    at                   timestamptz not null, -- when it happened
    recorded_at          timestamptz not null, -- when it was decided here
    actor                text,
    bundle_id            int4 not null,        -- rules that decided; 0 = none
    policy               text,
    reason               text,
    overruled            text,
    from_status          text,
    to_status            text,
    from_payment_status  text,
    to_payment_status    text,
    from_shipment_status text,
    to_shipment_status   text,
    txid                 xid8 not null default pg_current_xact_id(),
    data                 json not null,
    primary key (order_id, seq)
);

create index order_event_feed on order_event (txid, order_id, seq);
-- The comments shown with an order, without reading its other events.
create index order_event_activity on order_event (order_id, seq) where type = 'activity.added';

create table stock (
    sku      text primary key,
    on_hand  int8 not null,
    reserved int8 not null,
    constraint stock_not_oversold check (reserved >= 0 and on_hand >= reserved)
) with (fillfactor = 50); -- hot rows: updates stay on their page

-- What people did to stock; orders' effects on it are in order_event.
create table stock_adjustment (
    stock_adjustment_id int8 generated always as identity primary key,
    sku                 text not null,
    delta               int8 not null,
    actor               text,
    at                  timestamptz not null default now()
);

-- A command that was carried out under a key. The answer is not stored but rendered again from the
-- ledger: the order as of `version`.
create table idempotency_key (
    principal    text not null,
    key          text not null,
    request_hash bytea not null, -- SHA-256 of method, path and body
    order_id     int8,           -- null: an inventory command
    version      int4,
    command      text not null,
    ref_id       int4 not null,  -- payment, shipment or activity the answer was about; 0 = none
    sku          text,
    on_hand      int8,
    reserved     int8,
    created_at   timestamptz not null,
    primary key (principal, key)
);

create index idempotency_key_created_at on idempotency_key (created_at);

-- Every set of rules that ever decided anything, with its source.
create table bundle (
    bundle_id  int4 generated always as identity primary key,
    hash       text not null unique, -- SHA-256, hex
    created_at timestamptz not null default now()
);

create table bundle_source (
    bundle_id int4 not null,
    plugin    text not null,
    file      text not null,
    source    text not null,
    primary key (bundle_id, plugin, file)
);

-- How far each consumer has read the ledger.
create table feed_cursor (
    consumer text primary key,
    txid     xid8 not null,
    order_id int8 not null,
    seq      int4 not null
);

-- What hooks asked to be sent. state: pending, delivered, failed.
create table delivery (
    delivery_id  int8 generated always as identity primary key,
    order_id     int8 not null,
    seq          int4 not null, -- the event
    topic        text not null,
    intent       int4 not null, -- position among the intents of (event, topic)
    hook         text,          -- who asked for it: shipment.created@default
    kind         text not null, -- mail, webhook, notify; hook: one that failed
    target       text not null, -- address, URL or channel
    name         text,          -- of the mail's template or the webhook's event
    payload      json not null,
    bundle_id    int4 not null,
    state        text not null default 'pending',
    attempts     int4 not null default 0,
    next_at      timestamptz not null default now(),
    last_error   text,
    created_at   timestamptz not null default now(),
    delivered_at timestamptz,
    unique (order_id, seq, topic, intent)
);

create index delivery_pending on delivery (next_at) where state = 'pending';

create table api_key (
    api_key_id int4 generated always as identity primary key,
    name       text not null unique,
    role       text not null, -- admin, staff, reader
    key_hash   bytea not null unique, -- SHA-256 of the key
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

-- The ledger as the audit trail people expect.
create view order_activity as
    select order_id, seq as activity_id, at as created_at, actor as username,
           data->>'comment' as comment,
           coalesce((data->>'customer_notified')::bool, false) as customer_notified
    from order_event
    where type = 'activity.added';

create view order_history as
    select e.order_id, o.order_number, e.seq, e.at, e.type, e.actor, e.reason, e.overruled,
           e.from_status, e.to_status, e.from_payment_status, e.to_payment_status,
           e.from_shipment_status, e.to_shipment_status, b.hash as bundle, e.policy, e.data
    from order_event e
    join orders o using (order_id)
    left join bundle b using (bundle_id);

-- The feed begins behind nothing.
insert into feed_cursor (consumer, txid, order_id, seq) values ('hooks', '0', 0, 0);
