-- What each word means and how it is spelt alike. Input: words (word_id, word), meanings (word, meaning; empty drops the word).
select word_id, coalesce(meaning, word) as meaning, spelling_key(coalesce(meaning, word)) as word_key, spelling_key(word) as own_key
from words left join meanings using (word);
