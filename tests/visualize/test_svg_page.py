"""The page of SVG pictures as text: complete without scripts, hardened, small, repeatable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from graph_building import graph_of
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import scenario_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.scene import build_scene
from ripplegraph.visualize.svg_page import PageContent, render_svg_page, svg_page_policy
from ripplegraph.visualize.svg_picture import curve, picture_of, shortened
from ripplegraph.visualize.view_model import Scene
from visualize.example_services import cut_to
from visualize.hostile import HOSTILE_NAMES, hostile_graph, plain_graph
from visualize.scenes import POOLS, page_under, statuses_under
from visualize.test_pyvis_page import parsed, scene_with_outage


def page_of(scene: Scene, graph: ServiceGraph | None = None) -> str:
    return render_svg_page(PageContent(graph=graph or plain_graph(), scenes=(scene,)))


def boxes_and_lines(page: str) -> tuple[int, int]:
    return page.count('class="box '), len(re.findall(r"<path[^>]* data-w=", page))


def test_every_box_and_line_of_the_scene_is_drawn_without_scripts() -> None:
    scene = scene_with_outage()
    page = page_of(scene)
    assert boxes_and_lines(page) == (len(scene.boxes), len(scene.lines))
    assert all(f">{box.name}</text>" in page for box in scene.boxes)


def views_of(page: str) -> list[str]:
    return re.findall(r'<figure id="view-(\w+)"', page)


def test_the_page_opens_on_the_impact_path_then_folded_then_all() -> None:
    page = page_under(graph_of(POOLS), "san")
    assert views_of(page) == ["path", "folded", "all"]
    buttons = re.findall(r'<button type="button" data-view="\w+"[^>]*>([^<]*)<', page)
    assert buttons == ["Impact path (9 of 13)", "Pools folded (13)", "All CIs (13)"]


def test_without_an_outage_there_is_no_path() -> None:
    assert views_of(page_under(graph_of(POOLS))) == ["folded", "all"]


def test_a_picture_that_would_look_the_same_is_left_out() -> None:
    assert views_of(page_under(graph_of("shop -> web"))) == ["all"]
    assert views_of(page_under(graph_of("shop -> web"), "web")) == ["all"]
    assert views_of(page_under(graph_of("shop -> web"), "shop")) == ["path", "all"]


def test_a_limit_holds_for_every_picture() -> None:
    page = page_under(graph_of(POOLS), "san", limit=4)
    assert all(figure.count('class="box ') <= 4 for figure in page.split("<figure")[1:])


def test_what_is_hidden_is_counted_on_the_picture_itself() -> None:
    page = page_under(graph_of(POOLS), "san")
    words = "Shows 9 of 13 CIs and 11 of 16 relations. Hidden: 4 CIs, 5 relations that do not"
    assert page.count(words) == 2  # above the picture, and in it


def test_the_policy_allows_the_own_script_and_style_and_no_network() -> None:
    page = page_of(scene_with_outage())
    policy = svg_page_policy()
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    tags = parsed(page)
    assert [kind for kind, _ in tags.raw if kind != "style"] == ["application/json", "module"]
    for name, attributes in tags.tags:
        assert not any(key.startswith("on") for key in attributes), name
        assert name not in {"a", "link", "iframe", "object", "img", "form"}
        address = attributes.get("href") or attributes.get("src") or "#"
        assert address.startswith("#")


def test_hostile_names_stay_text() -> None:
    graph = hostile_graph()
    page = page_of(build_scene(graph, graph.ci_ids[0]), graph)
    tags = parsed(page).tags
    assert not [name for name, _ in tags if name in {"img", "a"}]
    assert sum(name == "script" for name, _ in tags) == 2
    assert boxes_and_lines(page)[0] == len(HOSTILE_NAMES)


def test_names_that_turn_the_direction_are_isolated() -> None:
    graph = hostile_graph()
    page = page_of(build_scene(graph, graph.ci_ids[0]), graph)
    assert "<bdi>right\u202eto left</bdi>" in page
    assert "unicode-bidi:isolate" in page


def fifty() -> ServiceGraph:
    hosts = [f"host-{number:02}" for number in range(40)]
    apps = [f"application-{number}" for number in range(9)]
    text = f"shop -> {' & '.join(apps)}; " + "; ".join(
        f"{app} -> 2 of ({', '.join(hosts[4 * at : 4 * at + 8])})" for at, app in enumerate(apps)
    )
    return graph_of(text)


def test_a_page_of_fifty_cis_has_less_than_a_hundred_kilobytes() -> None:
    page = page_under(fifty(), "host-03", "host-04", "host-05", "host-06", "host-07")
    assert page.count("<tr data-row") == 50
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize(
    "name", ["Printing", "File Sharing", "Email Gold", "Identity", "Customer Care Gold"]
)
def test_fifty_cis_of_the_example_fit_even_if_all_of_them_are_out(name: str) -> None:
    graph, service, leaves = cut_to(name, 50)
    moment = datetime(2026, 11, 20, 9, tzinfo=UTC)
    calm = ViewQuestion(service=graph.ci_ids[service], moment=moment)
    scenario = scenario_of(graph, down=leaves)
    worst = replace(calm, scenario=scenario, statuses=statuses_under(graph, *leaves))
    sizes = [len(render_view_page(graph, one).encode()) for one in (calm, worst)]
    assert sizes[0] < 93_000
    assert sizes[1] < 99_000


@pytest.mark.parametrize(("name", "count"), [("Identity", 1), ("Customer Care Gold", 2)])
def test_fifty_cis_of_the_example_fit_with_a_picture_of_the_path_too(
    name: str, count: int
) -> None:
    graph, service, leaves = cut_to(name, 50)
    down = leaves[:count]  # the largest pages of all outages of one or two of them
    question = ViewQuestion(
        service=graph.ci_ids[service],
        moment=datetime(2026, 11, 20, 9, tzinfo=UTC),
        scenario=scenario_of(graph, down=down),
        statuses=statuses_under(graph, *down),
    )
    page = render_view_page(graph, question)
    assert views_of(page) == ["path", "folded", "all"]
    assert len(page.encode()) < 100_000


def test_of_a_path_that_would_look_much_like_the_next_picture_the_shortest_ways_are_drawn() -> (
    None
):
    apps = [f"app-{number:02}" for number in range(20)]
    text = f"shop -> {' & '.join(apps)}; " + "; ".join(
        f"{app} -> {'one' if at < 11 else 'two' if at < 18 else 'three'}"
        for at, app in enumerate(apps)
    )
    graph = graph_of(text)
    page = page_under(graph, "one", "two")
    assert views_of(page) == ["path", "folded", "all"]
    path = page[page.index('id="view-path"') : page.index('id="view-folded"')]
    assert set(re.findall(r"<text>((?:app|one|two|three|shop)[^<]*)</text>", path)) == {
        "shop", "app-00", "one", "app-11", "two",
    }  # fmt: skip
    assert "Hidden: 19 CIs, 36 relations that are not on the shortest way; 16 of these" in path
    assert views_of(page_under(graph, "three")) == ["path", "folded", "all"]


def test_the_same_question_gives_the_same_bytes() -> None:
    assert page_under(fifty(), "host-03") == page_under(fifty(), "host-03")


@pytest.mark.parametrize("renderer", ["svg", "pyvis"])
def test_each_renderer_says_what_is_down(renderer: str) -> None:
    graph = plain_graph()
    scenario = scenario_of(graph, down=["san"])
    statuses = dict.fromkeys(map(graph.resolve, ("san", "db", "shop")), Status.DOWN)
    question = ViewQuestion(
        service="shop", scenario=scenario, statuses=statuses, renderer=renderer
    )
    assert "shop is down because san is down." in render_view_page(graph, question)


class Words(HTMLParser):
    """All text of a page but style and script."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        if not self.cdata_elem:
            self.text.append(data)


