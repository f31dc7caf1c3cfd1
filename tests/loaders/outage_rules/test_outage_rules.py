# ruff: noqa: E501 - a table row is one line
"""Outages from incident logs: only by a rule file, and every row accounted for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loaders.export_writing import codes_of, write_files
from ripplegraph.errors import RuleFileError
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.outage_rules import read_outage_rules

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"
_CIS = "id,class\ndb,database\nweb,server\n"
_RULE = """version: 1
rules:
  - table: "incidents*"
    ticket: Number
    ci: CI
    when: {Priority: ["1*", "2*"]}
    start: Opened
    end: [Resolved, Closed]
    cause: [Category]
    time_zone: Europe/Berlin
    day_first: true
"""


def load(folder: Path, rules: str, **tables: str) -> ServiceGraph:
    """Load tables under a rule file, and check that every row is accounted for."""
    export = write_files(folder / "export", **tables)
    path = folder / "rules.yaml"
    path.write_text(rules, encoding="utf-8")
    graph = load_export([export], LoadOptions(outage_rules=path))
    for tally in graph.report.files:
        assert tally.rows_read == tally.rows_used + tally.rows_reported, tally
        listed = sum(one.count for one in graph.report.findings if one.file == tally.file)
        assert tally.rows_reported <= listed, tally
    return graph


def test_without_a_rule_file_a_log_gives_nothing(tmp_path: Path) -> None:
    write_files(tmp_path, cis=_CIS, incidents="Number,CI,Opened\nI1,db,05/10/2026 09:00\n")
    graph = load_export([tmp_path])
    assert (graph.outages, codes_of(graph)) == ((), {"unknown-table": 1})


def test_the_rule_says_which_tickets_are_outages_and_from_when_to_when(tmp_path: Path) -> None:
    graph = load(
        tmp_path,
        _RULE,
        cis=_CIS,
        incidents="""Number,CI,Priority,Opened,Resolved,Closed,Category
                     I1,db,1 - Critical,05/10/2026 09:00,05/10/2026 10:30,,disk
                     I2,db,3,05/10/2026 09:00,05/10/2026 10:00,,
                     I3,web,2,06/10/2026 09:00,?,06/10/2026 09:30,
                     I4,web,2,07/10/2026 09:00,,,
                     I5,,1,07/10/2026 09:00,,,
                     I6,ghost,1,07/10/2026 09:00,,,
                     I7,web,1,,,,
                     I8,web,1,07/10/2026 09:00,07/10/2026 08:00,,
                     I9,web,1,07/10/2026 09:00,soon,,
                     ,web,1,07/10/2026 09:00,,,""",
    )
    seven = datetime(2026, 10, 5, 7, tzinfo=UTC)
    first, second, third = graph.outages
    assert (first.ci, first.start, first.end) == ("db", seven, seven.replace(hour=8, minute=30))
    assert (first.cause, first.external_id, first.kind) == ("disk", "I1", OutageKind.UNPLANNED)
    assert second.end == datetime(2026, 10, 6, 7, 30, tzinfo=UTC)
    assert (third.external_id, third.end) == ("I4", None)
    assert codes_of(graph) == {
        "dangling-outage": 1,
        "invalid-value": 1,
        "missing-reference": 2,
        "reversed-times": 1,
        "ticket-without-outage": 2,
        "unusable-record": 1,
    }


_EVENTS = """version: 1
rules:
  - name: service desk
    table: log
    ticket: id
    ci: ci
    events: {at: at, start: {state: [down, broken]}, end: {state: up}}
    kind: degradation
    still_open: leave_out
    time_zone: UTC
    new_cis: {class: server}
    tickets: {opened: at, priority: prio, team: team}
"""


def test_in_an_event_log_rows_start_and_end_outages_and_a_ticket_may_have_several(
    tmp_path: Path,
) -> None:
    graph = load(
        tmp_path,
        _EVENTS,
        log="""id,ci,at,state,prio,team
               T1,web,2026-10-01 12:00,up,1,Web
               T1,web,2026-10-01 10:00,down,1,Web
               T1,web,2026-10-01 11:00,broken,1,Web
               T1,web,2026-10-01 14:00,down,1,Web
               T1,web,2026-10-01 15:00,up,1,Web
               T2,db,2026-10-01 10:00,down,2,DBA
               T3,db,never,down,2,DBA""",
    )
    ten = datetime(2026, 10, 1, 10, tzinfo=UTC)
    assert [(one.start, one.end) for one in graph.outages] == [
        (ten, ten.replace(hour=12)),
        (ten.replace(hour=14), ten.replace(hour=15)),
    ]
    assert graph.outages[0].source == "service desk"
    assert [(one.ticket_id, one.ci, one.priority, one.team) for one in graph.tickets] == [
        ("T1", "web", "P1", "Web"),
        ("T2", "db", "P2", "DBA"),
    ]
    assert {ci.native_id: ci.class_name for ci in graph.configuration_items()} == {
        "web": "server",
        "db": "server",
    }
    found = codes_of(graph)
    assert found["merged-record"] == 1
    assert found["ticket-without-outage"] == 1


def test_of_several_rows_of_a_ticket_the_one_updated_last_decides(tmp_path: Path) -> None:
    rules = _RULE.replace("    cause:", "    updated: Updated\n    cause:")
    graph = load(
        tmp_path,
        rules,
        cis=_CIS,
        incidents="""Number,CI,Priority,Opened,Resolved,Closed,Category,Updated
                     I1,db,1,05/10/2026 09:00,05/10/2026 10:00,,,05/10/2026 10:00
                     I1,db,1,05/10/2026 09:00,,,,05/10/2026 09:30
                     I2,ghost,1,05/10/2026 09:00,,,,05/10/2026 09:30
                     I2,ghost,1,05/10/2026 09:00,,,,05/10/2026 09:40""",
    )
    (outage,) = graph.outages
    assert outage.end == datetime(2026, 10, 5, 8, tzinfo=UTC)
    tally = next(one for one in graph.report.files if one.file == "incidents.csv")
    assert (tally.rows_used, tally.rows_reported) == (2, 2)  # both rows of the unknown CI
    assert codes_of(graph) == {"dangling-outage": 1, "merged-record": 1}


def test_a_table_without_the_columns_and_a_rule_without_a_table_are_findings(
    tmp_path: Path,
) -> None:
    rules = _RULE + "  - {table: other, ticket: t, ci: c, start: s, name: spare}\n"
    graph = load(tmp_path, rules, cis=_CIS, incidents="Number,CI\nI1,db\n")
    assert codes_of(graph) == {"missing-column": 1, "unused-rule": 1}


def test_an_incident_table_of_servicenow_gives_tickets_and_by_rule_outages(tmp_path: Path) -> None:
    rules = """version: 1
