-- The company of each compared pair, the pair itself left out of it. Input: facts (pairs with their features).
create or replace temp table pair_company as
select f.a, f.b, coalesce(l.n, 0) - (x.cluster is not null)::int - (y.cluster is not null and cb.cluster <> ca.cluster)::int as shared,
       ca.cluster <> cb.cluster and (x.cluster is not null or y.cluster is not null) as occupied,
       least(sa.n, sb.n) >= 2 as in_company
from facts f
join cluster ca on ca.row_id = f.a join cluster cb on cb.row_id = f.b
join family_sizes sa on sa.fam = f.fa join family_sizes sb on sb.fam = f.fb
left join family_links l on l.fa = least(f.fa, f.fb) and l.fb = greatest(f.fa, f.fb)
left join family_people x on l.n is not null and x.fam = f.fb and x.cluster = ca.cluster
left join family_people y on l.n is not null and y.fam = f.fa and y.cluster = cb.cluster;
