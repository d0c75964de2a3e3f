-- Pairs of one number, or of one but for a slip where the birth date is the same. Input: pool (a, b), more, person.
select a, b from pool join more p on p.row_id = a join more q on q.row_id = b
join person r on r.row_id = a join person s on s.row_id = b
where p.other_number = q.other_number
   or (r.dob = s.dob and damerau_levenshtein(p.other_number, q.other_number) <= 1);
