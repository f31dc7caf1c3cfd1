"""What agreements allow: closed forms, published cases, hours, and all joint distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from graph_building import graph_of
from impact.agreements.promises import AT, MINUTES, agreed, promise, sla, stating
from impact.random_graphs import graphs
from ripplegraph.graph.agreements import Agreement, Scope, Window, WindowUnit
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements import contractual_bounds
from ripplegraph.impact.agreements.contractual_bounds import (
    Holder,
    best_downtime,
    worst_downtime,
)
from ripplegraph.impact.agreements.cut_families import Part, parts_of, with_path_sets
from ripplegraph.impact.agreements.promised_hours import Hours
from ripplegraph.impact.agreements.values import SlaVerdict, Verdict
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.structure import StructureFunctions, structure_functions
from ripplegraph.impact.propagation.fixpoint import propagate


def verdict(graph: ServiceGraph, **u: float) -> SlaVerdict:
    (one,) = sla_verdicts(graph, at=AT, options=stating(graph, **u)).slas
    return one


def minutes(one: SlaVerdict) -> float:
    assert one.contractual_worst.is_known
    return one.contractual_worst.upper * one.agreed_minutes


# --- closed forms and published cases --------------------------------------------------------

CLOSED = [
    # devops.stackexchange 711 (S21b), r/SoftwareEngineering 1h0i2fz (S22b)
    ("S21b", "shop -> a & b", {"a": 1 / 24, "b": 1 / 24}, 2 / 24, 1 / 24),
    ("S22b", "shop -> a & b", {"a": 0.0059, "b": 0.0029}, 0.0088, 0.0059),
    ("series", "shop -> a & b & c", {"a": 0.5, "b": 0.4, "c": 0.3}, 1.0, 0.5),
    ("pair", "shop -> a | b", {"a": 0.02, "b": 0.03}, 0.02, 0.0),
    ("pair that fails", "shop -> a | b", {"a": 0.7, "b": 0.8}, 0.7, 0.5),
    ("1 of 3", "shop -> 1 of (a, b, c)", {"a": 0.3, "b": 0.3, "c": 0.3}, 0.3, 0.0),
    ("2 of 3", "shop -> 2 of (a, b, c)", {"a": 0.1, "b": 0.1, "c": 0.1}, 0.15, 0.0),
    ("2 of 3, often down", "shop -> 2 of (a, b, c)", {"a": 0.8, "b": 0.8, "c": 0.8}, 1.0, 0.7),
    ("3 of 5", "shop -> 3 of (a, b, c, d, e)", dict.fromkeys("abcde", 0.06), 0.1, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("case", "text", "u", "worst", "best"), CLOSED, ids=lambda v: str(v)[:9])
def test_closed_forms(
    case: str, text: str, u: dict[str, float], worst: float, best: float
) -> None:
    one = verdict(agreed(text, sla()), **u)
    assert one.contractual_worst.upper == pytest.approx(worst, rel=1e-12), case
    assert one.contractual_worst_covered == one.contractual_worst
    assert one.contractual_best.lower == pytest.approx(best, rel=1e-12, abs=1e-15), case
    assert one.contractual_method == "linear programme over minimal cut sets"


def test_tiny_budgets_keep_their_digits() -> None:
    u = dict.fromkeys("abc", 1e-9)
    one = verdict(agreed("shop -> 2 of (a, b, c) & d", sla("0.999999")), d=3e-9, **u)
    assert one.contractual_worst.upper == pytest.approx(4.5e-9, rel=1e-14)
    assert one.verdict_contractual_worst is Verdict.MET


def test_an_unknown_ci_leaves_the_worst_open() -> None:
    one = verdict(agreed("shop -> a & b", sla("0.99")), a=0.001)
    assert (one.contractual_worst.lower, one.contractual_worst.upper) == (0.001, 1.0)
    assert one.verdict_contractual_worst is Verdict.UNPROVABLE
    assert (one.contractual_best.lower, one.contractual_best.upper) == (0.001, 1.0)


# --- windows and hours -----------------------------------------------------------------------

MONTH, YEAR = Window(unit=WindowUnit.MONTH), Window(unit=WindowUnit.YEAR)
OFFICE = Calendar(
    calendar_id="office",
    weekly=tuple(WeeklyInterval(weekday=d, start_minute=480, end_minute=1080) for d in range(5)),
)
NIGHTS = Calendar(
    calendar_id="nights",
    weekly=tuple(WeeklyInterval(weekday=d, start_minute=1080, end_minute=1440) for d in range(7)),
)


def test_a_yearly_promise_may_fall_into_one_month() -> None:
    graph = agreed("shop -> a", sla(window=MONTH), promise("ola-1", "a", "0.999", window=YEAR))
    assert minutes(verdict(graph)) == pytest.approx(525.6)


def test_windows_that_straddle_add_a_budget_each() -> None:
    # thirty days back from 20 November touch October and November
    graph = agreed("shop -> a", sla(), promise("ola-1", "a", "0.999", window=MONTH))
    assert minutes(verdict(graph)) == pytest.approx(43.2 + 44.64)
    week = Window(unit=WindowUnit.ROLLING, days=7)
    weekly = agreed("shop -> a", sla(), promise("ola-1", "a", "0.999", window=week))
    assert minutes(verdict(weekly)) == pytest.approx(5 * 10.08)


def test_a_budget_never_exceeds_the_hours_that_it_covers() -> None:
    quarter = Window(unit=WindowUnit.QUARTER)
    graph = agreed("shop -> a", sla(window=MONTH), promise("ola-1", "a", "0.5", window=quarter))
    one = verdict(graph)
    assert one.contractual_worst.upper == 1.0


def test_hours_that_no_promise_covers_may_all_be_down_unless_it_is_taken_to_hold_there() -> None:
    graph = agreed(
        "shop -> a",
        sla(window=MONTH),
        promise("ola-1", "a", "0.99", window=MONTH, calendar="office"),
        calendars=(OFFICE,),
    )
    one = verdict(graph)
    covered = 21 * 600.0
    assert minutes(one) == pytest.approx(MINUTES - covered + 0.01 * covered)
    assert one.contractual_worst_covered.upper == pytest.approx(0.01)
    assert one.independent.upper == pytest.approx(0.01)


def test_a_team_that_watches_more_hours_than_the_sla_may_use_its_budget_in_them() -> None:
    graph = agreed(
        "shop -> a",
        sla(window=MONTH, calendar="office"),
        promise("ola-1", "a", "0.999", window=MONTH),
        calendars=(OFFICE,),
    )
    one = verdict(graph)
    assert one.agreed_minutes == 21 * 600.0
    assert minutes(one) == pytest.approx(43.2)
    assert one.contractual_worst_covered == one.contractual_worst


def test_a_pair_watched_at_different_hours_is_down_in_neither_alone() -> None:
    graph = agreed(
        "shop -> a | b",
        sla(window=MONTH),
        promise("ola-1", "a", "0.99", window=MONTH, calendar="office"),
        promise("ola-2", "b", "0.98", window=MONTH, calendar="nights"),
        calendars=(OFFICE, NIGHTS),
    )
    office, nights = 21 * 600.0, 30 * 360.0
    # in office hours a's budget counts, in the nights b's, and neither watches the rest
    rest = MINUTES - office - nights
    assert minutes(verdict(graph)) == pytest.approx(rest + 0.01 * office + 0.02 * nights)


def test_a_window_in_which_a_team_never_works_limits_nothing() -> None:
    closed = replace(
        OFFICE,
        calendar_id="summer",
        holidays=tuple(f"2026-11-{day:02}" for day in range(1, 31)),
    )
    graph = agreed(
        "shop -> a & b",
        sla(window=MONTH),
        promise("ola-1", "a", "0.99", window=MONTH, calendar="summer"),
        promise("ola-2", "b", "0.99", window=MONTH),
        calendars=(closed,),
    )
    one = verdict(graph)
    assert one.contractual_worst.upper == 1.0
    assert one.contractual_worst_covered.upper == pytest.approx(0.02)


def test_an_sla_without_service_time_has_no_downtime() -> None:
    closed = Calendar(
        calendar_id="closed",
        weekly=OFFICE.weekly,
        holidays=tuple(f"2026-{month:02}-{day:02}" for month in (10, 11) for day in range(1, 31)),
    )
    one = verdict(agreed("shop -> a", sla(window=MONTH, calendar="closed"), calendars=(closed,)))
    assert one.agreed_minutes == 0.0
    assert one.contractual_worst.upper == 0.0


def test_parts_that_compete_for_the_same_hours_are_packed_together() -> None:
    graph = agreed(
        "shop -> a & b",
        sla(window=MONTH),
        promise("ola-1", "a", "0.3", window=MONTH, calendar="office"),
        promise("ola-2", "b", "0.2", window=MONTH, calendar="office"),
        promise("ola-3", "shop", "0.999", window=MONTH),
        calendars=(OFFICE,),
    )
    assert minutes(verdict(graph)) == pytest.approx(MINUTES)
    limits = {
        1: ((frozenset([0]), Fraction(70)), (frozenset([1]), Fraction(10))),
        2: ((frozenset([0]), Fraction(60)), (frozenset([1]), Fraction(5))),
    }
    found = worst_downtime(
        parts_of_text("shop -> a & b"), Hours(seconds=(100, 100), limits=limits)
    )
    assert found.upper == Fraction(115, 200)


# --- sets found one by one, and parts that are too large --------------------------------------


def structure(text: str) -> StructureFunctions:
    graph = graph_of(text)
    return structure_functions(graph, [graph.resolve("shop")], perfect=[graph.resolve("shop")])


def parts_of_text(text: str, *, most_listed: int = 2_000) -> tuple[Part, ...]:
    found = structure(text)
    return parts_of(found.formula, found.roots[0], most_listed=most_listed)


def evenly(seconds: tuple[int, ...], u: Mapping[int, Fraction]) -> Hours:
    everywhere = frozenset(range(len(seconds)))
    total = sum(seconds)
    return Hours(seconds=seconds, limits={ci: ((everywhere, v * total),) for ci, v in u.items()})


@st.composite
def structures(draw: st.DrawFn) -> tuple[Formula, int]:
    """Draw gates over seven CIs: thresholds of gates of thresholds."""
    builder = FormulaBuilder()
    nodes = [builder.variable(number) for number in range(7)]
    for _ in range(draw(st.integers(2, 5))):
        some = draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=5, unique=True))
        nodes.append(builder.at_least(draw(st.integers(1, len(some))), some))
    root = builder.at_least(draw(st.integers(1, 3)), nodes[-3:])
    return builder.build(), root


@given(
    structure=structures(),
    u=st.lists(st.integers(0, 1000).map(lambda n: Fraction(n, 1000)), min_size=7, max_size=7),
    split=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_sets_found_in_the_diagram_give_what_listed_ones_give(
    structure: tuple[Formula, int], u: list[Fraction], split: bool
) -> None:
    listed = parts_of(*structure)
    one_by_one = parts_of(*structure, most_listed=1)
    shares = dict(enumerate(u))
    floats = {ci: float(one) for ci, one in shares.items()}
    hours = evenly((60, 40) if split else (100,), shares)
    if split:
        hours = replace(hours, limits={**hours.limits, 0: ((frozenset([0]), 20 * u[0]),)})
    assert worst_downtime(one_by_one, hours).upper == worst_downtime(listed, hours).upper
    assert (
        best_downtime(one_by_one, floats, most_listed=1).lower
        == best_downtime(listed, floats).lower
    )
    for part in listed:
        path = with_path_sets(part)
        by_diagram = with_path_sets(part, most_listed=1)
        weight = path.lightest(lambda ci: shares[ci])[0]
        assert by_diagram.lightest(lambda ci: shares[ci])[0] == weight


@given(
    structure=structures(),
    u=st.lists(st.integers(0, 30).map(lambda n: Fraction(n, 50)), min_size=7, max_size=7),
)
@settings(max_examples=60, deadline=None)
def test_a_part_beyond_the_budget_has_bounds_that_hold(
    structure: tuple[Formula, int], u: list[Fraction]
) -> None:
    shares = dict(enumerate(u))
    hours = evenly((50, 50), shares)
    exact = parts_of(*structure)
    too_large = [replace(one, sets=None, fleet=None) for one in exact]
    bounds = worst_downtime(too_large, hours)
    assert bounds.lower <= worst_downtime(exact, hours).upper <= bounds.upper
    assert bounds.method.startswith("bounds") == bool(exact)
    floats = {ci: float(one) for ci, one in shares.items()}
    assert open_best(too_large, floats) <= best_downtime(exact, floats).lower


def open_best(parts: list[Part], shares: dict[int, float]) -> Fraction:
    """Return the lower bound where no path sets can be found either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contractual_bounds, "with_path_sets", lambda part, *_, **__: part)
        found = best_downtime(parts, shares)
    assert found.lower == found.upper or found.method.startswith("bounds")
    return found.lower


