-- Whether two NIK are a slip of the pen apart. Input: asked (place, and both as numbers with a 1 before their digits).
select place, nik_slip(substr(x::varchar, 2), substr(y::varchar, 2)) as slip from asked;
