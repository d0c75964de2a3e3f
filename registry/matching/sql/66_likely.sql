-- Pairs with different names cannot become one: they are compared no further. Input: todo (a, b), name_pairs.
create or replace temp table likely as
select t.a, t.b from todo t join person p on p.row_id = t.a join person q on q.row_id = t.b
left join name_pairs n on n.ka = least(p.kid, q.kid) and n.kb = greatest(p.kid, q.kid)
where p.nik = q.nik or n.level is null or n.level >= 2
   or (n.level = 1 and (p.dob is null or q.dob is null or abs(date_diff('day', p.dob, q.dob)) <= 4000));

create or replace table todo as select a, b from likely;
drop table likely;
