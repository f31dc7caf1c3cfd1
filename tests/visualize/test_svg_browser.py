"""The page of SVG pictures in a real browser: explained, walked, searched, saved; no name runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from graph_building import graph_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from visualize.browsers import opened_browser, watched_page
from visualize.hostile import HOSTILE_NAMES, hostile_graph, plain_graph
from visualize.scenes import POOLS, page_under

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    file = tmp_path / "view.html"
    file.write_text(page_under(plain_graph(), "san"), encoding="utf-8")
    return file


@pytest.fixture
def pools_file(tmp_path: Path) -> Path:
    file = tmp_path / "pools.html"
    file.write_text(page_under(graph_of(POOLS), "san"), encoding="utf-8")
    return file


def test_it_opens_on_the_path_and_shows_all_on_demand(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        assert page.locator("figure:visible .box").count() == 6
        page.get_by_role("button", name="All CIs (7)").click()
        assert page.locator("figure:visible .box").count() == 7
        assert (watched.requests, watched.complaints) == ([], [])


def test_clicking_a_box_explains_it(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        page.locator("figure:visible").get_by_role("button", name="web, down").click()
        facts = page.locator("#facts").inner_text()
        assert facts.startswith("web")
        assert "2 of 3 needed, 1 usable" in facts
        assert "Why\nh1 ← san" in facts
        assert watched.complaints == []


def test_arrow_keys_walk_along_the_dependencies(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        page.locator("figure:visible .box").first.focus()
        for key, name in (("ArrowDown", "web"), ("ArrowDown", "h1"), ("ArrowUp", "web")):
            page.keyboard.press(key)
            focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
            assert focused.startswith(name)
        page.keyboard.press("Enter")
        assert page.locator("#facts h2").inner_text() == "web"
        page.keyboard.press("Escape")
        assert page.locator("#facts h2").count() == 0
        assert page.locator("figure:visible .box[tabindex='0']").count() == 1


def test_search_lists_what_fits_and_enter_selects_it(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        box = page.get_by_role("searchbox")
        box.fill("san")
        assert page.locator("#matches").inner_text() == "1 of 7 CIs fit"
        assert page.locator("figure:visible .box:not(.faded)").count() == 1
        box.fill("no such thing")
        assert page.locator("#matches").inner_text() == "0 of 7 CIs fit"
        assert page.locator("figure:visible .box.faded").count() == 6
        box.fill("h3")
        assert page.locator("#found").inner_text().split() == ["✓", "h3", "in", "another", "view"]
        box.press("Enter")
        assert page.locator("#facts h2").inner_text() == "h3"
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith("h3, up")
        service = page.locator("figure:visible .box").first
        assert "faded" not in (service.get_attribute("class") or "")  # h3 leads there
        assert watched.complaints == []


def test_search_finds_what_no_picture_shows(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "small.html"
    file.write_text(page_under(graph_of(POOLS), limit=3), encoding="utf-8")
    with watched_page(browser) as watched:
        page = watched.open(file)
        page.get_by_role("searchbox").fill("san")
        assert page.locator("#found").inner_text().split() == ["✓", "san", "hidden"]
        page.locator("#found button").click()
        facts = page.locator("#facts").inner_text()
        assert facts.startswith("san")
        assert "Hidden in every picture of this page." in facts
        assert watched.complaints == []


def heights(page: Page) -> dict[str, float]:
    boxes = page.locator("figure:visible .box").all()
    found = {}
    for box in boxes:
        place = box.bounding_box()
        assert place is not None
        found[str(box.get_attribute("aria-label")).split(",")[0]] = place["y"]
    return found


def test_the_words_below_a_small_picture_fit_into_it(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "small.html"
    file.write_text(page_under(graph_of("shop")), encoding="utf-8")
    with watched_page(browser) as watched:
        picture = watched.open(file).locator("figure:visible svg")
        ends = picture.evaluate(
            "(svg) => [...svg.querySelectorAll('.foot text')].map(one => one.getBBox())"
            ".map(box => box.x + box.width)"
        )
        assert len(ends) == 2
        assert max(ends) <= picture.evaluate("(svg) => svg.viewBox.baseVal.width")


def test_a_pool_opens_in_place_and_what_is_below_moves_down(
    browser: Browser, pools_file: Path
) -> None:
    with watched_page(browser) as watched:
        page = watched.open(pools_file)
        page.get_by_role("button", name="Pools folded").click()
        shapes = "all => all.map((one) => one.getAttribute('d'))"
        lines = page.locator("figure:visible .lines path")
        before, drawn = heights(page), lines.evaluate_all(shapes)
        pool = page.locator("figure:visible .pool").first
        pool.click()
        assert "2 members" in page.locator("#facts").inner_text()
        page.get_by_role("button", name="Unfold in the picture").click()
        assert pool.get_attribute("aria-expanded") == "true"
        members = page.locator("figure:visible .member")
        assert members.count() == 2
        label = str(members.first.get_attribute("aria-label"))
        assert heights(page)["san"] > before["san"]
        members.first.click()
        assert page.locator("#facts h2").inner_text() == label.split(",", maxsplit=1)[0]
        pool.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert pool.get_attribute("aria-expanded") == "false"
        assert page.locator("figure:visible .member").count() == 0
        page.get_by_role("button", name="Fit").click()
        assert lines.evaluate_all(shapes) == drawn
        assert watched.complaints == []


def test_an_open_pool_overlaps_nothing(browser: Browser, pools_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(pools_file)
        page.get_by_role("button", name="Pools folded").click()
        for pool in page.locator("figure:visible .pool .fold").all():
            pool.click()
        page.get_by_role("button", name="Fit").click()
        frames = [
            one.bounding_box()
            for one in page.locator(
                "figure:visible .box .face, figure:visible .box:not(.pool)"
            ).all()
        ]
        for one, other in combinations(frames, 2):
            assert one is not None
            assert other is not None
            assert (
                one["x"] + one["width"] <= other["x"] + 1
                or other["x"] + other["width"] <= one["x"] + 1
                or one["y"] + one["height"] <= other["y"] + 1
                or other["y"] + other["height"] <= one["y"] + 1
            )


def test_the_slider_shows_how_it_spreads(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        states = "all => all.filter((one) => !one.classList.contains('up')).length"
        boxes = page.locator("figure:visible .box")
        assert boxes.evaluate_all(states) == 6
        slider = page.get_by_role("slider")
        slider.focus()
        page.keyboard.press("Home")
        assert page.locator("#moment").inner_text() == "Before: nothing is out"
        assert boxes.evaluate_all(states) == 0
        assert page.locator("figure:visible .path").count() == 0
        page.get_by_role("button", name="One change on").click()
        assert page.locator("#moment").inner_text() == "Root causes: san"
        assert boxes.evaluate_all(states) == 1
        page.keyboard.press("End")
        slider.focus()
        page.keyboard.press("End")
        assert boxes.evaluate_all(states) == 6
        assert watched.complaints == []


def test_the_picture_is_saved_as_svg_and_png(
    browser: Browser, page_file: Path, tmp_path: Path
) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        for button, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
            with page.expect_download() as waiting:
                page.get_by_role("button", name=button, exact=True).click()
            saved = tmp_path / button
            waiting.value.save_as(saved)
            assert saved.read_bytes().startswith(start)
        text = (tmp_path / "SVG").read_text(encoding="utf-8")
        assert "shop" in text
        assert "shop is down because" in text
        assert "var(--" in text
        assert 'id="is-down"' in text
        assert watched.complaints == []


def test_a_picture_of_another_moment_says_so_when_it_is_saved(
    browser: Browser, page_file: Path, tmp_path: Path
) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        page.get_by_role("slider").focus()
        page.keyboard.press("Home")
        with page.expect_download() as waiting:
            page.get_by_role("button", name="SVG", exact=True).click()
        waiting.value.save_as(tmp_path / "SVG")
        text = (tmp_path / "SVG").read_text(encoding="utf-8")
        assert "Before: nothing is out" in text
        assert "is down because" not in text
        page.get_by_role("slider").focus()
        page.keyboard.press("End")
        expect(page.locator("figure:visible .foot")).to_contain_text("shop is down because")


def test_it_comes_closer_moves_and_fits_again(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        page = watched.open(page_file)
        svg = page.locator("figure:visible svg")
        before = svg.get_attribute("viewBox")
        page.get_by_role("button", name="Closer").click()
        assert svg.get_attribute("viewBox") != before
        page.get_by_role("button", name="Fit").click()
        assert svg.get_attribute("viewBox") == before
        bounds = svg.bounding_box()
        assert bounds is not None
        page.mouse.move(bounds["x"] + 5, bounds["y"] + 5)
        page.mouse.down()
        page.mouse.move(bounds["x"] + 80, bounds["y"] + 60, steps=4)
        page.mouse.up()
        assert svg.get_attribute("viewBox") != before
        assert page.locator("#facts h2").count() == 0  # moving the picture selects nothing


def test_pictures_and_table_read_without_javascript(browser: Browser, page_file: Path) -> None:
    with watched_page(browser, scripts=False) as watched:
        page = watched.page
        page.goto(page_file.as_uri())
        assert page.locator("figure:visible").count() == 3
        assert page.get_by_role("row", name="web").first.is_visible()
        assert not page.get_by_role("searchbox").is_visible()


def test_names_are_in_the_accessibility_tree(browser: Browser, page_file: Path) -> None:
    with watched_page(browser) as watched:
        tree = watched.open(page_file).locator("body").aria_snapshot()
        for name in ("shop", "web", "db", "h1", "h2", "san"):
            assert f'button "{name}, down' in tree


def test_dark_mode_follows_the_reader_and_the_button(browser: Browser, page_file: Path) -> None:
    colour = "one => getComputedStyle(one).backgroundColor"
    with watched_page(browser, dark=True) as watched:
        page = watched.open(page_file)
        assert page.locator("body").evaluate(colour) == "rgb(18, 22, 28)"
        page.get_by_role("button", name="Light / dark").click()
        assert page.locator("body").evaluate(colour) == "rgb(246, 247, 249)"


def test_it_prints_the_picture_that_is_shown_and_the_table(
    browser: Browser, page_file: Path
) -> None:
    with watched_page(browser) as watched:
        pdf = watched.open(page_file).pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") >= 2


def test_a_large_picture_is_printed_in_parts_of_the_view_that_is_shown(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "wide.html"
    text = "; ".join(f"shop -> web{at:02}; web{at:02} -> h{at:02}" for at in range(40))
    file.write_text(page_under(graph_of(text), "h00"), encoding="utf-8")
    with watched_page(browser) as watched:
        page = watched.open(file)
        page.get_by_role("button", name="All CIs (81)").click()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator(".sheets").get_attribute("data-of") == "all"
        assert page.locator(".sheets svg").count() > 1
        expect(page.locator(".sheets svg").first).to_be_visible()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator(".sheets").count() == 0
        assert watched.complaints == []


def test_hostile_names_never_run(browser: Browser, tmp_path: Path) -> None:
    graph = hostile_graph()
    file = tmp_path / "hostile.html"
    question = ViewQuestion(service=graph.ci_ids[0])
    file.write_text(render_view_page(graph, question), encoding="utf-8")
    with watched_page(browser) as watched:
        page = watched.open(file)
        boxes = page.locator("figure:visible .box")
        assert boxes.count() == len(HOSTILE_NAMES)
        for index in range(boxes.count()):
            boxes.nth(index).dispatch_event("pointerover")
            boxes.nth(index).dispatch_event("click")
        page.get_by_role("searchbox").fill("<script>")
        page.locator("#found button").first.click()
        for button in page.get_by_role("button").all():
            button.dispatch_event("click")
        assert page.evaluate("window.__pwn") is None
        assert (watched.requests, watched.complaints) == ([], [])
