-- How far names agree and what that is worth, each pair of names once a run. Input: todo (a, b), names, name_worth.
create table if not exists name_pairs (ka integer, kb integer, level tinyint, key_bits double, token_bits double);

insert into name_pairs
select ka, kb, name_level(x.name_key, x.flat_key, x.sorted_key, x.tokens, y.name_key, y.flat_key, y.sorted_key, y.tokens),
       least(wx.key_bits, wy.key_bits), least(wx.token_bits, wy.token_bits)
from (select distinct least(p.kid, q.kid) as ka, greatest(p.kid, q.kid) as kb
      from todo join person p on p.row_id = a join person q on q.row_id = b
      where p.kid is not null and q.kid is not null) pairs
anti join name_pairs known using (ka, kb)
join names x on x.kid = ka join names y on y.kid = kb
left join name_worth wx on wx.kid = ka left join name_worth wy on wy.kid = kb;
