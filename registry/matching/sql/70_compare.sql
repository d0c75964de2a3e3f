-- What two rows say about each other, apart from their company. Input: todo (a, b), name_pairs of all of them.
create or replace temp table compared as
select t.a, t.b, p.fam as fa, q.fam as fb, p.src as sa, q.src as sb,
       coalesce(n.level, -1)::tinyint as name, coalesce(n.key_bits, 0)::float as key_bits, coalesce(n.token_bits, 0)::float as token_bits,
       coalesce(date_level(p.dob, q.dob), -1)::tinyint as dates,
       coalesce((p.sex = q.sex)::int, -1)::tinyint as sex,
       coalesce(nik_level(p.nik, p.fit, q.nik, q.fit, coalesce(p.nik_today, p.nik) = coalesce(q.nik_today, q.nik)), -1)::tinyint as nik,
       (coalesce(p.fit, false) and coalesce(q.fit, false)) as both_fit,
       case when p.mid is null or q.mid is null then -1 when p.mid = q.mid then 1 else 0 end::tinyint as mother,
       case when p.relation is null or q.relation is null then -1 when p.relation = q.relation then 2
            when least(p.relation, q.relation) = 1 and greatest(p.relation, q.relation) = 3 and least(p.dob, q.dob) > date '2012-01-01' then 0
            when least(p.relation, q.relation) <= 2 and greatest(p.relation, q.relation) in (3, 5)
                 and (p.village is distinct from q.village or p.kk is distinct from q.kk) then 1
            when least(p.relation, q.relation) <= 2 and greatest(p.relation, q.relation) <= 2 then 1
            when least(p.relation, q.relation) <= 2 and greatest(p.relation, q.relation) in (3, 5) then 0
            else 1 end::tinyint as relation,
       case when p.kk is not null and p.kk = q.kk then 3
            when p.village = q.village then 2 when p.district = q.district then 1
            when p.district is null or q.district is null then -1 else 0 end::tinyint as place,
       p.fam = q.fam as same_family,
       coalesce(district_slip(p.nik, q.nik), false) as district_slip
from todo t join person p on p.row_id = t.a join person q on q.row_id = t.b
left join name_pairs n on n.ka = least(p.kid, q.kid) and n.kb = greatest(p.kid, q.kid);
