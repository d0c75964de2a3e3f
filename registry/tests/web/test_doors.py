"""The doors themselves: policy, language, colours, sign-in, lockout, first password, weight of public pages."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from registry.officers.models import OneTimeLink
from registry.officers.operations import grant_role, invite_officer, make_link
from registry.officers.selectors import system_officer

PASSWORD = "hujan turun di bulan juni"
PUBLIC = ("/", "/tentang/", "/masuk/")


@pytest.fixture
def officer(db):
    now = timezone.now()
    made = invite_officer(email="ratna@example.go.id", name="Ratna Sari", by=system_officer(), now=now)
    grant_role(officer=made, role="auditor", by=system_officer(), now=now)
    made.set_password(PASSWORD)
    made.save()
    made.forget_scope()
    return made


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_public_page_with_everything_it_loads_stays_light(client, address):
    page = client.get(address).content
    parts = re.findall(rb'(?:href|src)="/static/([^"#]+)', page)

    files = [Path(finders.find(part.decode())).read_bytes() for part in {*parts}]

    assert len(page) + sum(map(len, files)) < 60 * 1024
    assert sum(len(gzip.compress(part)) for part in [page, *files]) < 15 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*PUBLIC, "/tidak-ada/"])
def test_page_has_nothing_that_a_strict_policy_forbids(client, address):
    response = client.get(address)

    page = response.content.decode()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)|https?://", page)


@pytest.mark.django_db
def test_page_is_indonesian_whatever_the_browser_says_and_english_when_chosen(client):
    assert b'<html lang="id"' in client.get("/", headers={"accept-language": "en"}).content

    client.post("/bahasa/", {"language": "en", "next": "/tentang/"})

    assert b'<html lang="en"' in client.get("/").content


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "mark"), [("dark", b'class="dark"'), ("light", b'class="light"'), ("", b"<html")])
def test_colours_are_kept_in_a_cookie(client, chosen, mark):
    client.post("/warna/", {"theme": chosen})

    assert mark in client.get("/").content


@pytest.mark.django_db
def test_return_address_of_another_site_is_not_followed(client):
    response = client.post("/bahasa/", {"language": "en", "next": "https://example.com/"})

    assert response.headers["Location"] == "/"


def test_officer_signs_in_and_reaches_the_page_that_was_asked_for(client, officer):
    response = client.post(
        "/masuk/", {"username": "Ratna@example.go.id", "password": PASSWORD, "next": "/kantor/audit/"}
    )

    assert response.headers["Location"] == "/kantor/audit/"


def test_failed_sign_ins_lock_and_say_for_how_long(client, officer):
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        response = client.post("/masuk/", {"username": officer.email, "password": "salah salah salah"})

    assert response.status_code == 429
    assert "15 menit" in response.content.decode()


def test_one_time_link_sets_the_password_once(client, officer):
    token = make_link(officer=officer, by=system_officer(), now=timezone.now())
    fields = {"password": "kali yang mengalir jauh", "again": "kali yang mengalir jauh"}

    first = client.post(f"/kata-sandi/{token}/", fields)
    second = Client().get(f"/kata-sandi/{token}/")

    assert first.headers["Location"] == "/masuk/"
    assert second.status_code == 404
    assert Client().post("/masuk/", {"username": officer.email, "password": fields["password"]}).status_code == 302


def test_weak_password_is_refused_with_a_reason(client, officer):
    token = make_link(officer=officer, by=system_officer(), now=timezone.now())

    page = client.post(f"/kata-sandi/{token}/", {"password": "12345", "again": "12345"}).content.decode()

    assert 'aria-invalid="true"' in page
    assert OneTimeLink.objects.usable(timezone.now()).exists()


def test_expired_link_says_what_to_do(client, officer):
    token = make_link(officer=officer, by=system_officer(), now=timezone.now() - timedelta(days=30))

    assert "administrator kantor Anda" in client.get(f"/kata-sandi/{token}/").content.decode()


def test_menu_shows_what_the_role_may_open(signed_in):
    page = signed_in.get("/kantor/audit/").content.decode()

    assert 'href="/kantor/audit/" aria-current="page"' in page
    assert "Tinjau pasangan" not in page


def test_page_of_another_role_is_refused_in_words(signed_in):
    response = signed_in.get("/kantor/kiriman/unggah/")

    assert response.status_code == 403
    assert "Peran Anda tidak mencakup" in response.content.decode()


def test_personal_pages_are_not_kept_by_the_browser(signed_in):
    assert "no-store" in signed_in.get("/kantor/audit/").headers["Cache-Control"]


def test_audit_shows_events_as_sentences_and_checks_the_seals(signed_in):
    assert "Ratna Sari" in signed_in.get("/kantor/audit/").content.decode()

    page = signed_in.post("/kantor/audit/periksa/").content.decode()

    assert "Catatan cocok dengan segelnya" in page
