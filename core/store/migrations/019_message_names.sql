-- Messages name a parcel or a payment, and not the order (core/script/message/finding.c).
create index shipment_tracking_number on shipment (tracking_number) where tracking_number is not null;
create index payment_transaction_id on payment (transaction_id) where transaction_id is not null;
