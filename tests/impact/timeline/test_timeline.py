"""The status of services on the time line: exact intervals, by hand and by brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.oracle import brute_grounded_statuses, brute_statuses
from impact.random_graphs import graphs
from impact.timeline.histories import START, after, graph_with_past, pasts, with_past
from ripplegraph.graph.build import build_service_graph, graph_at
from ripplegraph.graph.model import Status
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import ServiceTime, epoch_second, total_seconds
from ripplegraph.impact.timeline.moments import whole_second
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.status_intervals import status_intervals
from ripplegraph.impact.timeline.timeline import Timeline, counted_time, timeline_of

ZERO = epoch_second(START)


def spans(time: ServiceTime) -> list[tuple[int, int]]:
    return [
        (int(start) - ZERO, int(end) - ZERO)
        for start, end in zip(time.starts, time.ends, strict=True)
    ]


def line_of(text: str, outages: str, now: float = 1000) -> Timeline:
    return timeline_of(graph_with_past(text, outages), now=after(now))


def test_four_outages_that_do_not_overlap_add_up_at_the_service() -> None:
    """Published case M9: 51, 36, 64 and 120 s are 271 s at the aggregate too (Thruk 1416)."""
    line = line_of("shop -> a & b & c & d", "a 0 51; b 100 136; c 200 264; d 300 420")
    assert total_seconds(line.time_in(0)) == 271


def test_overlapping_outages_of_one_ci_are_united() -> None:
    line = line_of("shop -> db", "db 10 20; db 15 30; db 30 35; db 50 60")
    assert spans(line.time_in(0)) == [(10, 35), (50, 60)]


def test_a_pair_is_at_risk_while_one_is_out_and_down_only_while_both_are() -> None:
    line = line_of("shop -> h1 | h2", "h1 10 30; h2 20 40")
    assert spans(line.time_in(0)) == [(20, 30)]
    at_risk = line.time_in(0, least=Status.AT_RISK, most=Status.AT_RISK)
    assert spans(at_risk) == [(10, 20), (30, 40)]


def test_a_soft_dependency_only_degrades() -> None:
    line = line_of("shop ~> mail", "mail 10 30")
    assert spans(line.time_in(0, least=Status.DEGRADED)) == [(10, 30)]
    assert not len(line.time_in(0))


def test_an_open_outage_lasts_until_now_and_a_later_one_has_not_happened() -> None:
    line = line_of("shop -> db", "db 10 -; db 2000 2100", now=500)
    assert spans(line.time_in(0)) == [(10, 500)]


def test_seconds_count_whole_and_parts_of_one_are_cut_off() -> None:
    line = line_of("shop -> db", "db 10.9 20.2; db 30.2 30.8")
    assert spans(line.time_in(0)) == [(10, 20)]


def test_a_redundant_switch_in_maintenance_is_no_maintenance_of_the_service() -> None:
    """Published case R5 (Checkmk BI), first half."""
    line = line_of("shop -> s1 | s2", "s1 10 30 planned")
    assert not len(line.time_in(0, View.PLANNED))
    assert spans(line.time_in(0, View.PLANNED, least=Status.AT_RISK)) == [(10, 30)]


def test_a_single_ci_in_maintenance_is_maintenance_up_to_the_root() -> None:
    """Published case R5 (Checkmk BI), second half."""
    line = line_of("shop -> web; web -> db", "db 10 30 planned")
    found = status_intervals(line, 0)
    assert [one.in_maintenance for one in found] == [True]
    assert not found[0].counts_as_down


def test_an_unrelated_failure_beside_maintenance_is_shown_and_not_masked() -> None:
    """Published case R6 (Checkmk werk 19950): the outage beside the window is shown."""
    line = line_of("shop -> s1 | s2 & db", "s1 10 50 planned; db 20 30")
    assert spans(counted_time(line, 0).down) == [(20, 30)]


def test_one_half_planned_and_the_other_failed_is_really_down() -> None:
    line = line_of("shop -> h1 | h2", "h1 10 30 planned; h2 20 40")
    assert spans(line.time_in(0, View.UNPLANNED)) == []
    assert spans(line.time_in(0, View.PLANNED)) == []
    assert spans(counted_time(line, 0).down) == [(20, 30)]


def test_an_unplanned_outage_within_a_planned_one_does_not_count() -> None:
    """Published case M10 (ServiceNow service portfolio)."""
    line = line_of("shop -> db", "db 10 40; db 20 30 planned")
    counted = counted_time(line, 0)
    assert spans(counted.down) == [(10, 20), (30, 40)]
    assert spans(counted.planned) == [(20, 30)]


def test_planned_work_elsewhere_beneath_also_takes_the_second_out() -> None:
    line = line_of("shop -> db & web", "db 10 40; web 20 30 planned")
    assert spans(counted_time(line, 0).down) == [(10, 20), (30, 40)]


def test_excluded_outages_are_down_and_do_not_count() -> None:
    line = line_of("shop -> db & web", "db 10 40 excluded; web 30 50")
    counted = counted_time(line, 0)
    assert spans(line.time_in(0)) == [(10, 50)]
    assert spans(counted.excluded) == [(10, 40)]
    assert spans(counted.down) == [(40, 50)]


def test_cis_that_need_each_other_come_back_together() -> None:
    line = line_of("shop -> a; a -> b; b -> a & db", "db 10 20")
    assert spans(line.time_in(0)) == [(10, 20)]


def test_planned_windows_announced_too_late_are_unplanned() -> None:
    late = Outage(
        ci="db", start=after(100), end=after(200), kind=OutageKind.PLANNED, announced=after(50)
    )
    early = replace(late, start=after(7300), end=after(7400))
    unknown = replace(early, start=after(8000), end=after(8100), announced=None)
    graph = with_past(graph_of("shop -> db"), (late, early, unknown))
    line = timeline_of(graph, now=after(9000), notice_hours=2)
    assert spans(counted_time(line, 0).down) == [(100, 200)]
    assert spans(line.time_in(0, View.PLANNED)) == [(7300, 7400), (8000, 8100)]


def moved(valid_from: datetime | None, valid_to: datetime | None) -> ServiceGraph:
    """Return a shop that needs db within dates, and db2 always."""
    records = records_of_text("shop -> db & db2")
    records.dependencies.valid_from[0] = valid_from
    records.dependencies.valid_to[0] = valid_to
    return build_service_graph(records).graph


def test_a_dependency_counts_only_while_it_is_valid() -> None:
    graph = with_past(moved(after(20), after(30.5)), "db 10 60; db2 25 27")
    line = timeline_of(graph, now=after(100))
    assert spans(line.time_in(0)) == [(20, 30)]
    assert line.topology.graph_then(ZERO + 30) is not graph


def test_a_dependency_that_begins_later_than_now_does_not_show() -> None:
    graph = with_past(moved(after(200), None), "db 10 -")
    assert not len(timeline_of(graph, now=after(100)).time_in(0))


def test_services_asked_for_are_swept_alone() -> None:
    graph = with_past(graph_of("shop -> db; svc2 -> db2"), "db 10 20; db2 30 40")
    line = timeline_of(graph, now=after(100), services=[0])
    assert line.services == (0,)
    assert line.changes[View.ACTUAL].cis.tolist() == [1, 1]
    with pytest.raises(ValueError, match="not in tuple"):
        line.steps_of(2)


def test_now_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        whole_second(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        timeline_of(graph_of("shop -> db"), now=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_compiled_sweep_gives_the_same() -> None:
    graph = graph_with_past("shop -> h1 | h2 & db", "h1 10 30; h2 20 40; db 50 60; db 55 70")
    plain = timeline_of(graph, now=after(100), compiled=False)
    compiled = timeline_of(graph, now=after(100), compiled=True)
    for view in View:
        (times, statuses), (others, theirs) = plain.steps_of(0, view), compiled.steps_of(0, view)
        assert (times.tolist(), statuses.tolist()) == (others.tolist(), theirs.tolist())


def own_at(graph: ServiceGraph, second: int, view: View) -> dict[int, Status]:
    """Return own statuses in a second by looking at every outage anew."""
    found: dict[int, Status] = {}
    for ci in range(graph.ci_count):
        open_then = [
            one
            for one, number in zip(graph.outages, graph.outage_ci, strict=True)
            if number == ci and one.is_open_at(after(second))
        ]
        planned = [one for one in open_then if one.kind is OutageKind.PLANNED]
        others = [one for one in open_then if one.kind is not OutageKind.PLANNED]
        if view is View.EXCUSED:
            others = [one for one in others if one.excluded]
        if view is View.UNPLANNED and planned:
            continue
        down = any(one.kind is OutageKind.UNPLANNED for one in others)
        if view is not View.UNPLANNED:
            down = down or bool(planned)
        if view is View.PLANNED:
            down, others = bool(planned), []
        if down:
            found[ci] = Status.DOWN
        elif others:
            found[ci] = Status.DEGRADED
    return found


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_every_second_is_what_propagation_by_brute_force_says(data: st.DataObject) -> None:
    graph = data.draw(graphs(max_cis=6))
    graph = with_past(graph, data.draw(pasts(graph)))
    line = timeline_of(graph, now=after(60))
    for view in View:
        for second in range(0, 60, 1):
            expected = brute_statuses(graph, own_at(graph, second, view))
            for service in line.services:
                times, statuses = line.steps_of(service, view)
                at = int(np.searchsorted(times, ZERO + second, "right")) - 1
                assert statuses[at] == expected[service], (view, second)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_grounded_circles_are_followed_too(data: st.DataObject) -> None:
    graph = data.draw(graphs(max_cis=5, grounded=True))
    graph = with_past(graph, data.draw(pasts(graph, most=5, horizon=12)))
    line = timeline_of(graph, now=after(20))
    for second in range(20):
        own = own_at(graph, second, View.ACTUAL)
        expected = brute_grounded_statuses(graph, own, all_groups=False)
        for service in line.services:
            times, statuses = line.steps_of(service)
            at = int(np.searchsorted(times, ZERO + second, "right")) - 1
            assert statuses[at] == expected[service]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_dependencies_with_dates_are_followed_too(data: st.DataObject) -> None:
    records = records_of_text("shop -> a & b; a -> c | d; b ~> d")
    for at in range(len(records.dependencies.dependent)):
        first = data.draw(st.one_of(st.none(), st.integers(0, 30)))
        last = data.draw(st.one_of(st.none(), st.integers(31, 50)))
        records.dependencies.valid_from[at] = None if first is None else after(first)
        records.dependencies.valid_to[at] = None if last is None else after(last)
    graph = build_service_graph(records).graph
    names = {f"c{at}": native for at, native in enumerate(graph.cis.native_id)}
    text = data.draw(pasts(graph))
    for old, new in names.items():
        text = text.replace(old, new)
    graph = with_past(graph, text)
    line = timeline_of(graph, now=after(60))
    times, statuses = line.steps_of(graph.resolve("shop"))
    for second in range(60):
        then = graph_at(graph, after(second))
        expected = brute_statuses(then, own_at(graph, second, View.ACTUAL))
        at = int(np.searchsorted(times, ZERO + second, "right")) - 1
        assert statuses[at] == expected[graph.resolve("shop")]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_one_more_outage_never_shortens_the_time_down(data: st.DataObject) -> None:
    graph = data.draw(graphs(max_cis=6))
    past = data.draw(pasts(graph, most=4))
    more = data.draw(pasts(graph, most=1))
    before = timeline_of(with_past(graph, past), now=after(60))
    now = timeline_of(with_past(graph, f"{past}; {more}"), now=after(60))
    for service in before.services:
        assert total_seconds(now.time_in(service)) >= total_seconds(before.time_in(service))


def test_intervals_tell_all_three_statuses_and_their_reason() -> None:
    line = line_of("shop -> h1 | h2", "h1 10 30 planned; h2 20 40; h2 50 -", now=60)
    found = [
        (
            int((one.start or START).timestamp()) - ZERO,
            one.end,
            one.status.word,
            one.planned_status.word,
            one.unplanned_status.word,
            len(one.root_cis),
        )
        for one in status_intervals(line, 0)
    ]
    assert found == [
        (10, after(20), "at_risk", "at_risk", "up", 1),
        (20, after(30), "down", "at_risk", "at_risk", 2),
        (30, after(40), "at_risk", "up", "at_risk", 1),
        (50, None, "at_risk", "up", "at_risk", 1),
    ]


def test_intervals_of_a_window_are_those_that_meet_it_whole() -> None:
    line = line_of("shop -> db", "db 10 30; db 50 60; db 80 90")
    found = status_intervals(line, 0, start=after(20), end=after(55))
    assert [(one.start, one.end) for one in found] == [
        (after(10), after(30)),
        (after(50), after(60)),
    ]


def test_an_unplanned_part_within_planned_work_is_told_apart() -> None:
    line = line_of("shop -> db & web", "db 10 50 planned; web 20 30")
    found = [(one.unplanned_status.word, one.because[-1]) for one in status_intervals(line, 0)]
    assert found == [("up", "t:server:db"), ("down", "t:server:db"), ("up", "t:server:db")]


def test_planned_work_that_ends_before_the_failure_does_splits_the_time() -> None:
    line = line_of("shop -> db", "db 10 50 planned; db 20 60")
    found = [
        (one.start, one.in_maintenance, one.counts_as_down, one.root_cis)
        for one in status_intervals(line, 0)
    ]
    assert found == [
        (after(10), True, False, ("t:server:db",)),
        (after(50), False, True, ("t:server:db",)),
    ]


def test_a_circle_that_cannot_hold_itself_up_was_always_down() -> None:
    ring = graph_of("shop -> a; a -> b | core; b -> a | core2", grounded=True)
    line = timeline_of(with_past(ring, "core 10 20; core2 10 20"), now=after(40))
    assert [one.status.word for one in status_intervals(line, 0)] == ["down"]
