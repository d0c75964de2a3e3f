"""Doubtful pairs of a build, written as the queue of clerical review."""

from pathlib import Path

import duckdb

from registry.linkage.models import MatchRun, ReviewDecision, ReviewPair

Question = tuple[str, frozenset[tuple[str, str]]]


def _about(kind: str, a_source: str, a_key: str, b_source: str, b_key: str) -> Question:
    """Return what a question is about, whichever side it names first."""
    return kind, frozenset([(a_source, a_key), (b_source, b_key)])


def write_pairs(con: duckdb.DuckDBPyConnection, matched: Path, run: MatchRun) -> int:
    """Replace the open questions by those of this build; answered ones are not asked again."""
    found = con.execute(f"""
        SELECT r.kind, a.source, a.record_key, b.source, b.record_key,
               CASE WHEN r.kind = 'family' THEN oa.household_id ELSE oa.individual_id END,
               CASE WHEN r.kind = 'family' THEN ob.household_id ELSE ob.individual_id END,
               home.region_code, r.probability, r.gain, r.reasons
        FROM read_parquet('{matched / "review_pairs.parquet"}') r
        JOIN p a ON a.row_id = r.a_row_id JOIN p b ON b.row_id = r.b_row_id
        JOIN person_of oa ON oa.row_id = r.a_row_id JOIN person_of ob ON ob.row_id = r.b_row_id
        JOIN home ON home.id = oa.household_id
        ORDER BY r.gain DESC, a.source, a.record_key, b.source, b.record_key
    """).fetchall()
    answered = {
        _about(*told)
        for told in ReviewDecision.objects.exclude(answer=ReviewDecision.Answer.UNSURE).values_list(
            "kind", "a_source", "a_key", "b_source", "b_key"
        )
    }
    ReviewPair.objects.filter(state=ReviewPair.State.OPEN).exclude(kind=ReviewPair.Kind.CORRECTION).update(
        state=ReviewPair.State.GONE
    )
    seen: set[Question] = set()
    pairs = []
    for kind, a_source, a_key, b_source, b_key, a_id, b_id, region, probability, gain, reasons in found:
        key = _about(kind, a_source, a_key, b_source, b_key)
        if key in answered or key in seen:
            continue
        seen.add(key)
        pairs.append(
            ReviewPair(
                run=run,
                kind=kind,
                a_source=a_source,
                a_key=a_key,
                b_source=b_source,
                b_key=b_key,
                a_id=a_id,
                b_id=b_id,
                region_code=region,
                regency=int(region[:5].replace(".", "")),
                probability=probability,
                gain=gain,
                reasons=list(reasons or []),
            )
        )
    ReviewPair.objects.bulk_create(pairs, batch_size=2000)
    return len(pairs)
