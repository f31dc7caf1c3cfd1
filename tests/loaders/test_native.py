# ruff: noqa: E501 - a record with every field is read best as a block
"""The product's own format: written and read again without loss."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.calendar_building import on
from loaders.export_writing import codes_of
from ripplegraph.errors import UnreadableFileError
from ripplegraph.graph.agreements import (
    Agreement,
    AgreementKind,
    AgreementState,
    Scope,
    Window,
    WindowUnit,
)
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.model import CiKind, OperatingState, Requirement, RequirementUnit, Strength
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.graph.process_records import (
    PROCESS_KINDS,
    AgreementStateChange,
    Complaint,
    ExperienceScore,
    Improvement,
    ImprovementState,
    ReportIssued,
    Review,
    ServiceCost,
    Ticket,
    TimeTarget,
)
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.native_write import native_text, write_native

_NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


def rich_records() -> Records:
    """Return records that use every field of every table, each with the place it came from."""
    records = Records()
    records.cis.append(
        source="a:b", class_name="Class: odd", native_id=" id;1 ", name="=1+1", kind=CiKind.SERVICE,
        is_logical=True, state=OperatingState.TEST, owner_team="NA", supplier="yes",
        lifecycle="null", environment="2026-01-01", criticality="1", availability=Decimal("0.99950"),
        mtbf_hours=0.1, mttr_hours=0.0, tags=("a;b", "c "), observed_from=_NOON, observed_to=_NOON,
        last_seen=_NOON, file="old.csv", row=7, attributes={"Ünit": "line\nbreak", "x": "\ud800"},
    )  # fmt: skip
    for name in ("db", "san"):
        records.cis.append(source="s", class_name="server", native_id=name, file="old.csv", row=8)
    records.dependencies.append(
        dependent=" id;1 ", dependency="db", relation_type="needs: x", strength=Strength.SOFT,
        group="g:1", weight=Decimal("0.10"), valid_from=_NOON, valid_to=None, file="rel.csv", row=3,
    )  # fmt: skip
    records.dependencies.append(dependent="db", dependency="san", file="rel.csv", row=4)
    percent = Requirement(unit=RequirementUnit.PERCENT, value=Decimal("33.3"))
    records.groups.append(
        GroupRecord(
            dependent=" id;1 ", key="g:1", min_up=percent, degraded_below=percent, grounded=True,
            is_assumed=True, file="groups.csv", row=2,
        )
    )  # fmt: skip
    records.agreements.append(
        Agreement(
            agreement_id="S;1", kind=AgreementKind.UPC, name="n", customer="c", provider="p",
            owner="o", covers=(" id;1 ", "tag:c "), scope=Scope.OWN,
            target_availability=Decimal("0.999"), window=Window(unit=WindowUnit.ROLLING, days=30),
            calendar="cal", valid_from=_NOON, next_review=_NOON, penalty="5 %",
            planned_rule="period", degraded_weight=Decimal("0.5"), max_outages=3,
            longest_outage_minutes=0.1, mtrs_hours=1.5, min_outage_seconds=60,
            planned_notice_hours=72.0, fixed=True, level="corporate",
            penalty_per_minute=Decimal("0.10"), cost_currency="EUR", time_zone="Asia/Tokyo",
            file="a.csv", row=2,
        )
    )  # fmt: skip
    night = WeeklyInterval(weekday=6, start_minute=1320, end_minute=1560)
    records.calendars.append(
        Calendar(
            calendar_id="cal",
            time_zone="Europe/Berlin",
            weekly=(night,),
            holidays=("DE",),
            exceptions=(on("2026-12-24", (8, 12)), on("2026-12-27", until="2026-12-30")),
            file="c.csv",
            row=2,
        )
    )
    records.outages.append(
        Outage(ci="db", start=_NOON, kind=OutageKind.PLANNED, cause="x", source="y",
               external_id="z", excluded="clause 7", announced=_NOON, change="CHG1",
               file="o.csv", row=9)
    )  # fmt: skip
    add_process_records(records)
    return records


def add_process_records(records: Records) -> None:
    """Add a record of each table of the process, every field used."""
    later = _NOON + timedelta(hours=1)
    at = {"agreement": "S;1"}
    records.time_targets.append(
        TimeTarget(
            priority="P1",
            response_minutes=0.1,
            resolution_minutes=240.0,
            row=2,
            file="p.csv",
            **at,
        )
    )
    records.tickets.append(
        Ticket(
            ticket_id="T=1", ci="db", service="san", priority="P2", opened=_NOON, responded=later,
            resolved=later, pauses=((_NOON, later), (later, None)), team="ops", file="p.csv", row=3,
        )
    )  # fmt: skip
    records.agreement_states.append(
        AgreementStateChange(
            state=AgreementState.NEGOTIATING, at=_NOON, by="Ann", row=4, file="p.csv", **at
        )
    )
    records.reviews.append(
        Review(at=_NOON, minutes="wiki/7", actions=("a", "b"), row=5, file="p.csv", **at)
    )
    records.reports_issued.append(
        ReportIssued(window_start=_NOON, at=later, row=6, file="p.csv", **at)
    )
    records.experience.append(
        ExperienceScore(
            service="san", customer="c", window_start=_NOON, score=Decimal("7.50"),
            target=Decimal("8"), file="p.csv", row=7,
        )
    )  # fmt: skip
    records.complaints.append(
        Complaint(service="db", customer="c", at=_NOON, text="slow\nagain", file="p.csv", row=8)
    )
    records.improvements.append(
        Improvement(
            improvement_id="I1", service="db", action="double it", origin="review", owner="Bob",
            due=_NOON, state=ImprovementState.IN_PROGRESS, expected_minutes=30.0,
            realised_minutes=0.5, file="p.csv", row=9,
        )
    )  # fmt: skip
    records.service_costs.append(
        ServiceCost(
            service="db", per_minute=Decimal("12.50"), currency="EUR", file="p.csv", row=10
        )
    )


def graph_of_records(records: Records) -> ServiceGraph:
    """Return the graph of records."""
    return build_service_graph(records).graph


def assert_same(one: ServiceGraph, other: ServiceGraph) -> None:
    """Check that two graphs come from the same records, whatever was found."""
    first, second = (replace(records_of(graph), findings=[]) for graph in (one, other))
    assert first == second
    assert one.ci_ids == other.ci_ids


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_every_field_survives_writing_and_reading(tmp_path: Path, form: str) -> None:
    records = rich_records()
    del records.cis.attributes["x"]  # a lone surrogate; see the next test
    graph = graph_of_records(records)
    path = tmp_path / f"graph.{form}"
    write_native(graph, path, form=form)
    again = load_export([path])
    assert_same(graph, again)
    assert all(len(getattr(again, kind)) == 1 for kind in PROCESS_KINDS)
    assert native_text(again, form) == path.read_text(encoding="utf-8")
    for tally in again.report.files:
        assert tally.rows_read == tally.rows_used


def test_a_text_that_has_no_utf8_does_not_stop_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    write_native(graph_of_records(rich_records()), path)
    assert "\\ud800" in path.read_text(encoding="utf-8")


def test_json_has_one_record_a_line() -> None:
    lines = native_text(graph_of_records(rich_records())).splitlines()
    assert lines[1] == '"schema": "ripplegraph/graph/1",'
    assert sum(line.startswith('{"') for line in lines) == 18


def test_an_unknown_form_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="json, yaml"):
        native_text(graph_of_records(Records()), "xml")


_NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(_NAMES, min_size=2, max_size=6, unique=True),
    form=st.sampled_from(["json", "yaml"]),
)
def test_any_names_survive_writing_and_reading(
    tmp_path: Path, names: list[str], form: str
) -> None:
    records = Records()
    for row, name in enumerate(names):
        records.cis.append(
            source=names[0],
            class_name=names[-1],
            native_id=name,
            attributes={name: name},
            file=name,
            row=row,
        )
    for row, (dependent, dependency) in enumerate(pairwise(names)):
        records.dependencies.append(
            dependent=dependent,
            dependency=dependency,
            relation_type=dependent,
            file=names[-1],
            row=row,
        )
    graph = graph_of_records(records)
    path = tmp_path / f"graph.{form}"
    write_native(graph, path, form=form)
    assert_same(graph, load_export([path]))


def load_document(path: Path, **sections: object) -> ServiceGraph:
    """Write a native document and load it."""
    path.write_text(json.dumps({"schema": "ripplegraph/graph/1", **sections}))
    return load_export([path])


def test_a_file_written_by_hand_needs_little(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        """schema: ripplegraph/graph/1
source: hand
cis:
  - {id: shop, class: service, availability: 0.999, tags: core}
  - {id: db, class: database, lifecycle: retired, observed_from: 2026-01-01}
