#include "store/read/search.h"

/* The documents of orders $1. A line is held to 4,000 characters, and an order to 200 SKUs. */
#define DOCUMENTS                                                                                  \
    "select o.order_id, o.version, search_fold(o.order_number) as number, concat("                 \
    "' ', search_words(o.order_number), e'\\n ',"                                                  \
    " left(search_words(concat_ws(' ', o.customer_full_name, (select string_agg(distinct"          \
    " a.full_name, ' ') from order_address a where a.order_id = o.order_id"                        \
    " and a.full_name is distinct from o.customer_full_name))), 4000), e'\\n ',"                   \
    " left(search_words(o.customer_email), 4000), e'\\n ',"                                        \
    " (select left(string_agg(distinct search_digits(a.telephone), ' '), 4000)"                    \
    " from order_address a where a.order_id = o.order_id), e'\\n ',"                               \
    " (select left(string_agg(distinct search_words(s.tracking_number), ' '), 4000)"               \
    " from shipment s where s.order_id = o.order_id), e'\\n ',"                                    \
    " (select left(string_agg(distinct search_words(p.transaction_id), ' '), 4000)"                \
    " from payment p where p.order_id = o.order_id), e'\\n ',"                                     \
    " (select left(string_agg(search_words(i.sku), ' ' order by i.sku), 4000) from (select"        \
    " distinct sku from order_item where order_id = o.order_id order by sku limit 200) i), "       \
    "e'\\n')"                                                                                      \
    " as doc from orders o where o.order_id = any($1)"

const char od_search_doc_fold[] =
    "with made as materialized (" DOCUMENTS "), words as (insert into order_search_word"
    " (word, near) select w.word, search_near(w.word) from (select distinct word from made,"
    " regexp_split_to_table(split_part(doc, e'\\n', 2), '[^[:alpha:]]+') word"
    " where length(word) between 4 and 24) w on conflict do nothing)"
    " insert into order_search as s (order_id, version, number, doc)"
    " select order_id, version, number, doc from made on conflict (order_id) do update"
    " set version = excluded.version, number = excluded.number, doc = excluded.doc"
    " where (s.version, s.number, s.doc)"
    " is distinct from (excluded.version, excluded.number, excluded.doc)";

const char od_search_doc_differ[] =
    "with made as materialized (" DOCUMENTS ")"
    " select coalesce(m.order_id, s.order_id), case when s.order_id is null then 'has no document'"
    " when m.order_id is null then 'has a document and no order'"
    " else 'has another document than its rows make' end"
    " from made m full join (select * from order_search where order_id = any($1)) s"
    " on s.order_id = m.order_id"
    " where (m.version, m.number, m.doc) is distinct from (s.version, s.number, s.doc)"
    " and (m.version = s.version or m.version is null or s.version is null)";
