# ruff: noqa: E501 - a table row is one line
"""The generic tables of the process: read with their references, refused with a finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.export_writing import codes_of, load_files
from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.agreements import AgreementState
from ripplegraph.graph.process_records import ImprovementState
from ripplegraph.loaders.process_quantities import (
    read_amount,
    read_count,
    read_minutes,
    read_pauses,
    read_priority,
    read_score,
)

_SHOP = {
    "cis": "id,class\nshop,service\ndb,database\n",
    "agreements": "id,kind,covers,target_availability\nSLA-1,SLA,shop,99.9%\n",
}
_NINE = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def test_every_table_of_the_process_is_read(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        **_SHOP,
        time_targets="agreement,priority,response_minutes,resolution_minutes\nSLA-1,1 - Critical,15,4h\nSLA-1,p2,,\"1,440\"",
        tickets="""id,ci,service,priority,opened,responded,resolved,pauses,team
                   INC1,db,shop,1,2026-10-05T09:00:00Z,2026-10-05T09:05:00Z,,2026-10-05T11:00:00Z/; 2026-10-05T09:10:00Z/2026-10-05T11:00:00+01:00,DBA""",
        agreement_states="agreement,state,at,by\nSLA-1,agreed,2026-01-01,Ann",
        reviews="agreement,at,minutes,actions\nSLA-1,2026-10-05,wiki/7,double db; call supplier",
        reports_issued="agreement,window_start,at\nSLA-1,2026-09-01,2026-10-05",
        experience="service,customer,window_start,score,target\nshop,ACME,2026-09-01,6.5,8",
        complaints="service,customer,at,text\nshop,ACME,2026-10-05T09:00:00Z,slow",
        improvements="id,service,action,origin,owner,due,state,expected_minutes,realised_minutes\nSIP-1,shop,double db,review,Bob,2026-12-01,in progress,30,",
        service_costs="service,per_minute,currency\nshop,12.50,EUR",
    )  # fmt: skip
    assert not codes_of(graph)
    targets = [
        (one.priority, one.response_minutes, one.resolution_minutes) for one in graph.time_targets
    ]
    assert targets == [("P1", 15.0, 240.0), ("P2", None, 1440.0)]
    ticket = graph.tickets[0]
    assert (ticket.ticket_id, ticket.ci, ticket.service) == ("INC1", "db", "shop")
    assert (ticket.priority, ticket.team) == ("P1", "DBA")
    assert (ticket.opened, ticket.resolved) == (_NINE, None)
    assert ticket.pauses == (
        (_NINE.replace(minute=10), _NINE.replace(hour=10)),
        (_NINE.replace(hour=11), None),
    )
    assert graph.agreement_states[0].state is AgreementState.AGREED
    assert graph.reviews[0].actions == ("double db", "call supplier")
    assert graph.reports_issued[0].window_start == datetime(2026, 9, 1, tzinfo=UTC)
    assert graph.experience[0].score == Decimal("6.5")
    assert graph.complaints[0].at == _NINE
    improvement = graph.improvements[0]
    assert (improvement.state, improvement.expected_minutes) == (ImprovementState.IN_PROGRESS, 30)
    assert graph.service_costs[0].per_minute == Decimal("12.50")


def test_further_terms_of_an_agreement_and_of_an_outage_are_read(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        cis=_SHOP["cis"],
        agreements="""id,kind,covers,max_outages,longest_outage_minutes,mtrs_hours,min_outage_seconds,planned_notice_hours,fixed,level,penalty_per_minute,cost_currency,time_zone
                      A,SLA,shop,3,2h,4,60,72,yes,customer,"1,200.50",EUR,Europe/Berlin
                      B,SLA,shop,2.5,soon,-1,x,y,maybe,top,free,EUR,Mars""",
        outages="""ci,start,end,kind,announced,change
                   db,2026-10-05T09:00:00Z,2026-10-05T10:00:00Z,planned,2026-10-01,CHG1""",
    )
    first, second = graph.agreements
    assert (first.max_outages, first.longest_outage_minutes, first.mtrs_hours) == (3, 120.0, 4.0)
    assert (first.min_outage_seconds, first.planned_notice_hours) == (60, 72.0)
    assert (first.fixed, first.level, first.time_zone) == (True, "customer", "Europe/Berlin")
    assert (first.penalty_per_minute, first.cost_currency) == (Decimal("1200.50"), "EUR")
    assert (second.max_outages, second.fixed, second.level, second.time_zone) == (
        None,
        False,
        "",
        "",
    )
    assert codes_of(graph) == {"invalid-value": 9}
    outage = graph.outages[0]
    assert (outage.announced, outage.change) == (datetime(2026, 10, 1, tzinfo=UTC), "CHG1")


def test_records_with_unknown_references_or_standing_twice_are_refused(tmp_path: Path) -> None:
    graph = load_files(
        tmp_path,
        **_SHOP,
        time_targets="""agreement,priority,response_minutes
                        SLA-1,P1,15
                        SLA-1,1,20
                        SLA-2,P1,15
                        SLA-1,P3,
                        SLA-1,,5""",
        tickets="""id,ci,service,opened,responded
                   T1,ghost,shop,2026-10-05T09:00:00Z,
                   T1,db,,2026-10-05T09:00:00Z,
                   T2,,,2026-10-05T09:00:00Z,
                   T3,db,ghost,2026-10-05T09:00:00Z,2026-10-05T08:00:00Z
                   T4,db,,never,
                   T5,db,ghost,2026-10-05T09:00:00Z,
                   ,db,,2026-10-05T09:00:00Z,""",
        complaints="service,at\nghost,2026-10-05T09:00:00Z\n",
        improvements="id,action,service\nS1,mend it,\nS2,mend it,ghost\n",
    )
    assert [one.response_minutes for one in graph.time_targets] == [15.0]
    assert [(one.ticket_id, one.ci, one.service) for one in graph.tickets] == [
        ("T1", "", "shop"),
        ("T2", "", ""),
        ("T5", "db", ""),
    ]
    assert [one.improvement_id for one in graph.improvements] == ["S1"]
    assert codes_of(graph) == {
        "dangling-record": 3,
        "dangling-ticket": 2,
        "duplicate-record": 2,
        "invalid-value": 1,
        "missing-id": 1,
        "reversed-times": 1,
        "ticket-without-ci": 1,
        "unusable-record": 3,
    }


def test_a_ticket_that_names_several_cis_with_one_id_is_kept_without_the_reference(
    tmp_path: Path,
) -> None:
    graph = load_files(
        tmp_path,
        cis="id,class\nx,server\nx,database\n",
        tickets="id,ci,opened\nT1,x,2026-10-05T09:00:00Z\n",
    )
    assert [one.ci for one in graph.tickets] == [""]
    assert codes_of(graph)["ambiguous-id"] == 1


def test_a_table_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    graph = load_files(tmp_path, **_SHOP, reviews="agreement,minutes\nSLA-1,none\n")
    assert codes_of(graph) == {"missing-column": 1}


def test_quantities_are_read_as_people_write_them() -> None:
    assert [read_minutes(text) for text in ("15", "1.5h", "2 d", "30m")] == [15, 90, 2880, 30]
    assert read_count("1,000") == 1000
    assert read_amount("0.10") == Decimal("0.10")
    assert (read_score("95%"), read_score("-3")) == (Decimal("0.95"), Decimal("-3"))
    spellings = ("1", "p1", "P1", "1 - Critical", "Priority 1", "1-High")
    assert {read_priority(text) for text in spellings} == {"P1"}
    assert (read_priority("urgent"), read_priority("10")) == ("urgent", "10")
    assert read_pauses("") == ()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_minutes, "soon"), (read_minutes, "-1"), (read_count, "1.5"), (read_count, "1e12"),
        (read_amount, "12 EUR"), (read_score, "good"), (read_pauses, "2026-10-05T09:00:00/"),
        (read_pauses, "2026-10-05T09:00:00Z"), (read_pauses, "2026-10-05T09:00:00Z/2026-10-05T08:00:00Z"),
        (read_pauses, "0001-01-01T00:00:00+23:00/"), (read_pauses, "x/y"), (read_pauses, "a/b;" * 10_001),
    ],
)  # fmt: skip
def test_a_quantity_that_means_nothing_is_refused(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(InvalidQuantityError, match="Write"):
        read(text)
