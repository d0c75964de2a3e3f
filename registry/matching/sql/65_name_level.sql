-- How far two names agree. Input: asked (place, and name_key, flat_key, sorted_key, tokens of both).
select place, name_level(name_key_a, flat_key_a, sorted_key_a, tokens_a, name_key_b, flat_key_b, sorted_key_b, tokens_b) as level
from asked;
