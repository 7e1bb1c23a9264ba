-- Search of orders: one narrow document for each order, in lines, and the words of names for those who mistype them.
-- Both extensions are trusted, so the owner of the database may create them; Debian has them in the server's package.
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- As a value is compared: in small letters, without accents, with one space between words.
create function search_fold(value text) returns text language sql stable parallel safe as $$
    select trim(regexp_replace(lower(unaccent(value)), '\s+', ' ', 'g'))
$$;

-- A telephone number's digits, without the trunk prefix that people write in brackets.
create function search_digits(value text) returns text language sql immutable parallel safe as $$
    select regexp_replace(replace(value, '(0)', ''), '[^0-9]', '', 'g')
$$;

-- A word and all that it is without one of its letters. Two words that differ in one letter, or in two that changed
-- places, have one of these in common.
create function search_near(word text) returns text[] language sql immutable parallel safe as $$
    select array_agg(distinct n) from (
        select word as n
        union all
        select left(word, i - 1) || substr(word, i + 1) from generate_series(1, length(word)) i) a
$$;

create table order_search (
    order_id int8 primary key,
    version  int4 not null,
    number   text not null, -- folded
    doc      text not null  -- core/store/read/search.c; each word has a space before it
) with (fillfactor = 80);   -- most changes of an order leave the document as it is (HOT)

create index order_search_number on order_search (number);
create index order_search_doc on order_search using gin (doc gin_trgm_ops);

create table order_search_word (
    word text primary key,
    near text[] not null -- search_near(word)
);

create index order_search_word_near on order_search_word using gin (near);
