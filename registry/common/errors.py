"""The family of errors that operations raise, and the sentence of each code in two languages.

A code is a stable dotted name (`stage.thing.what_is_wrong`). Each stage registers its sentences
from its own `errors.py`. How an error becomes an answer over HTTP is in `http.py`.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from registry.common.privacy import mask_text

SENTENCES: dict[str, tuple[str, str]] = {}


def register_sentences(sentences: Mapping[str, tuple[str, str]]) -> None:
    """Add the sentences of a stage: ``{code: (Indonesian, English)}``, facts in braces.

    Raises ValueError when a code is registered twice with different words.
    """
    for code, pair in sentences.items():
        if SENTENCES.setdefault(code, pair) != pair:
            raise ValueError(f"error code {code!r} has two different sentences")


class _Facts(dict[str, Any]):
    """Facts of a sentence; one that is missing stays visible as its name in braces."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def render_sentence(pair: tuple[str, str], facts: Mapping[str, Any], language: str | None) -> str:
    """Return the Indonesian or English sentence with its facts filled in and numbers masked."""
    words = pair[1] if (language or get_language() or "id").startswith("en") else pair[0]
    return mask_text(words.format_map(_Facts(facts)))


class DomainError(Exception):
    """Something the rules do not allow; carries a stable code and the facts of the sentence."""

    status = 409
    title = ("Tidak dapat dilakukan", "Cannot be done")

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def sentence(self, language: str | None = None) -> str:
        """Return the sentence in `language` ("id", "en"; the active one when None)."""
        pair = SENTENCES.get(self.code)
        if pair is None:
            return self.code
        return render_sentence(pair, self.facts, language)

    def heading(self, language: str | None = None) -> str:
        """Return the heading of this kind of error in `language`."""
        return render_sentence(self.title, {}, language)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


class NotAllowed(DomainError):
    """This officer may not. `hidden=True` answers 404, as if the object were not there."""

    status = 403
    title = ("Tidak diizinkan", "Not allowed")

    def __init__(self, code: str, *, hidden: bool = False, **facts: Any) -> None:
        super().__init__(code, **facts)
        if hidden:
            self.status = 404


class RuleRefused(DomainError):
    """The object is not in a condition to, a rule says no."""

    title = ("Ditolak oleh aturan", "Refused by a rule")


class InvalidMove(DomainError):
    """The state machine has no such move from the present state."""

    title = ("Langkah tidak berlaku", "Not a valid step")


class StaleWrite(DomainError):
    """Somebody else changed the object since it was read."""

    title = ("Data sudah berubah", "Changed meanwhile")


class BadInput(DomainError):
    """What was sent cannot be read or is incomplete."""

    status = 400
    title = ("Masukan tidak dapat dipakai", "Input cannot be used")


class Misconfigured(DomainError):
    """The installation lacks something that only its administrator can give."""

    status = 503
    title = ("Sistem belum siap", "The system is not ready")


register_sentences(
    {
        "common.keys.missing": (
            (
                "Berkas kunci {name} tidak ada di {folder}. Kembalikan dari cadangan; jangan membuat"
                " kunci baru bila register sudah berisi data."
            ),
            (
                "The key file {name} is missing in {folder}. Put it back from the backup; do not make"
                " a new key once the register holds data."
            ),
        ),
        "common.keys.unreadable": (
            "Berkas kunci {name} tidak dapat dibaca: {why}.",
            "The key file {name} cannot be read: {why}.",
        ),
        "common.keys.unknown": (
            "Nilai ini dienkripsi dengan kunci nomor {key_id} yang tidak ada di berkas {name}.",
            "This value was encrypted with key number {key_id}, which the file {name} lacks.",
        ),
        "common.keys.other": (
            ("Berkas kunci {name} bukan kunci yang menulis basis data ini. Kembalikan kunci yang benar dari cadangan."),
            ("The key file {name} is not the key that wrote this database. Put the right one back from the backup."),
        ),
        "common.cipher.damaged": (
            "Nilai terenkripsi rusak atau diubah.",
            "An encrypted value is damaged or was changed.",
        ),
        "common.file.damaged": (
            "Berkas terenkripsi {name} rusak, terpotong atau diubah.",
            "The encrypted file {name} is damaged, cut short or was changed.",
        ),
        "common.job.unknown_kind": (
            "Jenis pekerjaan {kind} tidak dikenal.",
            "There is no kind of job called {kind}.",
        ),
        "common.job.running": (
            "Pekerjaan ini sedang dikerjakan oleh proses lain.",
            "Another process is working on this job.",
        ),
        "common.job.over": (
            "Pekerjaan ini sudah selesai dan tidak dapat dibatalkan atau dilanjutkan.",
            "This job is over; it can no longer be cancelled or continued.",
        ),
        "common.job.cancelled": (
            "Pekerjaan dibatalkan atas permintaan.",
            "The job was cancelled on request.",
        ),
        "common.job.lost": (
            "Pekerjaan diambil alih karena proses ini lama tidak memberi kabar.",
            "The job was taken over because this process had been silent for too long.",
        ),
        "common.job.worker_died": (
            ("Proses yang mengerjakan berhenti mendadak; setelah {attempts} kali mencoba pekerjaan dihentikan."),
            ("The process doing it stopped suddenly; the job was given up after {attempts} attempts."),
        ),
        "common.job.broke": (
            "Pekerjaan berhenti karena kesalahan tak terduga ({kind}). Catatan lengkap ada di log.",
            "The job stopped on an unexpected error ({kind}). The log has the details.",
        ),
        "common.lock.busy": (
            "Pekerjaan lain sedang memegang {name}. Coba lagi setelah selesai.",
            "Other work holds {name}. Try again when it is done.",
        ),
        "common.lock.order": (
            "Urutan penguncian dilanggar: {wanted} diminta setelah {held}.",
            "The locking order is broken: {wanted} asked for after {held}.",
        ),
        "common.idempotency.other_content": (
            "Permintaan dengan kunci ini sudah dikerjakan dengan isi yang berbeda.",
            "A request with this key was carried out before with other content.",
        ),
        "common.write.stale": (
            "Data ini sudah diubah orang lain sejak Anda membukanya. Muat ulang lalu periksa lagi.",
            "Somebody changed this since you opened it. Reload and check again.",
        ),
        "common.audit.no_sentence": (
            "Peristiwa {operation} belum punya kalimat.",
            "The event {operation} has no sentence yet.",
        ),
        "common.request.invalid": (
            "Permintaan tidak lengkap atau tidak sah.",
            "The request is incomplete or not valid.",
        ),
        "common.request.not_found": (
            "Tidak ditemukan, atau di luar wilayah kerja Anda.",
            "Not found, or outside your region.",
        ),
        "common.request.not_signed_in": (
            "Silakan masuk terlebih dahulu.",
            "Please sign in first.",
        ),
        "common.request.not_allowed": (
            "Anda tidak berwenang untuk ini.",
            "You may not do this.",
        ),
        "common.request.failed": (
            "Permintaan tidak dapat dipenuhi ({status}).",
            "The request could not be carried out ({status}).",
        ),
    }
)
