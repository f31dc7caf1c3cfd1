"""The page as text: offline, hardened, complete without JavaScript."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from html.parser import HTMLParser

from pyvis.network import Network

from ripplegraph.graph.model import Status
from ripplegraph.visualize.pyvis_page import page_policy, render_page, to_pyvis
from ripplegraph.visualize.scene import build_scene
from ripplegraph.visualize.view_model import Scene
from visualize.hostile import HOSTILE_NAMES, hostile_graph, plain_graph


def scene_with_outage() -> Scene:
    graph = plain_graph()
    down = ("san", "h1", "h2", "web", "db", "shop")
    statuses = {graph.resolve(name): Status.DOWN for name in down}
    return build_scene(graph, "shop", statuses=statuses, causes={graph.resolve("san"): "down"})


class Tags(HTMLParser):
    """Every tag with its attributes, the texts of scripts and styles, and all other text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in {"script", "style"} and self.cdata_elem:
            self.raw.append((str(self.tags[-1][1].get("type", self.tags[-1][0])), data))
        else:
            self.text.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_the_page_is_one_html_document_with_language_and_title() -> None:
    page = render_page(scene_with_outage())
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert "<title>shop: down (ripplegraph)</title>" in page


def test_the_page_loads_nothing() -> None:
    tags = parsed(render_page(scene_with_outage())).tags
    addresses = [
        value
        for _, attributes in tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "data", "action", "poster"}
    ]
    assert addresses == ["#table"]


def test_no_content_network_is_named() -> None:
    page = render_page(scene_with_outage())
    for host in ("jsdelivr", "cdnjs", "unpkg", "googleapis", "bootstrap", "sourceMappingURL"):
        assert host not in page


def test_every_script_and_style_has_its_hash_in_the_policy() -> None:
    raw = parsed(render_page(scene_with_outage())).raw
    active = [text for kind, text in raw if kind != "application/json"]
    assert len(active) == 3
    for text in active:
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page_policy()


def test_the_policy_allows_no_unsafe_source_and_no_network() -> None:
    policy = page_policy()
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
    assert f'content="{policy}"' in render_page(scene_with_outage())


def test_no_markup_carries_style_or_script_attributes() -> None:
    for _, attributes in parsed(render_page(scene_with_outage())).tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_hostile_names_make_no_markup() -> None:
    graph = hostile_graph()
    friendly = parsed(render_page(build_scene(plain_graph(), "shop"))).tags
    hostile = parsed(render_page(build_scene(graph, graph.ci_ids[0]))).tags
    assert {tag for tag, _ in hostile} <= {tag for tag, _ in friendly}


def test_hostile_names_are_shown_as_they_are() -> None:
    graph = hostile_graph()
    text = " ".join(parsed(render_page(build_scene(graph, graph.ci_ids[0]))).text)
    for name in HOSTILE_NAMES[:6]:
        assert name in text


def test_data_cannot_end_its_script_block() -> None:
    graph = hostile_graph()
    page = render_page(build_scene(graph, graph.ci_ids[0]))
    blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    names = {box["name"] for box in json.loads(blocks[0])["picture"]["boxes"]}
    assert names >= set(HOSTILE_NAMES) - {""}
    assert "<" not in blocks[0]


def test_the_table_holds_every_fact_of_the_picture() -> None:
    scene = scene_with_outage()
    table = render_page(scene).partition('<section id="table"')[2].partition("</section>")[0]
    for box in scene.boxes:
        assert f'<th scope="row">{escape(box.name)}</th>' in table
        for fact in (*box.rules, *box.needs, *box.needed_by, *(value for _, value in box.facts)):
            assert escape(fact) in table
    assert "<strong>Root cause</strong>: down" in table
    assert "shop ← db ← san" in table
    assert scene.completeness in table


def test_the_same_scene_gives_the_same_bytes() -> None:
    assert render_page(scene_with_outage()) == render_page(scene_with_outage())


def test_notebooks_get_a_pyvis_network_with_fixed_places() -> None:
    scene = scene_with_outage()
    network = to_pyvis(scene)
    assert isinstance(network, Network)
    assert network.get_nodes() == [str(box.number) for box in scene.boxes]
    assert [(node["x"], node["y"]) for node in network.nodes] == [
        (box.x, box.y) for box in scene.boxes
    ]
    assert {node["fixed"] for node in network.nodes} == {True}
    assert network.options["physics"] == {"enabled": False}


def test_a_network_writes_our_page_also_when_a_notebook_user_asks_pyvis_to() -> None:
    graph = hostile_graph()
    scene = build_scene(graph, graph.ci_ids[0])
    assert to_pyvis(scene).generate_html() == render_page(scene)


def test_edges_point_from_the_dependent_and_their_arrow_along_the_impact() -> None:
    scene = scene_with_outage()
    edges = to_pyvis(scene).edges
    assert [(edge["from"], edge["to"]) for edge in edges] == [
        (str(line.dependent), str(line.dependency)) for line in scene.lines
    ]
    assert {edge["arrows"] for edge in edges} == {"from"}
