"""The page of reports in a real browser: it fits a telephone, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from visualize.browsers import opened_browser, watched_page
from visualize.test_measured_page import HOSTILE, page_of, shop

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "build" / "views"


def test_it_fits_runs_nothing_and_can_be_read_by_all(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_of(shop(f"Shop {HOSTILE} " + 12 * "long")), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with opened_browser() as browser:
        for wide, dark in ((1440, False), (390, True)):
            with watched_page(browser, wide=wide, dark=dark, bypass_policy=True) as watched:
                page = watched.page
                page.goto(file.as_uri())
                page.screenshot(path=PICTURES / f"report-{wide}.png")
                assert page.evaluate("document.documentElement.scrollWidth") <= wide
                found = Axe().run(page).response["violations"]
                said = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
                assert said == []
                assert (watched.requests, watched.complaints) == ([], [])
