"""The ids of CIs, written when somebody asks."""

import numpy as np

from ripplegraph.graph.ci_ids import CiIds, ci_id_of
from ripplegraph.graph.columns import CodedColumn, TextColumn
from ripplegraph.graph.records import CiColumns


def two_cis() -> CiColumns:
    cis = CiColumns()
    cis.append(source="a:b", class_name="server", native_id="1:2")
    cis.append(source="csv", class_name="50%", native_id="x")
    return cis


def test_ids_are_source_class_and_native_id_with_colons_escaped() -> None:
    ids = CiIds.of(two_cis())
    assert list(ids) == ["a%3Ab:server:1:2", "csv:50%25:x"]
    assert (ids[1], len(ids), ids.all()) == ("csv:50%25:x", 2, tuple(ids))
    assert ids.all() is ids.all()
    assert (ids.take([1]) == ["csv:50%25:x"], ids[:1] == [ids[0]]) == (True, True)


def test_ids_are_those_of_the_moment_whatever_is_added_later() -> None:
    cis = two_cis()
    ids = CiIds.of(cis)
    cis.append(source="csv", class_name="server", native_id="later")
    assert list(ids) == ["a%3Ab:server:1:2", "csv:50%25:x"]


def test_one_prefix_has_one_number_also_where_joined_columns_say_it_twice() -> None:
    cis = CiColumns()
    cis.source = CodedColumn.constant("csv", 2)
    joined = CodedColumn(("server", "server"), np.array([0, 1], dtype=np.uint8))
    cis.class_name, cis.native_id = joined, TextColumn.of(["a", "b"])
    ids = CiIds.of(cis)
    assert (ids.prefixes.values, list(ids)) == (("csv:server:",), ["csv:server:a", "csv:server:b"])
    assert ci_id_of("csv", "server", "b") == ids[1]
