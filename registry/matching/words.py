"""Words of Indonesian names that stand for another word or for nothing."""

from __future__ import annotations

_MUHAMMAD = "M MD MHD MOH MOCH MUH MUCH MOHD MUHD MOHAMAD MOHAMMAD MOHAMMED MOHAMED MUHAMAD MUHAMMED MOCHAMAD MOCHAMMAD MUCHAMAD MUCHAMMAD MUKHAMAD MUKHAMMAD MUHAMMAT MOHAMAT"
_SITI = "ST STI SITTI SITY"
_ABDUL = "ABD ABDL"
_ACHMAD = "AHMAD AHMMAD ACHMAD AKHMAD AKHMMAD ACH ACHM AKH AHM"
_TITLES = "H HJ HI HJH HAJI HAJJAH KH DRS DRA DR IR SH SE SPD SAG SKM MM MSI MPD SSOS ALM ALMH ALMARHUM ALMARHUMAH BPK IBU TN NY SDR SDRI RADEN RD R KYAI USTADZ"

MEANINGS: dict[str, str] = {
    **dict.fromkeys(_MUHAMMAD.split(), "MUHAMMAD"),
    **dict.fromkeys(_SITI.split(), "SITI"),
    **dict.fromkeys(_ABDUL.split(), "ABDUL"),
    **dict.fromkeys(_ACHMAD.split(), "AHMAD"),
    **dict.fromkeys(_TITLES.split(), ""),
}
