-- Messages that came by Kafka keep where they stood in their topic (core/store/messages.h).
alter table message add column topic text;
alter table message add column "partition" int4;
alter table message add column "offset" int8;
alter table message add column key bytea;