# --- all joint distributions -----------------------------------------------------------------


def over_all_distributions(
    graph: ServiceGraph, hours: Hours, *, holders: tuple[Holder, ...] = ()
) -> float:
    """Return the most downtime of CI 0 over all joint distributions, by a programme over 2^n."""
    cis = range(graph.ci_count)
    states = [frozenset(ci for ci in cis if bits >> ci & 1) for bits in range(2**graph.ci_count)]
    is_down = np.array(
        [propagate(graph, dict.fromkeys(state, Status.DOWN))[0] == Status.DOWN for state in states]
    )
    held = {holder.ci: holder for holder in holders}
    rows, most = [], []
    for ci, limits in hours.limits.items():
        uses = [held[ci].is_down(s) if ci in held else ci in s for s in states]
        for segments, seconds in limits:
            inside = [k in segments for k in range(len(hours.seconds))]
            rows.append(np.outer(inside, uses).ravel())
            most.append(float(seconds) / hours.total)
    totals = np.kron(np.eye(len(hours.seconds)), np.ones(len(states)))
    found = linprog(
        -np.tile(is_down, len(hours.seconds)).astype(float),
        A_ub=np.array(rows, float) if rows else None,
        b_ub=most if rows else None,
        A_eq=totals,
        b_eq=[one / hours.total for one in hours.seconds],
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return -float(found.fun)


@given(
    graph=graphs(max_cis=5),
    u=st.lists(st.integers(0, 20), min_size=10, max_size=10),
    covered=st.lists(st.sampled_from([(0,), (1,), (0, 1), ()]), min_size=5, max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_the_worst_is_that_of_all_joint_distributions(
    graph: ServiceGraph, u: list[int], covered: list[tuple[int, ...]]
) -> None:
    limits = {
        ci: tuple((frozenset([k]), Fraction(u[2 * ci + k])) for k in covered[ci])
        for ci in range(graph.ci_count)
    }
    hours = Hours(seconds=(30, 10), limits=limits)
    found = structure_functions(graph, [0])
    worst = worst_downtime(parts_of(found.formula, found.roots[0]), hours)
    expected = over_all_distributions(graph, hours)
    assert float(worst.upper) == pytest.approx(expected, abs=1e-7)


@given(graph=graphs(max_cis=5), u=st.lists(st.integers(0, 10), min_size=5, max_size=5))
@settings(max_examples=30, deadline=None)
def test_the_best_is_that_of_all_joint_distributions(graph: ServiceGraph, u: list[int]) -> None:
    shares = {ci: u[ci] / 10 for ci in range(graph.ci_count)}
    cis = range(graph.ci_count)
    states = [frozenset(ci for ci in cis if bits >> ci & 1) for bits in range(2**graph.ci_count)]
    down = [
        propagate(graph, dict.fromkeys(state, Status.DOWN))[0] == Status.DOWN for state in states
    ]
    equal = [[ci in state for state in states] for ci in cis] + [[True] * len(states)]
    expected = linprog(
        np.array(down, float),
        A_eq=np.array(equal, float),
        b_eq=[*(shares[ci] for ci in cis), 1.0],
    )
    found = structure_functions(graph, [0])
    best = best_downtime(parts_of(found.formula, found.roots[0]), shares)
    assert float(best.lower) == pytest.approx(expected.fun, abs=1e-7)


def test_a_promise_with_all_beneath_counts_what_it_shares() -> None:
    upc = promise("upc-1", "cloud", "0.99", scope=Scope.INCLUSIVE)
    graph = agreed("shop -> cloud & app; cloud -> san & vm; app -> san", sla("0.98"), upc)
    one = verdict(graph, san=0.004, app=0.0)
    # the SAN takes 0.4 % of the cloud's 1 % with it
    assert one.contractual_worst.upper == pytest.approx(0.01, rel=1e-12)
    impossible = verdict(graph, san=0.03, app=0.0)
    assert impossible.contractual_worst.upper == pytest.approx(0.03, rel=1e-12)


@given(u=st.lists(st.integers(0, 10), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_holders_agree_with_all_joint_distributions(u: list[int]) -> None:
    graph = graph_of("shop -> cloud & app; cloud -> san & x; app -> san | y; y -> san")
    n = graph.resolve
    cloud, x = n("cloud"), n("x")
    fixed = structure_functions(graph, [0, cloud], perfect=[0, x])
    parts = parts_of(fixed.formula, fixed.roots[0])
    holder = Holder(ci=cloud, cuts=(frozenset([cloud]), frozenset([n("san")])))
    limits = {ci: ((frozenset([0]), Fraction(1, 2) * min(u)),) for ci in range(graph.ci_count)}
    for ci, value in zip((cloud, n("app"), n("san"), n("y")), u, strict=True):
        limits[ci] = ((frozenset([0]), Fraction(value)),)
    limits[0] = limits[x] = ((frozenset([0]), Fraction(0)),)
    hours = Hours(seconds=(40,), limits=limits)
    worst = worst_downtime(parts, hours, holders=[holder])
    expected = over_all_distributions(graph, hours, holders=(holder,))
    assert float(worst.upper) == pytest.approx(expected, abs=1e-7)


@given(
    graph=graphs(max_cis=6),
    u=st.lists(st.sampled_from([0.0, 0.001, 0.1, 0.6]), min_size=6, max_size=6),
    promises=st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["0.9", "0.999", "0.5"]),
            st.sampled_from([MONTH, YEAR, Window(unit=WindowUnit.ROLLING, days=9)]),
            st.sampled_from(["", "office"]),
            st.sampled_from(list(Scope)),
        ),
        max_size=3,
    ),
)
@settings(max_examples=60, deadline=None)
def test_independent_lies_between_best_and_worst(
    graph: ServiceGraph,
    u: list[float],
    promises: list[tuple[int, str, Window, str, Scope]],
) -> None:
    agreements: list[Agreement] = [sla(covers="c0", window=MONTH)]
    for at, (ci, target, window, calendar, scope) in enumerate(promises):
        one = promise(f"ola-{at}", f"c{ci}", target, window=window, calendar=calendar, scope=scope)
        agreements.append(one)
    covered = ((0,), *((ci,) if ci < graph.ci_count else () for ci, *_ in promises))
    graph = replace(graph, agreements=tuple(agreements), covered=covered, calendars=(OFFICE,))
    own = {
        ci: Reliability(unavailability=u[ci])
        for ci in range(graph.ci_count)
        if not any(ci == one for one, *_ in promises)
    }
    (found,) = sla_verdicts(graph, at=AT, options=AvailabilityOptions(own=own)).slas
    hair = 1e-9
    assert found.contractual_best.lower <= found.independent.lower + hair
    assert found.independent.upper <= found.contractual_worst_covered.upper + hair
    assert found.contractual_worst_covered.upper <= found.contractual_worst.upper + hair
