-- How many other people two delivered families already share. Input: cluster (row_id, cluster), person.
create or replace table family_people as
select distinct p.fam, c.cluster from person p join cluster c using (row_id);

create or replace table family_sizes as select fam, count(*) as n from family_people group by fam;

create or replace table family_links as
select a.fam as fa, b.fam as fb, count(*)::integer as n
from family_people a join family_people b using (cluster) where a.fam < b.fam group by all;
