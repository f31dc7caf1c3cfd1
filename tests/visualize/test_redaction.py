"""A redacted page shows the very CIs that the page with names shows."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.scenario import scenario_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from visualize.scenes import graphs, statuses_under
from visualize.test_scene_properties import QUESTIONS, some


def page_of(
    graph: ServiceGraph, *down: str, is_outage: bool, limit: int | None, is_redacted: bool
) -> str:
    question = ViewQuestion(
        service=None if is_outage else "shop",
        scenario=scenario_of(graph, down=down) if down else None,
        statuses=statuses_under(graph, *down) if down else None,
        limit=limit,
        is_redacted=is_redacted,
    )
    return render_view_page(graph, question)


def drawn(page: str) -> list[tuple[list[tuple[str, str]], list[str]]]:
    """Return the boxes with their members, and the lines, of each picture."""
    boxes = re.compile(r'data-box=(\d+)(?: data-members="([\d ]*)")?')
    lines = re.compile(r"data-w=(\d+,\d+)")
    return [
        (
            sorted(
                (box, " ".join(sorted(members.split()))) for box, members in boxes.findall(one)
            ),
            sorted(lines.findall(one)),
        )
        for one in page.split("<figure ")[1:]
    ]


@st.composite
def named_anyhow(draw: st.DrawFn) -> ServiceGraph:
    """Return a graph whose ids, sorted, stand in any order of its rows."""
    near = draw(st.permutations([f"n{place:02}" for place in range(12)]))
    beneath = draw(st.lists(st.sampled_from(near), min_size=1, max_size=6, unique=True))
    needs = "; ".join(f"{one} -> {other}" for one, other in zip(near, beneath, strict=False))
    return graph_of(f"shop -> {' & '.join(near[:8])}; svc2 -> {near[-1]}; {needs}")


@some
@given(st.one_of(graphs(), named_anyhow()), QUESTIONS, st.integers(1, 8))
def test_new_names_make_no_other_picture(
    graph: ServiceGraph, outs: tuple[int, bool], limit: int
) -> None:
    count, is_outage = outs
    down = graph.ci_ids[-count:] if count else ()
    plain, redacted = (
        page_of(graph, *down, is_outage=is_outage and count > 0, limit=limit, is_redacted=one)
        for one in (False, True)
    )
    assert drawn(plain)
    assert drawn(redacted) == drawn(plain)


def test_of_what_does_not_fit_the_same_cis_are_left_out() -> None:
    graph = graph_of("shop -> z1 & y1 & x1 & w1; svc2 -> z1")
    for is_redacted in (False, True):
        page = page_of(graph, is_outage=False, limit=3, is_redacted=is_redacted)
        boxes, _ = drawn(page)[-1]
        assert {int(box) for box, _ in boxes} == {*map(graph.resolve, ("shop", "w1", "x1"))}


def test_cis_of_two_classes_stay_in_two_pools() -> None:
    records = records_of_text("shop -> h1 & h2 & h3 & h4")
    for name in ("h3", "h4"):
        records.cis.class_name[records.cis.native_id.index(name)] = "blade"
    graph = build_service_graph(records).graph
    for is_redacted in (False, True):
        page = page_of(graph, is_outage=False, limit=None, is_redacted=is_redacted)
        folded, _ = drawn(page)[0]
        assert sum(bool(members) for _, members in folded) == 2
