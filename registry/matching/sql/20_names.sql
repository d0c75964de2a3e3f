-- A dictionary of distinct names: every name is normalised once, every word of a name once.
-- Input tables: delivered, name_words (word, meaning; an empty meaning drops the word).
create or replace table raw_names as
select raw, (row_number() over (order by raw))::integer as raw_id from (
    select distinct name as raw from delivered where name is not null
    union
    select distinct mother_name from delivered where mother_name is not null
);

create or replace temp table split_names as
select raw_id, pos::integer as pos, words[pos] as word
from (
    select raw_id, words, unnest(range(1, len(words) + 1)) as pos from (
        select raw_id, list_filter(string_split(trim(regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(upper(strip_accents(raw)), '[''’‘`´]', '', 'g'),
                '[^A-Z@()]+', ' ', 'g'),
            '( ALIAS | ALS |@|\().*$', ' ', 'g'),
        ' +', ' ', 'g')), ' '), lambda w: w <> '') as words
        from raw_names
    )
);

create or replace temp table words as
select word, coalesce(meaning, word) as meaning, spelling_key(coalesce(meaning, word)) as word_key, spelling_key(word) as own_key
from (select distinct word from split_names) left join name_words using (word);

-- A name of nothing but titles keeps them.
create or replace temp table read_names as
select raw_id,
       array_to_string(list_transform(chosen, lambda w: case when all_dropped then w.word else w.meaning end), ' ') as norm,
       list_transform(chosen, lambda w: case when all_dropped then w.own_key else w.word_key end) as tokens
from (
    select raw_id, all_dropped, case when all_dropped then said else list_filter(said, lambda w: w.meaning <> '') end as chosen
    from (
        select raw_id, list_sort(list({'pos': pos, 'word': word, 'meaning': meaning, 'word_key': word_key, 'own_key': own_key})) as said,
               bool_and(meaning = '') as all_dropped
        from split_names join words using (word) group by raw_id
    )
);

-- One row per distinct reading.
create or replace table names as
select (row_number() over (order by norm))::integer as kid, norm, tokens,
       array_to_string(tokens, ' ') as name_key,
       array_to_string(tokens, '') as flat_key,
       array_to_string(list_sort(tokens), ' ') as sorted_key,
       len(tokens) as n_tokens
from (select norm, any_value(tokens order by tokens) as tokens from read_names group by norm);

create or replace table name_of_raw as
select raw, kid from raw_names join read_names using (raw_id) join names using (norm);
