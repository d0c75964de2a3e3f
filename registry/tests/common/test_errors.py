"""Errors carry codes; sentences in two languages; HTTP answers from one place."""

import json
import logging

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation
from rest_framework import exceptions, serializers
from rest_framework.views import APIView

from registry.common import http, privacy
from registry.common.errors import (
    SENTENCES,
    BadInput,
    DomainError,
    InvalidMove,
    NotAllowed,
    RuleRefused,
    StaleWrite,
    register_sentences,
)

register_sentences({"test.refused": ("Ditolak karena {why}", "Refused because of {why}")})


def test_sentence_follows_the_language_and_fills_the_facts():
    error = RuleRefused("test.refused", why="x")
    with translation.override("id"):
        assert error.sentence() == "Ditolak karena x"
    assert error.sentence("en") == "Refused because of x"


def test_sentence_missing_fact_or_code_does_not_fail():
    assert RuleRefused("test.refused").sentence("en") == "Refused because of {why}"
    assert RuleRefused("test.unknown").sentence() == "test.unknown"


def test_text_of_an_error_masks_a_number():
    assert "3402011704900003" not in str(RuleRefused("test.refused", why="3402011704900003"))


def test_register_sentences_other_words_for_a_code_are_refused():
    with pytest.raises(ValueError, match="two different"):
        register_sentences({"test.refused": ("a", "b")})


def test_every_sentence_has_both_languages_and_the_same_facts():
    import string

    for code, (indonesian, english) in SENTENCES.items():
        facts = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (indonesian, english)
        ]
        assert indonesian and english and facts[0] == facts[1], code


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAllowed("test.refused"), 403),
        (NotAllowed("test.refused", hidden=True), 404),
        (RuleRefused("test.refused"), 409),
        (InvalidMove("test.refused"), 409),
        (StaleWrite("test.refused"), 409),
        (BadInput("test.refused"), 400),
    ],
)
def test_api_answers_a_problem_document(error, status):
    response = http.handle_api_exception(error, {})
    assert response.status_code == status
    problem = json.loads(response.content)
    assert (problem["code"], problem["status"]) == ("test.refused", status)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("x"), 404, "common.request.not_found"),
        (exceptions.PermissionDenied(), 403, "common.request.not_allowed"),
        (exceptions.ParseError(), 400, "common.request.invalid"),
        (exceptions.Throttled(wait=7), 429, "common.request.failed"),
    ],
)
def test_api_errors_of_the_framework_have_the_same_form(error, status, code):
    response = http.handle_api_exception(error, {})
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)
    assert response["Content-Type"] == http.PROBLEM_TYPE


def test_api_unknown_error_is_left_to_django():
    assert http.handle_api_exception(KeyError("x"), {}) is None


def test_api_view_sends_problem_json_with_field_errors(settings):
    class Form(serializers.Serializer):
        name = serializers.CharField()

    class View(APIView):
        authentication_classes = ()
        permission_classes = ()

        def get_exception_handler(self):
            return http.handle_api_exception

        def post(self, request):
            Form(data=request.data).is_valid(raise_exception=True)

    response = View.as_view()(RequestFactory().post("/x", {}, content_type="application/json"))
    assert response["Content-Type"] == http.PROBLEM_TYPE
    assert "name" in json.loads(response.content)["errors"]


def test_middleware_leaves_other_errors_alone():
    middleware = http.DomainErrorMiddleware(lambda request: None)
    assert middleware.process_exception(RequestFactory().get("/"), KeyError()) is None


def test_middleware_renders_the_page_with_status_and_way_back(monkeypatch):
    seen = {}

    def render(request, template, context, status):
        seen.update(context, status=status)
        return "page"

    monkeypatch.setattr(http, "render", render)
    request = RequestFactory().post("/a", headers={"referer": "http://testserver/b?q=1"})
    middleware = http.DomainErrorMiddleware(lambda request: None)
    assert middleware.process_exception(request, RuleRefused("test.refused", why="x")) == "page"
    assert (seen["status"], seen["back"], seen["code"]) == (409, "/b?q=1", "test.refused")


def log_through_filter(message, *args, exc_info=None):
    record = logging.LogRecord("x", logging.INFO, "f", 1, message, args, exc_info)
    privacy.MaskSixteenDigits().filter(record)
    return logging.Formatter().format(record)


def test_log_filter_masks_message_arguments_and_traceback():
    nik = "3402011704900003"
    assert nik not in log_through_filter("a %s", nik)
    assert nik not in log_through_filter(f"a {nik}")
    assert "3402********0003" in log_through_filter("%d", int(nik))
    try:
        raise ValueError(nik)
    except ValueError as error:
        text = log_through_filter("broke", exc_info=(type(error), error, error.__traceback__))
    assert nik not in text and "ValueError" in text


def test_log_filter_wrong_format_keeps_the_line():
    assert "two" in log_through_filter("%d %d", "two")


@pytest.mark.parametrize(
    "text", ["3402 0117 0490 0003", "340201-170490-0003", "34.02.01.170490.0003", "x3402011704900003y", "9" * 30]
)
def test_mask_text_written_with_gaps_is_masked(text):
    masked = privacy.mask_text(text)
    assert "170490" not in masked and "*" in masked


@pytest.mark.parametrize(
    "text", ["2026-11-24 03:00:00.123456", "123456789012345", "5.000.000 rows", "2026-11-24 12345678"]
)
def test_mask_text_other_numbers_stay(text):
    assert privacy.mask_text(text) == text


def test_domain_error_is_picklable():
    import pickle

    error = pickle.loads(pickle.dumps(NotAllowed("test.refused", hidden=True, why="x")))
    assert (error.code, error.status, error.facts) == ("test.refused", 404, {"why": "x"})
    assert isinstance(error, DomainError)
