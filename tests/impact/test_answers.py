"""Impact, why and why not: reasons, groups, agreements, teams, and the three statuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ripplegraph.impact
from graph_building import graph_of, records_of_text
from impact.random_graphs import graphs, outages
from ripplegraph.errors import InvalidScenarioError, UnknownCiError
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiId, OperatingState, Status, Strength
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.answers import (
    ImpactAnswer,
    ImpactedCi,
    impact,
    impacted_services,
    why,
    why_not,
)
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import reasons_of
from ripplegraph.impact.propagation.scenario import Scenario, scenario_of


def scenario_with(graph: ServiceGraph, states: dict[str, list[str]]) -> Scenario:
    return scenario_of(
        graph,
        down=states.get("down", ()),
        maintenance=states.get("maintenance", ()),
        degraded=states.get("degraded", ()),
    )


def answer_of(graph: ServiceGraph, **states: list[str]) -> ImpactAnswer:
    return impact(graph, scenario_with(graph, states))


def native(ci_ids: tuple[CiId, ...]) -> list[str]:
    return [ci_id.split(":", 2)[2] for ci_id in ci_ids]


def shop_of(graph: ServiceGraph, **states: list[str]) -> ImpactedCi:
    return next(one for one in answer_of(graph, **states).impacted if one.native_id == "shop")


def test_the_room_itself_can_be_called_as_the_question() -> None:
    graph = graph_of("shop -> db")
    scenario = scenario_of(graph, down=["db"])
    assert ripplegraph.impact(graph, scenario) == impact(graph, scenario)


# --- who is impacted, and why ----------------------------------------------------------------


def test_services_come_worst_first_then_by_id() -> None:
    graph = graph_of("svc3 ~> db; svc1 -> db | x; svc9 -> db; svc2 -> db; svc4 -> y")
    found = answer_of(graph, down=["db"])
    assert [(one.native_id, one.status.word) for one in found.impacted] == [
        ("svc2", "down"),
        ("svc9", "down"),
        ("svc3", "degraded"),
        ("svc1", "at_risk"),
    ]
    assert found.cis_not_up == 5
    assert impacted_services(graph, down=["db"]) == found.impacted


def test_service_that_is_itself_out_is_impacted() -> None:
    one = shop_of(graph_of("shop -> db"), down=["shop"])
    assert (one.status, native(one.because), native(one.root_cis)) == (
        Status.DOWN,
        ["shop"],
        ["shop"],
    )


def test_all_cis_lists_every_ci_that_is_not_up() -> None:
    graph = graph_of("shop -> web; web -> db; mail")
    found = impact(graph, scenario_of(graph, down=["db"]), all_cis=True)
    assert [one.native_id for one in found.impacted] == ["db", "web", "shop"]
    assert found.impacted[0].more_failures is None


def test_chain_is_the_shortest_and_roots_are_all() -> None:
    graph = graph_of("shop -> web & db; web -> app; app -> san; db -> disk")
    one = shop_of(graph, down=["san", "disk"])
    assert native(one.because) == ["shop", "db", "disk"]
    assert native(one.root_cis) == ["disk", "san"]


def test_equally_short_chains_are_chosen_by_id() -> None:
    assert native(shop_of(graph_of("shop -> b & a; a -> x; b -> x"), down=["x"]).because) == [
        "shop",
        "a",
        "x",
    ]


def test_a_weaker_cause_is_no_reason() -> None:
    one = shop_of(graph_of("shop -> db; shop ~> mail"), down=["db", "mail"])
    assert native(one.root_cis) == ["db"]


def test_degraded_own_state_is_a_root() -> None:
    one = shop_of(graph_of("shop -> web; web -> db"), degraded=["db"])
    assert (one.status, native(one.because)) == (Status.DEGRADED, ["shop", "web", "db"])


def test_failed_groups_name_the_members_that_failed() -> None:
    graph = graph_of("shop -> web; web -> 2 of (a, b, c, d); d -> e | f")
    one = shop_of(graph, down=["a", "b", "c", "f"])
    (group,) = one.failed_groups
    assert (native((group.dependent,)), group.key, group.requirement) == (["web"], "g1", "2")
    assert (native(group.failed), native(group.impaired)) == (["a", "b", "c"], ["d"])
    assert (group.status, group.usable_members, group.member_count) == (Status.DOWN, 1, 4)


def test_group_that_is_degraded_blames_members_that_are_not_healthy() -> None:
    one = shop_of(graph_of("shop -> 2 of (a, b, c)"), degraded=["a"], down=["b"])
    assert (one.status, native(one.root_cis)) == (Status.DEGRADED, ["a", "b"])


def test_group_without_requirement_needs_all_its_members() -> None:
    records = records_of_text("shop")
    records.dependencies.append(dependent="shop", dependency="x", group="pool")
    graph = build_service_graph(records).graph
    assert shop_of(graph, down=["x"]).failed_groups[0].requirement == "100%"


def test_one_half_planned_and_one_half_failed_is_really_down() -> None:
    one = shop_of(graph_of("shop -> a | b"), down=["a"], maintenance=["b"])
    assert (one.status, one.planned_status, one.unplanned_status) == (
        Status.DOWN,
        Status.AT_RISK,
        Status.AT_RISK,
    )
    assert not one.in_maintenance


def test_redundant_switch_in_maintenance_leaves_the_service_out_of_maintenance() -> None:
    """R5, Checkmk BI: redundant: not in maintenance; not redundant: in maintenance to the root."""
    graph = graph_of("svc-top -> shop; shop -> sw1 | sw2; shop -> db; svc-x -> y")
    assert [one.in_maintenance for one in answer_of(graph, maintenance=["sw1"]).impacted] == [
        False,
        False,
    ]
    found = answer_of(graph, maintenance=["db"]).impacted
    assert [(one.native_id, one.in_maintenance) for one in found] == [
        ("shop", True),
        ("svc-top", True),
    ]
    assert {one.unplanned_status for one in found} == {Status.UP}


def test_outage_beside_a_maintenance_is_shown_not_masked() -> None:
    """R6, Checkmk werk 19950: R5 plus an unrelated CI really down: the outage is shown."""
    graph = graph_of("shop -> db & app")
    one = shop_of(graph, maintenance=["db"], down=["app"])
    assert (one.status, one.in_maintenance, one.unplanned_status) == (
        Status.DOWN,
        True,
        Status.DOWN,
    )
    assert native(one.root_cis) == ["app", "db"]


# --- notes -----------------------------------------------------------------------------------


def test_retired_and_test_cis_stubs_and_unused_ones_are_noted() -> None:
    records = records_of_text("shop -> old & lab; lone; x")
    states = {"old": OperatingState.RETIRED, "lab": OperatingState.TEST}
    records.cis.state[:] = [
        states.get(name, OperatingState.LIVE) for name in records.cis.native_id
    ]
    records.dependencies.append(dependent="shop", dependency="ghost")
    graph = build_service_graph(records).graph
    found = answer_of(graph, down=["old", "lab", "lone", "ghost", "x"], maintenance=[])
    assert [one.native_id for one in found.impacted] == ["shop"]
    assert found.notes == (
        "t:server:lab is a test CI: it has no impact on live CIs.",
        "t:server:lone has no impact on others: nothing else depends on it.",
        "t:server:old is retired: it has no impact on live CIs.",
        "t:server:x has no impact on others: nothing else depends on it.",
        "t:stub:ghost is a stub: the export names it but holds no record of it.",
    )


RING = "shop -> s3; s1 -> core | s2; s2 -> s1 | s3; s3 -> s2 | core"


def test_self_supported_circle_gets_both_statuses_and_a_note() -> None:
    graph = graph_of(RING)
    one = shop_of(graph, down=["core"])
    assert (one.status, one.grounded_status) == (Status.AT_RISK, Status.DOWN)
    (note,) = answer_of(graph, down=["core"]).notes
    assert note == (
        "1 service is better only because a circle of CIs holds itself up; "
        "grounded it would be worse: t:service:shop."
    )
    assert shop_of(graph_of(RING, grounded=True), down=["core"]).grounded_status is None
    assert native(shop_of(graph_of(RING, grounded=True), down=["core"]).because) == [
        "shop",
        "s3",
        "core",
    ]


def test_long_lists_of_services_on_circles_are_counted() -> None:
    services = "; ".join(f"svc{number} -> s3" for number in range(6))
    (note,) = answer_of(graph_of(f"{RING}; {services}"), down=["core"]).notes
    assert note.startswith("7 services are better only because a circle of CIs holds itself up")
    assert note.endswith("t:service:svc3 and 2 more.")


def test_groups_that_rest_on_nothing_but_themselves_are_noted() -> None:
    graph = graph_of("shop -> a; a -> b | c; b -> a | c; c -> a | b", grounded=True)
    found = answer_of(graph)
    assert [(one.native_id, one.status, native(one.because)) for one in found.impacted] == [
        ("shop", Status.DOWN, ["shop"]),
    ]
    assert found.notes == (
        "4 CIs are not up without any outage: grounded groups beneath them rest on nothing but "
        "themselves.",
    )


# --- why and why not -------------------------------------------------------------------------


def test_why_walks_the_chain_with_the_relations_of_the_export() -> None:
    records = records_of_text("shop -> web; web -> h1 | h2")
    records.dependencies.relation_type[0] = "Runs on::Runs"
    records.dependencies.file[0], records.dependencies.row[0] = "rels.csv", 7
    graph = build_service_graph(records).graph
    found = why(graph, "shop", scenario_of(graph, down=["h1", "h2"]))
    assert native(found.ci.because) == ["shop", "web", "h1"]
    first, second = found.chain
    assert (first.relation_type, first.file, first.row) == ("Runs on::Runs", "rels.csv", 7)
    assert (first.effect, first.group, first.status) == (Strength.HARD, "", Status.DOWN)
    assert (native((second.dependency,)), second.group) == (["h1"], "g1")
    assert found.causes == (first,)


def test_why_of_a_ci_that_is_up_says_so() -> None:
    graph = graph_of("shop -> web; mail -> db")
    found = why(graph, "shop", scenario_of(graph, down=["db"]))
    assert (found.ci.status, found.chain, found.causes, found.ci.because) == (
        Status.UP,
        (),
        (),
        (),
    )
    assert found.ci.more_failures is not None


def test_why_not_says_what_would_still_have_to_fail() -> None:
    graph = graph_of("shop -> svc1; svc1 -> h1 | h2; shop -> 1 of (x, y, z)")
    found = why_not(graph, "shop", scenario_of(graph, down=["h1", "x"]))
    assert native(found.single_failures) == ["h2"]
    assert found.more_failures is not None
    assert (found.more_failures.count, native(found.more_failures.example)) == (1, ["h2"])
    assert [(group.key, group.usable_members) for group in found.holding_groups] == [
        ("g2", 2),
        ("g1", 1),
    ]


def test_why_not_of_a_service_that_is_down_has_nothing_left_to_fail() -> None:
    graph = graph_of("shop -> db")
    found = why_not(graph, "shop", scenario_of(graph, down=["db"]))
    assert (found.ci.status, found.more_failures, found.single_failures) == (
        Status.DOWN,
        None,
        (),
    )
    assert found.holding_groups == ()


def test_unknown_service_is_refused() -> None:
    graph = graph_of("shop -> db")
    with pytest.raises(UnknownCiError, match="'nope' is not in the graph"):
        why(graph, "nope", Scenario())


# --- scenarios -------------------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OPEN_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_open_outages_join_the_scenario_and_planned_wins() -> None:
    records = records_of_text("shop -> a & b & c & d & e & f")
    for ci, kind, excluded, end in (
        ("a", OutageKind.UNPLANNED, "force majeure", None),
        ("b", OutageKind.PLANNED, "", None),
        ("b", OutageKind.UNPLANNED, "", None),
        ("c", OutageKind.DEGRADATION, "", None),
        ("d", OutageKind.UNPLANNED, "", NOON),
        ("e", OutageKind.PLANNED, "", None),
        ("f", OutageKind.UNPLANNED, "", None),
        ("f", OutageKind.DEGRADATION, "", None),
    ):
        records.outages.append(
            Outage(ci=ci, start=OPEN_SINCE, end=end, kind=kind, excluded=excluded)
        )
    graph = build_service_graph(records).graph
    scenario = scenario_of(graph, down=["e"], open_outages_at=NOON)
    assert native(scenario.down) == ["a", "e", "f"]
    assert (native(scenario.maintenance), native(scenario.degraded)) == (["b"], ["c"])
    assert scenario_of(graph).cis == ()


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        ({"down": ["a"], "maintenance": ["a"]}, "both down and in maintenance"),
        ({"down": ["a"], "degraded": ["a"]}, "both down and degraded"),
        ({"maintenance": ["a"], "degraded": ["a"]}, "both in maintenance and degraded"),
    ],
)
def test_one_ci_in_two_states_is_refused(states: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(InvalidScenarioError, match=f"one CI is said to be {reason}: 'a'"):
        scenario_with(graph_of("shop -> a"), states)


def test_a_contradiction_names_its_ci_as_the_caller_did() -> None:
    with pytest.raises(InvalidScenarioError, match="be both down and degraded") as raised:
        scenario_of(graph_of("shop -> a"), down=["a"], degraded=["t:server:a"])
    assert raised.value.named == ("a", "t:server:a")


def test_scenario_names_each_ci_once_sorted() -> None:
    assert Scenario(down=(CiId("b"), CiId("a"), CiId("b"))).down == ("a", "b")


def test_moments_without_a_time_zone_are_refused() -> None:
    graph, naive = graph_of("shop -> db"), datetime(2026, 1, 1)  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="at needs a time zone, got 2026-01-01"):
        impact(graph, scenario_of(graph), at=naive)
    with pytest.raises(ValueError, match="open_outages_at needs a time zone"):
        scenario_of(graph, open_outages_at=naive)


# --- properties ------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(data=st.data(), graph=graphs())
def test_every_reason_ends_in_an_outage_that_is_enough(
    data: st.DataObject, graph: ServiceGraph
) -> None:
    own = {ci: status for ci, status in data.draw(outages(graph)).items() if status}
    statuses = settle(graph, own)
    reasons = reasons_of(graph, own, statuses)
    for ci, status in statuses.items():
        chain = reasons.chain_of(ci)
        assert own[chain[-1]] == statuses[chain[-1]]
        roots = reasons.cone_of(ci) & reasons.roots
        assert settle(graph, {root: own[root] for root in roots})[ci] == status


def test_further_failures_are_a_lower_bound_where_too_many_cis_stand_beneath() -> None:
    deep = "; ".join(f"svc{number} -> svc{number + 1}" for number in range(1_100))
    graph = graph_of(f"shop -> x | y; shop -> svc0; {deep}")
    one = shop_of(graph, down=["x"])
    assert one.more_failures is not None
    assert (one.more_failures.count, one.more_failures.is_exact) == (1, True)
    wide = graph_of(f"shop -> 1 of (w, x, y, z); shop -> svc0; {deep}")
    one = shop_of(wide, down=["w"])
    assert one.more_failures is not None
    assert (one.more_failures.count, one.more_failures.is_exact) == (1, False)
    exact = why_not(wide, "shop", scenario_of(wide, down=["w"])).more_failures
    assert exact is not None
    assert (exact.count, exact.is_exact) == (3, True)


def test_caller_says_how_far_further_failures_are_looked_for() -> None:
    graph = graph_of("shop -> a | b | c")
    cuts = []
    for largest_look in (0, 4):
        answer = impact(graph, scenario_of(graph, down=["a"]), largest_look=largest_look)
        cuts.append(answer.impacted[0].more_failures)
    assert [(cut.count, cut.is_exact) for cut in cuts if cut] == [(1, False), (2, True)]
