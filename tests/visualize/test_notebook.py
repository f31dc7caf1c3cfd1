"""What notebooks show: tables of graphs and answers, the page of a service, data frames."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import cast

import pytest
from polars import DataFrame

import ripplegraph
from graph_building import graph_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.visualize.notebook import show_in_notebooks
from visualize.browsers import watched_page
from visualize.hostile import hostile_graph
from visualize.scenes import POOLS


def shown(value: object) -> str:
    show_in_notebooks()
    method = cast(Callable[[], str], vars(type(value))["_repr_html_"].__get__(value))
    return method()


@pytest.fixture
def loaded(tmp_path: Path) -> ServiceGraph:
    (tmp_path / "cis.csv").write_text("id,class\nshop,service\ndb,server\n", encoding="utf-8")
    relations = "dependent,dependency,type\nshop,db,needs\n"
    (tmp_path / "relations.csv").write_text(relations, encoding="utf-8")
    return ripplegraph.load(tmp_path)


def test_a_loaded_graph_shows_itself(loaded: ServiceGraph) -> None:
    table = cast(str, loaded._repr_html_())  # type: ignore[attr-defined]
    assert "2 CIs, 1 dependencies, 0 agreements, 0 outages; 1 services" in table
    assert "<td><bdi>shop</bdi></td><td><bdi>service</bdi></td>" in table


def test_an_impact_answer_shows_what_is_hit_and_why() -> None:
    graph = graph_of("shop -> db; svc2 -> x")
    answer = ripplegraph.impact(graph, ripplegraph.scenario_of(graph, down=["db"]))
    table = shown(answer)
    assert "<caption>Out: t:server:db. 1 impacted; 2 CIs are not up.</caption>" in table
    assert "<bdi>shop</bdi></td><td><bdi>\N{MULTIPLICATION X} down</bdi>" in table


def test_an_availability_answer_shows_how_far_to_trust_it() -> None:
    graph = graph_of("shop -> db")
    options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    answer = ripplegraph.availability(graph, options=options)
    assert "<td><bdi>75.000%</bdi></td><td><bdi>exact: " in shown(answer)
    assert "<td><bdi>131,400</bdi></td>" in shown(answer.services[0])


def test_names_stay_text_in_tables() -> None:
    graph = hostile_graph()
    assert "<script" not in shown(graph)
    answer = ripplegraph.impact(graph, ripplegraph.scenario_of(graph, down=[graph.ci_ids[1]]))
    assert "<script" not in shown(answer)


def test_long_tables_count_what_they_leave_out() -> None:
    names = [f"svc{number}" for number in range(60)]
    assert "and 11 more rows" in shown(graph_of("; ".join(["shop", *names])))


@pytest.mark.browser
def test_a_view_shows_itself_in_a_frame_of_its_own(tmp_path: Path) -> None:
    graph = graph_of(POOLS)
    found = ripplegraph.view(graph, "shop", ripplegraph.scenario_of(graph, down=["san"]))
    frame = found._repr_html_()
    assert unescape(frame.split('srcdoc="')[1].split('" sandbox')[0]) == found.html
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><body data-ready=1>{frame}", encoding="utf-8")
    with watched_page() as watched:
        inside = watched.open(file).frame_locator("iframe")
        inside.locator("body[data-ready] figure:visible .box").first.click()
        assert inside.locator("#facts h2").inner_text() == "shop"
        assert (watched.requests, watched.complaints) == ([], [])


def test_a_redacted_view_names_nobody() -> None:
    graph = graph_of("shop -> zanzibar")
    page = ripplegraph.view(graph, "shop", redact=True).html
    assert "zanzibar" not in page


def frame_of(answer: object) -> DataFrame:
    frame = ripplegraph.to_frame(answer)
    assert isinstance(frame, DataFrame)
    return frame


def test_a_graph_is_a_frame_of_its_cis() -> None:
    frame = frame_of(graph_of("shop -> db"))
    assert frame.height == 2
    assert frame["kind"].to_list() == ["service", "server"]


def test_an_impact_answer_is_a_frame() -> None:
    graph = graph_of("shop -> db")
    frame = frame_of(ripplegraph.impact(graph, ripplegraph.scenario_of(graph, down=["db"])))
    assert frame.select("name", "status", "because").rows() == [
        ("shop", "down", ["t:service:shop", "t:server:db"]),
    ]  # fmt: skip


def test_an_answer_without_rows_is_an_empty_frame_with_its_columns() -> None:
    graph = graph_of("shop -> db")
    frame = frame_of(ripplegraph.impact(graph, ripplegraph.scenario_of(graph)))
    assert frame.height == 0
    assert "status" in frame.columns


def test_availability_importance_and_cut_sets_are_frames() -> None:
    graph = graph_of("shop -> db")
    options = AvailabilityOptions(own={1: Reliability(unavailability=0.25)})
    assert frame_of(ripplegraph.availability(graph, options=options))["label"].to_list() == [
        "exact"
    ]
    assert frame_of(ripplegraph.importance(graph, options=options))["minutes"].to_list() == [
        131_400.0
    ]
    assert frame_of(ripplegraph.cut_sets(graph, "shop"))["cis"].to_list()[0] == ["t:server:db"]


def test_records_of_any_sort_are_a_frame() -> None:
    assert frame_of(ripplegraph.validate(graph_of("shop -> db"))).height >= 0
    assert frame_of([]).is_empty()


def test_what_has_no_rows_is_refused() -> None:
    with pytest.raises(TypeError, match="int has no rows"):
        ripplegraph.to_frame(5)
