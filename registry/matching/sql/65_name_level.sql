-- How far two names agree: 5 same, 4 same words (other order, joined, one contains the other), 3 a slip of the pen,
-- 2 alike, 1 a word in common, 0 different. Input: asked (place, common: a word is in both, contained: all words of one
-- are in the other, and name_key, flat_key, sorted_key, tokens of both).
select place, case
    when name_key_a = name_key_b or sorted_key_a = sorted_key_b or flat_key_a = flat_key_b then 5
    when contained then 4
    when least(length(flat_key_a), length(flat_key_b)) >= 4 and whole >= 0.92
        and damerau_levenshtein(name_key_a, name_key_b) <= 1 + greatest(length(flat_key_a), length(flat_key_b)) // 8 then 3
    when words >= 0.93 then 3
    when whole < 0.5 and words < 0.5 and not common then 0
    when least(len(tokens_a), len(tokens_b)) > 1 and not common
        and whole < 0.75 and abs(length(name_key_a) - length(name_key_b)) > 1
        and substr(name_key_a, 1, 1) <> substr(name_key_b, 1, 1) then 0
    when initials_agree(tokens_a, tokens_b) then 3
    when starts_with(flat_key_a, flat_key_b) or starts_with(flat_key_b, flat_key_a) then 3
    when whole >= 0.85 then 2
    when abs(length(name_key_a) - length(name_key_b)) <= 1 and (whole >= 0.6 or length(name_key_a) <= 3)
        and damerau_levenshtein(name_key_a, name_key_b) <= 1 then 2
    when words_found(tokens_a, tokens_b) or words_found(tokens_b, tokens_a) then 3
    when common then 1
    when whole >= 0.75 then 1
    else 0 end::tinyint as level
from (
    select *, jaro_winkler_similarity(name_key_a, name_key_b) as whole, jaro_winkler_similarity(sorted_key_a, sorted_key_b) as words
    from asked
);
