"""Relation and class rules: what the shipped mappings say, and what a user's file may say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ripplegraph.errors import MappingFileError
from ripplegraph.graph.model import CiKind, OperatingState, Requirement, RequirementUnit, Strength
from ripplegraph.loaders.mapping import MappingRules, load_mapping, mapping_text, shipped_mappings

ONE = Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(1))


@pytest.fixture(scope="module")
def servicenow() -> MappingRules:
    return load_mapping(None, default="servicenow-default")


def mapping_of(folder: Path, text: str) -> MappingRules:
    path = folder / "own.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return load_mapping(path, default="generic")


# --- directions of relation types, formats.md section 2 --------------------------------------


@pytest.mark.parametrize(
    ("relation_type", "impact"),
    [
        ("Hosted on::Hosts", "child_to_parent"),
        ("Runs on::Runs", "child_to_parent"),
        ("Uses::Used by", "child_to_parent"),
        ("Depends on::Used by", "child_to_parent"),
        ("Virtualized by::Virtualizes", "child_to_parent"),
        ("Use End Point To::Use End Point From", "child_to_parent"),
        ("Registered on::Has registered", "child_to_parent"),
        ("Consumes::Consumed by", "child_to_parent"),
        ("Members::Member of", "child_to_parent"),
        ("Instantiates::Instantiated by", "child_to_parent"),
        ("Contains::Contained by", "parent_to_child"),
        ("Owns::Owned by", "parent_to_child"),
        ("Provides::Provided by", "parent_to_child"),
        ("Provides Power for::Receives Power From", "parent_to_child"),
        ("Provides storage for::Stored on", "parent_to_child"),
        ("Defines resources for::Gets resources from", "parent_to_child"),
        ("Allocated to::Allocated from", "parent_to_child"),
        ("Exports to::Imports from", "parent_to_child"),
        ("Exchanges data with::Exchanges data with", "both"),
        ("Managed by::Manages", "none"),
        ("Provisioned From::Provisioned", "none"),
        ("Connects to::Connected by", "none"),
        ("Protected by::Protects", "none"),
        ("Replicates to::Replicated by", "none"),
        ("Sends data to::Receives data from", "none"),
    ],
)
def test_a_known_relation_type_has_its_direction(
    servicenow: MappingRules, relation_type: str, impact: str
) -> None:
    decision = servicenow.relation(relation_type, "cmdb_ci", "cmdb_ci")
    assert (decision.impact, decision.known, decision.flipped) == (impact, True, False)


@pytest.mark.parametrize(
    ("spelling", "impact"),
    [
        ("Hosts::Hosted on", "parent_to_child"),
        ("Used by::Uses", "parent_to_child"),
        ("Contained by::Contains", "child_to_parent"),
        ("Stored on::Provides storage for", "child_to_parent"),
    ],
)
def test_an_inverse_spelling_is_flipped(
    servicenow: MappingRules, spelling: str, impact: str
) -> None:
    decision = servicenow.relation(spelling, "cmdb_ci", "cmdb_ci")
    assert (decision.impact, decision.flipped) == (impact, True)


@pytest.mark.parametrize(
    "spelling", ["Runs On :: Runs", "runs on::runs", "Runs  on:Runs", "Runs on"]
)
def test_blanks_case_and_a_single_colon_do_not_matter(
    servicenow: MappingRules, spelling: str
) -> None:
    assert servicenow.relation(spelling, "x", "y").impact == "child_to_parent"


def test_a_single_second_word_is_read_from_the_child(servicenow: MappingRules) -> None:
    decision = servicenow.relation("Hosts", "cmdb_ci", "cmdb_ci")
    assert (decision.impact, decision.flipped) == ("parent_to_child", True)


def test_an_unknown_or_empty_type_has_no_impact_and_says_so(servicenow: MappingRules) -> None:
    for relation_type in ("Feeds::Fed by", "", "::"):
        decision = servicenow.relation(relation_type, "cmdb_ci", "cmdb_ci")
        assert (decision.impact, decision.known) == ("none", False)
        assert decision.strength is Strength.NONE


@pytest.mark.parametrize(
    ("relation_type", "parent", "child", "impact", "on"),
    [
        ("Cluster of::Cluster", "Cluster", "cmdb_ci_cluster_node", "child_to_parent", "parent"),
        ("Cluster of::Cluster", "cmdb_ci_cluster_node", "Cluster", "parent_to_child", "child"),
        ("Cluster::Cluster of", "Cluster", "Linux Server", "child_to_parent", "parent"),
        ("Cluster::Cluster of", "Linux Server", "cmdb_ci_win_cluster", "parent_to_child", "child"),
        ("Cluster of::Cluster", "Cluster", "cmdb_ci_db_cluster", "child_to_parent", "parent"),
        ("Cluster::Cluster of", "Cluster", "cmdb_ci_db_cluster", "parent_to_child", "child"),
        ("Members::Member of", "Cluster", "Linux Server", "child_to_parent", "parent"),
        ("Members::Member of", "Linux Server", "Cluster", "parent_to_child", "child"),
        ("Member of::Members", "Linux Server", "Cluster", "parent_to_child", "child"),
        ("Member of::Members", "Cluster", "Linux Server", "child_to_parent", "parent"),
        ("Contains::Contained by", "Cluster", "Linux Server", "child_to_parent", "parent"),
        ("Contained by::Contains", "Linux Server", "Cluster", "parent_to_child", "child"),
        ("Cluster of::Cluster", "x", "y", "child_to_parent", "parent"),
        ("Cluster::Cluster of", "x", "y", "parent_to_child", "child"),
    ],
)  # fmt: skip
def test_the_cluster_is_found_by_class_whatever_the_spelling(
    servicenow: MappingRules, relation_type: str, parent: str, child: str, impact: str, on: str
) -> None:
    decision = servicenow.relation(relation_type, parent, child)
    assert decision.impact == impact
    assert decision.group is not None
    assert (decision.group.on, decision.group.min_up) == (on, ONE)


@pytest.mark.parametrize(
    ("parent", "impact"),
    [
        ("cmdb_ci_service", "child_to_parent"),
        ("Business Service", "child_to_parent"),
        ("service_offering", "child_to_parent"),
        ("cmdb_ci_cluster", "child_to_parent"),
        ("cmdb_ci_group", "child_to_parent"),
        ("cmdb_ci_linux_server", "parent_to_child"),
    ],
)
def test_containment_points_up_only_from_services_clusters_and_groups(
    servicenow: MappingRules, parent: str, impact: str
) -> None:
    assert servicenow.relation("Contains::Contained by", parent, "cmdb_ci_appl").impact == impact


def test_an_image_does_not_take_its_containers_down(servicenow: MappingRules) -> None:
    ends = ("cmdb_ci_docker_image", "cmdb_ci_docker_container")
    assert servicenow.relation("Instantiates::Instantiated by", *ends).impact == "none"


def test_data_exchange_only_degrades(servicenow: MappingRules) -> None:
    decision = servicenow.relation("Exchanges data with::Exchanges data with", "a", "b")
    assert decision.strength is Strength.SOFT


def test_the_rule_that_took_a_relation_is_named(servicenow: MappingRules) -> None:
    decision = servicenow.relation("Runs on::Runs", "a", "b")
    assert decision.rule.startswith("servicenow-default #")
    assert "Depends on::Used by and 6 more" in decision.rule


# --- classes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "is_logical"),
    [
        ("cmdb_ci_linux_server", CiKind.SERVER, False),
        ("Linux Server", CiKind.SERVER, False),
        ("cmdb_ci_win_cluster_node", CiKind.SERVER, False),
        ("cmdb_ci_win_cluster", CiKind.CLUSTER, True),
        ("VMware vCenter Cluster", CiKind.CLUSTER, True),
        ("cmdb_ci_service", CiKind.SERVICE, True),
        ("Service", CiKind.SERVICE, True),
        ("cmdb_ci_service_auto", CiKind.SERVICE, True),
        ("Application Service", CiKind.SERVICE, True),
        ("Business Service", CiKind.BUSINESS_SERVICE, True),
        ("service_offering", CiKind.SERVICE_OFFERING, True),
        ("cmdb_ci_business_app", CiKind.APPLICATION, False),
        ("Application", CiKind.APPLICATION, False),
        ("cmdb_ci_app_server_tomcat", CiKind.APPLICATION, False),
        ("Tomcat", CiKind.APPLICATION, False),
        ("cmdb_ci_db_mssql_instance", CiKind.DATABASE, False),
        ("PostgreSQL Instance", CiKind.DATABASE, False),
        ("cmdb_ci_vmware_instance", CiKind.VIRTUAL_MACHINE, False),
        ("cmdb_ci_netgear", CiKind.NETWORK, False),
        ("IP Switch", CiKind.NETWORK, False),
        ("cmdb_ci_storage_volume", CiKind.STORAGE, False),
        ("cmdb_ci_ups", CiKind.POWER, False),
        ("cmdb_ci_datacenter", CiKind.SITE, True),
        ("External Service", CiKind.EXTERNAL_SERVICE, False),
        ("cmdb_ci", CiKind.OTHER, False),
    ],
)
def test_names_and_labels_of_a_class_give_its_kind(
    servicenow: MappingRules, name: str, kind: CiKind, *, is_logical: bool
) -> None:
    decision = servicenow.ci_class(name)
    assert (decision.kind, decision.is_logical, decision.known) == (kind, is_logical, True)


def test_an_unknown_class_counts_as_other_and_says_so(servicenow: MappingRules) -> None:
    for name in ("u_thing", ""):
        decision = servicenow.ci_class(name)
        assert (decision.kind, decision.known) == (CiKind.OTHER, False)


def test_the_generic_mapping_knows_plain_class_names_and_no_relation_types() -> None:
    generic = load_mapping("generic", default="servicenow-default")
    assert generic.ci_class("server").kind is CiKind.SERVER
    assert generic.ci_class("database").kind is CiKind.DATABASE
    assert not generic.relation("Runs on::Runs", "server", "server").known


# --- columns and words ------------------------------------------------------------------------


def test_a_column_is_found_by_name_label_or_alias(servicenow: MappingRules) -> None:
    assert servicenow.column("servicenow_outage", "begin", ["Actual start", "x"]) == "Actual start"
    assert servicenow.column("servicenow_ci", "class", ["Sys Class Name"]) == "Sys Class Name"
    assert servicenow.column("cis", "owner_team", ["Support-Group"]) == "Support-Group"
    assert servicenow.column("cis", "owner_team", ["nothing"]) is None
    assert servicenow.column("no_table", "weight", ["Weight"]) == "Weight"


def test_several_columns_of_a_field_come_best_first(servicenow: MappingRules) -> None:
    columns = ["managed_by_group", "support_group"]
    found = servicenow.columns("servicenow_ci", "owner_team", columns)
    assert found == ("support_group", "managed_by_group")


def test_null_words_are_told_from_cells(servicenow: MappingRules) -> None:
    assert servicenow.is_null("")
    assert servicenow.is_null("unknown")
    assert not servicenow.is_null("db-1")


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"install_status": "7"}, OperatingState.RETIRED),
        ({"install_status": "Retired"}, OperatingState.RETIRED),
        ({"operational_status": "6"}, OperatingState.RETIRED),
        ({"life_cycle_stage": "End of Life"}, OperatingState.RETIRED),
        ({"environment": "Test"}, OperatingState.TEST),
        ({"environment": "Development", "install_status": "7"}, OperatingState.RETIRED),
        ({"operational_status": "7"}, OperatingState.LIVE),
        ({"environment": "Production", "install_status": "1"}, OperatingState.LIVE),
    ],
)
def test_status_words_and_codes_tell_the_operating_state(
    servicenow: MappingRules, cells: dict[str, str], state: OperatingState
) -> None:
    assert servicenow.operating_state(cells) is state


# --- a user's file ----------------------------------------------------------------------------


def test_rules_of_a_file_come_before_those_that_it_extends(tmp_path: Path) -> None:
    rules = mapping_of(
        tmp_path,
        "extends: servicenow-default\n"
        "relations:\n"
        '  - match: {type: "Runs on::Runs", child_class: [Mainframe]}\n'
        "    impact: none\n"
        '  - match: {type: "Feeds::*"}\n'
        "    impact: parent_to_child\n"
        "    strength: soft\n"
        "classes:\n"
        "  - match: u_robot\n"
        "    kind: server\n"
        "    logical: true\n"
        "retired_codes: {install_status: 9}\n"
        "columns: {cis: {owner_team: [crew]}}\n",
    )
    assert rules.relation("Runs on::Runs", "a", "Mainframe").impact == "none"
    assert rules.relation("Runs on::Runs", "a", "b").impact == "child_to_parent"
    feeds = rules.relation("Feeds::Fed by", "a", "b")
    assert (feeds.impact, feeds.strength) == ("parent_to_child", Strength.SOFT)
    assert rules.ci_class("u_robot").is_logical
    assert rules.operating_state({"install_status": "9"}) is OperatingState.RETIRED
    assert rules.column("cis", "owner_team", ["team", "crew"]) == "crew"


def test_a_file_may_extend_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "version: 1\nrelations:\n  - match: {type: 'A::B'}\n    impact: both\n", encoding="utf-8"
    )
    rules = mapping_of(tmp_path, "extends: base.yaml\n")
    assert rules.relation("B::A", "x", "y").impact == "both"


@pytest.mark.parametrize(
    ("group", "requirement"),
    [
        ("{on: parent, rule: all}", "100%"),
        ("{on: parent, rule: any}", "count:1"),
        ("{on: parent, min_up: 2}", "2"),
        ("{on: parent, min_up: 50%}", "50%"),
        ("{on: parent, rule: percent, min_up: 60}", "60%"),
        ("{on: parent, min_up: 'count:2', grounded: true, key: ring}", "count:2"),
    ],
)
def test_a_group_of_a_rule_has_its_requirement(
    tmp_path: Path, group: str, requirement: str
) -> None:
    rules = mapping_of(
        tmp_path,
        "relations:\n  - match: {type: 'A::B'}\n"
        f"    impact: child_to_parent\n    group: {group}\n",
    )
    decided = rules.relation("A::B", "x", "y").group
    assert decided is not None
    assert str(decided.min_up) == requirement
    flipped = rules.relation("B::A", "x", "y").group
    assert flipped is not None
    assert (flipped.on, flipped.key, flipped.grounded) == ("child", decided.key, decided.grounded)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("relations: [{match: {type: x}, impact: upward}]", "relations.1.impact"),
        ("relation: []", "relation is no setting"),
        ("relations: [{impact: none}]", "relations.1.match is missing"),
        ("classes: [{match: x, kind: spaceship}]", "classes.1.kind"),
        ("relations: [{match: {type: x, parent_class: 'kind:ship'}, impact: none}]", "is no kind"),
        (
            "relations: [{match: {type: x}, impact: both, group: {on: parent, min_up: none}}]",
            "is no requirement",
        ),
        ("a: &b [1]\nc: *b", r"the alias \*b"),
        ("a: [1", "it is no YAML"),
        ("a: 2026-99-99", "it is no YAML"),
        ("extends: own.yaml", "does not end"),
        ("extends: missing.yaml", "no such file"),
    ],
)
def test_a_wrong_mapping_file_is_refused_with_the_place(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(MappingFileError, match=reason) as caught:
        mapping_of(tmp_path, text)
    assert caught.value.advice


def test_a_file_that_holds_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- 1\n", encoding="utf-8")
    with pytest.raises(MappingFileError, match="no table of settings"):
        load_mapping(path, default="generic")


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(MappingFileError, match="cannot be read"):
        load_mapping(path, default="generic")
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(MappingFileError, match="larger than 1 MB"):
        load_mapping(path, default="generic")


def test_an_unknown_name_lists_the_shipped_mappings() -> None:
    with pytest.raises(MappingFileError, match="generic, itop, servicenow-default"):
        load_mapping("servicenow", default="generic")


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_shipped_mapping_loads_and_shows_its_text(name: str) -> None:
    assert load_mapping(name, default="generic").name == name
    assert "version: 1" in mapping_text(name)
