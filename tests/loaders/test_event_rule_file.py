"""Files of event rules: read, and refused with the place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph_building import graph_of
from ripplegraph.errors import EventRuleFileError
from ripplegraph.graph.event_rules import DEFAULT_EVENT_RULES, matched_ci
from ripplegraph.graph.outages import OutageKind
from ripplegraph.loaders.event_rule_file import read_event_rules

GOOD = """
version: 1
sources:
  alertmanager:
    cis:
      - match: "{labels.rack}-{labels.unit}"
      - match: "{labels.instance}"
        steps: [strip_port, strip_domain, lower]
      - match: "{labels.job}"
        steps: [{extract: '^node_(.+)$'}, upper]
        class: server
    severities: {page: unplanned, Ticket: degradation, "*": ignore}
  servicenow:
    severities: {"3": ignore}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_are_read_and_what_is_not_said_stays_as_shipped(tmp_path: Path) -> None:
    rules = read_event_rules(written(tmp_path, GOOD))
    own = rules.of("alertmanager")
    assert [own.kind_of(one) for one in ("page", "ticket", "other")] == [
        OutageKind.UNPLANNED,
        OutageKind.DEGRADATION,
        None,
    ]
    graph = graph_of("shop -> db & a-1 & DB2")
    for labels, ci_id in (
        ({"labels.instance": "DB.example:1"}, "t:server:db"),
        ({"labels.rack": "a", "labels.unit": "1"}, "t:server:a-1"),
        ({"labels.job": "node_db2"}, "t:server:DB2"),
    ):
        assert matched_ci(graph, own.cis, labels).ci_id == ci_id
    assert rules.of("servicenow").cis == DEFAULT_EVENT_RULES.of("servicenow").cis
    assert rules.of("servicenow").kind_of("3") is None
    assert rules.of("pagerduty") == DEFAULT_EVENT_RULES.of("pagerduty")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- 1", "it is no table of settings"),
        ("version: 2\nsources: {a: {}}", "version: "),
        ("version: 1", "sources is missing"),
        ("version: 1\nsources: {}", "sources: "),
        ("version: 1\nsources: {a: {rules: []}}", "sources.a.rules is no setting"),
        ("version: 1\nsources: {a: {cis: [{match: ci}]}}", "sources.a.cis.1.match: it has no"),
        (
            "version: 1\nsources: {a: {cis: [{match: '{x}', steps: [{extract: '(a+)+'}]}]}}",
            "sources.a.cis.1.steps: it repeats a group",
        ),
        ("version: 1\nsources: {a: {cis: [{match: '{x}', steps: [shout]}]}}", "sources.a.cis.1"),
        ("version: 1\nsources: {a: {severities: {x: boom}}}", "sources.a.severities.x"),
        ("version: [", "it is no YAML"),
        ("version: &a 1\nsources: *a", "it uses the alias"),
        ("#" * 1_000_001, "it is larger than 1 MB"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(EventRuleFileError, match="event rules") as caught:
        read_event_rules(written(tmp_path, text))
    assert caught.value.reason.startswith(reason)
    assert caught.value.advice


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EventRuleFileError, match="there is no such file"):
        read_event_rules(tmp_path / "none.yaml")
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EventRuleFileError, match="it cannot be read"):
        read_event_rules(path)
