-- Districts that NIK of these rows were issued in: one that hardly any row carries is a slip of the pen.
create or replace temp table known_prefixes as
select substr(nik, 1, 6) as prefix, count(*) as n_rows from delivered where length(nik) = 16
group by prefix having count(distinct nik) > 1;

-- A NIK on more rows than one person can have is nobody's.
create or replace temp table crowded_niks as
select nik from delivered where nik is not null group by nik having count(*) > getvariable('max_nik_rows');

-- What a NIK would be under the region codes of today.
create or replace temp table recoded_niks as
select nik, any_value(new_prefix || substr(nik, length(old_prefix) + 1)) as nik_today
from (select distinct nik, unnest([4, 6]) as n from delivered where length(nik) = 16) join recodings on old_prefix = substr(nik, 1, n)
where length(old_prefix) = n group by nik;

-- The narrow table of rows that every later stage reads. A NIK is sound when its row's birth date and sex and the
-- district's other numbers bear it out; fit, so that another sound one contradicts it, when its serial may be read too:
-- a thousand births on one day in one district there never were.
create or replace table person as
select d.row_id, s.src, coalesce(f.fam, -d.row_id - 1)::bigint as fam, n.kid, m.kid as mid,
       case when c.nik is null then d.nik end as nik, r.nik_today, d.kk_number as kk, d.birth_date as dob, d.sex, d.relation, d.marital, d.presence,
       d.survey_date, d.region_code as region,
       in_prefix(d.region_code, 13) as village, in_prefix(d.region_code, 8) as district,
       case when d.nik is null or c.nik is not null or d.birth_date is null then null
            when length(d.nik) <> 16 or substr(d.nik, 13, 4) = '0000' or k.n_rows is null then false
            when d.sex is null then substr(d.nik, 7, 6) in (nik_date(d.birth_date, 1), nik_date(d.birth_date, 2))
            else substr(d.nik, 7, 6) = nik_date(d.birth_date, d.sex) end as sound,
       case when sound then substr(d.nik, 13, 1) = '0' else sound end as fit
from delivered d
left join crowded_niks c on c.nik = d.nik
left join recoded_niks r on r.nik = d.nik
left join known_prefixes k on k.prefix = substr(d.nik, 1, 6)
join sources s using (source)
left join delivered_families f using (delivered_family)
left join name_of_raw n on n.raw = d.name
left join name_of_raw m on m.raw = d.mother_name;
