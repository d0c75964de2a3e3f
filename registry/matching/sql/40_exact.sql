-- Exact evidence with its guards. Variables: max_nik_rows, max_block.
create or replace temp table nik_pairs as
with sharing as (
    select nik from person where nik is not null group by nik
    having count(*) between 2 and getvariable('max_nik_rows')
)
select a.row_id as a, b.row_id as b, a.kid as ka, b.kid as kb, date_level(a.dob, b.dob) as dates,
       a.sex is distinct from b.sex and a.sex is not null and b.sex is not null as other_sex,
       a.src = b.src as same_source
from sharing join person a using (nik) join person b using (nik)
where a.row_id < b.row_id;

create or replace temp table unlike_names as
select ka, kb, name_level(x.name_key, x.flat_key, x.sorted_key, x.tokens, y.name_key, y.flat_key, y.sorted_key, y.tokens) as level
from (select distinct ka, kb from nik_pairs where ka <> kb) p
join names x on x.kid = ka join names y on y.kid = kb;

-- rule 1: the NIK, where name and birth date say so too.
create or replace table edges as
select a, b, 1::tinyint as rule from (
    select p.*, case when ka = kb then 5 else u.level end as level
    from nik_pairs p left join unlike_names u using (ka, kb)
)
where (level >= 4 and coalesce(dates, 3) >= 2 and not other_sex)
   or (level >= 2 and coalesce(dates, 4) >= 3 and not (other_sex and level < 4))
   or (level >= 1 and dates = 4 and not other_sex);

-- rules 2 and 3: family card or village, with name and birth date; a contradicting NIK goes to the model.
insert into edges
select a.row_id, b.row_id, 2::tinyint
from person a join person b on a.kk = b.kk and a.kid = b.kid and a.dob = b.dob
where a.row_id < b.row_id and (a.sex = b.sex or a.sex is null or b.sex is null)
  and (a.nik is null or b.nik is null or a.nik = b.nik);

insert into edges
select a.row_id, b.row_id, 3::tinyint
from person a join person b on a.village = b.village and a.kid = b.kid and a.dob = b.dob
where a.row_id < b.row_id and (a.sex = b.sex or a.sex is null or b.sex is null)
  and (a.nik is null or b.nik is null or a.nik = b.nik)
  and not is_placeholder(a.dob);
