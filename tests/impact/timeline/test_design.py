"""Design against measured, histories of CIs, improvement, unions of outages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import graph_of, records_of_text
from impact.timeline.histories import after, graph_with_past, sla, with_past
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.process_records import (
    Improvement,
    ImprovementState,
)
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.timeline.ci_history import (
    CiHistory,
    ci_histories,
    measured_reliabilities,
)
from ripplegraph.impact.timeline.design import design_comparisons
from ripplegraph.impact.timeline.gains import Lever, improvements
from ripplegraph.impact.timeline.kernels_union import sweep_packed
from ripplegraph.impact.timeline.management import design_of
from ripplegraph.impact.timeline.unions import united
from ripplegraph.impact.timeline.windows import parse_window
from ripplegraph.impact.timeline.wording import percent_floor

DAY = 86_400
NINES = Decimal("0.999")
OCTOBER = parse_window("2026-10")
NOVEMBER = parse_window("2026-11")
LATER = datetime(2027, 1, 1, tzinfo=UTC)


# --- design against measured


def history_of(graph: ServiceGraph, name: str, now: datetime) -> CiHistory:
    (found,) = ci_histories(graph, now=now, cis=[graph.resolve(name)])
    return found


def test_a_ci_counts_only_what_its_dependencies_had_not_brought_down_already() -> None:
    graph = graph_with_past("shop -> app; app -> db", "db 0 100; app 50 150; app 500 600")
    found = history_of(graph, "app", after(1000))
    assert (found.failures, found.down_seconds) == (2, 150)
    assert found.availability == 0.85
    assert found.mttr_hours == 75 / 3600
    assert found.mtbf_hours == pytest.approx(425 / 3600)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < 0.85 < found.upper
    assert found.is_assumed


def test_planned_work_is_no_failure_of_a_ci() -> None:
    graph = graph_with_past("shop -> db", "db 0 100 planned; db 50 60; db 200 210")
    assert history_of(graph, "db", after(1000)).down_seconds == 10


def test_a_ci_that_never_failed_has_an_interval_and_no_number() -> None:
    records = records_of_text("shop -> db; x")
    records.cis.mttr_hours[1] = 1.0
    graph = with_past(build_service_graph(records).graph, "x 0 10")
    found = history_of(graph, "db", after(1000 * 3600))
    assert (found.failures, found.mtbf_hours) == (0, None)
    assert found.upper == 1.0
    assert found.lower == pytest.approx(1 / (1 + 2.302585 / 1000), abs=1e-6)
    unknown = history_of(graph_with_past("shop -> db; x", "x 0 10"), "db", after(1000))
    assert (unknown.lower, unknown.upper) == (None, None)


def test_a_ci_down_all_the_time_that_was_seen_is_not_available() -> None:
    found = history_of(graph_with_past("shop -> db", "db 0 -"), "db", after(100))
    assert (found.lower, found.upper, found.mtbf_hours) == (0.0, 0.0, None)


def test_observation_bounds_the_history_of_a_ci() -> None:
    graph = graph_with_past("shop -> db", "db 0 100; db 500 600")
    graph.cis.observed_from[1] = after(400)
    graph.cis.observed_to[1] = after(900)
    found = history_of(graph, "db", after(1000))
    assert (found.observed_seconds, found.failures, found.is_assumed) == (500, 1, False)
    graph.cis.observed_from[1] = after(5000)
    fresh = with_past(graph, graph.outages)
    assert ci_histories(fresh, now=after(1000), cis=[1]) == ()


def test_what_is_agreed_stands_beside_what_was_seen() -> None:
    ola = Agreement(agreement_id="ola", kind=AgreementKind.OLA, target_availability=NINES)
    graph = replace(
        graph_with_past("shop -> db & web", "db 0 100; web 0 1"),
        agreements=(ola,),
        covered=((1,),),
    )
    assert history_of(graph, "db", after(1000)).is_below_agreed is True
    assert history_of(graph, "web", after(1000)).is_below_agreed is None
    bare = replace(graph, agreements=(replace(ola, target_availability=None),))
    assert history_of(bare, "db", after(1000)).is_below_agreed is None
    assert [one.ci_id for one in ci_histories(graph, now=after(1000))] == [
        "t:server:db",
        "t:server:web",
    ]


def test_measured_reliabilities_can_be_the_basis_of_the_derived_availability() -> None:
    graph = graph_with_past("shop -> db; x", "db 0 100; db 500 600; x 0 1")
    found = measured_reliabilities(graph, now=after(10_000))
    assert found[1] == Reliability(mtbf_hours=9800 / 2 / 3600, mttr_hours=100 / 3600)
    options = AvailabilityOptions(own=found)
    (derived,) = design_comparisons(graph, now=after(10_000), services=["shop"], options=options)
    assert derived.derived == pytest.approx(0.98)
    assert derived.measured == 0.98
    (only,) = derived.differences
    assert only.difference_seconds == pytest.approx(0, abs=1e-6)


def test_design_without_exact_shares_shows_what_was_measured() -> None:
    graph = graph_with_past("shop -> db & web", "db 0 100; web 50 60")
    found = design_of(graph, ["shop"], now=after(1000))
    (service,) = found.services
    assert service.derived is None
    assert [(one.ci_id, one.measured_seconds) for one in service.differences] == [
        ("t:server:db", 95),
        ("t:server:web", 5),
    ]
    assert service.differences[0].difference_seconds == 95
    assert len(found.cis) == 2


# --- improvement


def test_options_are_ranked_by_the_seconds_that_slas_would_not_have_lost() -> None:
    ola = Agreement(agreement_id="ola", kind=AgreementKind.OLA, target_availability=Decimal("0.9"))
    graph = graph_with_past("shop -> db & h1 | h2", "db 0 100; h1 200 300; h2 250 300; db 400 420")
    graph = replace(graph, agreements=(sla(), ola), covered=((0,), (graph.resolve("db"),)))
    answer = improvements(graph, now=after(DAY), days=1)
    found = {(one.subject, one.lever): one.gained_seconds for one in answer.candidates}
    assert answer.down_seconds == 170
    assert found["t:server:db", Lever.PERFECT] == 120
    assert found["t:server:h1", Lever.PERFECT] == 50
    assert found["t:server:h2", Lever.PERFECT] == 50
    assert found["t:server:db", Lever.RESTORATION] == 60
    assert found["t:server:h1", Lever.RESTORATION] == 50  # its second half is 250 to 300
    assert found["t:server:h2", Lever.RESTORATION] == 25
    assert found["t:server:db", Lever.REDUNDANCY] == int(120 * (1 - 120 / DAY))
    assert ("ola", Lever.AGREEMENT) not in found  # kept already
    assert answer.candidates[0].outages == 2
    assert answer.candidates[0].slas == ("gold",)


def test_an_agreement_that_is_not_kept_is_an_option() -> None:
    ola = Agreement(
        agreement_id="ola", kind=AgreementKind.OLA, target_availability=Decimal("0.999")
    )
    graph = graph_with_past("shop -> db", "db 0 864")
    graph = replace(graph, agreements=(sla(), ola), covered=((0,), (1,)))
    found = {
        one.lever: one.gained_seconds
        for one in improvements(graph, now=after(DAY), days=1).candidates
    }
    assert found[Lever.AGREEMENT] in (777, 778)  # 864 less 86.4 that it allows


def test_seconds_that_two_failures_explain_are_gained_by_neither_alone() -> None:
    graph = graph_with_past("shop -> db & web", "db 0 100; web 0 100", agreements=(sla(),))
    assert improvements(graph, now=after(DAY)).candidates == ()
    old = replace(graph, agreements=(sla(valid_to=after(-400 * DAY)),))
    assert improvements(old, now=after(DAY)).down_seconds == 0


def test_tracked_actions_show_what_is_overdue_and_what_was_realised() -> None:
    actions = (
        Improvement(
            improvement_id="1",
            action="a",
            state=ImprovementState.DONE,
            due=after(0),
            expected_minutes=100,
            realised_minutes=40,
        ),
        Improvement(improvement_id="2", action="b", due=after(0), expected_minutes=0),
        Improvement(improvement_id="3", action="c", realised_minutes=4),
    )
    graph = replace(graph_of("shop -> db"), improvements=actions)
    found = improvements(graph, now=after(DAY)).tracked
    assert [
        (one.improvement.improvement_id, one.is_overdue, one.realised_share) for one in found
    ] == [("2", True, None), ("3", False, None), ("1", False, 0.4)]


# --- unions


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 4), st.integers(-30, 30), st.integers(-2, 12)), max_size=25
    ),
    compiled=st.booleans(),
    is_far=st.booleans(),
)
def test_united_intervals_are_those_of_a_set_of_seconds(
    rows: list[tuple[int, int, int]], compiled: bool, is_far: bool
) -> None:
    shift = 2**60 if is_far else 0
    starts = [start + (shift if at % 2 else 0) for at, (_, start, _) in enumerate(rows)]
    found = united(
        np.array([owner for owner, _, _ in rows], dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(
            [start + row[2] for start, row in zip(starts, rows, strict=True)], dtype=np.int64
        ),
        compiled=compiled,
    )
    seconds = {
        (owner, second)
        for (owner, _, length), start in zip(rows, starts, strict=True)
        for second in range(start, start + length)
    }
    spans = list(
        zip(found.owners.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True)
    )
    assert {(o, second) for o, start, end in spans for second in range(start, end)} == seconds
    assert spans == sorted(spans)
    for (owner, _, end), (next_owner, start, _) in pairwise(spans):
        assert owner != next_owner or end < start


def test_the_kernel_of_unions_is_one_source_for_both_modes() -> None:
    starts, lengths, owners = [0, 1, 5, 0], [3, 1, 2, 9], [0, 0, 0, 1]
    keys = sorted(
        (owner << 8 | start << 4) | length
        for owner, start, length in zip(owners, starts, lengths, strict=True)
    )
    columns = [0] * 4, [0] * 4, [0] * 4
    count = sweep_packed(keys, 4, 4, 100, *columns)
    assert [column[:count] for column in columns] == [
        [0, 0, 1],
        [100, 105, 100],
        [103, 107, 109],
    ]
    wider = [0 << 8 | 0 << 4 | 2, 0 << 8 | 1 << 4 | 5]
    assert sweep_packed(wider, 4, 4, 0, *columns) == 1
    assert columns[2][0] == 6


def test_percents_are_never_rounded_up() -> None:
    assert percent_floor(Fraction(1)) == "100%"
    assert percent_floor(Fraction(1, 2)) == "50.000%"
    assert percent_floor(Fraction(-1, 3)).startswith("-33.33")
    assert percent_floor(Fraction(10**15 - 1, 10**15)).startswith("99.999")
