"""The URL matrix: every address × anonymous, each role that may not, each role that may, other regions."""

from __future__ import annotations

import functools
import logging
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from dtsen_site.tests.rules.samples import make_samples
from dtsen_site.tests.rules.url_table import ADMINISTRATION, DOORS, PUBLIC, Door
from registry.officers.roles import ROLES, Sees

REFUSED = {403, 404}


@pytest.fixture(autouse=True)
def silence():
    """Thousands of refusals are the purpose here, not news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def walk_urls(patterns: list[Any], prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Yield name, route and pattern of every address."""
    for found in patterns:
        route = prefix + str(found.pattern)
        if isinstance(found, URLPattern):
            yield f"{space}{found.name}", route, found
        else:
            inner = f"{space}{found.namespace}:" if found.namespace else space
            yield from walk_urls(found.url_patterns, route, inner)


def all_urls() -> list[tuple[str, str, URLPattern]]:
    return list(walk_urls(get_resolver().url_patterns))


def door_of(name: str) -> Door:
    if name == "admin:logout":  # leads to the one sign-out
        return Door(PUBLIC)
    return Door(ADMINISTRATION) if name.startswith("admin:") else DOORS[name]


def fill(route: str) -> str:
    """Return an address of the route with objects that are not there."""
    text = route
    for kind, value in (
        ("uuid", str(uuid.UUID(int=7))),
        ("int", "999999999"),
        ("slug", "none"),
        ("path", "999999999"),
        ("str", "none"),
    ):
        text = re.sub(rf"<{kind}:\w+>", value, text)
    return "/" + re.sub(r"<\w+>", "none", text)


def plain_urls() -> list[tuple[str, str]]:
    """Return name and address of every pattern that is not a regular expression."""
    return [(name, fill(route)) for name, route, _ in all_urls() if "(?P" not in route]


def ask(client: Client, door: Door, address: str) -> Any:
    return client.post(address) if door.post else client.get(address)


def test_every_address_is_declared():
    undeclared = sorted(name for name, _, _ in all_urls() if not name.startswith("admin:") and name not in DOORS)
    assert undeclared == []


def test_no_address_is_declared_that_is_gone():
    names = {name for name, _, _ in all_urls()}
    assert sorted(set(DOORS) - names) == []


@pytest.mark.django_db
def test_anonymous_visitor_is_sent_to_sign_in_from_everything_that_is_not_public():
    client = Client(raise_request_exception=False)
    wrong = []
    for name, address in plain_urls():
        door = door_of(name)
        response = ask(client, door, address)
        if door.who == PUBLIC:
            good = response.status_code in {200, 302, 400, 404, 410} and not to_sign_in(response)
            good = good or name == "account:sign-out"
        else:
            good = to_sign_in(response) or (response.status_code == 302 and follow_is_sign_in(client, response))
        if not good:
            wrong.append(f"{name} {address}: {response.status_code} {response.headers.get('Location', '')}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_every_role_that_may_not_is_refused_everywhere(officers_here):
    wrong = []
    for role, officer in officers_here.items():
        client = sign_in(officer)
        if client.get(reverse("admin:login")).status_code not in REFUSED | {302}:
            wrong.append(f"{role} is let into the administration")
        for name, address in plain_urls():
            door = door_of(name)
            if role in door.roles():
                continue
            response = ask(client, door, address)
            if door.who == ADMINISTRATION and to_refusal(response):
                continue
            if response.status_code not in REFUSED:
                wrong.append(f"{role} at {name}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_every_role_that_may_is_let_in_everywhere(officers_here):
    wrong = []
    for role, officer in officers_here.items():
        client = sign_in(officer)
        for name, address in plain_urls():
            door = door_of(name)
            if role not in door.roles() or name in {"account:sign-out", "admin:logout"}:
                continue
            if door.post:
                client = sign_in(officer)  # the one before may have signed out
            response = ask(client, door, address)
            # An object that is not there is 404 for those who may; the administration leads back instead.
            # Pages of the administration that change something are closed to the auditor.
            allowed = {200, 302, 400, 404, 405, 410} | ({403} if door.who == ADMINISTRATION else set())
            if response.status_code not in allowed or to_sign_in(response):
                wrong.append(f"{role} at {name} {address}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_office_address_with_an_object_names_a_sample():
    without = [
        name
        for name, route, _ in all_urls()
        if name.startswith("office:") and "<" in route and not DOORS.get(name, Door(PUBLIC)).about
    ]
    assert without == []


@pytest.mark.django_db
def test_objects_of_another_region_are_not_there(officers_here, officers_elsewhere, tmp_path):
    samples = make_samples(officers_here, tmp_path)
    wrong = []
    for name, door in DOORS.items():
        if not door.about:
            continue
        kwargs = samples.get(door.about)
        if kwargs is None:
            wrong.append(f"{name}: no sample “{door.about}”")
            continue
        if kwargs == {}:  # has no region: the roles alone decide
            continue
        address = reverse(name, kwargs=kwargs)
        for role in sorted(door.roles()):
            sees = ROLES[role].sees
            if role in officers_elsewhere and sees in (Sees.REGION, Sees.CASES):
                status = ask(sign_in(officers_elsewhere[role]), door, address).status_code
                if status != 404:
                    wrong.append(f"{role} of another region at {name}: {status}")
            if sees is Sees.REGION:
                status = ask(sign_in(officers_here[role]), door, address).status_code
                if status in {403, 404, 500}:
                    wrong.append(f"{role} of this region at {name}: {status}")
    assert not wrong, "\n".join(wrong)


@functools.cache
def one_client() -> Client:
    # Loading the middleware costs more than most answers: one handler serves all.
    return Client(raise_request_exception=False)


def sign_in(officer: Any) -> Client:
    client = one_client()
    client.logout()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def to_sign_in(response: Any) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(reverse("account:sign-in"))


def to_refusal(response: Any) -> bool:
    """Say whether the administration sends to its own door, which refuses (asked once for each role)."""
    return response.status_code == 302 and response.headers["Location"].split("?")[0] == reverse("admin:login")


def follow_is_sign_in(client: Client, response: Any) -> bool:
    return to_sign_in(client.get(response.headers["Location"]))