relations:
  - {dependent: shop, dependency: db, group: g, weight: 2}
groups:
  - {dependent: shop, group: g, min_up: 1, grounded: true}
outages:
  - {ci: db, start: 2026-01-01T10:00:00Z}
"""
    )
    graph = load_export([path])
    shop, db = graph.configuration_items()
    assert (shop.ci_id, shop.kind, shop.tags) == ("hand:service:shop", CiKind.SERVICE, ("core",))
    assert shop.availability == Decimal("0.999")
    assert (db.state, db.row) == (OperatingState.RETIRED, 2)
    assert db.observed_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert graph.group_rules[0].grounded
    assert graph.outages[0].start == datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
    assert "invalid-value" not in codes_of(graph)


def test_bad_records_and_fields_are_findings(tmp_path: Path) -> None:
    graph = load_document(
        tmp_path / "bad.json",
        cis=[
            {"id": "a", "class": "server", "owner-team": "x", "tags": [["deep"]], "name": ["x"]},
            {
                "id": "b",
                "attributes": {"x": ["deep"], "y": 1},
                "kind": "gizmo",
                "is_logical": True,
            },
            {"id": "c", "attributes": "none", "availability": 99.95, "row": "x", "file": "f"},
            {"name": "no id"},
            "no record",
        ],
        relations=[{"dependent": "a"}, {"dependent": "a", "dependency": "b", "strength": "odd"}],
        groups=[{"group": "g"}],
        agreements=[{"kind": "SLA"}, {"id": "A", "kind": "odd"}, {"id": "B", "kind": "SLA"}],
        calendars=[
            {"id": ""},
            {"id": "c", "time_zone": "Mars"},
            {"id": "d", "weekly": "odd"},
            {"id": "e", "exceptions": "odd; 2026-12-31 closed"},
        ],
        outages=[
            {"start": "2026-01-01T00:00Z"},
            {"ci": "a"},
            {"ci": "a", "start": "2026-01-01T00:00Z", "end": "odd"},
            {"ci": "a", "start": "2026-01-01T00:00Z", "end": "2025-01-01T00:00Z"},
        ],
        extras=[1],
    )
    assert codes_of(graph) == {
        "unknown-field": 1,
        "invalid-value": 9,
        "unusable-record": 3,
        "invalid-availability": 1,
        "invalid-strength": 1,
        "missing-id": 3,
        "missing-reference": 3,
        "unknown-agreement-kind": 1,
        "unknown-time-zone": 1,
        "reversed-times": 1,
        "unknown-table": 1,
    }
    assert graph.ci_of("b").attributes == {"y": "1"}
    used = {one.file.partition("#")[2]: one.rows_used for one in graph.report.files}
    assert used == {
        "cis": 3,
        "relations": 1,
        "groups": 0,
        "agreements": 1,
        "calendars": 1,
        "outages": 0,
    }


def test_a_section_that_is_no_list_is_a_finding(tmp_path: Path) -> None:
    graph = load_document(tmp_path / "bad.json", cis={"id": "a"}, relations=[])
    assert codes_of(graph)["broken-file"] == 1
    assert graph.ci_count == 0


def test_a_later_version_of_the_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "later.json"
    path.write_text('{"schema": "ripplegraph/graph/2", "cis": []}')
    with pytest.raises(UnreadableFileError, match="newer ripplegraph"):
        load_export([path])


def test_records_that_building_refuses_are_counted_in_the_file_just_read(tmp_path: Path) -> None:
    graph = load_document(
        tmp_path / "x.json",
        cis=[
            {"id": "a", "class": "server", "file": "old.csv", "row": 2},
            {"id": "a", "class": "server", "file": "old.csv", "row": 3},
        ],
    )
    (tally,) = (one for one in graph.report.files if one.rows_read)
    assert (tally.file, tally.rows_used, tally.rows_reported) == ("x.json#cis", 1, 1)
    (finding,) = (one for one in graph.report.findings if one.code == "duplicate-id")
    assert (finding.file, finding.row) == ("old.csv", 3)


def test_agreements_calendars_and_time_targets_are_pleasant_to_write_by_hand(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agreements.yaml"
    path.write_text(
        """schema: ripplegraph/graph/1
