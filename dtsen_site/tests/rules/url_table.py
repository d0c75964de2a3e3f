"""Every address of the site: who may open it, and what an address with an object in it needs.

The table is written by hand, apart from the views, so that a view that forgets its door fails the test
(`test_urls.py`). An address that is not here fails too.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.officers.roles import ROLES, May

PUBLIC = "public"  # anybody
SIGNED_IN = "signed in"  # any officer
ADMINISTRATION = "administration"  # who may open the administration


@dataclass(frozen=True)
class Door:
    """Who may open an address; `post` when it only takes a POST; `about` names the object in it."""

    who: str | frozenset[May]
    post: bool = False
    about: str = ""  # key of the sample objects, "" when the address holds none or one without region

    def roles(self) -> set[str]:
        """Return the codes of the roles that may."""
        if isinstance(self.who, frozenset):
            return {code for code, role in ROLES.items() if role.may & self.who}
        if self.who == ADMINISTRATION:
            return {code for code, role in ROLES.items() if May.OPEN_ADMINISTRATION in role.may}
        return set(ROLES)


def may(*what: May, post: bool = False, about: str = "") -> Door:
    """Return the door of whoever may do one of these."""
    return Door(frozenset(what), post, about)


DOORS: dict[str, Door] = {
    # machines and everybody
    "healthz": Door(PUBLIC),
    "readyz": Door(PUBLIC),
    "public:home": Door(PUBLIC),
    "public:about": Door(PUBLIC),
    "public:models": Door(PUBLIC),
    "public:model": Door(PUBLIC),
    "public:model-file": Door(PUBLIC),
    "public:model-card": Door(PUBLIC),
    "public:model-weights": Door(PUBLIC),
    "transparency:page": Door(PUBLIC),
    "transparency:province": Door(PUBLIC),
    "transparency:file": Door(PUBLIC),
    "transparency:dictionary": Door(PUBLIC),
    "transparency:dictionary-file": Door(PUBLIC),
    "account:sign-in": Door(PUBLIC),
    "account:sign-out": Door(PUBLIC, post=True),
    "account:first-password": Door(PUBLIC),
    "account:language": Door(PUBLIC, post=True),
    "account:theme": Door(PUBLIC, post=True),
    # the office
    "office:home": Door(SIGNED_IN),
    # … the register
    "office:register": may(May.SEARCH_PEOPLE),
    "office:results": may(May.SEARCH_PEOPLE),
    "office:family": may(May.VIEW_FAMILY, about="household"),
    "office:family-numbers": may(May.UNMASK_NUMBERS, post=True, about="household"),
    "office:family-history": may(May.VIEW_FAMILY, about="household"),
    "office:person-history": may(May.VIEW_FAMILY, about="individual"),
    "office:correct": may(May.PROPOSE_CORRECTION, about="household"),
    "office:family-merge": may(May.MERGE_AND_SPLIT, about="household"),
    "office:family-split": may(May.MERGE_AND_SPLIT, about="household"),
    "office:person": may(May.VIEW_FAMILY, about="individual"),
    "office:correct-person": may(May.PROPOSE_CORRECTION, about="individual"),
    "office:person-merge": may(May.MERGE_AND_SPLIT, about="individual"),
    "office:person-split": may(May.MERGE_AND_SPLIT, about="individual"),
    "office:plan": may(May.MERGE_AND_SPLIT, about="plan"),
    "office:corrections": may(May.PROPOSE_CORRECTION, May.CHECK_CORRECTION),
    "office:correction-decide": may(May.CHECK_CORRECTION, post=True, about="correction"),
    # … deliveries are national: their rows and findings carry no scope of their own
    "office:deliveries": may(May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY),
    "office:delivery-upload": may(May.RECEIVE_DELIVERY),
    "office:build": may(May.BUILD_REGISTRY, post=True),
    "office:delivery": may(May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY, about="delivery"),
    "office:findings": may(May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY, about="delivery"),
    "office:findings-download": may(May.VIEW_DELIVERIES, May.RECEIVE_DELIVERY, about="delivery"),
    # … lists to take out; the file is there for the officer who asked only
    "office:lists": may(May.EXPORT_LISTS),
    "office:list-file": may(May.EXPORT_LISTS, about="list"),
    # … clerical review
    "office:reviews": may(May.REVIEW_PAIRS),
    "office:review": may(May.REVIEW_PAIRS, about="pair"),
    # … rankings: runs and models hold counts, a score hangs on its family
    "office:rankings": may(May.VIEW_RANKING),
    "office:ranking-compute": may(May.MANAGE_RANKING, post=True),
    "office:ranking": may(May.VIEW_RANKING, about="rank_run"),
    "office:ranking-move": may(May.MANAGE_RANKING, post=True, about="rank_run"),
    "office:what-if": may(May.VIEW_RANKING),
    "office:what-if-download": may(May.VIEW_RANKING),
    "office:survey-upload": may(May.MANAGE_RANKING),
    "office:ranking-upload": may(May.MANAGE_RANKING),
    "office:ranking-compare": may(May.VIEW_RANKING, about="rank_run"),
    "office:ranking-compare-panel": may(May.VIEW_RANKING, about="rank_pair"),
    "office:ranking-findings": may(May.MANAGE_RANKING, about="rank_run"),
    "office:ranking-findings-download": may(May.MANAGE_RANKING, about="rank_run"),
    "office:rank-model": may(May.VIEW_RANKING, about="rank_model"),
    "office:rank-model-sign": may(May.MANAGE_RANKING, post=True, about="rank_model"),
    "office:rank-model-retire": may(May.MANAGE_RANKING, post=True, about="rank_model"),
    "office:family-score": may(May.VIEW_RANKING, about="household"),
    "office:programmes": may(May.VIEW_RANKING),
    # … uji petik: a sample belongs to its region
    "office:samples": may(May.VIEW_SAMPLES),
    "office:sample-plan": may(May.DRAW_SAMPLES),
    "office:coverage": may(May.DRAW_SAMPLES),
    "office:lots": may(May.VIEW_SAMPLES),
    "office:lot-calculator": may(May.VIEW_SAMPLES),
    "office:lot-plan": may(May.DRAW_SAMPLES),
    "office:lqas-plan": may(May.DRAW_SAMPLES),
    "office:lot-draw": may(May.DRAW_SAMPLES, post=True),
    "office:lqas-draw": may(May.DRAW_SAMPLES, post=True),
    "office:sample-draw": may(May.DRAW_SAMPLES, post=True),
    "office:sample": may(May.VIEW_SAMPLES, about="sample"),
    "office:sample-progress": may(May.VIEW_SAMPLES, about="sample"),
    "office:sample-template": may(May.DRAW_SAMPLES, about="sample"),
    "office:sample-results": may(May.DRAW_SAMPLES, post=True, about="sample"),
    "office:sample-estimate": may(May.DRAW_SAMPLES, post=True, about="sample"),
    "office:sample-close": may(May.DRAW_SAMPLES, post=True, about="sample"),
    "office:sample-export": may(May.VIEW_SAMPLES, about="sample"),
    # … who receives: a cycle belongs to its regency
    "office:cycles": may(May.VIEW_RECIPIENTS),
    "office:cycle-open": may(May.PROPOSE_CANDIDATES, post=True),
    "office:cycle": may(May.VIEW_RECIPIENTS, about="cycle"),
    # … jobs and the record
    "office:jobs": may(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.VIEW_AUDIT, May.EXPORT_LISTS),
    "office:job": may(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.VIEW_AUDIT, May.EXPORT_LISTS, about="job"),
    "office:job-panel": may(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.VIEW_AUDIT, May.EXPORT_LISTS, about="job"),
    "office:job-cancel": may(May.RECEIVE_DELIVERY, May.BUILD_REGISTRY, May.EXPORT_LISTS, post=True, about="job"),
    "office:audit": may(May.VIEW_AUDIT),
    "office:audit-reads": may(May.VIEW_AUDIT),
    "office:audit-verify": may(May.VIEW_AUDIT, post=True),
}
