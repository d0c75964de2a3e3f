-- Each person decides: a family they head, else where most rows put them, else the newest.
-- Input: family_group (fam, family), family_roll.
create or replace table person_places as
select r.cluster, g.family, sum(r.n_rows) as n_rows, bool_or(r.heads) as heads, bool_or(r.core) as core,
       max(r.survey_date) as newest, count(*) as n_families
from family_roll r join family_group g using (fam) group by r.cluster, g.family;

create or replace table person_family as
select cluster, family, heads, n_places from (
    select *, count(*) over (partition by cluster) as n_places,
           row_number() over (partition by cluster order by core desc, n_rows desc, newest desc nulls last, family) as place
    from person_places
) where place = 1;
