"""The time slider: what was when, and how it spreads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Status
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import statuses_under as statuses_of
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of
from ripplegraph.visualize.explanation import Explanation
from ripplegraph.visualize.moments import MOST_MOMENTS, history_of, repaints, spread_of
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.selection import cis_of_service
from ripplegraph.visualize.view_model import Level
from visualize.scenes import POOLS, scene_under, statuses_under

START = datetime(2026, 10, 14, 16, 20, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def outed(text: str, *outages: Outage) -> ServiceGraph:
    graph = graph_of(text)
    numbers = tuple(graph.resolve(one.ci) for one in outages)
    return replace(graph, outages=outages, outage_ci=numbers)


def out(ci: str, start: int, end: int | None = None, **more: str) -> Outage:
    kind = OutageKind(more.pop("kind", "unplanned"))
    ended = None if end is None else at(end)
    return Outage(ci=ci, start=at(start), end=ended, kind=kind, cause=more.get("cause", ""))


def said_of(graph: ServiceGraph, minutes: int) -> list[tuple[str, str, dict[str, str]]]:
    scene = scene_under(graph)
    whole = cis_of_service(graph, scene.tops[0])
    found = history_of(graph, scene, frozenset(whole), at(minutes), is_now=True)
    assert found is not None
    return [
        (
            one.when[11:16],
            one.what,
            {graph.cis.name[number]: status.word for number, status in one.statuses.items()},
        )
        for one in found.moments
    ]


def test_each_change_is_a_moment_with_its_words() -> None:
    graph = outed(
        "shop -> web; web -> h1 | h2; mail -> h9",
        out("h1", 0, 30, cause="disk full"),
        out("h2", 10, 20, kind="planned"),
        out("h9", 5, 6),
    )
    assert said_of(graph, 60) == [
        (
            "16:20",
            "h1 goes down (disk full); shop is at risk",
            {"h1": "down", "shop": "at_risk", "web": "at_risk"},
        ),
        (
            "16:30",
            "h2 goes into maintenance; shop is down",
            {"h1": "down", "h2": "down", "shop": "down", "web": "down"},
        ),
        (
            "16:40",
            "h2 is back; shop is at risk",
            {"h1": "down", "shop": "at_risk", "web": "at_risk"},
        ),
        ("16:50", "h1 is back; shop is up", {}),
    ]


def test_what_is_later_than_now_is_not_shown() -> None:
    graph = outed("shop -> web", out("web", 0, 30), out("web", 90, 99, kind="degradation"))
    assert [when for when, _, _ in said_of(graph, 60)] == ["16:20", "16:50"]


def test_a_long_history_ends_with_its_last_moments_and_says_how_many_are_left_out() -> None:
    outages = [out("web", 2 * number, 2 * number + 1) for number in range(30)]
    graph = outed("shop -> web", *outages)
    found = history_of(graph, scene_under(graph), range(2), at(500), is_now=True)
    assert found is not None
    assert len(found.moments) == MOST_MOMENTS
    assert found.title == "Outages, without 20 earlier changes"
    assert found.last == "2026-10-15 00:40 UTC: shop is up."


def test_a_page_has_room_for_so_many_moments_only_and_says_how_many_are_left_out() -> None:
    outages = [out("web", 2 * at, 2 * at + 1, cause="x" * 900) for at in range(20)]
    graph = outed("shop -> web", *outages)
    page = render_view_page(graph, ViewQuestion(service="shop", moment=at(500)))
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert len(json.dumps(data["moments"])) < 8_000
    left_out = 40 - len(data["moments"])
    assert f"Outages, without {left_out} earlier changes</label>" in page
    assert f'max="{len(data["moments"])}"' in page
    # the first of those that are left holds all that is not up then, later ones what they change
    assert len(data["states"]) == len(data["moments"])
    assert data["states"][-3:] == ["0:0 1:0", "0:3 1:3", "0:0 1:0"]


def test_without_outages_there_is_no_history() -> None:
    graph = graph_of("shop -> web")
    assert history_of(graph, scene_under(graph), range(2), at(0), is_now=True) is None
    graph = outed("shop -> web; mail -> h9", out("h9", 0))
    assert history_of(graph, scene_under(graph), range(2), at(9), is_now=True) is None


def test_trouble_spreads_one_dependency_at_a_time() -> None:
    graph = graph_of("shop -> web & db; web -> h1; h1 -> san; db -> san")
    scene = scene_under(graph, "san")
    found = spread_of(graph, scene, Explanation(graph, statuses_under(graph, "san")))
    assert found is not None
    assert [(one.when, one.what) for one in found.moments] == [
        ("Before", "nothing is out"),
        ("Root causes", "san"),
        ("After 1 dependency step", "db, h1"),
    ]
    assert found.last == "shop is down because san is down."


def test_a_service_that_is_up_has_nothing_that_spreads() -> None:
    graph = graph_of("shop -> web")
    assert spread_of(graph, scene_under(graph), Explanation(graph, {})) is None


def test_each_moment_repaints_pools_and_lines_as_a_scene_of_its_own_would() -> None:
    graph = outed(POOLS, out("h1", 0, 10), out("esx1", 10, 30), out("san", 20, 40))
    scene = scene_under(graph, "san", level=Level.FOLDED)
    whole = cis_of_service(graph, scene.tops[0])
    history = history_of(graph, scene, frozenset(whole), at(60), is_now=True)
    assert history is not None
    (painted,) = repaints(graph, [scene], frozenset(whole), history)
    for moment, paint in zip(history.moments, painted, strict=True):
        minutes = int(moment.when[11:13]) * 60 + int(moment.when[14:16]) - (16 * 60 + 20)
        open_then = scenario_of(graph, open_outages_at=at(minutes))
        names = [graph.cis.name[number] for number in actual_of(graph, open_then)]
        own = scene_under(graph, *names, level=Level.ALL)
        passed = {(one.dependent, one.dependency): one.passed for one in own.lines}
        for place, line in enumerate(scene.lines):
            dependents = next(one for one in scene.boxes if one.number == line.dependent).numbers
            needed = next(one for one in scene.boxes if one.number == line.dependency).numbers
            troubled = any(
                passed.get((one, other), Status.UP) is not Status.UP
                for one in dependents
                for other in needed
            )
            assert (place in paint.path or place in paint.passing) is troubled
    pools = {box.name: box.number for box in scene.boxes if box.members}
    hosts, machines = pools["esx1, 2"], pools["h1 … 3"]
    all_down = {hosts: Status.DOWN, machines: Status.DOWN}
    assert [dict(one.pools) for one in painted] == [
        {machines: Status.AT_RISK},  # h1 alone: 2 of 3 are left
        all_down,  # esx1 takes h1 and h2 with it
        all_down,  # by san; that esx1 ends changes nothing
        {},
    ]


def test_the_slider_of_open_outages_ends_now() -> None:
    graph = outed("shop -> web", out("web", 0))
    scenario = scenario_of(graph, open_outages_at=at(5))
    question = ViewQuestion(
        service="shop",
        scenario=scenario,
        statuses=statuses_under(graph, "web"),
        moment=at(5),
    )
    page = render_view_page(graph, question)
    assert '<label for="time">Outages</label>' in page
    assert "2026-10-14 16:25 UTC: shop is down because web is down." in page


def test_an_outage_that_is_only_assumed_is_shown_as_it_spreads() -> None:
    graph = outed("shop -> web & db", out("web", 0, kind="degradation"))
    question = ViewQuestion(
        service="shop",
        scenario=scenario_of(graph, down=["web"]),
        statuses=statuses_under(graph, "web"),
        moment=at(5),
    )
    assert '<label for="time">How it spreads</label>' in render_view_page(graph, question)


def test_redacted_moments_name_nobody() -> None:
    graph = outed("shop -> web", out("web", 0, cause="Contoso cut the cable"))
    question = ViewQuestion(service="shop", moment=at(5), is_redacted=True)
    page = render_view_page(graph, question)
    assert "Server 1 goes down; Service 1 is down" in page
    assert "Contoso" not in page


def outage_page(graph: ServiceGraph, minutes: int, *, more_down: tuple[str, ...] = ()) -> str:
    scenario = scenario_of(graph, down=more_down, open_outages_at=at(minutes))
    statuses = statuses_of(graph, scenario)
    question = ViewQuestion(service=None, scenario=scenario, statuses=statuses, moment=at(minutes))
    return render_view_page(graph, question)


def test_the_picture_of_what_is_open_goes_over_what_came_before() -> None:
    graph = outed(
        "shop -> web & db; svc2 -> db; web -> h1 | h2; svc3 -> h9",
        out("h1", 0, 30, cause="disk full"),
        out("db", 40),
        out("h9", 5, 6),
    )
    assert moments_in(outage_page(graph, 60)) == [
        ["2026-10-14 16:20 UTC", "h1 goes down (disk full); 1 service is impacted"],
        ["2026-10-14 16:50 UTC", "h1 is back; no service is impacted"],
        ["2026-10-14 17:00 UTC", "db goes down; 2 services are impacted"],
    ]


def test_the_picture_of_what_is_supposed_goes_over_how_it_spreads() -> None:
    graph = outed("shop -> db; svc2 -> h1", out("db", 0))
    assert 'for="time">Outages<' in outage_page(graph, 60)
    assert 'for="time">How it spreads<' in outage_page(graph, 60, more_down=("h1",))


def test_the_picture_of_an_outage_of_more_than_a_thousand_cis_goes_over_its_spread() -> None:
    needs = " & ".join(f"c{number}" for number in range(1_000))
    page = outage_page(outed(f"shop -> {needs}", out("c0", 0)), 60)
    assert 'for="time">How it spreads<' in page


def test_an_offering_is_not_counted_beside_its_service() -> None:
    records = records_of_text("gold -> shop; shop -> db", services=("gold", "shop"))
    records.cis.kind[records.cis.native_id.index("gold")] = CiKind.SERVICE_OFFERING
    records.outages.append(out("db", 0))
    graph = build_service_graph(records).graph
    ((_, said),) = moments_in(outage_page(graph, 60))
    assert said == "db goes down; 1 service is impacted"


def moments_in(page: str) -> list[list[str]]:
    held = page.partition('id="data">')[2].partition("</script>")[0]
    found: list[list[str]] = json.loads(held)["moments"]
    return found
