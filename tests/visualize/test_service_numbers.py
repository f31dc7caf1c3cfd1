"""The numbers beside the picture: target, derived availability, what is at stake."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize import service_numbers
from ripplegraph.visualize.pages import ViewQuestion, render_view_page
from ripplegraph.visualize.service_numbers import ServiceNumbers, numbers_of
from visualize.scenes import page_under


def graph_with(text: str, **availabilities: str) -> ServiceGraph:
    records = records_of_text(text)
    for name, availability in availabilities.items():
        position = records.cis.native_id.index(name)
        records.cis.availability[position] = Decimal(availability)
    for number, target in enumerate(("0.995", "0.999", None)):
        records.agreements.append(
            Agreement(
                agreement_id=f"sla-{number}",
                kind=AgreementKind.SLA,
                name="Gold",
                covers=("shop",),
                target_availability=None if target is None else Decimal(target),
            )
        )
    return build_service_graph(records).graph


def numbers(graph: ServiceGraph) -> ServiceNumbers:
    return numbers_of(graph, 0, range(graph.ci_count), None)


def test_targets_and_the_derived_availability_stand_side_by_side() -> None:
    found = numbers(graph_with("shop -> db & web", db="0.99", web="0.999"))
    assert found.facts == (
        ("SLA target", "99.9%, 99.5%"),
        ("Derived availability", "98.901% (exact)"),
        ("Expected downtime", "5,777 min a year"),
    )


def test_what_is_at_stake_is_told_most_first() -> None:
    graph = graph_with("shop -> db & web", db="0.99", web="0.999")
    found = numbers(graph)
    assert [graph.cis.name[one.number] for one in found.stakes] == ["db", "web"]
    # a perfect db leaves 0.001 of 0.01099: 525,600 minutes times 0.00999
    assert found.stakes[0].minutes == pytest.approx(525_600 * 0.00999)
    assert found.stakes[0].share == pytest.approx(0.00999 / 0.01099)
    assert found.by_ci[graph.resolve("db")] == (
        ("Availability", "99.000%"),
        ("At stake", "5,251 min a year, 90.9% of all"),
    )


def test_unknown_availabilities_are_said_to_be_unknown() -> None:
    found = numbers(graph_with("shop -> db & web", db="0.99"))
    assert ("Derived availability", "not known") in found.facts
    assert ("Availability unknown", "1 CI") in found.facts
    assert not [label for label, _ in found.facts if label == "Expected downtime"]


def test_bounds_that_lie_close_are_told() -> None:
    records = graph_with("shop -> 1 of (a, b)", a="0.9999")
    found = numbers(records)
    assert ("Derived availability", "99.990% .. 100.000% (incomplete)") in found.facts


def test_a_service_beneath_which_nothing_can_fail_says_so() -> None:
    facts = numbers(graph_of("shop")).facts
    assert facts == (("Derived availability", "100%: nothing known can bring it down"),)


def test_a_large_service_has_its_targets_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_numbers, "LARGEST_SERVICE", 2)
    found = numbers(graph_with("shop -> db & web", db="0.99", web="0.999"))
    assert found == ServiceNumbers(facts=(("SLA target", "99.9%, 99.5%"),))


def test_a_ci_that_is_never_at_stake_says_its_availability_only() -> None:
    graph = graph_with("shop -> db & web", db="0.99", web="1")
    assert numbers(graph).by_ci[graph.resolve("web")] == (("Availability", "100%"),)


def test_the_page_shows_them_and_a_redacted_page_does_too() -> None:
    graph = graph_with("shop -> db & web", db="0.99", web="0.999")
    for is_redacted in (False, True):
        question = ViewQuestion(service="shop", is_redacted=is_redacted)
        page = render_view_page(graph, question)
        assert "<dt>Derived availability</dt><dd>98.901% (exact)</dd>" in page
        assert "5,251 min a year, 90.9% of all" in page
        names = [f">{graph.cis.name[1]}</button>", ">Server 1</button>"]
        assert [name in page for name in names] == [not is_redacted, is_redacted]


def test_replaced_agreements_change_the_target() -> None:
    graph = graph_with("shop -> db", db="0.99")
    only = replace(graph, agreements=graph.agreements[:1], covered=graph.covered[:1])
    assert numbers(only).facts[0] == ("SLA target", "99.5%")


def test_minutes_at_stake_are_the_same_words_everywhere_on_the_page_and_cut_lists_say_so() -> None:
    names = [f"db-{number}" for number in range(8)]
    page = page_under(graph_with(f"shop -> {' & '.join(names)}", **dict.fromkeys(names, "0.9951")))
    beside = re.search(r'<ol class="stakes">.*?</ol>', page)
    assert beside is not None
    assert set(re.findall(r"<span>([^<]*)</span>", beside.group())) == {"2,489 min"}
    assert "<i>At stake:</i> 2,489 min a year" in page
    assert "gain if the CI never failed; the first 6 of 8 CIs." in page
