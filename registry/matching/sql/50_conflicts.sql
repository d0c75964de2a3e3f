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
    select cluster from (
        select i.cluster, a.src = b.src and a.src not in (select src from repeating) as same_source, a.fam = b.fam as same_family, date_level(a.dob, b.dob) as dates,
               a.nik = b.nik as nik_equal, a.fit and b.fit as both_fit, coalesce(a.sex <> b.sex, false) as sex_differs,
               name_level(x.name_key, x.flat_key, x.sorted_key, x.tokens, y.name_key, y.flat_key, y.sorted_key, y.tokens) as name
        from pair_inside i join person a on a.row_id = i.a join person b on b.row_id = i.b
        left join names x on x.kid = a.kid left join names y on y.kid = b.kid
    )
    where ((same_source or same_family) and listed_twice(name, dates, nik_equal, sex_differs) is not true)
       or dates <= 1 or (not nik_equal and both_fit)
    union all
    select cluster from cluster_size where n > getvariable('max_cluster')
);
