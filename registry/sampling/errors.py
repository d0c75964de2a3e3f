"""What can be wrong with a design, a frame or results, as coded errors; the stage above registers SENTENCES."""

from typing import Any

SENTENCES: dict[str, tuple[str, str]] = {
    "sampling.share.out_of_range": (
        "{name} = {value} harus antara {low} dan {high}.",
        "{name} = {value} must lie between {low} and {high}.",
    ),
    "sampling.size.not_possible": (
        "Tidak ada ukuran sampel yang memenuhi permintaan ini: {why}.",
        "No sample size meets this request: {why}.",
    ),
    "sampling.frame.empty": (
        "Kerangka sampel kosong.",
        "The frame is empty.",
    ),
    "sampling.frame.twice": (
        "Kerangka sampel memuat {unit} dua kali.",
        "The frame holds {unit} twice.",
    ),
    "sampling.results.empty": (
        "Tidak ada hasil untuk dihitung.",
        "There are no results to estimate from.",
    ),
    "sampling.results.probability": (
        "{rows} hasil tidak punya peluang terpilih antara 0 dan 1.",
        "{rows} results lack a selection probability between 0 and 1.",
    ),
    "sampling.results.one_cluster": (
        "Semua hasil berasal dari satu klaster; galat tidak dapat ditaksir.",
        "All results come from one cluster; no error can be estimated.",
    ),
    "sampling.checker.useless": (
        "Sensitivitas {se} dan spesifisitas {sp} tidak lebih baik daripada menebak.",
        "A sensitivity of {se} and a specificity of {sp} are no better than guessing.",
    ),
}


class SamplingError(Exception):
    """Something that the caller gave cannot be used; carries a code of SENTENCES and its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def sentence(self, language: str = "id") -> str:
        """Return the sentence in "id" or "en" with its facts filled in."""
        return SENTENCES[self.code][language == "en"].format(**self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


def check_between(name: str, value: float, low: float, high: float) -> None:
    """Raise sampling.share.out_of_range unless low < value < high."""
    if not low < value < high:
        raise SamplingError("sampling.share.out_of_range", name=name, value=value, low=low, high=high)
