-- How far the evidence of `more` agrees. Input: more_pairs (place, a, b), more.
select f.place,
       -- 2 equal, 1 a slip, 0 different
       case when p.other_number is null or q.other_number is null then -1
            when p.other_number = q.other_number then 2
            when least(length(p.other_number), length(q.other_number)) >= 5
                 and damerau_levenshtein(p.other_number, q.other_number) <= 1 + least(length(p.other_number), length(q.other_number)) // 9 then 1
            else 0 end::tinyint as number,
       -- 4 the address, 3 the address but for a slip, 2 the place, 1 what lies around it, 0 elsewhere
       case when p.street = q.street then 4
            when jaro_winkler_similarity(p.street, q.street) >= 0.92 then 3
            when p.place = q.place then 2
            when p.wider_place = q.wider_place or near_text(p.place, q.place) then 1
            when coalesce(p.street = q.street, p.place = q.place, p.wider_place = q.wider_place) is null then -1
            else 0 end::tinyint as "where",
       case when p.birth_place is null or q.birth_place is null then -1
            when p.birth_place = q.birth_place then 2
            when near_text(p.birth_place, q.birth_place) or contains(p.birth_place, q.birth_place) or contains(q.birth_place, p.birth_place) then 1
            else 0 end::tinyint as origin
from more_pairs f join more p on p.row_id = f.a join more q on q.row_id = f.b;
