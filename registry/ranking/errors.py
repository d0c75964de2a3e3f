"""What can be wrong with a survey, a mapping, a model file or a file of families, as coded errors.

The stage above turns a `RankingError` into its own error and registers SENTENCES for both languages.
"""

from typing import Any

SENTENCES: dict[str, tuple[str, str]] = {
    "ranking.survey.not_found": (
        "Berkas survei {name} tidak ada atau tidak terbaca. Periksa nama dan izinnya.",
        "The survey file {name} is not there or cannot be read. Check its name and permissions.",
    ),
    "ranking.survey.column_missing": (
        "Kolom {columns} tidak ada di survei {name}. Sebutkan kolom yang benar, atau beri berkas pemetaan.",
        "The column {columns} is not in the survey {name}. Name the right column, or give a mapping file.",
    ),
    "ranking.survey.not_a_number": (
        "Kolom {column} berisi {rows} nilai yang bukan angka. Perbaiki, atau beri kodenya di berkas pemetaan.",
        "The column {column} holds {rows} values that are not numbers. Correct them, or give their codes in a mapping file.",
    ),
    "ranking.survey.outcome_not_positive": (
        "Kolom {column} berisi {rows} nilai nol, negatif atau kosong; pengeluaran harus lebih dari nol.",
        "The column {column} holds {rows} values that are zero, negative or empty; spending must be above zero.",
    ),
    "ranking.survey.weight_not_positive": (
        "Kolom penimbang {column} berisi {rows} nilai nol, negatif atau kosong.",
        "The weight column {column} holds {rows} values that are zero, negative or empty.",
    ),
    "ranking.survey.too_few_psus": (
        "Survei {name} hanya punya {psus} PSU; validasi silang butuh paling sedikit {least}.",
        "The survey {name} has only {psus} PSUs; cross-validation needs at least {least}.",
    ),
    "ranking.survey.too_few_rows": (
        "Survei {name} hanya punya {rows} baris untuk {parameters} parameter. Pakai survei yang lebih besar atau variabel lebih sedikit.",
        "The survey {name} has only {rows} rows for {parameters} parameters. Use a larger survey or fewer variables.",
    ),
    "ranking.survey.region_unknown": (
        "{rows} baris survei menyebut kode wilayah yang tidak dikenal, misalnya {example}.",
        "{rows} rows of the survey name a region code that is not known, for example {example}.",
    ),
    "ranking.survey.no_items": (
        "Tidak satu pun variabel model ada di survei {name}. Beri berkas pemetaan (--mapping).",
        "None of the model's variables is in the survey {name}. Give a mapping file (--mapping).",
    ),
    "ranking.mapping.invalid": (
        "Berkas pemetaan {name} tidak sah: {why}. Perbaiki lalu ulangi.",
        "The mapping file {name} is not valid: {why}. Correct it and try again.",
    ),
    "ranking.model.invalid": (
        "Berkas model tidak sah: {why}.",
        "The model file is not valid: {why}.",
    ),
    "ranking.model.hash": (
        "Isi model tidak cocok dengan sidik jarinya; model telah berubah dan tidak dipakai.",
        "The model does not fit its own fingerprint; it has been changed and is not used.",
    ),
    "ranking.families.column_missing": (
        "Berkas keluarga tidak memuat kolom {columns}.",
        "The file of families lacks the column {columns}.",
    ),
    "ranking.families.empty": (
        "Tidak ada keluarga untuk diperingkat.",
        "There are no families to rank.",
    ),
    "ranking.families.size": (
        "{rows} keluarga tidak punya anggota atau jumlahnya kosong.",
        "{rows} families have no members or an empty count of them.",
    ),
    "ranking.options.invalid": (
        "Pilihan {option} = {value} tidak dikenal. Yang dikenal: {known}.",
        "The option {option} = {value} is not known. Known are: {known}.",
    ),
}


class RankingError(Exception):
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
