"""What somebody sees who is limited to tags: the tagged services and what they rest on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from graph_building import records_of_text
from impact.random_graphs import graphs, outages
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar
from ripplegraph.graph.columns import as_list
from ripplegraph.graph.findings import finding
from ripplegraph.graph.live_outages import LiveOutage, LiveOutages
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.process_records import Complaint, Improvement, Review, Ticket
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.visibility import visible_part, with_outages_of
from ripplegraph.impact.propagation.fixpoint import propagate

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXT = "svca -> web & san; web -> 1 of (h1, h2*2); svcb -> san & mail; svcc .> svcb"


def estate() -> ServiceGraph:
    """Return an estate of two customers on one SAN, with something of each kind."""
    records = records_of_text(TEXT)
    own = {"svca": ("customer:acme",), "svcb": ("customer:bolt",), "svcc": ("Customer:Cosy",)}
    for number, name in enumerate(records.cis.native_id):
        records.cis.tags[number] = own.get(name, ())
        records.cis.environment[number] = "prod" if name == "svcb" else ""
    for name, kind, covers, calendar in (
        ("sla-a", AgreementKind.SLA, ("svca",), "office"),
        ("sla-b", AgreementKind.SLA, ("svcb",), "night"),
        ("sla-all", AgreementKind.SLA, ("svca", "svcb"), ""),
        ("ola-san", AgreementKind.OLA, ("san",), ""),
        ("upc-mail", AgreementKind.UPC, ("mail",), ""),
    ):
        records.agreements.append(
            Agreement(agreement_id=name, kind=kind, covers=covers, calendar=calendar)
        )
    records.calendars = [Calendar(calendar_id="office"), Calendar(calendar_id="night")]
    records.outages = [Outage(ci=name, start=NOON) for name in ("san", "mail", "svca")]
    records.tickets = [
        Ticket(ticket_id="1", opened=NOON, ci="san"),
        Ticket(ticket_id="2", opened=NOON, ci="san", service="svcb"),
        Ticket(ticket_id="3", opened=NOON, service="svca"),
        Ticket(ticket_id="4", opened=NOON, ci="mail", service="svca"),
        Ticket(ticket_id="5", opened=NOON),
    ]
    records.reviews = [Review(agreement=name, at=NOON) for name in ("sla-a", "sla-b")]
    records.complaints = [Complaint(service=name, at=NOON) for name in ("svca", "svcb")]
    records.improvements = [
        Improvement(improvement_id="1", action="mend", service="svca"),
        Improvement(improvement_id="2", action="mend all"),
    ]
    records.findings = [finding("cycle", "svcb -> mail -> svcb")]
    return build_service_graph(records).graph


def names_of(graph: ServiceGraph) -> list[str]:
    return sorted(as_list(graph.cis.native_id))


def test_a_tag_shows_its_services_and_what_they_rest_on() -> None:
    part = visible_part(estate(), {"customer:acme"})
    assert names_of(part) == ["h1", "h2", "san", "svca", "web"]
    assert part.report.findings == ()


def test_the_part_has_the_dependencies_groups_and_weights_of_the_whole() -> None:
    part = visible_part(estate(), {"customer:acme"})
    assert part.direct_dependencies_of("svca") == ("t:server:san", "t:server:web")
    [rule] = part.group_rules
    assert str(rule.min_up) == "1"
    assert [str(one.weight) for one in part.group(0).members] == ["1", "2"]
    assert part.all_dependents_of("san") == ("t:service:svca",)


def test_case_does_not_matter_and_relations_without_effect_count() -> None:
    assert names_of(visible_part(estate(), {"customer:COSY"})) == ["mail", "san", "svcb", "svcc"]


def test_several_tags_show_what_any_of_them_shows() -> None:
    part = visible_part(estate(), {"customer:acme", "customer:bolt"})
    assert set(names_of(part)) == {"h1", "h2", "mail", "san", "svca", "svcb", "web"}


def test_the_environment_of_a_service_counts_as_a_tag() -> None:
    assert names_of(visible_part(estate(), {"environment:PROD"})) == ["mail", "san", "svcb"]


def test_a_tag_that_nothing_carries_shows_nothing() -> None:
    part = visible_part(estate(), {"customer:nobody"})
    assert (part.ci_count, part.agreements, part.outages) == (0, (), ())


def test_a_tag_on_something_else_than_a_service_shows_nothing() -> None:
    records = records_of_text("svca -> san")
    records.cis.tags[1] = ("customer:acme",)
    assert visible_part(build_service_graph(records).graph, {"customer:acme"}).ci_count == 0


def test_agreements_with_other_customers_are_hidden_even_on_what_is_shared() -> None:
    part = visible_part(estate(), {"customer:acme"})
    assert [(one.agreement_id, one.covers) for one in part.agreements] == [
        ("sla-a", ("t:service:svca",)),
        ("sla-all", ("t:service:svca",)),
        ("ola-san", ("t:server:san",)),
    ]
    assert [one.calendar_id for one in part.calendars] == ["office"]
    through_another = visible_part(estate(), {"customer:cosy"})  # rests on svcb
    assert [one.agreement_id for one in through_another.agreements] == ["ola-san", "upc-mail"]


def test_records_of_what_is_hidden_are_hidden() -> None:
    part = visible_part(estate(), {"customer:acme"})
    assert [one.ci for one in part.outages] == ["t:server:san", "t:service:svca"]
    assert [one.ticket_id for one in part.tickets] == ["1", "3"]
    assert [one.agreement for one in part.reviews] == ["sla-a"]
    assert [one.service for one in part.complaints] == ["svca"]
    assert [one.improvement_id for one in part.improvements] == ["1"]


def test_a_part_with_other_outages_is_the_part_of_the_graph_that_has_them() -> None:
    whole = estate()
    known = visible_part(whole, {"customer:acme"})
    live = LiveOutages(whole)
    live.put(
        {
            name: [LiveOutage(outage=Outage(ci=name, start=NOON, source="m", external_id=name))]
            for name in ("h1", "mail")
        }
    )
    found, made = with_outages_of(known, live.graph), visible_part(live.graph, {"customer:acme"})
    assert found.outages == made.outages
    assert found.outage_ci == made.outage_ci
    assert [one.ci for one in found.outages] == ["t:server:san", "t:service:svca", "t:server:h1"]
    assert found.ci_ids == made.ci_ids
    assert found.report == made.report
    assert found.topology is known.topology


def test_an_outage_of_a_hidden_ci_is_not_that_of_a_ci_named_like_its_id() -> None:
    records = records_of_text("svca -> web; svcb -> db")
    records.cis.tags[records.cis.native_id.index("svca")] = ("mine",)
    records.cis.append(source="t", class_name="server", native_id="t:server:db")
    records.dependencies.append(dependent="svca", dependency="t:server:t:server:db")
    whole = build_service_graph(records).graph
    known = visible_part(whole, {"mine"})
    hidden = whole.resolve("t:server:db")
    assert known.find("t:server:db") is not None
    assert whole.ci_ids[hidden] not in known.ci_ids
    later = replace(whole, outages=(Outage(ci="db", start=NOON),), outage_ci=(hidden,))
    assert with_outages_of(known, later).outages == ()


def test_stubs_beneath_a_service_stay_stubs() -> None:
    records = records_of_text("svca -> san")
    records.cis.tags[0] = ("x",)
    records.dependencies.append(dependent="svca", dependency="gone", weight=Decimal(1))
    whole = build_service_graph(records).graph
    part = visible_part(whole, {"x"})
    assert part.ci_ids == whole.ci_ids
    assert as_list(part.cis.is_stub) == as_list(whole.cis.is_stub)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_seen_has_the_status_that_it_has_in_the_whole(data: st.DataObject) -> None:
    whole = data.draw(graphs(grounded=True))
    whole.cis.tags[0] = ("mine",)
    part = visible_part(replace(whole), {"mine"})
    seen = {"t:service:c0", *whole.all_dependencies_of("c0", with_none=True)}
    assert set(part.ci_ids) == seen
    own = data.draw(outages(whole))
    of_part = {
        part.resolve(whole.ci_ids[number]): status
        for number, status in own.items()
        if whole.ci_ids[number] in seen
    }
    before, after = propagate(whole, own), propagate(part, of_part)
    for ci_id in seen:
        assert before[whole.resolve(ci_id)] == after[part.resolve(ci_id)]
