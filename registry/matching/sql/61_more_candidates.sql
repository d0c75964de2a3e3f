-- Pairs that a number of another kind, an address or a named place brings together. Every key is bounded.
-- Input: person, names, more, cluster. Variables: max_block.
create or replace temp table more_keys as
select row_id, cluster, unnest([
    hash(21, other_number),
    hash(22, street),
    hash(23, place, last_word), hash(24, place, first_word), hash(25, place, dob),
    hash(26, wider_place, last_word, first_letter), hash(27, wider_place, dob), hash(28, wider_place, first_word, last_letter),
    hash(29, sorted_key),
    hash(30, dob, first_letter), hash(31, dob, last_letter), hash(32, dob),
    hash(33, last_word, year(dob)), hash(34, first_word, year(dob)), hash(35, last_word, month(dob), day(dob)),
    hash(36, birth_place, dob), hash(37, birth_place, last_word), hash(38, birth_place, first_word)
]) as key, unnest([
    other_number is null, street is null, place is null or last_word is null, place is null or first_word is null,
    place is null or dob is null, wider_place is null or last_word is null, wider_place is null or dob is null,
    wider_place is null or first_word is null, sorted_key is null, dob is null or first_letter is null,
    dob is null or last_letter is null, dob is null, last_word is null or dob is null, first_word is null or dob is null,
    last_word is null or dob is null, birth_place is null or dob is null, birth_place is null or last_word is null,
    birth_place is null or first_word is null
]) as is_null
from (
    select p.row_id, c.cluster, m.other_number, m.street, m.place, m.wider_place, m.birth_place, p.dob, n.sorted_key,
           n.tokens[1] as first_word, n.tokens[-1] as last_word, substr(n.tokens[1], 1, 1) as first_letter, substr(n.tokens[-1], 1, 1) as last_letter
    from person p join more m using (row_id) join cluster c using (row_id) left join names n using (kid)
    where coalesce(m.other_number, m.street, m.place, m.wider_place) is not null
);
delete from more_keys where is_null;

create or replace temp table more_bounded as
select k.row_id, k.cluster, k.key from more_keys k
semi join (select key from more_keys group by key having count(*) between 2 and getvariable('max_block')) good using (key);

create or replace temp table more_pool as
select distinct x.row_id as a, y.row_id as b from more_bounded x join more_bounded y using (key)
where x.row_id < y.row_id and x.cluster <> y.cluster;
drop table more_keys; drop table more_bounded;