cis:
  - {id: shop, class: service}
agreements:
  - id: SLA-1
    kind: SLA
    covers: shop
    target: 99.95%
    window: quarter
    calendar: office
    time_targets:
      P1: {response: 15, resolution: 4h}
      2 - High: {resolution_minutes: 1d}
calendars:
  - id: office
    time_zone: Europe/Berlin
    weekly: [Mon-Fri 08:00-18:00, Sat 09:00-12:00]
    holidays: [DE-BY, 2026-12-24]
    exceptions: [2026-12-31 08:00-12:00]
"""
    )
    graph = load_export([path])
    (agreement,), (calendar,) = graph.agreements, graph.calendars
    assert agreement.target_availability == Decimal("0.9995")
    assert (len(calendar.weekly), calendar.holidays) == (6, ("DE-BY", "2026-12-24"))
    targets = [
        (one.agreement, one.priority, one.response_minutes, one.resolution_minutes)
        for one in graph.time_targets
    ]
    assert targets == [("SLA-1", "P1", 15.0, 240.0), ("SLA-1", "P2", None, 1440.0)]
    assert not codes_of(graph)


def test_what_is_wrong_in_yaml_is_told_by_line_field_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        """schema: ripplegraph/graph/1
agreements:
  - id: A
    kind: SLA
    target_availability: 99.95
    widnow: month
    valid_from: soon
    time_targets: {P1: {respond: 15, resolution: soon}, P2: fast}
  - kind: SLA
calendars:
  - id: office
    weekly: [Mon-Fri 8 to 5]
    exceptions: [never]
  - id: night
    exceptions: [never]
"""
    )
    messages = {one.message for one in load_export([path]).report.findings}

    def told(*parts: str) -> bool:
        return any(all(part in message for part in parts) for message in messages)

    assert told("target_availability", "0.9995", "(line 5)")
    assert told("no field 'widnow'", "did you mean 'window'?", "(line 6)")
    assert told("valid_from", "is no time", "(line 7)")
    assert told("no field 'respond'", "write response or resolution", "(line 8)")
    assert told("resolution: 'soon'", "(line 8)")
    assert told("'P2' are no mapping", "(line 8)")
    assert told("an agreement has no id", "(line 9)")
    assert told("weekly", "Write Mon-Fri 08:00-18:00", "(line 12)")
    assert told("exceptions", "(line 15)")


def test_time_targets_that_are_no_mapping_are_a_finding(tmp_path: Path) -> None:
    graph = load_document(
        tmp_path / "x.json", agreements=[{"id": "A", "kind": "SLA", "time_targets": ["P1"]}]
    )
    assert codes_of(graph)["invalid-value"] == 1
    assert graph.time_targets == ()
