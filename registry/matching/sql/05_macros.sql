-- Phonetic spelling of Indonesian words: old and new spelling, interchangeable letters, doubled letters.
create or replace macro undouble(s) as array_to_string(list_filter(string_split(s, ''),
    lambda c, i: i = 1 or string_split(s, '')[i - 1] <> c), '');

create or replace macro spelling_key(w) as undouble(
    translate(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            w, 'OE', 'U', 'g'), 'DJ', 'J', 'g'), 'TJ', 'C', 'g'), 'SJ', 'SY', 'g'), 'NJ', 'NY', 'g'), 'IE', 'I', 'g'), '([KGDBTS])H', '\1', 'g'),
        'FVZYQX', 'PPJIKS'));

-- One word is found in a name, give or take one letter.
create or replace macro word_found(word, name_words) as case
    when list_contains(name_words, word) then true
    when length(word) < 4 then false
    else len(list_filter(name_words, lambda s: case
        when length(s) < 4 or abs(length(s) - length(word)) > 1 or jaro_winkler_similarity(s, word) < 0.6 then false
        else damerau_levenshtein(s, word) <= 1 end)) > 0 end;

-- Every word of the shorter name is found in the longer one. Of several words one must be there as it is:
-- names that differ in every word are judged by their whole spelling.
create or replace macro words_found(short, long) as case
    when len(short) > len(long) then false
    when len(short) = 1 then word_found(short[1], long)
    when not list_has_any(short, long) then false
    else len(list_filter(short, lambda t: word_found(t, long))) = len(short) end;

-- Words in one order, some of them initials only.
create or replace macro initials_agree(tokens_a, tokens_b) as case
    when len(tokens_a) <> len(tokens_b) then false
    when not (list_contains(list_transform(tokens_a, lambda t: length(t)), 1) or list_contains(list_transform(tokens_b, lambda t: length(t)), 1)) then false
    else len(list_filter(list_zip(tokens_a, tokens_b), lambda z:
        z[1] = z[2] or (least(length(z[1]), length(z[2])) = 1 and substr(z[1], 1, 1) = substr(z[2], 1, 1)))) = len(tokens_a) end;

-- How far two names agree: 5 same, 4 same words (other order, joined, one contains the other),
-- 3 a slip of the pen, 2 alike, 1 a word in common, 0 different.
create or replace macro name_level(key_a, flat_a, sorted_a, tokens_a, key_b, flat_b, sorted_b, tokens_b) as case
    when key_a = key_b then 5
    when sorted_a = sorted_b or flat_a = flat_b then 5
    when list_has_all(tokens_a, tokens_b) or list_has_all(tokens_b, tokens_a) then 4
    when least(length(flat_a), length(flat_b)) >= 4 and jaro_winkler_similarity(key_a, key_b) >= 0.92
        and damerau_levenshtein(key_a, key_b) <= 1 + greatest(length(flat_a), length(flat_b)) // 8 then 3
    when jaro_winkler_similarity(sorted_a, sorted_b) >= 0.93 then 3
    when jaro_winkler_similarity(key_a, key_b) < 0.5 and jaro_winkler_similarity(sorted_a, sorted_b) < 0.5
        and not list_has_any(tokens_a, tokens_b) then 0
    when least(len(tokens_a), len(tokens_b)) > 1 and not list_has_any(tokens_a, tokens_b)
        and jaro_winkler_similarity(key_a, key_b) < 0.75 and abs(length(key_a) - length(key_b)) > 1
        and substr(key_a, 1, 1) <> substr(key_b, 1, 1) then 0
    when initials_agree(tokens_a, tokens_b) then 3
    when starts_with(flat_a, flat_b) or starts_with(flat_b, flat_a) then 3
    when jaro_winkler_similarity(key_a, key_b) >= 0.85 then 2
    when abs(length(key_a) - length(key_b)) <= 1 and (jaro_winkler_similarity(key_a, key_b) >= 0.6 or length(key_a) <= 3)
        and damerau_levenshtein(key_a, key_b) <= 1 then 2
    when words_found(tokens_a, tokens_b) or words_found(tokens_b, tokens_a) then 3
    when list_has_any(tokens_a, tokens_b) then 1
    when jaro_winkler_similarity(key_a, key_b) >= 0.75 then 1
    else 0 end;

-- Days that stand for an unknown day: 1 January, 1 July, 31 December.
create or replace macro is_placeholder(d) as month(d) * 100 + day(d) in (101, 701, 1231);

-- Birth dates: 4 equal, 3 one part wrong or day and month swapped, 2 a placeholder day with a near year,
-- 1 within two years, 0 different; null unknown.
create or replace macro date_level(a, b) as case
    when a is null or b is null then null
    when a = b then 4
    when (day(a) = day(b))::int + (month(a) = month(b))::int + (year(a) = year(b))::int = 2
         and abs(year(a) - year(b)) <= 10 then 3
    when year(a) = year(b) and day(a) = month(b) and month(a) = day(b) then 3
    when abs(date_diff('day', a, b)) <= 3 then 3
    when abs(year(a) - year(b)) <= 5 and (is_placeholder(a) or is_placeholder(b)) then 2
    when abs(date_diff('day', a, b)) <= 750 then 1
    else 0 end;

-- The date part a NIK should carry for this row.
create or replace macro nik_date(birth_date, sex) as
    lpad((day(birth_date) + case when sex = 2 then 40 else 0 end)::varchar, 2, '0') || strftime(birth_date, '%m%y');

-- NIK of two rows: 4 equal, 3 a slip (near, and one contradicts its own row), 2 one known recoding apart,
-- 1 neighbours (region and date equal, both true to their rows), 0 different; null unknown.
create or replace macro nik_level(nik_a, fit_a, nik_b, fit_b, recoded) as case
    when nik_a is null or nik_b is null then null
    when nik_a = nik_b then 4
    when recoded then 2
    when length(nik_a) = 16 and length(nik_b) = 16 and substr(nik_a, 1, 12) = substr(nik_b, 1, 12) then 1
    when coalesce(fit_a, false) and coalesce(fit_b, false) then 0
    -- Two slips leave one third of the digits as they were; the distance itself is dear.
    when not (starts_with(nik_b, substr(nik_a, 1, 5)) or ends_with(nik_b, substr(nik_a, -5)) or contains(nik_b, substr(nik_a, 6, 6))) then 0
    when damerau_levenshtein(nik_a, nik_b) <= 2 then 3
    else 0 end;

create or replace macro in_prefix(code, prefix_length) as
    case when length(code) >= prefix_length then substr(code, 1, prefix_length) end;

-- One source, or one delivered family, lists one person twice only where everything else agrees.
create or replace macro listed_twice(name, dates, nik_equal, sex_differs) as not sex_differs and (
    (nik_equal and (name = 5 or (name = 4 and dates >= 1) or (name = 3 and dates >= 3)))
    or (nik_equal is null and name = 5 and dates = 4));

-- Two NIK that are equal but for a slip in the district they were issued in.
create or replace macro district_slip(nik_a, nik_b) as case
    when substr(nik_a, 7) <> substr(nik_b, 7) or nik_a = nik_b then false
    else length(nik_a) = 16 and length(nik_b) = 16 and damerau_levenshtein(nik_a, nik_b) <= 2 end;
