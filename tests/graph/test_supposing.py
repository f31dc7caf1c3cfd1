"""A graph as it would be: twins, targets, relations; by hand and against graphs built so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.errors import InvalidScenarioError, UnknownAgreementError, UnknownCiError
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import Status, Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.supposing import SupposedRelation, Supposition, supposed
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.propagation.fixpoint import propagate
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of

ABCD = "shop -> web & db; web -> san; db -> san"


def status_of(graph: ServiceGraph, service: str, *down: str) -> Status:
    statuses = propagate(graph, actual_of(graph, scenario_of(graph, down=down)))
    return Status(int(statuses[graph.resolve(service)]))


def unavailability(graph: ServiceGraph) -> float:
    known = {
        number: Reliability(unavailability=0.0 if graph.ci_ids[number].endswith("shop") else 0.1)
        for number in range(graph.ci_count)
    }
    (found,) = availability(graph, ["shop"], options=AvailabilityOptions(own=known)).services
    return found.lower


def test_a_twin_takes_over_where_its_ci_fails() -> None:
    graph = graph_of(ABCD)
    then = supposed(graph, Supposition(twins={"db": 1})).graph
    assert status_of(graph, "shop", "db") is Status.DOWN
    assert status_of(then, "shop", "db") is not Status.DOWN
    assert status_of(then, "shop", "db", "db-twin-1") is Status.DOWN
    assert status_of(then, "shop", "san") is Status.DOWN


@pytest.mark.parametrize("count", [1, 2])
def test_twins_are_as_good_as_a_group_that_was_built_so(count: int) -> None:
    then = supposed(graph_of(ABCD), Supposition(twins={"db": count})).graph
    twins = [f"db{number}" for number in range(1, count + 1)]
    built = graph_of(
        f"shop -> web; shop -> {'|'.join(['db', *twins])}; web -> san; db -> san; "
        + "; ".join(f"{one} -> san" for one in twins)
    )
    assert unavailability(then) == pytest.approx(unavailability(built), rel=1e-12)
    assert unavailability(then) < unavailability(graph_of(ABCD))


def test_a_twin_of_a_member_is_one_more_member() -> None:
    graph = graph_of("shop -> 2 of (a, b)")
    then = supposed(graph, Supposition(twins={"b": 1})).graph
    assert status_of(graph, "shop", "b") is Status.DOWN
    assert status_of(then, "shop", "b") is not Status.DOWN
    assert status_of(then, "shop", "a", "b") is Status.DOWN


def test_the_groups_of_a_ci_are_those_of_its_twin_too() -> None:
    then = supposed(graph_of("shop -> db; db -> d1 | d2"), Supposition(twins={"db": 1})).graph
    assert status_of(then, "shop", "d1") is not Status.DOWN
    assert status_of(then, "shop", "d1", "d2") is Status.DOWN


def test_relations_are_added_and_removed() -> None:
    relation = SupposedRelation(dependent="shop", dependency="db")
    graph = graph_of("shop -> web & db; web -> san")
    without = supposed(graph, Supposition(removed=[relation])).graph
    assert status_of(without, "shop", "db") is Status.UP
    soft = SupposedRelation(dependent="shop", dependency="san", strength=Strength.SOFT)
    added = supposed(without, Supposition(added=[soft, relation])).graph
    assert status_of(added, "shop", "db") is Status.DOWN
    with pytest.raises(InvalidScenarioError, match="to remove: 'shop', 'san'") as caught:
        supposed(graph, Supposition(removed=[soft]))
    assert caught.value.advice


def test_a_target_is_another_one_and_an_agreement_covers_the_twin() -> None:
    records = records_of_text("shop -> db")
    records.agreements.append(
        Agreement(
            agreement_id="ola-1",
            kind=AgreementKind.OLA,
            name="Databases",
            covers=("db",),
            target_availability=Decimal("0.99"),
        )
    )
    graph = build_service_graph(records).graph
    said = Supposition(targets={"Databases": Decimal("0.999")}, twins={"db": 1})
    then = supposed(graph, said)
    assert then.graph.agreements[0].target_availability == Decimal("0.999")
    assert [then.graph.ci_ids[one] for one in then.graph.covered[0]] == [
        "t:server:db",
        "t:server:db-twin-1",
    ]
    assert then.twin_of == {"t:server:db-twin-1": "t:server:db"}
    assert graph.agreements[0].target_availability == Decimal("0.99")
    with pytest.raises(UnknownAgreementError, match="ola-1"):
        supposed(graph, Supposition(targets={"ola-9": Decimal(1)}))
    with pytest.raises(UnknownCiError, match="nobody"):
        supposed(graph, Supposition(twins={"nobody": 1}))
