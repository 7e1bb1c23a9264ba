#include "store/read/search.h"

/* The documents of orders $1: a line for each of OD_SEARCH_FIELDS (store/search/find.h), folded;
 * then such lines with a space for all that is no letter or digit, so that smith@example.com begins
 * with example, too; and where a name has an umlaut, such lines with umlauts written out, so that
 * Mueller finds Müller. Each step is taken once for all lines, because a call costs more than what
 * it does, and `offset 0` keeps PostgreSQL from taking it again wherever its result is used. A line
 * is held to 4,000 characters, and an order to 200 SKUs. */
/* clang-format off */
#define LINE(value) "left(replace(" value ", e'\\n', ' '), 4000)"
#define PARTS(column, table)                                                                       \
    LINE("(select string_agg(distinct p." column ", ' ') from " table " p"                         \
         " where p.order_id = o.order_id)")
#define SPACES(text) "regexp_replace(" text ", '[ \\t\\r\\f\\v]+', ' ', 'g')"
#define UMLAUTS                                                                                    \
    "replace(replace(replace(lower(raw), '\u00e4', 'ae'), '\u00f6', 'oe'), '\u00fc', 'ue')"
#define NAMES                                                                                      \
    "concat_ws(' ', o.customer_full_name, (select string_agg(distinct a.full_name, ' ')"           \
    " from order_address a where a.order_id = o.order_id"                                          \
    " and a.full_name is distinct from o.customer_full_name))"
#define TELEPHONES                                                                                 \
    "(select left(string_agg(distinct search_digits(a.telephone), ' '), 4000)"                     \
    " from order_address a where a.order_id = o.order_id)"
#define SKUS                                                                                       \
    "(select string_agg(i.sku, ' ' order by i.sku) from (select distinct sku from order_item"      \
    " where order_id = o.order_id order by sku limit 200) i)"
#define RAW                                                                                        \
    "concat(' ', " LINE("o.order_number")                                                          \
    ", e'\\n ', " LINE(NAMES)                                                                      \
    ", e'\\n ', " LINE("o.customer_email")                                                         \
    ", e'\\n ', " TELEPHONES                                                                       \
    ", e'\\n ', " PARTS("tracking_number", "shipment")                                             \
    ", e'\\n ', " PARTS("transaction_id", "payment")                                               \
    ", e'\\n ', " LINE(SKUS) ")"
#define DOCUMENTS                                                                                  \
    "select order_id, version, search_fold(order_number) as number, concat(folded, e'\\n',"        \
    " regexp_replace(folded, '[^[:alnum:]\\n]+', ' ', 'g'),"                                       \
    " case when raw ~ '[\u00e4\u00f6\u00fc\u00c4\u00d6\u00dc]'"                                              \
    " then e'\\n' || " SPACES("lower(unaccent(" UMLAUTS "))") " end) as doc"                       \
    " from (select *, " SPACES("lower(unaccent(raw))") " as folded"                                \
    " from (select o.order_id, o.version, o.order_number, " RAW " as raw"                          \
    " from orders o where o.order_id = any($1) offset 0) r offset 0) f"

const char od_search_doc_fold[] =
    "with made as materialized (" DOCUMENTS "), words as (insert into order_search_word"
    " (word, near) select w.word, search_near(w.word) from (select distinct word from made,"
    " regexp_split_to_table(split_part(doc, e'\\n', 2) || split_part(doc, e'\\n', 16),"
    " '[^[:alpha:]]+') word"
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
