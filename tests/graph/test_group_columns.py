"""Groups as columns read like lists of values."""

from decimal import Decimal

import pytest

from graph_building import graph_of
from ripplegraph.graph.group_columns import GroupRecordColumns, GroupRule, GroupRuleColumns
from ripplegraph.graph.model import Requirement, RequirementUnit
from ripplegraph.graph.records import GroupRecord

HALF = Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50))
RECORDS = [
    GroupRecord(dependent="shop", key="web", min_up=HALF, file="groups.csv", row=2),
    GroupRecord(dependent="db", key="nodes", degraded_below=HALF, grounded=True, row=3),
    GroupRecord(dependent="shop", key="lb", is_assumed=True),
]
RULES = [
    GroupRule(dependent=3, key="web", min_up=HALF, file="groups.csv", row=2),
    GroupRule(dependent=1, key="nodes", degraded_below=HALF, grounded=True, row=3),
    GroupRule(dependent=3, key="lb", is_assumed=True),
]


def test_columns_of_records_give_the_records_back() -> None:
    columns = GroupRecordColumns.of(RECORDS)
    assert columns == RECORDS
    assert GroupRecordColumns.of(columns) is columns
    assert columns.take([2, 0]) == [RECORDS[2], RECORDS[0]]
    assert columns[1:] == RECORDS[1:]


def test_columns_of_rules_give_the_rules_back() -> None:
    columns = GroupRuleColumns.of(RULES)
    assert columns == RULES
    assert GroupRuleColumns.of(columns) is columns
    assert columns.take([2, 0]) == [RULES[2], RULES[0]]
    assert columns[-1:] == RULES[-1:]


def test_rules_of_a_graph_read_like_a_sequence_and_do_not_change() -> None:
    rules = graph_of("shop -> 1 of (a, b); a -> 1 of (b, c)").group_rules
    assert [rule.dependent for rule in rules] == [0, 1]
    with pytest.raises(TypeError, match="does not change"):
        rules.append(RULES[0])
