"""Lists taken out: by a job, for a purpose, within the regions, masked, harmless, for who asked alone, for a day."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from dtsen_site.tests.conftest import make_officer, make_regions
from dtsen_site.tests.world import build_small_register, let_workers_work
from registry.common.exports import forget_lists, path_of
from registry.common.models import AccessLog, AuditEvent, Job
from registry.common.reads import find_exports_with
from registry.models import Household, Individual, ReviewPair

pytestmark = pytest.mark.django_db(transaction=True)


def desk_of(officer):
    client = Client(headers={"accept-language": "id"})
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def register(tmp_path):
    make_regions()
    build_small_register(tmp_path)


@pytest.fixture
def verifier(register):
    return make_officer("verifier", "35.14")


def ask(client, kind, fmt="csv", **more):
    asked = {"list": kind, "format": fmt, "purpose": "lists.quality", "region": ""} | more
    answer = client.post("/kantor/daftar/", asked)
    assert answer.status_code == 302, answer.content.decode()
    let_workers_work()
    job = Job.objects.latest("created_at")
    assert job.state == "done", job.error
    return job


def fetch(client, job):
    return b"".join(client.get(f"/kantor/daftar/{job.pk}/berkas/").streaming_content)


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_list_of_people_holds_everybody_seen_masked_and_in_words(verifier):
    Individual.objects.filter(pk=Individual.objects.first().pk).update(name="=CMD()")
    client = desk_of(verifier)

    job = ask(client, "people")
    rows = rows_of(fetch(client, job))

    assert len(rows) == Individual.objects.active().count() == job.counts["rows_listed"]
    assert all("•" in row["NIK (disamarkan)"] for row in rows if row["NIK (disamarkan)"])
    assert {row["Jenis kelamin"] for row in rows} <= {"Laki-laki", "Perempuan", "–"}
    assert [row["Nama"] for row in rows if "Cmd" in row["Nama"] or "CMD" in row["Nama"]] == ["'=Cmd()"]
    log = AccessLog.objects.get(door="office.list")
    assert (log.purpose, log.subjects, log.selection["list"]) == ("lists.quality", len(rows), "people")
    assert AuditEvent.objects.filter(operation="common.list.exported", params={"rows": len(rows)}).exists()
    assert AuditEvent.objects.filter(operation="common.list.fetched", obj_id=str(job.pk)).count() == 1
    person = Individual.objects.active().first()
    assert find_exports_with(person.pk, since=timezone.now() - dt.timedelta(hours=1)) == [log]


@pytest.mark.parametrize("kind", ["families", "pairs"])
def test_other_lists_come_as_spreadsheets(verifier, kind):
    client = desk_of(verifier)

    sheet = load_workbook(io.BytesIO(fetch(client, ask(client, kind, "xlsx")))).active

    expected = {
        "families": Household.objects.active().count(),
        "pairs": ReviewPair.objects.filter(state="open").count(),
    }
    assert sheet.max_row == 1 + expected[kind]


def test_findings_of_a_delivery_are_listed_with_their_choice(verifier):
    client = desk_of(verifier)
    page = client.get("/kantor/daftar/?delivery=1000000")
    assert page.status_code == 404


def test_place_narrows_and_another_region_gets_nothing(verifier):
    stranger = desk_of(make_officer("verifier", "34.02"))

    here = ask(desk_of(verifier), "people", region="35.14.01")
    there = ask(stranger, "people")

    assert here.counts["rows_listed"] == Individual.objects.active().count()
    assert there.counts["rows_listed"] == 0
    assert stranger.get(f"/kantor/daftar/{here.pk}/berkas/").status_code == 404


def test_a_place_outside_the_region_cannot_be_chosen_nor_a_list_without_purpose(verifier):
    client = desk_of(verifier)

    outside = client.post(
        "/kantor/daftar/", {"list": "people", "format": "csv", "purpose": "lists.audit", "region": "34.02"}
    )
    aimless = client.post("/kantor/daftar/", {"list": "people", "format": "csv", "purpose": "", "region": ""})

    assert outside.status_code == aimless.status_code == 400
    assert not Job.objects.filter(kind="export_list").exists()


def test_file_is_sealed_on_disk_and_gone_after_a_day(verifier):
    client = desk_of(verifier)
    job = ask(client, "people")
    path = path_of(job.pk)
    assert Individual.objects.first().name.encode() not in path.read_bytes()

    later = timezone.now() + dt.timedelta(days=1, minutes=1)
    forget_lists(now=timezone.now())
    assert path.exists()
    forget_lists(now=later)
    assert not path.exists()

    assert client.get(f"/kantor/daftar/{job.pk}/berkas/").status_code == 404
    assert "Tidak disimpan lagi" in client.get("/kantor/daftar/").content.decode()


def test_right_that_ended_ends_the_file_too(verifier):
    client = desk_of(verifier)
    job = ask(client, "people")
    for role in verifier.roles.all():
        type(role).objects.filter(pk=role.pk).update(ended_at=timezone.now(), ended_by=verifier)

    assert client.get(f"/kantor/daftar/{job.pk}/berkas/").status_code == 403