rules:
  - {table: incident, ticket: number, ci: cmdb_ci, when: {priority: "1 - *"},
     start: opened_at, end: resolved_at, time_zone: UTC}
"""
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "incident.json").write_text(
        '{"result": [{"number": "INC1", "cmdb_ci": {"value": "db", "display_value": "DB"},'
        ' "priority": {"value": "1", "display_value": "1 - Critical"},'
        ' "opened_at": "2026-10-05 09:00:00", "resolved_at": "2026-10-05 10:00:00"}]}'
    )
    graph = load(tmp_path, rules, cis=_CIS)
    assert [(one.ci, one.external_id) for one in graph.outages] == [("db", "INC1")]
    assert [one.ticket_id for one in graph.tickets] == ["INC1"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[]", "no table of settings"),
        ("version: 1\nrules: [{table: x, ticket: t, ci: c, starts: s}]", "rules.1.starts is no setting of a rule file"),
        ("version: 1\nrules: [{ticket: t, ci: c, start: s}]", "rules.1.table is missing"),
        ("version: 1\nrules: [{table: x, ticket: t, ci: c}]", "either start"),
        ("version: 1\nrules: [{table: x, ticket: t, ci: c, start: s, time_zone: Mars}]", "no time zone"),
        ("version: 1\nrules: [{table: x, ticket: t, ci: c, start: s, new_cis: {}}]", "class or class_column"),
        ("version: 1\nrules: &a []\nmore: *a", "alias"),
        ("version: [", "no YAML in line"),
    ],
)  # fmt: skip
def test_a_wrong_rule_file_says_where_and_what_to_do(
    tmp_path: Path, text: str, match: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(RuleFileError, match=match) as caught:
        read_outage_rules(path)
    assert caught.value.file == str(path)
    assert caught.value.advice


def test_a_rule_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="no such file"):
        read_outage_rules(tmp_path / "none.yaml")
    big = tmp_path / "big.yaml"
    big.write_text(" " * 1_000_001)
    with pytest.raises(RuleFileError, match="1 MB"):
        read_outage_rules(big)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(RuleFileError, match="cannot be read"):
        read_outage_rules(latin)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
def test_the_log_of_119998_rows_loads_with_every_row_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("""version: 1
rules:
  - name: critical incidents
    table: incident_event_log*
    ticket: number
    updated: sys_updated_at
    ci: cmdb_ci
    when: {priority: ["1 - Critical", "2 - High"]}
    start: opened_at
    end: [resolved_at, closed_at]
    time_zone: UTC
    day_first: true
    new_cis: {class: application}
""")
    options = LoadOptions(outage_rules=path, time_zone="UTC", day_first=True)
    graph = load_export([SHARED / "uci_incident" / "incident_event_log_119998.csv.zip"], options)
    (tally,) = graph.report.files
    assert tally.rows_read == 119_998 == tally.rows_used + tally.rows_reported
    assert len(graph.tickets) == 20_769
    assert len(graph.outages) > 0
    assert {outage.external_id for outage in graph.outages} <= {
        one.ticket_id for one in graph.tickets if one.priority in {"P1", "P2"}
    }


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared samples are not here")
def test_a_log_in_the_shape_of_bpi_2014_names_the_class_of_its_cis(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("""version: 1
rules:
  - {table: itsm_data*, ticket: Incident_ID, ci: CI_Name, when: {Category: incident},
     start: Open_Time, end: [Resolved_Time, Close_Time], time_zone: Europe/Amsterdam,
     day_first: true, new_cis: {class_column: CI_Cat}, cause: Closure_Code}
""")
    graph = load_export(
        [SHARED / "bpi2014" / "ITSM_data_first40.csv"], LoadOptions(outage_rules=path)
    )
    (tally,) = graph.report.files
    assert (tally.rows_read, tally.rows_used + tally.rows_reported) == (40, 40)
    assert len(graph.outages) >= 30
    assert {"subapplication", "application"} & set(graph.cis.class_name)


def test_the_example_in_the_documentation_is_a_valid_rule_file(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "data-model.md"
    (tmp_path / "rules.yaml").write_text(
        page.read_text(encoding="utf-8").split("```yaml\n")[2].split("```")[0]
    )
    rules = read_outage_rules(tmp_path / "rules.yaml")
    assert [rule.ticket for rule in rules] == ["number", "id"]


def test_the_agreements_in_the_documentation_load_without_a_finding(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "data-model.md"
    (tmp_path / "a.yaml").write_text(
        page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    )
    (tmp_path / "cis.csv").write_text("id,class\nonline-shop,service\n")
    graph = load_export([tmp_path])
    assert (len(graph.time_targets), codes_of(graph)) == (2, {})
