"""The distinct names of a run: each normalised once, each word of a name once, each pair of names compared once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.matching.arrays import holds, unique
from registry.matching.rows import Rows, coded
from registry.matching.statements import read_statements
from registry.matching.words import MEANINGS

Array = np.ndarray


class Names:
    """A dictionary of readings of names; `kid` numbers a reading, `sid` what its words are in order of spelling."""

    def __init__(self, con: Any, rows: Rows, texts: pa.Table) -> None:
        self._con = con
        raw_of_row, raw = coded(pa.chunked_array([*texts["name"].chunks, *texts["mother_name"].chunks], pa.string()))
        kid_of_raw = np.append(self._read(raw), np.int32(-1))
        kid = kid_of_raw[raw_of_row]
        rows.kid, rows.mid = kid[: rows.n], kid[rows.n :]
        self._pairs = np.zeros(0, np.int64)
        self._levels = np.zeros(0, np.int8)

    def _read(self, raw: pa.Array) -> Array:
        """Make the dictionary; return the reading of each raw name."""
        words, begins, dropped = self._words(raw)
        # A name of nothing but titles keeps them.
        lengths = np.diff(begins)
        name = np.repeat(np.arange(len(raw)), lengths)
        said = np.bincount(name, weights=~dropped[words], minlength=len(raw))
        whole = said[name] == 0
        kept = whole | ~dropped[words]
        words, whole, name = words[kept], whole[kept], name[kept]
        begins = np.append(0, np.cumsum(np.bincount(name, minlength=len(raw))))
        norms = _join(self._spelt.take(words + np.where(whole, 0, self._n_words)), begins, " ")
        norm, self.norms = coded(pa.chunked_array([pc.if_else(pc.equal(norms, ""), None, norms)], pa.string()))
        self.n = len(self.norms)
        # Equal readings have equal words: those of the first raw name that is read so stand for all.
        first = np.full(self.n + 1, len(raw), dtype=np.int64)
        np.minimum.at(first, norm, np.arange(len(raw)))
        first = first[: self.n]
        self._token_lists(self._token_of[words + np.where(whole, 0, self._n_words)], begins, first)
        return norm

    def _words(self, raw: pa.Array) -> tuple[Array, Array, Array]:
        """Words of each raw name, as numbers in one line with where each name begins, and which words say nothing."""
        given = pa.table({"raw_id": np.arange(len(raw)), "raw": raw})  # noqa: F841 - DuckDB finds it by name
        clean = in_order(self._con.sql(read_statements("20_clean_names")).to_arrow_table(), "raw_id")["clean"]
        lists = pc.split_pattern(clean.combine_chunks(), " ")
        flat = pa.chunked_array([lists.flatten()], pa.string())
        begins = lists.offsets.to_numpy().astype(np.int64)
        found, vocabulary = coded(pa.chunked_array([pc.if_else(pc.equal(flat, ""), None, flat)], pa.string()))
        empty = found < 0  # of a name without a letter
        if empty.any():
            lost = np.append(0, np.cumsum(empty))
            begins, found = begins - lost[begins], found[~empty]
        self._n_words = len(vocabulary)
        words = pa.table({"word_id": np.arange(len(vocabulary)), "word": vocabulary})  # noqa: F841
        meanings = pa.table({"word": list(MEANINGS), "meaning": list(MEANINGS.values())})  # noqa: F841
        told = in_order(self._con.sql(read_statements("25_words")).to_arrow_table(), "word_id")
        # Two spellings of every word stand one behind the other: its own, and that of what it means.
        self._spelt = pa.concat_arrays([vocabulary, told["meaning"].combine_chunks()])
        keys = pa.chunked_array([*told["own_key"].chunks, *told["word_key"].chunks], pa.string())
        self._token_of, self.tokens = coded(keys)
        return found, begins, pc.equal(told["meaning"], "").combine_chunks().to_numpy(zero_copy_only=False)

    def _token_lists(self, tokens: Array, begins: Array, first: Array) -> None:
        lengths = np.diff(begins)[first]
        self.begins = np.append(0, np.cumsum(lengths))
        name = np.repeat(np.arange(self.n), lengths)
        within = np.arange(len(name)) - self.begins[name]
        self.token = tokens[begins[first][name] + within].astype(np.int64)
        self.first, self.last = self.token[self.begins[:-1]], self.token[self.begins[1:] - 1]
        rank = np.empty(len(self.tokens), dtype=np.int64)
        rank[pc.array_sort_indices(self.tokens).to_numpy()] = np.arange(len(self.tokens))
        spelled = np.empty_like(rank)
        spelled[rank] = np.arange(len(rank))
        self.sorted_token = spelled[np.sort(name * max(len(rank), 1) + rank[self.token]) % max(len(rank), 1)]
        texts = self.tokens.take(self.token)
        self.name_key, self.flat_key = _join(texts, self.begins, " "), _join(texts, self.begins, "")
        self.sid, self.sorted_key = coded(
            pa.chunked_array([_join(self.tokens.take(self.sorted_token), self.begins, " ")], pa.string())
        )
        self.letter = coded(pa.chunked_array([pc.utf8_slice_codeunits(self.flat_key, 0, 1)]))[0]
        self.start = coded(pa.chunked_array([pc.utf8_slice_codeunits(self.flat_key, 0, 3)]))[0]

    def table(self) -> pa.Table:
        """The dictionary as a table."""
        lists = pa.ListArray.from_arrays(pa.array(self.begins, pa.int32()), self.tokens.take(self.token))
        return pa.table({
            "kid": pa.array(np.arange(self.n), pa.int32()), "norm": self.norms, "tokens": lists,
            "name_key": self.name_key, "flat_key": self.flat_key,
            "sorted_key": self.sorted_key.take(self.sid), "n_tokens": np.diff(self.begins),
        })  # fmt: skip

    def levels(self, one: Array, two: Array) -> Array:
        """How far the names of each pair agree, by `name_level`; -1 where one is unknown."""
        known = (one >= 0) & (two >= 0)
        level = np.where(known, np.where(one == two, 5, 0), -1).astype(np.int8)
        ask = np.flatnonzero(known & (one != two))
        if not len(ask):
            return level
        pair = np.minimum(one[ask], two[ask]).astype(np.int64) * self.n + np.maximum(one[ask], two[ask])
        distinct = unique(pair)
        new = distinct[~holds(self._pairs, distinct)[0]]
        if len(new):
            pairs = np.append(self._pairs, new)
            levels = np.append(self._levels, self._compare(new // self.n, new % self.n))
            order = np.argsort(pairs, kind="stable")
            self._pairs, self._levels = pairs[order], levels[order]
        level[ask] = self._levels[holds(self._pairs, pair)[1]]
        return level

    def _compare(self, one: Array, two: Array) -> Array:
        common, contained = self._shared_words(one, two)
        names = pa.table({
            "name_key": self.name_key, "flat_key": self.flat_key, "sorted_key": self.sorted_key.take(self.sid),
            "tokens": pa.ListArray.from_arrays(pa.array(self.begins, pa.int32()), self.tokens.take(self.token)),
        })  # fmt: skip
        x, y = names.take(one), names.take(two)
        asked = pa.table(  # noqa: F841 - DuckDB finds it by name
            [pa.array(np.arange(len(one))), pa.array(common), pa.array(contained), *x.columns, *y.columns],
            names=[
                "place",
                "common",
                "contained",
                *(f"{c}_a" for c in names.column_names),
                *(f"{c}_b" for c in names.column_names),
            ],
        )
        found = self._con.execute(read_statements("65_name_level")).fetchnumpy()
        level = np.empty(len(one), dtype=np.int8)
        level[found["place"]] = found["level"]
        return level

    def _shared_words(self, one: Array, two: Array) -> tuple[Array, Array]:
        """Whether names have a word in common, and whether all words of one are in the other."""
        lengths = np.diff(self.begins)
        found = []
        for x, y in ((one, two), (two, one)):
            shared = np.zeros(len(x), dtype=np.int64)
            for i in range(int(lengths[x].max(initial=0))):
                asked = np.flatnonzero(lengths[x] > i)
                word, there = self.token[self.begins[x[asked]] + i], np.zeros(len(asked), dtype=bool)
                for j in range(int(lengths[y].max(initial=0))):
                    has = np.flatnonzero(lengths[y[asked]] > j)
                    there[has] |= self.token[self.begins[y[asked[has]]] + j] == word[has]
                shared[asked] += there
            found.append(shared)
        return found[0] > 0, (found[0] == lengths[one]) | (found[1] == lengths[two])

    def weigh(self, rows: Rows, cluster: Array) -> None:
        """What agreement on a name is worth (bits): how many people bear it, counted over what is one person already.

        A name that only the two compared bear is judged by its words.
        """
        named = np.flatnonzero(rows.kid >= 0)
        borne = unique(self.sid[rows.kid[named]].astype(np.int64) * rows.n + cluster[named])
        bearers = np.bincount(borne // max(rows.n, 1), minlength=len(self.sorted_key)).astype(float)
        people = max(bearers.sum(), 2.0)
        # The words of a spelling, each once.
        some = np.full(len(self.sorted_key) + 1, self.n, dtype=np.int64)
        np.minimum.at(some, self.sid, np.arange(self.n))
        lengths = np.diff(self.begins)[some[:-1]]
        spelling = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(spelling)) - np.append(0, np.cumsum(lengths))[spelling]
        word = self.sorted_token[self.begins[some[:-1]][spelling] + within]
        once = np.ones(len(word), dtype=bool)
        once[1:] = (word[1:] != word[:-1]) | (spelling[1:] != spelling[:-1])
        word, spelling = word[once], spelling[once]
        word_bearers = np.bincount(word, weights=bearers[spelling], minlength=len(self.tokens))
        bits = np.log2(people / np.maximum(word_bearers[word], 1.0))
        token_bits = np.bincount(spelling, weights=bits, minlength=len(lengths))
        chance = np.maximum(np.minimum(people * np.exp2(-token_bits), 1.0), 0.03)
        key_bits = np.log2(people / (np.maximum(bearers - 2, 0.0) + chance))
        self.key_bits, self.token_bits = key_bits[self.sid], token_bits[self.sid]

    def worth(self, one: Array, two: Array) -> tuple[Array, Array]:
        """Bits of a whole name and of a name's words, the smaller of both; 0 where one is unknown."""
        known = (one >= 0) & (two >= 0)
        if not self.n:
            return np.zeros(len(one), np.float32), np.zeros(len(one), np.float32)
        return tuple(  # type: ignore[return-value]
            np.where(known, np.minimum(bits[one], bits[two]), 0.0).astype(np.float32)
            for bits in (self.key_bits, self.token_bits)
        )


def _join(texts: pa.Array, begins: Array, by: str) -> pa.Array:
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(begins, pa.int32()), texts), by)


def in_order(table: pa.Table, place: str) -> pa.Table:
    """A query's answer in the order of its column `place`."""
    order = table[place].to_numpy()
    if np.array_equal(order, np.arange(len(order))):
        return table
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return table.take(back)
