"""Tables of uji petik. A draw keeps its inclusion probability for ever; without it no rate can be estimated."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.common.append_only import append_only
from registry.common.privacy import classify
from registry.officers.scoping import ScopedQuerySet
from registry.uji_petik.states import DesignState, DrawState, LotState
from registry.wilayah.models import regency_check

__all__ = ["CheckResult", "Design", "Draw", "Estimate", "Lot", "ResultFile", "Stratum"]


class ErrorKind(models.TextChoices):
    """The five errors, each with a denominator of its own."""

    COVERAGE = "coverage", _("coverage: families that the register lacks")
    DATA = "data", _("data: recorded facts that differ from what is found")
    MODEL = "model", _("model: a rank that differs from true welfare")
    RULE = "rule", _("rule: eligible and not served, or the reverse")
    PROCESS = "process", _("process: decided or paid against the evidence")

    @property
    def short_label(self) -> str:
        """The name alone, without what it means."""
        return str(self.label).partition(":")[0].capitalize()


class Design(models.Model):
    """One uji petik: which families could be drawn, how many were, by which method and seed."""

    class Method(models.TextChoices):
        TWO_STAGE = "two_stage", _("villages, then families in them")
        SRS = "srs", _("families at random")
        RISK = "risk", _("families by risk, a part at random")
        CANVASS = "canvass", _("an independent list of an area")
        LOT = "lot", _("a lot that is accepted or rejected")
        LQAS = "lqas", _("small areas that are good or not (LQAS)")

    class Frame(models.TextChoices):
        EVERYONE = "everyone", _("every family of the register")
        BELOW_LINE = "below_line", _("families up to a desil")
        ABOVE_LINE = "above_line", _("families above a desil")

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=120)
    error = models.CharField(max_length=8, choices=ErrorKind.choices)
    method = models.CharField(max_length=9, choices=Method.choices)
    frame = models.CharField(max_length=10, choices=Frame.choices)
    line = models.SmallIntegerField(
        null=True
    )  # the desil below or above which is drawn, or that the rank is held against
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    seed = models.BigIntegerField()
    register_run = models.IntegerField()
    rank_run = models.ForeignKey("registry.RankRun", on_delete=models.PROTECT, null=True, related_name="+")
    frame_hash = models.CharField(max_length=64)
    frame_size = models.BigIntegerField()
    settings = models.JSONField(default=dict)  # sizes, allocation, wanted interval, as they were asked for
    due_on = models.DateField()
    state = models.CharField(max_length=6, choices=DesignState.choices, default=DesignState.DRAWN)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="design_line_of_frame",
                condition=Q(line__range=(1, 9)) | Q(frame="everyone", line=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def judges_lots(self) -> bool:
        """Whether it says of lots that they pass or not, instead of measuring an error."""
        return self.method in JUDGING


# Designs that say of lots whether they pass, instead of measuring an error.
JUDGING = (Design.Method.LOT, Design.Method.LQAS)


class Stratum(models.Model):
    """One stratum of a design: how many families and villages it has, how many were drawn."""

    id = models.BigAutoField(primary_key=True)
    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="strata")
    code = models.CharField(max_length=40)
    families = models.BigIntegerField()
    psus = models.IntegerField()
    drawn_psus = models.IntegerField()
    drawn_families = models.IntegerField()

    class Meta:
        ordering = ["design", "code"]
        constraints = [models.UniqueConstraint(fields=["design", "code"], name="stratum_once")]

    def __str__(self) -> str:
        return f"{self.design_id} {self.code}"


class Draw(models.Model):
    """One family that chance chose, with the probability it had."""

    id = models.BigAutoField(primary_key=True)
    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="draws")
    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    assignment = models.OneToOneField("registry.Assignment", on_delete=models.PROTECT, null=True, related_name="+")
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    psu = models.CharField(max_length=13, db_collation="C")
    probability = models.FloatField()  # of inclusion, never changed
    psu_probability = models.FloatField()  # of the village at the first stage
    psu_families = models.IntegerField(default=0)  # of the stratum in the village; nought where none was drawn first
    certain = models.BooleanField(default=False)  # the village, or the family, was taken for sure
    random_floor = models.BooleanField(default=True)  # drawn by chance alone, not by risk
    by_risk = models.BooleanField(default=False)
    order = models.IntegerField()
    state = models.CharField(max_length=11, choices=DrawState.choices, default=DrawState.WAITING)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["design", "order"]
        constraints = [
            regency_check("draw_regency_of_code"),
            models.UniqueConstraint(fields=["design", "household"], name="draw_once"),
            models.CheckConstraint(
                name="draw_probability",
                condition=Q(probability__gt=0, probability__lte=1, psu_probability__gt=0, psu_probability__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} {self.order}"


class Lot(models.Model):
    """One lot of a design: families that are accepted or rejected together, by the plan it was drawn with.

    `series` names lots that follow each other: what earlier ones showed says how strictly the next is inspected.
    """

    class Severity(models.TextChoices):
        NORMAL = "normal", _("normal")
        TIGHTENED = "tightened", _("tightened")
        REDUCED = "reduced", _("reduced")
        HALTED = "halted", _("every one opened")

    id = models.BigAutoField(primary_key=True)
    design = models.ForeignKey(Design, on_delete=models.CASCADE, related_name="lots")
    stratum = models.OneToOneField(Stratum, on_delete=models.PROTECT, related_name="lot")
    source = models.CharField(max_length=20)  # of what it is a lot: "ranking", or a kind that another stage adds
    batch = models.CharField(max_length=40, blank=True, default="")  # which one of that kind, where there are several
    series = models.CharField(max_length=120)
    region_code = models.CharField(max_length=13, db_collation="C")
    regency = models.SmallIntegerField()
    companion = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    size = models.IntegerField()
    n = models.IntegerField()
    accept = models.IntegerField()  # with at most so many wrong ones it passes
    stricter_accept = models.IntegerField()  # with so many it would have passed one step tighter; −1: with none
    good_share = models.FloatField()  # of wrong ones, up to which a lot is good
    bad_share = models.FloatField()  # of wrong ones, from which it may not pass; as asked for, whatever the severity
    good_limit = models.IntegerField()  # wrong ones in a lot that is just good; by this plan
    bad_limit = models.IntegerField()  # wrong ones in a lot that may just not pass; by this plan
    producer_risk = models.FloatField()  # that one with `good_limit` is rejected
    consumer_risk = models.FloatField()  # that one with `bad_limit` is accepted
    severity = models.CharField(max_length=9, choices=Severity.choices, default=Severity.NORMAL)
    first = models.BooleanField()  # inspected for the first time: only that counts for its series
    state = models.CharField(max_length=8, choices=LotState.choices, default=LotState.WAITING)
    opened = models.IntegerField(null=True)  # as the verdict found them
    wrong = models.IntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["series", "decided_at"], name="lot_series"),
            models.Index(fields=["regency", "-id"], name="lot_regency"),
        ]
        constraints = [
            regency_check("lot_regency_of_code"),
            models.CheckConstraint(
                name="lot_plan",
                condition=Q(n__gte=1, n__lte=models.F("size"), accept__gte=0, accept__lte=models.F("n")),
            ),
            models.CheckConstraint(
                name="lot_decided_at_by",
                condition=Q(state="waiting", decided_at=None, decided_by=None, opened=None, wrong=None)
                | (
                    ~Q(state="waiting")
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                    & Q(opened__isnull=False, wrong__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} {self.region_code}"


class ResultFile(models.Model):
    """One file of answers as it came: taken whole, or refused with what was found in its rows."""

    id = models.BigAutoField(primary_key=True)
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    taken = models.BooleanField()
    rows = models.IntegerField()
    answers = models.IntegerField()
    findings = models.JSONField(default=list)  # [row, code, value without numbers]
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["design", "sha256"], name="result_file_once", condition=Q(taken=True)),
        ]

    def __str__(self) -> str:
        return self.name


class CheckResult(models.Model):
    """What was found at one drawn family: one answer for each visit, also a blind second one."""

    class Outcome(models.TextChoices):
        RIGHT = "right", _("as recorded")
        WRONG = "wrong", _("in error")
        NOT_REACHED = "not_reached", _("not found")
        REFUSED = "refused", _("would not answer")

    id = models.BigAutoField(primary_key=True)
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="results")
    blind = models.BooleanField(default=False)
    outcome = models.CharField(max_length=11, choices=Outcome.choices)
    reason = models.CharField(max_length=40, blank=True, default="")
    source = models.CharField(max_length=10)  # file | visit
    file = models.ForeignKey("registry.ResultFile", on_delete=models.PROTECT, null=True, related_name="results")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        triggers = append_only()
        constraints = [
            # A family that was not met may still answer at a later visit; what was answered stays.
            models.UniqueConstraint(
                fields=["draw", "blind"], name="check_result_once", condition=Q(outcome__in=["right", "wrong"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.outcome}"


class Estimate(models.Model):
    """One estimated rate with its interval; a later estimate of the same design is a new row."""

    id = models.BigAutoField(primary_key=True)
    design = models.ForeignKey(Design, on_delete=models.PROTECT, related_name="estimates")
    domain = models.CharField(max_length=40, blank=True, default="")  # "" = the whole frame
    value = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    level = models.FloatField()
    deff = models.FloatField(null=True)
    n = models.IntegerField()
    n_eff = models.FloatField(null=True)
    response = models.FloatField()
    method = models.CharField(max_length=30)
    note = models.JSONField(default=dict)  # singleton rule, fpc, checker's sensitivity …
    estimated_at = models.DateTimeField()
    estimated_by = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="estimate_interval",
                condition=Q(low__lte=models.F("value"), high__gte=models.F("value")) & Q(response__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.design_id} {self.domain} {self.value:.3f}"


classify(
    Design,
    keep="id name error method frame line region_code regency seed register_run rank_run frame_hash frame_size settings"
    " due_on state drawn_at drawn_by",
)
classify(Stratum, keep="id design code families psus drawn_psus drawn_families")
classify(
    Draw,
    keep="id design stratum household assignment region_code regency psu probability psu_probability psu_families"
    " certain random_floor by_risk order state",
)
classify(
    Lot,
    keep="id design stratum source batch series region_code regency companion size n accept stricter_accept good_share"
    " bad_share good_limit bad_limit producer_risk consumer_risk severity first state opened wrong decided_at decided_by",
)
classify(CheckResult, keep="id draw blind outcome reason source file received_at received_by")
classify(ResultFile, keep="id design name sha256 taken rows answers findings received_at received_by")
classify(
    Estimate,
    keep="id design domain value low high level deff n n_eff response method note estimated_at estimated_by",
)
