-- Names as their words in capital letters; most are that already. Input: given (raw_id, raw).
select raw_id,
       case when regexp_full_match(raw, '[A-Z]+( [A-Z]+)*') and not contains(raw, ' ALIAS ') and not contains(raw, ' ALS ') then raw
            else trim(regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(upper(strip_accents(raw)), '[''’‘`´]', '', 'g'),
                    '[^A-Z@()]+', ' ', 'g'),
                '( ALIAS | ALS |@|\().*$', ' ', 'g'),
            ' +', ' ', 'g')) end as clean
from given;
