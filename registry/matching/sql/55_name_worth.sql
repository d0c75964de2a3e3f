-- What agreement on a name is worth (bits): how many people bear it, counted over what exact evidence has joined.
-- A name that only the two compared bear is judged by its words. Input: person, names, cluster.
create or replace table name_bearers as
select n.sorted_key, count(distinct c.cluster) as n
from person p join cluster c using (row_id) join names n using (kid) group by n.sorted_key;

create or replace table token_bearers as
select token, sum(n)::double as n from (
    select unnest(list_distinct(string_split(sorted_key, ' '))) as token, n from name_bearers
) group by token;

create or replace temp table key_worth as
with total as (select greatest(sum(n), 2)::double as people from name_bearers),
words_worth as (
    select sorted_key, sum(log2(people / t.n)) as token_bits
    from (select sorted_key, unnest(list_distinct(string_split(sorted_key, ' '))) as token from name_bearers)
    join token_bearers t using (token), total group by sorted_key
)
select sorted_key, token_bits, log2(people / (greatest(n - 2, 0) + greatest(least(people * pow(2, -token_bits), 1), 0.03))) as key_bits
from name_bearers join words_worth using (sorted_key), total;

create or replace table name_worth as
select kid, key_bits, token_bits from names join key_worth using (sorted_key);
