"""Whom an impacted CI concerns: offerings, agreements in force, customers, teams, suppliers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph_building import records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState, Scope
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiId, CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation import behind
from ripplegraph.impact.propagation.answers import (
    ImpactedCi,
    impact,
    impacted_services,
    why,
    why_not,
)
from ripplegraph.impact.propagation.behind import agreements_behind_roots
from ripplegraph.impact.propagation.scenario import scenario_of


def shop_of(graph: ServiceGraph) -> ImpactedCi:
    found = impact(graph, scenario_of(graph, down=["san"])).impacted
    return next(one for one in found if one.native_id == "shop")


def concerned_graph() -> ServiceGraph:
    records = records_of_text("shop -> db; db -> san; shop -> mail")
    cis = records.cis
    for number, name in enumerate(cis.native_id):
        cis.owner_team[number] = {"shop": "sales", "db": "dba", "san": "storage"}.get(name, "")
        cis.supplier[number] = "Netdisk" if name == "san" else ""
    cis.append(source="t", class_name="off", native_id="gold", kind=CiKind.SERVICE_OFFERING)
    cis.append(source="t", class_name="server", native_id="pos", kind=CiKind.SERVER)
    records.dependencies.append(dependent="gold", dependency="shop")
    records.dependencies.append(dependent="pos", dependency="shop")
    for name, kind, covers, state in (
        ("sla-2", AgreementKind.SLA, "gold", AgreementState.AGREED),
        ("sla-1", AgreementKind.SLA, "shop", AgreementState.AGREED),
        ("sla-old", AgreementKind.SLA, "shop", AgreementState.EXPIRED),
        ("slr", AgreementKind.SLR, "shop", AgreementState.AGREED),
        ("ola-san", AgreementKind.OLA, "san", AgreementState.AGREED),
        ("ola-db", AgreementKind.OLA, "db", AgreementState.AGREED),
        ("ola-mail", AgreementKind.OLA, "mail", AgreementState.AGREED),
    ):
        records.agreements.append(
            Agreement(
                agreement_id=name, kind=kind, covers=(covers,), state=state, customer=f"c-{name}"
            )
        )
    records.agreements.append(
        Agreement(
            agreement_id="upc", kind=AgreementKind.UPC, covers=("db",), scope=Scope.INCLUSIVE
        )
    )
    return build_service_graph(records).graph


def test_service_lists_slas_offerings_customers_and_what_stands_behind_the_root() -> None:
    one = shop_of(concerned_graph())
    assert one.sla_ids == ("sla-1", "sla-2")
    assert one.offerings == ("t:off:gold",)
    assert one.customers == ("c-sla-1", "c-sla-2")
    assert (one.owner_team, one.root_owner_teams, one.root_suppliers) == (
        "sales",
        ("storage",),
        ("Netdisk",),
    )
    assert one.root_agreement_ids == ("ola-san", "upc")


def test_offering_lists_its_own_slas_only() -> None:
    graph = concerned_graph()
    found = impact(graph, scenario_of(graph, down=["san"])).impacted
    gold = next(one for one in found if one.native_id == "gold")
    assert (gold.sla_ids, gold.offerings) == (("sla-2",), ())


def test_agreements_count_only_while_they_are_in_force() -> None:
    years = [datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2025, 2030)]
    records = records_of_text("shop -> db")
    for name, kind, covers, start, end in (
        ("s", AgreementKind.SLA, "shop", None, years[0]),
        ("s", AgreementKind.SLA, "shop", years[0], years[1]),
        ("future", AgreementKind.SLA, "shop", years[2], None),
        ("ola", AgreementKind.OLA, "db", years[1], None),
    ):
        records.agreements.append(
            Agreement(
                agreement_id=name,
                kind=kind,
                covers=(covers,),
                customer=f"c-{name}",
                valid_from=start,
                valid_to=end,
            )
        )
    graph = build_service_graph(records).graph
    listed = []
    versions: list[datetime | None] = []
    scenario = scenario_of(graph, down=["db"])
    for at in (None, years[0], years[1], years[2]):
        (one,) = impact(graph, scenario, at=at).impacted
        assert why(graph, "shop", scenario, at=at).ci == one
        assert why_not(graph, "shop", scenario, at=at).ci == one
        assert impacted_services(graph, down=["db"], at=at) == (one,)
        listed.append((one.sla_ids, one.customers, one.root_agreement_ids))
        versions.extend(sla.valid_to for sla in one.slas if sla.agreement_id == "s")
    assert listed == [
        (("future", "s"), ("c-future", "c-s"), ("ola",)),
        (("s",), ("c-s",), ()),
        ((), (), ("ola",)),
        (("future",), ("c-future",), ("ola",)),
    ]
    assert versions == [years[1], years[1]]


def test_agreements_behind_an_outage_do_not_change_with_another_outage() -> None:
    graph = concerned_graph()
    alone = agreements_behind_roots(graph, scenario_of(graph, down=["san"]))
    both = agreements_behind_roots(graph, scenario_of(graph, down=["san", "mail"]))
    assert [one.agreement_id for one in alone[CiId("t:server:san")]] == ["ola-san", "upc"]
    assert both[CiId("t:server:san")] == alone[CiId("t:server:san")]
    assert [one.agreement_id for one in both[CiId("t:server:mail")]] == ["ola-mail"]


def test_without_inclusive_agreements_no_reasons_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = build_service_graph(records_of_text("shop -> db; db -> san")).graph

    def refused(*_: object) -> None:
        pytest.fail("reasons of a large outage take long")

    monkeypatch.setattr(behind, "reasons_of", refused)
    found = agreements_behind_roots(graph, scenario_of(graph, down=["san"]))
    assert found == {CiId("t:server:san"): ()}
