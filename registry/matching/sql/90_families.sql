-- Delivered families that share people. Input: person, cluster. Variables: none.
create or replace table family_roll as
select p.fam, p.src, c.cluster, bool_or(coalesce(p.relation <= 2, false)) as core, bool_or(coalesce(p.relation = 1, false)) as heads,
       max(p.survey_date) as survey_date, count(*) as n_rows
from person p join cluster c using (row_id) group by p.fam, p.src, c.cluster;

create or replace table family_counts as
select fam, any_value(src) as src, count(*) as n, sum(core::int) as n_core, max(survey_date) as survey_date from family_roll group by fam;

create or replace table family_edges as
select a.fam as fa, b.fam as fb, any_value(a.src) as sa, any_value(b.src) as sb, count(*) as shared,
       sum((a.core and b.core)::int) as core_shared,
       any_value(ca.n) as na, any_value(cb.n) as nb, any_value(ca.n_core) as ka, any_value(cb.n_core) as kb
from family_roll a join family_roll b using (cluster)
join family_counts ca on ca.fam = a.fam join family_counts cb on cb.fam = b.fam
where a.fam < b.fam group by a.fam, b.fam;
