"""`python -m dtsen_site.demo.pictures`: the pictures of docs/walk.md, taken from a running demo.

Needs `make demo` running and the test libraries (`make test` installs them).
"""

import csv
import os
from collections import Counter, defaultdict
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dtsen_site.settings.environment import PROJECT_DIR, read
from dtsen_site.testing.browser import find_chromium

FOLDER = PROJECT_DIR / "docs" / "walk"
SIZES = {"1280": (1280, 900), "360": (360, 780)}
PASSWORD = "Satu-data-Indonesia-2025"  # noqa: S105 - printed by the demo
OFFICER = "verifier.3514@demo.dtsen.example"


def pick_number(truth: Path) -> str:
    """Return the NIK of somebody in a family of five or more that all three sources tell of without a fault."""
    sources = defaultdict(set)
    with (truth / "records.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["faults"]:
                sources[row["person_id"]].add(row["source"])
    with (truth / "people.csv").open(newline="", encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    size = Counter(row["family_id"] for row in people)
    return next(row["nik"] for row in people if len(sources[row["person_id"]]) == 3 and size[row["family_id"]] >= 5)


def main() -> None:
    """Walk the pages as a verifier and take each at both widths."""
    host = f"http://{read('DTSEN_ADDRESS')}"
    truth = next((Path(read("DTSEN_STATE_DIR")) / "demo").glob("35.14-*/truth"))
    number = pick_number(truth)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for size, (width, height) in SIZES.items():
            page = browser.new_context(viewport={"width": width, "height": height}, locale="id-ID").new_page()
            walk(page, host, number, size)
        browser.close()


def walk(page: Page, host: str, number: str, size: str) -> None:
    """Take every picture of the walk at one width."""

    def take(name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}-{size}.png", full_page=False)

    page.goto(f"{host}/kantor/")
    page.locator("[name=username]").fill(OFFICER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) button").click()
    page.wait_for_url("**/kantor/**")
    take("1-beranda")
    page.goto(f"{host}/kantor/kiriman/")
    take("2-kiriman")
    page.locator("main tbody a[href^='/kantor/kiriman/']").nth(1).click()
    page.wait_for_load_state()
    take("3-laporan")
    page.goto(f"{host}/kantor/tinjau/")
    first = page.locator("main a[href*='/tinjau/']").first
    if first.count():
        first.click()
        page.wait_for_load_state()
    take("4-tinjau")
    page.goto(f"{host}/kantor/register/")
    page.locator("form[role=search] input:visible").first.fill(number)
    page.locator("form[role=search] button.btn").click()
    page.wait_for_url("**/hasil/**")
    take("5-hasil")
    page.locator("tbody th a").first.click()
    page.wait_for_load_state()
    if "/orang/" in page.url:
        page.locator("main a[href*='/keluarga/']").first.click()
        page.wait_for_load_state()
    take("6-keluarga")
    family = page.url
    page.locator("main a[href$='/riwayat/']").click()
    page.wait_for_load_state()
    take("7-riwayat")
    page.goto(f"{host}/kantor/daftar/")
    take("8-daftar")
    page.goto(f"{family}skor/")
    take("9-skor")
    page.locator("main a[href*='/peringkat/model/']").first.click()
    page.wait_for_load_state()
    take("10-model")
    page.goto(f"{host}/kantor/peringkat/simulasi/?before=4&after=3")
    take("10a-simulasi")
    page.goto(f"{host}/kantor/peringkat/")
    page.locator("main tbody a[href^='/kantor/peringkat/']", has_text="resmi").first.click()
    page.wait_for_load_state()
    take("10b-peringkat-resmi")
    page.goto(f"{host}/kantor/uji-petik/")
    page.locator("main tbody a[href^='/kantor/uji-petik/']").last.click()
    page.wait_for_load_state()
    take("11-uji-petik")
    page.goto(f"{host}/kantor/penerima/")
    page.locator("main tbody a[href^='/kantor/penerima/']").last.click()
    page.wait_for_load_state()
    take("14-siklus")
    page.goto(f"{host}/transparansi/")
    take("12-transparansi")
    page.goto(f"{host}/model/")
    page.locator("main a[href^='/model/']").first.click()
    page.wait_for_load_state()
    take("13-model-publik")


if __name__ == "__main__":
    main()
