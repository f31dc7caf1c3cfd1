"""The page of SVG pictures in a real browser: explained, walked, searched, saved; no name runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ripplegraph.graph.model import Status
from ripplegraph.visualize.scene import Scene, build_scene
from ripplegraph.visualize.svg_page import render_svg_page
from visualize.browsers import watched_page
from visualize.hostile import HOSTILE_NAMES, hostile_graph, plain_graph

pytestmark = pytest.mark.browser


def scene(limit: int = 60) -> Scene:
    graph = plain_graph()
    down = ("san", "h1", "h2", "web", "db", "shop")
    statuses = {graph.resolve(name): Status.DOWN for name in down}
    causes = {graph.resolve("san"): "down"}
    return build_scene(graph, "shop", statuses=statuses, causes=causes, limit=limit)


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    file = tmp_path / "view.html"
    file.write_text(render_svg_page(scene(), scene(6)), encoding="utf-8")
    return file


def test_it_opens_on_the_path_and_shows_all_on_demand(page_file: Path) -> None:
    with watched_page() as watched:
        page = watched.open(page_file)
        assert page.locator("figure:visible .box").count() == 6
        page.get_by_role("button", name="All CIs").click()
        assert page.locator("figure:visible .box").count() == 7
        assert (watched.requests, watched.complaints) == ([], [])


def test_clicking_a_box_explains_it(page_file: Path) -> None:
    with watched_page() as watched:
        page = watched.open(page_file)
        page.locator("figure:visible").get_by_role("button", name="web, down").click()
        facts = page.locator("#facts").inner_text()
        assert facts.startswith("web")
        assert "2 of 3 needed, 1 usable" in facts
        assert "web ← h1 ← san" in facts
        assert watched.complaints == []


def test_arrow_keys_walk_along_the_dependencies(page_file: Path) -> None:
    with watched_page() as watched:
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


def test_search_fades_what_does_not_fit_and_enter_selects(page_file: Path) -> None:
    with watched_page() as watched:
        page = watched.open(page_file)
        page.get_by_role("button", name="All CIs").click()
        page.get_by_role("searchbox").fill("san")
        assert "of 7 CIs drawn fit" in page.locator("#matches").inner_text()
        page.get_by_role("searchbox").fill("no such thing")
        assert page.locator("#matches").inner_text() == "0 of 7 CIs drawn fit"
        assert page.locator("figure:visible .box.faded").count() == 7


def test_the_picture_is_saved_as_svg_and_png(page_file: Path, tmp_path: Path) -> None:
    with watched_page() as watched:
        page = watched.open(page_file)
        for button, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
            with page.expect_download() as waiting:
                page.get_by_role("button", name=button, exact=True).click()
            saved = tmp_path / button
            waiting.value.save_as(saved)
            assert saved.read_bytes().startswith(start)
        text = (tmp_path / "SVG").read_text(encoding="utf-8")
        assert "shop" in text
        assert "var(--" in text
        assert watched.complaints == []


def test_it_comes_closer_moves_and_fits_again(page_file: Path) -> None:
    with watched_page() as watched:
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


def test_pictures_and_table_read_without_javascript(page_file: Path) -> None:
    with watched_page(scripts=False) as watched:
        page = watched.page
        page.goto(page_file.as_uri())
        assert page.locator("figure:visible").count() == 2
        assert page.get_by_role("row", name="web").first.is_visible()
        assert not page.get_by_role("searchbox").is_visible()


def test_names_are_in_the_accessibility_tree(page_file: Path) -> None:
    with watched_page() as watched:
        tree = watched.open(page_file).locator("body").aria_snapshot()
        for name in ("shop", "web", "db", "h1", "h2", "san"):
            assert f'button "{name}, down' in tree


def test_dark_mode_follows_the_reader_and_the_button(page_file: Path) -> None:
    colour = "one => getComputedStyle(one).backgroundColor"
    with watched_page(dark=True) as watched:
        page = watched.open(page_file)
        assert page.locator("body").evaluate(colour) == "rgb(18, 22, 28)"
        page.get_by_role("button", name="Light / dark").click()
        assert page.locator("body").evaluate(colour) == "rgb(246, 247, 249)"


def test_it_prints_the_picture_that_is_shown_and_the_table(page_file: Path) -> None:
    with watched_page() as watched:
        pdf = watched.open(page_file).pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") >= 2


def test_hostile_names_never_run(tmp_path: Path) -> None:
    graph = hostile_graph()
    file = tmp_path / "hostile.html"
    file.write_text(render_svg_page(build_scene(graph, graph.ci_ids[0])), encoding="utf-8")
    with watched_page() as watched:
        page = watched.open(file)
        boxes = page.locator(".box")
        assert boxes.count() == len(HOSTILE_NAMES)
        for index in range(boxes.count()):
            boxes.nth(index).dispatch_event("click")
            boxes.nth(index).dispatch_event("pointerover")
        page.get_by_role("searchbox").fill("<script>")
        assert page.evaluate("window.__pwn") is None
        assert (watched.requests, watched.complaints) == ([], [])
