"""The page in a real browser: it draws, explains, obeys its policy, and no name becomes code."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph_building import graph_of
from ripplegraph.graph.model import Status
from ripplegraph.visualize.pyvis_page import render_page
from ripplegraph.visualize.scene import build_scene
from visualize.browsers import watched_page
from visualize.hostile import HOSTILE_NAMES, hostile_graph, plain_graph
from visualize.test_pyvis_page import scene_with_outage

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def outage_page(tmp_path: Path) -> Path:
    file = tmp_path / "view.html"
    file.write_text(render_page(scene_with_outage()), encoding="utf-8")
    return file


def test_the_page_draws_offline_without_complaint(outage_page: Path) -> None:
    with watched_page() as watched:
        page = watched.open(outage_page)
        colours = page.evaluate(
            """() => {
              const canvas = document.querySelector("#picture canvas");
              const { width, height } = canvas;
              const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
              const seen = new Set();
              for (let at = 0; at < pixels.length; at += 4) {
                seen.add([pixels[at], pixels[at + 1], pixels[at + 2]].join());
              }
              return [...seen];
            }"""
        )
        assert {"179,38,30", "26,127,75"} <= set(colours)  # red for down, green for up
        assert (watched.requests, watched.complaints) == ([], [])


def test_selecting_a_ci_of_the_list_explains_it(outage_page: Path) -> None:
    with watched_page() as watched:
        page = watched.open(outage_page)
        page.get_by_role("button", name="web").click()
        facts = page.locator("#facts").inner_text()
        assert "does not work" in facts
        assert "2 of 3 needed, 1 usable" in facts
        assert page.locator("#facts ol li").all_inner_texts() == ["web", "h1", "san"]
        assert page.locator("[aria-current=true]").inner_text().startswith("web")


def test_clicking_a_box_explains_it(outage_page: Path) -> None:
    with watched_page() as watched:
        page = watched.open(outage_page)
        page.get_by_role("button", name="san").click()  # brings it to the middle
        page.get_by_role("searchbox").fill("s")  # and takes the selection away
        page.get_by_role("searchbox").fill("")
        bounds = page.locator("#picture").bounding_box()
        assert bounds is not None
        middle = (bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2)
        page.mouse.click(*middle)
        page.wait_for_selector("#facts h2")
        assert page.locator("#facts h2").inner_text() == "san"
        assert "Root cause: down" in page.locator("#facts").inner_text()


def test_the_list_is_searched_and_walked_by_keyboard(outage_page: Path) -> None:
    with watched_page() as watched:
        page = watched.open(outage_page)
        page.get_by_role("searchbox").fill("h")
        assert page.locator("#matches").inner_text() == "4 of 7 CIs fit"
        names = page.locator("#list button:visible").all_inner_texts()
        assert [name.split()[0] for name in names] == ["shop", "h1", "h2", "h3"]
        page.locator("#list button:visible").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("#facts h2").inner_text() == "h1"


def test_a_search_says_how_many_cis_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "view.html"
    file.write_text(render_page(build_scene(plain_graph(), "shop", limit=3)), encoding="utf-8")
    with watched_page() as watched:
        page = watched.open(file)
        page.get_by_role("searchbox").fill("san")
        said = page.locator("#matches").inner_text()
        assert said == "0 of 3 CIs shown (4 are not shown) fit"


def test_names_of_cis_are_in_the_accessibility_tree(outage_page: Path) -> None:
    with watched_page() as watched:
        tree = watched.open(outage_page).locator("body").aria_snapshot()
        for name in ("shop", "web", "db", "h1", "h2", "h3", "san"):
            assert f'button "{name} ' in tree
        assert 'img "shop is down because san is down.' in tree


def test_the_table_reads_without_javascript(outage_page: Path) -> None:
    with watched_page(scripts=False) as watched:
        page = watched.page
        page.goto(outage_page.as_uri())
        assert page.get_by_text("The picture needs JavaScript.").is_visible()
        assert page.get_by_role("row", name="web").first.is_visible()
        assert not page.locator("#picture").is_visible()
        assert not page.get_by_role("button").first.is_visible()


def test_dark_mode_follows_the_reader_and_the_button(outage_page: Path) -> None:
    with watched_page(dark=True) as watched:
        page = watched.open(outage_page)
        body = page.locator("body")
        assert body.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(18, 22, 28)"
        page.get_by_role("button", name="Light / dark").click()
        assert (
            body.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(246, 247, 249)"
        )
        assert watched.complaints == []


def test_it_prints_picture_and_table(outage_page: Path) -> None:
    with watched_page() as watched:
        page = watched.open(outage_page)
        pdf = page.pdf(prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") >= 2
        assert watched.complaints == []


def test_hostile_names_never_run(tmp_path: Path) -> None:
    graph = hostile_graph()
    file = tmp_path / "hostile.html"
    file.write_text(render_page(build_scene(graph, graph.ci_ids[0])), encoding="utf-8")
    with watched_page() as watched:
        page = watched.open(file)
        buttons = page.locator("#list button")
        assert buttons.count() == len(HOSTILE_NAMES)
        for index in range(buttons.count()):
            buttons.nth(index).click()
            page.mouse.move(500 + index, 450)
        page.get_by_role("searchbox").fill("<script>")
        assert page.evaluate("window.__pwn") is None
        assert (watched.requests, watched.complaints) == ([], [])


def _wait_until(page: Page, true: str) -> None:
    # what waits inside the page evaluates a text there, which the page's policy forbids
    for _ in range(200):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {true}")


def test_a_big_outage_opens_to_be_read_and_a_button_brings_its_cause(tmp_path: Path) -> None:
    names = ["shop", *(f"h{number:02}" for number in range(14))]
    graph = graph_of("; ".join(f"{one} -> {other}" for one, other in pairwise(names)))
    statuses = {graph.resolve(name): Status.DOWN for name in names}
    causes = {graph.resolve("h13"): "down"}
    file = tmp_path / "view.html"
    scene = build_scene(graph, "shop", statuses=statuses, causes=causes)
    file.write_text(render_page(scene), encoding="utf-8")
    with watched_page() as watched:
        watched.page.add_init_script(
            """window.drawn = new Map();
            const draw = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
              window.drawn.set(text, this.getTransform().a);
              return draw.call(this, text, ...place);
            };"""
        )
        page = watched.open(file)
        drawn = page.evaluate("Object.fromEntries(window.drawn)")
        assert drawn["shop"] >= 0.6, "its name is at least 9 pixels high"
        assert "root cause" not in drawn
        page.click("#path")
        _wait_until(page, "window.drawn.has('root cause')")
