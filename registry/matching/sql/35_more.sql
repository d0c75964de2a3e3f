-- What rows without Indonesian numbers and regions bring instead, spelt alike. Input: told.
create or replace macro plain_text(t) as
    nullif(trim(regexp_replace(regexp_replace(upper(strip_accents(t)), '[^0-9A-Z]+', ' ', 'g'), ' +', ' ', 'g')), '');

create or replace macro near_text(x, y) as abs(length(x) - length(y)) <= 2
    and (jaro_winkler_similarity(x, y) >= 0.92 or damerau_levenshtein(x, y) <= 1 + least(length(x), length(y)) // 9);

create or replace table more as
select row_id, nullif(regexp_replace(upper(other_number), '[^0-9A-Z@.]+', '', 'g'), '') as other_number,
       plain_text(street) as street, plain_text(place_name) as place, plain_text(wider_place) as wider_place,
       plain_text(birth_place) as birth_place
from told;
