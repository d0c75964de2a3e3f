"""What changes between two builds: decisions, corrections, splits, and builds that die at the wrong moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

import duckdb
import pytest
from django.db import connection
from django.utils import timezone

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.deliveries import make_families, write_regsosek
from dtsen_site.tests.world import build, build_small_register, receive
from registry.common.aliases import resolve_id
from registry.common.crypto import decrypt, lookup_hash
from registry.common.errors import InvalidMove, StaleWrite
from registry.households.names import keys_of
from registry.households.operations import check_correction, propose_correction
from registry.linkage import build as building
from registry.linkage import lineage, publish
from registry.linkage.links import find_rows
from registry.linkage.models import MatchRun, ReviewDecision, ReviewPair
from registry.linkage.operations import decide_pair
from registry.linkage.rejoin import apply_plan, plan_merge, plan_split
from registry.linkage.retention import forget_old_runs
from registry.linkage.runs import find_last_run, get_run_folder, get_runs_folder
from registry.models import Correction, FormerIdentifier, Household, IdSplit, Individual, NameToken, Outbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def families(tmp_path):
    """Build the register of twelve families that two sources tell of."""
    make_regions()
    return build_small_register(tmp_path)


def head_of(family) -> Individual:
    return Individual.objects.get(nik_hash=lookup_hash(family.members[0].nik))


def person_of(row) -> uuid.UUID:
    crosswalk = get_run_folder(find_last_run().pk) / "crosswalk.parquet"
    ((found,),) = duckdb.execute(
        "SELECT individual_id FROM read_parquet(?) WHERE (source, record_key) = (?, ?)", [str(crosswalk), *row]
    ).fetchall()
    return found


def decide(a, b, answer, *, by, kind="person") -> None:
    ReviewDecision.objects.create(
        kind=kind, a_source=a[0], a_key=a[1], b_source=b[0], b_key=b[1],
        answer=answer, decided_at=timezone.now(), decided_by=by,
    )  # fmt: skip


def an_accepted_correction(target, variable, value) -> Correction:
    proposer, checker = make_officer("village_operator", "35.14.01.2009"), make_officer("verifier", "35.14")
    now = timezone.now()
    made = propose_correction(target=target, variable=variable, value=value, evidence="KTP", by=proposer, now=now)
    return check_correction(correction=made, accepted=True, by=checker, now=now)


@pytest.mark.parametrize(
    ("answers", "joined"),
    [(("same", "different"), False), (("different", "same"), True), (("same", "unsure"), False)],
)
def test_newest_decision_binds_whichever_side_it_names_first(families, answers, joined):
    verifier = make_officer("verifier", "35.14")
    # Two heads of the same sex whose numbers, names and birth dates differ: only a decision joins them.
    a, b = (find_rows("individual", head_of(family).pk)[0] for family in families[:2])
    decide(a, b, answers[0], by=verifier)
    decide(b, a, answers[1], by=verifier)

    build()

    assert (person_of(a) == person_of(b)) is joined


def test_split_is_recorded_on_both_ids_and_told_to_other_rooms(families):
    verifier = make_officer("verifier", "35.14")
    head = head_of(families[0])
    rows = find_rows("individual", head.pk)
    plan = plan_split(target=head, leaving=rows[:1], reason="orang lain", by=verifier, now=timezone.now())
    apply_plan(plan=plan, by=verifier, now=timezone.now())

    build()

    split = IdSplit.objects.get(object_type="individual")
    assert {split.old_id, split.new_id} & {head.pk} == {split.old_id}
    assert resolve_id(split.old_id) == split.old_id
    assert find_rows("individual", split.new_id) + find_rows("individual", head.pk) in (rows, rows[::-1])
    assert Outbox.objects.get(signal="identity.split").payload == {
        "kind": "individual", "old": str(head.pk), "new": [str(split.new_id)],
    }  # fmt: skip


def test_merge_is_told_to_other_rooms(families):
    verifier = make_officer("verifier", "35.14")
    one, other = (head_of(family).household for family in families[:2])
    plan = plan_merge(target=one, other_id=other.pk, reason="satu kartu", by=verifier, now=timezone.now())
    apply_plan(plan=plan, by=verifier, now=timezone.now())

    build()

    current = resolve_id(one.pk) if resolve_id(one.pk) != one.pk else resolve_id(other.pk)
    old = ({one.pk, other.pk} - {current}).pop()
    told = [message.payload for message in Outbox.objects.filter(signal="identities.merged")]
    assert {"kind": "household", "old": str(old), "current": str(current)} in told


def test_model_of_the_published_run_is_frozen_with_it(tmp_path, monkeypatch):
    make_regions()

    def die() -> None:
        raise RuntimeError("killed after the commit")

    monkeypatch.setattr(building, "forget_old_runs", die)
    with pytest.raises(RuntimeError):
        build_small_register(tmp_path)
    monkeypatch.undo()
    receive("regsosek", write_regsosek(tmp_path / "more", make_families(40)), "2026-09")
    build()

    first, second = MatchRun.objects.filter(state="published").order_by("id")
    assert second.model_hash == first.model_hash
    assert second.deliveries_hash != first.deliveries_hash


def test_files_of_older_runs_are_removed_but_not_those_in_use(families):
    build()
    build()
    left_over = MatchRun.objects.create(
        state="running", started_at=timezone.now(), started_by=make_officer("verifier", "35.14"), deliveries_hash="x"
    )
    get_run_folder(left_over.pk).mkdir()
    published = list(MatchRun.objects.filter(state="published").order_by("-id").values_list("id", flat=True))

    assert forget_old_runs() == []

    kept = {int(folder.name) for folder in get_runs_folder().iterdir()}
    assert kept == {*published[:2], left_over.pk}
    assert len(published) == 3


def test_correction_checked_while_a_build_runs_is_published_by_it(families, monkeypatch):
    household = head_of(families[0]).household
    write = building.write_lineage

    def write_and_correct(*arguments) -> None:
        write(*arguments)
        an_accepted_correction(household, "id_lantai_terluas", "8")

    monkeypatch.setattr(building, "write_lineage", write_and_correct)
    build()

    assert Household.objects.get(pk=household.pk).id_lantai_terluas == 8


def test_row_that_changed_since_it_was_read_stops_the_publication_whole(families, tmp_path, monkeypatch):
    household = head_of(families[0]).household
    find = publish._find_delta

    def find_and_change(*arguments, **options) -> None:
        find(*arguments, **options)
        Household.objects.filter(pk=household.pk).update(version=household.version + 7)

    receive("regsosek", write_regsosek(tmp_path / "newer", make_families(12), floor_area=40), "2026-09")
    monkeypatch.setattr(publish, "_find_delta", find_and_change)
    with pytest.raises(StaleWrite):
        building.build_registry(by=make_officer("verifier", "35.14"), now=timezone.now())
    monkeypatch.undo()

    assert {*Household.objects.values_list("run", flat=True)} == {household.run}
    build()
    assert Household.objects.get(pk=household.pk).luas_lantai_bangunan == household.luas_lantai_bangunan + 40


def test_corrected_name_is_found_at_once_also_with_one_letter_wrong(families):
    head = head_of(families[0])

    an_accepted_correction(head, "name", "Xaverius Quintana")

    found = Individual.objects.get(name_keys__contains=keys_of("Xaverius"))
    assert found.pk == head.pk
    (word,) = keys_of("Quintana")
    assert NameToken.objects.filter(deletion=word[1:], token=word).exists()
    build()
    assert Individual.objects.get(pk=head.pk).name_keys == found.name_keys


@pytest.mark.parametrize(("variable", "number"), [("nik", "3514014101800001"), ("kk_number", "3514010101180999")])
def test_number_that_a_correction_replaces_still_finds(families, variable, number):
    head = head_of(families[0])
    target = head if variable == "nik" else head.household
    old = families[0].members[0].nik if variable == "nik" else families[0].kk

    an_accepted_correction(target, variable, number)

    former = FormerIdentifier.objects.get(object_id=target.pk, hash=lookup_hash(old))
    assert decrypt(former.cipher) == old
    build()
    target.refresh_from_db()
    assert decrypt(target.nik_cipher if variable == "nik" else target.kk_cipher) == number
    assert FormerIdentifier.objects.filter(object_id=target.pk, hash=lookup_hash(old)).count() == 1


def test_correction_of_an_id_that_was_merged_since_holds_for_todays(families):
    proposer, verifier = make_officer("village_operator", "35.14.01.2009"), make_officer("verifier", "35.14")
    now = timezone.now()
    homes = [head_of(family).household for family in families[:2]]
    made = [
        propose_correction(target=home, variable="id_lantai_terluas", value=value, evidence="x", by=proposer, now=now)
        for home, value in zip(homes, ("7", "8"), strict=True)
    ]
    plan = plan_merge(target=homes[0], other_id=homes[1].pk, reason="satu kartu", by=verifier, now=now)
    apply_plan(plan=plan, by=verifier, now=now)
    build()
    current = resolve_id(homes[0].pk) if resolve_id(homes[0].pk) != homes[0].pk else resolve_id(homes[1].pk)

    for one in made:
        check_correction(correction=one, accepted=True, by=verifier, now=now)

    assert Household.objects.get(pk=current).id_lantai_terluas == 8
    assert list(Correction.objects.order_by("id").values_list("object_id", "state")) == [
        (current, "retired"),
        (current, "active"),
    ]


@pytest.mark.parametrize(("answer", "state", "holds"), [("same", "contested", True), ("different", "retired", False)])
def test_answer_about_a_contested_correction_lets_it_hold_or_ends_it(families, answer, state, holds):
    proposer, verifier = make_officer("village_operator", "35.14.01.2009"), make_officer("verifier", "35.14")
    household = head_of(families[0]).household
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # before the sources' surveys
    given = dict(target=household, variable="id_lantai_terluas", value="8", evidence="x", by=proposer, now=long_ago)
    correction = check_correction(
        correction=propose_correction(**given), accepted=True, by=verifier, now=timezone.now()
    )
    build()
    pair = ReviewPair.objects.get(kind="correction", a_key=str(correction.pk))

    decide_pair(pair_id=pair.pk, answer=answer, by=verifier, now=timezone.now())
    build()

    correction.refresh_from_db()
    assert correction.state == state
    assert (Household.objects.get(pk=household.pk).id_lantai_terluas == 8) is holds
    assert not ReviewPair.objects.filter(kind="correction", state="open").exists()


def test_correction_of_what_is_gone_can_only_be_refused(families, tmp_path):
    head = head_of(families[-1])
    proposer, verifier = make_officer("village_operator", "35.14.01.2009"), make_officer("verifier", "35.14")
    now = timezone.now()
    made = propose_correction(target=head, variable="name", value="Lain", evidence="x", by=proposer, now=now)
    Individual.objects.filter(pk=head.pk).update(status="retired")

    with pytest.raises(InvalidMove):
        check_correction(correction=made, accepted=True, by=verifier, now=now)

    assert check_correction(correction=made, accepted=False, by=verifier, now=now).state == "refused"


def test_row_hash_is_the_same_in_every_version_of_the_engine():
    table = publish.Table("t", "t", "t", "nik", "c", "h", ("name", "name_keys", "as_of", "sex"))
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE t AS SELECT '3514' AS nik, 'SITI' AS name, DATE '2022-10-01' AS as_of, NULL::SMALLINT AS sex"
    )

    (found,) = con.execute(f"SELECT {publish.row_hash_of(table)} FROM t").fetchone()

    digest = hashlib.md5(b"3514\x1fSITI\x1f2022-10-01\x1f\x1e", usedforsecurity=False).digest()
    assert found == int.from_bytes(digest[:8], "big") - 2**63


def test_bucket_of_an_id_is_the_same_in_python_and_in_the_engine():
    ids = [uuid.UUID(int=number * 7919**9) for number in range(50)]
    con = duckdb.connect()
    expression = lineage._BUCKET.format(id="?::UUID", buckets=13)

    assert [con.execute(f"SELECT {expression}", [str(one)]).fetchone()[0] for one in ids] == [
        lineage.bucket_of(one, 13) for one in ids
    ]


def test_history_is_numbered_with_64_bits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT data_type FROM information_schema.columns WHERE column_name = 'pgh_id'")
        assert cursor.fetchall() == [("bigint",)]
        cursor.execute(
            "SELECT DISTINCT s.seqtypid::regtype::text FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid"
            " WHERE c.relname LIKE '%event%pgh_id_seq'"
        )
        assert cursor.fetchall() == [("bigint",)]
