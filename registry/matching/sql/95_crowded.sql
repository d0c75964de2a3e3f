-- Bearers of a NIK that more rows carry than one person can have, each beside the next. Variables: max_cluster.
create or replace temp table crowded_pairs as
select a, b from (
    select row_id as a, lead(row_id) over (partition by nik order by row_id) as b,
           row_number() over (partition by nik order by row_id) as place
    from (
        select d.nik, o.cluster, min(d.row_id) as row_id
        from delivered d join crowded_niks using (nik) join rows_out o using (row_id) group by d.nik, o.cluster
    )
) where b is not null and place < getvariable('max_cluster');