def test_a_redacted_page_names_nobody_and_keeps_the_picture() -> None:
    graph = plain_graph()
    for number in range(graph.ci_count):
        graph.cis.owner_team[number], graph.cis.supplier[number] = "Team Blue", "Contoso"
    scenario = scenario_of(graph, down=["san"])
    statuses = dict.fromkeys(map(graph.resolve, ("san", "db", "shop")), Status.DOWN)
    open_page, closed = (
        render_view_page(
            graph,
            ViewQuestion(
                service="shop", scenario=scenario, statuses=statuses, is_redacted=is_redacted
            ),
        )
        for is_redacted in (False, True)
    )
    words = Words()
    words.feed(closed)
    text = " ".join(words.text)
    for name in (*graph.cis.name, "Team Blue", "Contoso"):
        assert not re.search(rf"\b{re.escape(name)}\b", text), name
    assert boxes_and_lines(closed) == boxes_and_lines(open_page)
    assert "Team 1" in text
    assert "is down because" in text


def test_a_redacted_page_without_a_scenario_is_drawn_too() -> None:
    page = render_view_page(plain_graph(), ViewQuestion(service="shop", is_redacted=True))
    assert ">shop</text>" not in page


def test_long_names_keep_both_ends() -> None:
    assert shortened("a" * 10, 10) == "a" * 10
    assert shortened("production-web-01", 9) == "produ…-01"
    assert len(shortened("x" * 500, 9)) == 9


def test_a_curve_runs_straight_down_and_bends_aside() -> None:
    assert curve([(1.25, 2), (1.25, 9)]) == "M1 2v7"
    assert curve([(4, 0), (0, 4)]) == "M4 0c0 2-4 2-4 4"


def test_soft_idle_and_passing_lines_look_different() -> None:
    graph = graph_of("shop -> web; web ~> log; web .> doc; shop ~> mail")
    statuses = {graph.resolve("log"): Status.DOWN, graph.resolve("web"): Status.DEGRADED}
    statuses[graph.resolve("shop")] = Status.DEGRADED
    scene = build_scene(graph, "shop", statuses=statuses, causes={graph.resolve("log"): "down"})
    classes = {one.css for one in picture_of("x", "x", scene).lines}
    assert {"path chain", "soft path chain", "none", "soft"} == classes
