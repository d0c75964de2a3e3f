-- How far two birth dates agree. Input: asked (place, and days since 1970 of both).
select place, date_level(a, b)::tinyint as level
from (select place, date '1970-01-01' + x::integer as a, date '1970-01-01' + y::integer as b from asked);
