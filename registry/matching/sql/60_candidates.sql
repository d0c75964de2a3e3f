-- Pairs worth a comparison. Every key is bounded; large groups are left out.
-- Input: person, names, cluster (row_id, cluster). Variables: max_block.
create or replace temp table firm as
select cluster from (
    select c.cluster, p.nik, count(distinct p.src) as n_sources
    from cluster c join person p using (row_id) where p.nik is not null and p.sound group by all
) group by cluster having max(n_sources) >= 2;

create or replace temp table weak as
select p.row_id from person p join cluster c using (row_id)
where (p.nik is null or p.sound is not true) and c.cluster not in (select cluster from firm);

create or replace temp table compared as
select p.row_id, c.cluster, p.nik, p.kk, p.kid, p.mid, p.dob, p.sex, p.village, p.district,
       n.tokens[1] as first_word, n.tokens[-1] as last_word, n.sorted_key, n.flat_key,
       p.row_id in (select row_id from weak) as is_weak
from person p join cluster c using (row_id) left join names n using (kid);

-- Keys that bind loosely: only what a weak row has too.
create or replace macro loose_keys(row_nik, kk, kid, mid, dob, sex, village, district, first_word, last_word, sorted_key, flat_key) as [
    case when village is not null and dob is not null then hash(5, village, dob) end,
    case when kid is not null and dob is not null then hash(6, sorted_key, dob) end,
    case when district is not null then hash(7, district, sorted_key) end,
    case when village is not null and dob is not null then hash(8, village, first_word, year(dob)) end,
    case when length(row_nik) = 16 then hash(9, substr(row_nik, 1, 12)) end,
    case when length(row_nik) = 16 then hash(10, substr(row_nik, 1, 6), substr(row_nik, 9, 8), substr(flat_key, 1, 1)) end,
    case when mid is not null then hash(11, mid, first_word, district) end,
    case when dob is not null then hash(12, dob, sex, substr(flat_key, 1, 3)) end,
    case when dob is not null then hash(13, dob, last_word) end,
    case when dob is null then null when district is null then hash(14, sorted_key, year(dob)) else hash(14, sorted_key, year(dob), month(dob)) end,
    case when kk is not null then hash(15, kk, sex) end,
    case when dob is null then hash(16, sorted_key) end,
    case when village is not null and dob is not null then hash(17, village, last_word, year(dob)) end,
    case when village is not null and dob is null then hash(18, village, sorted_key) end
];

create or replace temp table weak_keys as
select distinct key from (
    select unnest(loose_keys(nik, kk, kid, mid, dob, sex, village, district, first_word, last_word, sorted_key, flat_key)) as key
    from compared where is_weak
) where key is not null;

create or replace temp table keys as
select row_id, cluster, false as needs_weak, hash(1, nik) as key, is_weak from compared where nik is not null
union all select row_id, cluster, false, hash(2, kk, dob), is_weak from compared where kk is not null and dob is not null
union all select row_id, cluster, false, hash(3, kk, kid), is_weak from compared where kk is not null and kid is not null
union all select row_id, cluster, false, hash(4, village, kid, dob), is_weak from compared where village is not null and kid is not null and dob is not null
union all select row_id, cluster, true, key, is_weak from (
    select row_id, cluster, is_weak,
           unnest(loose_keys(nik, kk, kid, mid, dob, sex, village, district, first_word, last_word, sorted_key, flat_key)) as key
    from compared
) semi join weak_keys using (key);

create or replace temp table good_keys as
select key from keys group by key having count(*) between 2 and getvariable('max_block');

create or replace temp table bounded as select k.* from keys k join good_keys using (key);

create or replace table pool as
select distinct least(a.row_id, b.row_id) as a, greatest(a.row_id, b.row_id) as b
from bounded a join bounded b using (key)
where a.row_id <> b.row_id and a.cluster <> b.cluster
  and case when a.needs_weak then a.is_weak else a.row_id < b.row_id end;

-- Members of dissolved components compare with one another.
insert into pool
select distinct a.row_id, b.row_id from dissolved a join dissolved b using (cluster)
where a.row_id < b.row_id and not exists (select 1 from pool p where p.a = a.row_id and p.b = b.row_id);
drop table keys; drop table bounded; drop table compared;
