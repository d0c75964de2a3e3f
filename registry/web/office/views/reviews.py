"""Clerical review: the queue, one pair side by side, the answer and the next pair."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from registry.common.reads import record_read
from registry.models import ReviewPair
from registry.officers.models import Officer
from registry.officers.roles import May
from registry.web.office.doors import office_page, officer_of
from registry.web.office.forms import ReviewForm
from registry.web.office.selectors import reviews as reads
from registry.web.office.selectors.paging import keyset_page
from registry.web.office.selectors.scope import describe_scope


@office_page(May.REVIEW_PAIRS)
@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Open pairs of the officer's regions, what helps the register most first."""
    officer = officer_of(request)
    waiting = reads.open_pairs(officer)
    page = keyset_page(request, waiting, order=["-gain", "id"])
    page.total = waiting.count()
    page.rows = reads.show_queue(page.rows)
    context = {"page": page, "scope_line": describe_scope(officer)}
    return render(request, "office/review_queue.html", context)


@office_page(May.REVIEW_PAIRS)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Show a pair, or take the answer and go on to the next."""
    officer = officer_of(request)
    pair = ReviewPair.objects.get_visible(officer, pk=pair_id)
    if request.method == "POST":
        return answered(request, pair, officer)
    page = reads.show_pair(pair, officer)
    record_read(officer, "office.review", "review.pair", **reads.subjects_of(pair), now=timezone.now())
    return render(request, "office/review.html", {"pair": page, "scope_line": describe_scope(officer)})


def answered(request: HttpRequest, pair: ReviewPair, officer: Officer) -> HttpResponse:
    """Keep the answer; it binds all later builds."""
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose same, different or unsure."))
        return redirect("office:review", pair_id=pair.pk)
    reads.decide(
        pair, answer=form.cleaned_data["decision"], note=form.cleaned_data["note"], by=officer, now=timezone.now()
    )
    following = reads.open_pairs(officer).exclude(pk=pair.pk).order_by("-gain", "id").first()
    if following is None:
        messages.success(request, _("Saved. All doubtful pairs are decided."))
        return redirect("office:reviews")
    messages.success(request, _("Saved. Here is the next pair."))
    return redirect("office:review", pair_id=following.pk)
