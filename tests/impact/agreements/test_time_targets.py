"""Time targets of SLAs against the promises beneath: by hand, and against every path."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.calendar_building import calendar_of, on
from graph_building import records_of_text
from impact.agreements.promises import promise, sla
from ripplegraph.errors import UnknownCiError
from ripplegraph.graph.agreements import Agreement, Scope, Window
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.process_records import TimeTarget
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.time_promises import (
    NOT_PROMISED,
    TOO_MANY,
    TimeKind,
    time_promises,
    ways_beneath,
)
from ripplegraph.impact.agreements.time_targets import TimeVerdict, time_verdicts

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONTH = Window()
OFFICE = calendar_of("Mon-Fri 8-18", zone="")
SHUT = calendar_of(exceptions=(on("2000-01-01", until="2099-01-01"),), name="shut", zone="")


def promised(
    text: str,
    targets: dict[str, tuple[float | None, float | None]],
    *agreements: Agreement,
    services: tuple[str, ...] = ("shop",),
) -> ServiceGraph:
    """Return a graph whose agreements promise minutes of response and resolution for P1."""
    records = records_of_text(text, services=services)
    records.agreements.extend(replace(one, window=MONTH) for one in agreements)
    records.calendars += [OFFICE, SHUT]
    records.time_targets += [
        TimeTarget(
            agreement=agreement, priority="P1", response_minutes=first, resolution_minutes=second
        )
        for agreement, (first, second) in targets.items()
    ]
    return build_service_graph(records).graph


def only(graph: ServiceGraph) -> TimeVerdict:
    (found,) = time_verdicts(graph, at=AT).verdicts
    return found


def words(verdict: TimeVerdict) -> tuple[str, list[str], float, float | None]:
    steps = [step.agreement.agreement_id for step in verdict.steps]
    return verdict.verdict.value, steps, verdict.promised_minutes, verdict.worst_minutes


# --- verdicts ----------------------------------------------------------------------------------


def test_promises_on_a_path_follow_each_other_and_the_longest_path_decides() -> None:
    graph = promised(
        "shop -> web & mail; web -> db",
        {"sla-1": (None, 240), "ola-w": (None, 60), "ola-d": (None, 120), "ola-m": (15, 90)},
        sla(),
        promise("ola-w", "web", None),
        promise("ola-d", "db", None),
        promise("ola-m", "mail", None),
    )
    assert words(only(graph)) == ("met", ["ola-w", "ola-d"], 180, 180)


def test_a_target_below_the_sum_is_missed() -> None:
    graph = promised(
        "shop -> web; web -> db",
        {"sla-1": (None, 179), "ola-w": (None, 60), "ola-d": (None, 120)},
        sla(),
        promise("ola-w", "web", None),
        promise("ola-d", "db", None),
    )
    found = only(graph)
    assert words(found) == ("missed", ["ola-w", "ola-d"], 180, 180)
    assert not found.is_missed_by_hours_only


def test_a_target_of_exactly_the_sum_is_met() -> None:
    graph = promised(
        "shop -> web",
        {"sla-1": (None, 60), "ola-w": (None, 60)},
        sla(),
        promise("ola-w", "web", None),
    )
    assert only(graph).verdict.value == "met"


def test_an_office_hours_team_misses_a_promise_around_the_clock_by_its_hours() -> None:
    graph = promised(
        "shop -> web",
        {"sla-1": (None, 240), "ola-w": (None, 60)},
        sla(),
        promise("ola-w", "web", None, calendar="office"),
    )
    found = only(graph)
    assert words(found) == ("missed", ["ola-w"], 60, 60 * 63)  # Friday 18:00 to Monday 9:00
    assert found.is_missed_by_hours_only
    assert found.worst_end is not None
    assert (found.worst_start.weekday(), found.worst_end.weekday()) == (4, 0)


def test_a_promise_in_the_same_hours_is_kept() -> None:
    graph = promised(
        "shop -> web",
        {"sla-1": (None, 60), "ola-w": (None, 60)},
        sla(calendar="office"),
        promise("ola-w", "web", None, calendar="office"),
    )
    assert words(only(graph)) == ("met", ["ola-w"], 60, 60)


def test_a_team_that_never_works_is_a_miss_without_an_end() -> None:
    graph = promised(
        "shop -> web",
        {"sla-1": (None, 60), "ola-w": (None, 1)},
        sla(),
        promise("ola-w", "web", None, calendar="shut"),
    )
    found = only(graph)
    assert (found.verdict.value, found.worst_minutes, found.worst_end) == ("missed", None, None)


def test_a_ci_without_a_promise_leaves_the_verdict_open_and_is_named() -> None:
    graph = promised(
        "shop -> web; web -> db",
        {"sla-1": (None, 240), "ola-w": (None, 60)},
        sla(),
        promise("ola-w", "web", None),
    )
    found = only(graph)
    assert words(found) == ("unprovable", ["ola-w"], 60, 60)
    assert found.missing == ("t:server:db",)


def test_what_is_known_is_enough_to_miss_a_target() -> None:
    graph = promised(
        "shop -> web; web -> db",
        {"sla-1": (None, 50), "ola-w": (None, 60)},
        sla(),
        promise("ola-w", "web", None),
    )
    assert only(graph).verdict.value == "missed"


def test_a_service_that_rests_on_nothing_proves_nothing() -> None:
    graph = promised("shop", {"sla-1": (None, 50)}, sla())
    assert words(only(graph)) == ("unprovable", [], 0, 0)


def test_neighbours_under_one_agreement_are_one_step() -> None:
    graph = promised(
        "shop -> web; web -> vm; vm -> db; db -> san",
        {"sla-1": (None, 999), "ola-w": (None, 60), "ola-d": (None, 120)},
        sla(),
        promise("ola-w", "web vm san", None),
        promise("ola-d", "db", None),
    )
    assert words(only(graph)) == ("met", ["ola-w", "ola-d", "ola-w"], 240, 240)


def test_nothing_beneath_an_inclusive_promise_is_passed_on_to() -> None:
    graph = promised(
        "shop -> cloud; cloud -> db",
        {"sla-1": (None, 240), "upc-c": (None, 60), "ola-d": (None, 999)},
        sla(),
        promise("upc-c", "cloud", None, scope=Scope.INCLUSIVE),
        promise("ola-d", "db", None),
    )
    assert words(only(graph)) == ("met", ["upc-c"], 60, 60)


def test_cis_in_a_circle_are_one_after_the_other() -> None:
    graph = promised(
        "shop -> a; a -> b; b -> a; b -> c",
        {"sla-1": (None, 99), "ola-a": (None, 1), "ola-b": (None, 2), "ola-c": (None, 4)},
        sla(),
        *(promise(f"ola-{name}", name, None) for name in "abc"),
    )
    assert words(only(graph)) == ("met", ["ola-a", "ola-b", "ola-c"], 7, 7)


def test_each_team_responds_by_itself_so_the_slowest_decides() -> None:
    graph = promised(
        "shop -> web; web -> db",
        {"sla-1": (30, None), "ola-w": (20, None), "ola-d": (25, None)},
        sla(),
        promise("ola-w", "web", None),
        promise("ola-d", "db", None),
    )
    found = only(graph)
    assert (found.kind, words(found)) == (TimeKind.RESPONSE, ("met", ["ola-d"], 25, 25))


def test_an_unpromised_response_leaves_it_open() -> None:
    graph = promised("shop -> web", {"sla-1": (30, None)}, sla())
    assert (only(graph).verdict.value, only(graph).missing) == ("unprovable", ("t:server:web",))
    bare = promised("shop", {"sla-1": (30, None)}, sla())
    assert only(bare).verdict.value == "unprovable"


def test_verdicts_are_worst_first_and_only_of_the_services_asked_for() -> None:
    graph = promised(
        "shop -> web; till -> web; bare -> web",
        {"sla-1": (None, 60), "sla-2": (None, 30), "ola-w": (None, 60), "slr-1": (None, 1)},
        sla(),
        promise("sla-2", "till", None),
        promise("sla-3", "bare", None),
        promise("slr-1", "shop", None),
        promise("ola-w", "web", None),
        services=("shop", "till", "bare"),
    )
    found = time_verdicts(graph, at=AT)
    assert [one.agreement.agreement_id for one in found.verdicts] == ["sla-2", "sla-1"]
    (shop,) = time_verdicts(graph, ["shop"], at=AT).verdicts
    assert (shop.service, shop.service_name) == ("t:service:shop", "shop")
    with pytest.raises(UnknownCiError, match="'nowhere'"):
        time_verdicts(graph, ["nowhere"], at=AT)


def test_a_target_of_no_minutes_is_missed_by_any_promise() -> None:
    graph = promised(
        "shop -> web",
        {"sla-1": (None, 0), "ola-w": (None, 1)},
        sla(),
        promise("ola-w", "web", None),
    )
    assert only(graph).verdict.value == "missed"


# --- promises ----------------------------------------------------------------------------------


def test_the_ola_answers_and_a_slower_contract_behind_it_is_a_finding() -> None:
    graph = promised(
        "shop -> db & web",
        {"sla-1": (None, 240), "ola-d": (None, 60), "upc-d": (None, 90), "upc-e": (None, 10)},
        sla(),
        promise("ola-d", "db web", None, file="olas.csv", row=3),
        promise("upc-d", "db web", None),
        promise("upc-e", "db", None),
    )
    answer = time_verdicts(graph, at=AT)
    assert [step.agreement.agreement_id for step in answer.verdicts[0].steps] == ["ola-d"]
    assert [(one.code, one.file, one.row, one.message) for one in answer.findings] == [
        (
            "ola-not-backed",
            "olas.csv",
            3,
            "OLA 'ola-d' promises P1 resolution on 'db' in 60 minutes, UPC 'upc-d' behind it "
            "only in 90",
        )
    ]


def test_of_two_promises_of_one_kind_the_lesser_counts() -> None:
    graph = promised(
        "shop -> db",
        {"upc-a": (None, 60), "upc-b": (None, 90)},
        promise("upc-a", "db", None),
        promise("upc-b", "db", None),
    )
    found = time_promises(graph, "P1", TimeKind.RESOLUTION, at=AT)
    (answering,) = found.values()
    assert (answering.agreement.agreement_id, answering.backs) == ("upc-b", ())


def test_promises_not_in_force_do_not_count() -> None:
    graph = promised(
        "shop -> db",
        {"ola-a": (None, 60)},
        promise("ola-a", "db", None, valid_to=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    assert time_promises(graph, "P1", TimeKind.RESOLUTION, at=AT) == {}
    assert len(time_promises(graph, "P1", TimeKind.RESOLUTION, at=None)) == 1


# --- ways --------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_longest_way_is_the_longest_of_all_paths(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 7))
    names = ["shop", *(f"n{number}" for number in range(1, size))]
    edges = [
        (one, other)
        for one in range(size)
        for other in range(one + 1, size)
        if other == one + 1 or data.draw(st.booleans())
    ]
    minutes = [data.draw(st.integers(1, 50)) for _ in range(size)]
    groups = [data.draw(st.integers(0, 2)) for _ in range(size)]
    text = "; ".join(f"{names[one]} -> {names[other]}" for one, other in edges)
    agreements = [
        promise(
            f"ola-{group}",
            " ".join(n for n, g in zip(names, groups, strict=True) if g == group),
            None,
        )
        for group in sorted(set(groups))
    ]
    targets: dict[str, tuple[float | None, float | None]] = {
        f"ola-{group}": (None, minutes[group]) for group in sorted(set(groups)) if group < size
    }
    targets["sla-1"] = (None, 10_000)
    graph = promised(text, targets, sla(), *agreements)

    def longest(node: int, before: int) -> float:
        own = 0.0 if groups[node] == before else targets[f"ola-{groups[node]}"][1] or 0.0
        below = [longest(other, groups[node]) for one, other in edges if one == node]
        return own + max(below, default=0.0)

    if all(group < size for group in groups):
        assert only(graph).promised_minutes == longest(0, -1)


def test_more_ways_than_are_looked_at_leave_the_verdict_open() -> None:
    # each of seven stages goes through one of two teams: 128 ways, none part of another
    stages = [(f"a{k}", f"b{k}") for k in range(7)]
    text = "; ".join(
        f"{one} -> {' & '.join(stages[k + 1])}" for k in range(6) for one in stages[k]
    )
    olas = [promise(f"ola-{name}", name, None) for pair in stages for name in pair]
    targets: dict[str, tuple[float | None, float | None]] = {
        one.agreement_id: (None, 1) for one in olas
    }
    graph = promised(f"shop -> a0 & b0; {text}", {"sla-1": (None, 99), **targets}, sla(), *olas)
    ways = ways_beneath(graph, [graph.resolve("shop")], "P1", TimeKind.RESOLUTION, at=AT)
    assert any(TOO_MANY in way for way in ways.of_service[graph.resolve("shop")])
    found = only(graph)
    assert (found.verdict.value, found.promised_minutes, found.missing) == ("unprovable", 7, ())
    assert NOT_PROMISED not in {step for way in ways.of_service[0] for step in way}
