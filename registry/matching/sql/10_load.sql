-- Rows as delivered, narrowed to what is compared. Variables: input.
create or replace table delivered as
select row_id::bigint as row_id, source, record_key, delivered_family, dwelling_key,
       nullif(kk_number, '') as kk_number, nullif(nik, '') as nik, name, sex, birth_date, mother_name,
       relation, marital, presence, nullif(region_code, '') as region_code, survey_date, padan_dukcapil
from read_parquet(getvariable('input'));

create or replace table sources as
select source, (row_number() over (order by source))::tinyint as src
from (select distinct source from delivered);

create or replace table delivered_families as
select delivered_family, (row_number() over (order by delivered_family) - 1)::integer as fam
from (select distinct delivered_family from delivered where delivered_family is not null);

-- Known recodings of regions: the old prefix of a NIK is the new one under another name.
create or replace table recodings (old_prefix varchar, new_prefix varchar);
