-- Components that hold two people. Input: cluster (row_id, cluster). Variables: max_cluster.
create or replace table cluster_size as select cluster, count(*) as n from cluster group by cluster having count(*) > 1;

create or replace temp table pair_inside as
select p.cluster, p.n, a.row_id as a, b.row_id as b
from cluster_size p join cluster ca using (cluster) join cluster cb using (cluster)
join person a on a.row_id = ca.row_id join person b on b.row_id = cb.row_id
where ca.row_id < cb.row_id and n <= getvariable('max_cluster')
  and (a.src = b.src or a.nik <> b.nik or a.dob <> b.dob);

create or replace table conflicted as
select distinct cluster from (
    select cluster from pair_inside i join person a on a.row_id = i.a join person b on b.row_id = i.b
    join names x on x.kid = a.kid join names y on y.kid = b.kid
    where (a.src = b.src and (date_level(a.dob, b.dob) < 4 or a.nik <> b.nik or a.sex <> b.sex
           or name_level(x.name_key, x.flat_key, x.sorted_key, x.tokens, y.name_key, y.flat_key, y.sorted_key, y.tokens) < 4))
       or (a.src <> b.src and (date_level(a.dob, b.dob) <= 1
           or (a.nik <> b.nik and a.fit and b.fit)))
       or (a.fam = b.fam)
    union all
    select cluster from cluster_size where n > getvariable('max_cluster')
);
