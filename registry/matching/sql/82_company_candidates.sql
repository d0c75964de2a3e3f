-- Unlinked members of families that share people are candidates for one another.
create or replace temp table open_members as
select l.fa, l.fb, p.row_id as a, c.cluster, p.dob, p.sex, p.kid, p.relation
from family_links l join person p on p.fam = l.fa join cluster c using (row_id)
anti join family_people x on x.fam = l.fb and x.cluster = c.cluster;

create or replace table todo as
select distinct least(a, b) as a, greatest(a, b) as b from (
    select o.a, p.row_id as b from open_members o join person p on p.fam = o.fb
    join cluster c on c.row_id = p.row_id
    anti join family_people x on x.fam = o.fa and x.cluster = c.cluster
    where (o.sex = p.sex or o.sex is null or p.sex is null or o.dob = p.dob)
      and (o.dob is null or p.dob is null or o.kid = p.kid or abs(year(o.dob) - year(p.dob)) <= 2
           or (day(o.dob) = day(p.dob) and month(o.dob) = month(p.dob))
           or (o.relation = p.relation and o.relation <= 2))
) anti join pool using (a, b);

insert into pool select a, b from todo;
