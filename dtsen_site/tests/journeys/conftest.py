"""A browser on the live site: one Chromium a run, a fresh context a journey, nothing from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from dtsen_site.testing.browser import find_chromium

# The driver's own event loop makes Django think that it runs asynchronously.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
PASSWORD = "kuda lumping di pasar"
WIDTHS = {"phone": (360, 740), "desk": (1280, 860)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium here, and none can be installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Return `open_page(width="phone", scripts=False)`; afterwards no page may have failed or called elsewhere."""
    contexts, wrong = [], []

    def open_one(width: str = "desk", scripts: bool = True) -> Page:
        across, down = WIDTHS[width]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": across, "height": down},
            locale="id-ID",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        here = urlsplit(live_server.url).netloc

        def look(request: Any) -> None:
            if urlsplit(request.url).netloc not in {here, ""}:
                wrong.append(f"called {request.url}")

        page.on("request", look)
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def check_page() -> Callable[[Page], None]:
    """Return a check of what every page owes: no serious axe finding, no sideways scrolling."""

    def check(page: Page) -> None:
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{page.url} is {sideways} px wider than the screen"
        found = Axe().run(page).response["violations"]
        serious = [f"{v['id']}: {v['help']}" for v in found if v["impact"] in {"serious", "critical"}]
        assert not serious, f"{page.url}: {serious}"

    return check
