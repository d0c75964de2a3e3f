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

-- Two NIK are a slip of the pen apart. Two slips leave one third of the digits as they were; the distance itself is dear.
create or replace macro nik_slip(a, b) as case
    when not (starts_with(b, substr(a, 1, 5)) or ends_with(b, substr(a, -5)) or contains(b, substr(a, 6, 6))) then false
    else damerau_levenshtein(a, b) <= 2 end;
