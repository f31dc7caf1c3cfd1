"""Rules that find the CI of an event."""

from __future__ import annotations

import re

import pytest

from graph_building import graph_of, records_of_text
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.event_rules import (
    DEFAULT_EVENT_RULES,
    LONGEST_LABEL,
    CiRule,
    EventRules,
    SourceRules,
    Step,
    matched_ci,
    pattern_flaw,
    template_flaw,
)
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph


@pytest.fixture(scope="module")
def graph() -> ServiceGraph:
    records = records_of_text("shop -> db & web-1")
    records.cis.append(source="t", class_name="server", native_id="s-77", name="db.old")
    records.cis.append(source="t", class_name="disk", native_id="d-1", name="twin")
    records.cis.append(source="t", class_name="server", native_id="s-2", name="twin")
    records.cis.append(source="t", class_name="server", native_id="2001:db8::1")
    records.cis.append(source="t", class_name="server", native_id="10.0.0.7")
    return build_service_graph(records).graph


DEFAULT = DEFAULT_EVENT_RULES.of("alertmanager").cis


@pytest.mark.parametrize(
    ("label", "ci_id"),
    [
        ("db", "t:server:db"),
        ("db:9100", "t:server:db"),
        ("db.example.com:9100", "t:server:db"),
        ("DB.example.com", "t:server:db"),
        ("db.old", "t:server:s-77"),
        ("https://web-1.example.com:8443/health", "t:server:web-1"),
        ("t:server:db", "t:server:db"),
        ("[2001:db8::1]:9100", "t:server:2001:db8::1"),
        ("2001:db8::1", "t:server:2001:db8::1"),
        ("10.0.0.7:9100", "t:server:10.0.0.7"),
    ],
)
def test_the_shipped_rules_find_hosts_as_monitors_write_them(
    graph: ServiceGraph, label: str, ci_id: str
) -> None:
    assert matched_ci(graph, DEFAULT, {"labels.instance": label}).ci_id == ci_id


def test_an_address_is_not_cut_as_a_domain(graph: ServiceGraph) -> None:
    assert matched_ci(graph, DEFAULT, {"labels.instance": "10.0.0.8:9100"}).ci_id is None


def test_rules_are_tried_in_order_and_the_first_that_names_a_ci_decides(
    graph: ServiceGraph,
) -> None:
    labels = {"labels.ci": "web-1", "labels.instance": "db:9100"}
    assert matched_ci(graph, DEFAULT, labels).ci_id == "t:server:web-1"
    labels["labels.ci"] = "unheard of"
    assert matched_ci(graph, DEFAULT, labels).ci_id == "t:server:db"


def test_a_name_of_several_cis_ends_the_search_with_its_candidates(graph: ServiceGraph) -> None:
    match = matched_ci(graph, DEFAULT, {"labels.ci": "twin", "labels.instance": "db"})
    assert match.ci_id is None
    assert match.reason == "'twin' names 2 CIs"
    assert match.candidates == ("t:disk:d-1", "t:server:s-2")


def test_a_class_tells_cis_of_one_name_apart(graph: ServiceGraph) -> None:
    rule = CiRule(template="{ci}", class_name="disk")
    assert matched_ci(graph, [rule], {"ci": "twin"}).ci_id == "t:disk:d-1"
    assert matched_ci(graph, [rule], {"ci": "db"}).ci_id is None
    other = CiRule(template="{ci}", class_name="router")
    assert matched_ci(graph, [other], {"ci": "twin"}).candidates


def test_templates_join_labels_and_patterns_take_their_group(graph: ServiceGraph) -> None:
    rules = [
        CiRule(template="{kind}-{number}"),
        CiRule(template="{job}", steps=(re.compile(r"^node_(.+)_exporter$"),)),
        CiRule(template="{text}", steps=(re.compile(r"web-\d"), Step.LOWER)),
    ]
    assert matched_ci(graph, rules, {"kind": "web", "number": "1"}).ci_id == "t:server:web-1"
    assert matched_ci(graph, rules, {"job": "node_db_exporter"}).ci_id == "t:server:db"
    assert matched_ci(graph, rules, {"text": "on web-1 now"}).ci_id == "t:server:web-1"
    assert matched_ci(graph, rules, {"job": "db"}).ci_id is None


def test_an_event_without_a_label_that_names_a_ci_says_which_are_looked_at(
    graph: ServiceGraph,
) -> None:
    match = matched_ci(graph, [CiRule(template="{labels.ci}")], {"labels.ci": " "})
    assert match.reason == ("the event has none of the labels that name a CI: {labels.ci}")
    assert matched_ci(graph, [], {}).reason.endswith("no rule")


def test_an_unknown_name_has_near_misses_unless_nobody_needs_them(graph: ServiceGraph) -> None:
    rules = [CiRule(template="{ci}")]
    match = matched_ci(graph, rules, {"ci": "web-2"})
    assert (match.reason, match.candidates) == ("no CI is named 'web-2'", ("web-1",))
    assert matched_ci(graph, rules, {"ci": "web-2"}, with_near_misses=False).candidates == ()


def test_a_label_longer_than_any_name_names_nothing(graph: ServiceGraph) -> None:
    rules = [CiRule(template="{ci}")]
    assert matched_ci(graph, rules, {"ci": "d" * (LONGEST_LABEL + 1)}).ci_id is None


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+$",
        "(a*)*b",
        "(x+x+)+y",
        "(a|aa)+$",
        r"(a)\1",
        "(?P<n>a)(?P=n)",
        "a*b*c*d*",
        "(",
        "a{1,2}b*c+d*",
        "x" * 201,
        "(?:a?){30}a{30}",
    ],
)
def test_patterns_that_hostile_labels_could_make_slow_are_refused(text: str) -> None:
    assert pattern_flaw(text)


@pytest.mark.parametrize("text", [r"^([a-z0-9-]+)\.", r"^.*/(.*)$", r"host=(\S+)", "[*+]"])
def test_patterns_as_people_write_them_are_taken(text: str) -> None:
    assert pattern_flaw(text) == ""


@pytest.mark.parametrize("text", ["", "ci", "{}", "{ ci}", "{ci", "{ci}}"])
def test_templates_without_a_label_are_refused(text: str) -> None:
    assert template_flaw(text)


def test_severities_open_what_the_rules_say() -> None:
    rules = SourceRules(cis=(), severities={"warning": OutageKind.DEGRADATION, "info": None})
    assert rules.kind_of("WARNING") is OutageKind.DEGRADATION
    assert rules.kind_of("info") is None
    assert rules.kind_of("critical") is rules.kind_of("") is OutageKind.UNPLANNED
    assert DEFAULT_EVENT_RULES.of("servicenow").kind_of("1") is OutageKind.UNPLANNED


def test_a_source_without_rules_has_those_for_all_others() -> None:
    common = SourceRules(cis=(CiRule(template="{ci}"),))
    assert EventRules(sources={"*": common}).of("odd") is common
    assert EventRules(sources={}).of("odd").cis == ()


def test_the_shipped_rules_are_as_sound_as_those_that_are_read() -> None:
    for rules in DEFAULT_EVENT_RULES.sources.values():
        assert all(template_flaw(rule.template) == "" for rule in rules.cis)


def test_near_misses_of_a_graph_without_cis_are_none() -> None:
    assert matched_ci(graph_of(""), [CiRule(template="{ci}")], {"ci": "x"}).candidates == ()
