-- Within an order positions never fall (core/store/server/position.h). Where writers waited for one another they
-- could until now: such an event takes the highest position before it. Whoever has read it may read it
-- again, so cursors count from their places on.
do $$
declare
    raised bigint;
begin
    update order_event e set txid = m.txid
    from (select order_id, seq, max(txid) over (partition by order_id order by seq) as txid from order_event) m
    where m.order_id = e.order_id and m.seq = e.seq and e.txid < m.txid;
    get diagnostics raised = row_count;
    if raised > 0 then
        update feed_cursor set events = 0, since_txid = txid, since_order_id = order_id, since_seq = seq;
    end if;
end $$;
