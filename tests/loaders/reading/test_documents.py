"""JSON, YAML and XML, and records as tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import RawExport, ReadLimits, read_export, table_from_records


def _export(folder: Path, name: str, content: bytes | str) -> RawExport:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_export([folder / name])


def _codes(export: RawExport) -> list[tuple[str, int]]:
    return [(one.code, one.row) for one in export.findings]


@pytest.mark.parametrize(
    ("content", "data"),
    [
        ('{"result": [{"a": 1}]}', {"result": [{"a": 1}]}),
        ('\ufeff[{"a": null}]', [{"a": None}]),
        ('{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ('{"a": "Zürich"}'.encode("utf-16"), {"a": "Zürich"}),
    ],
)
def test_json_is_parsed(tmp_path: Path, content: bytes | str, data: object) -> None:
    export = _export(tmp_path, "acme.json", content)
    assert [(one.file, one.data) for one in export.documents] == [("acme.json", data)]
    assert export.findings == []


@pytest.mark.parametrize(
    ("content", "data", "row"),
    [
        ('{"result": [{"a": 1}, {"a": 2}, {"a": 3', {"result": [{"a": 1}, {"a": 2}]}, 3),
        ('[{"a": 1}, {"a"', [{"a": 1}], 2),
        ('{"x": 1, "cis": [1, 2], "y": tru', {"x": 1, "cis": [1, 2]}, 4),
        (
            '{"result": [{"a": 1},}""], "error": {"detail": "cancelled"}}',
            {"result": [{"a": 1}], "error": {"detail": "cancelled"}},
            3,
        ),
        ('{"result": [1, }, "error": {"detail', {"result": [1]}, 2),
        ('{"a": 1}\n{"a": 2}\n{"a"', {"a": 1}, 2),
    ],
)
def test_of_broken_json_the_complete_records_are_read(
    tmp_path: Path, content: str, data: object, row: int
) -> None:
    export = _export(tmp_path, "acme.json", content)
    assert export.documents[0].data == data
    assert _codes(export) == [("broken-file", row)]


def test_json_with_what_is_no_value_is_read_leniently(tmp_path: Path) -> None:
    export = _export(tmp_path, "a.json", '[{"a": NaN, "b": 1e999, "c": "\\ud800", "d": 1.5}]')
    assert export.documents[0].data == [{"a": None, "b": "1e999", "c": "?", "d": 1.5}]
    assert _codes(export) == [("broken-file", 0)]


@pytest.mark.parametrize(
    ("content", "data"),
    [
        ('[{"id": "a", "n": 1e999}, {"n": -1e400}]', [{"id": "a", "n": "1e999"}, {"n": "-1e400"}]),
        ('{"n": %s, "t": "1e999, \\"9"}' % ("9" * 5000), {"n": "9" * 5000, "t": '1e999, "9'}),
        ('{"a": 1}\n{"a": 1e999}\n', [{"a": 1}, {"a": "1e999"}]),
        ('{"a": 1e999}\n{"a": 1}\n', [{"a": "1e999"}, {"a": 1}]),
    ],
)
def test_a_number_out_of_range_is_left_to_the_reader_of_its_cell(
    tmp_path: Path, content: str, data: object
) -> None:
    export = _export(tmp_path, "acme.json", content)
    assert export.documents[0].data == data
    assert export.findings == []


@pytest.mark.parametrize(
    ("content", "data"),
    [
        ('[{"id": "a", "id": "b", "n": 1e3}]', [{"id": "a", "n": 1000.0}]),
        ('\ufeff{"x" : {"id" : 1, "id" : 2}}', {"x": {"id": 1}}),
        ('{"id": 1, "id": 2}\n{"id": 3}\n', [{"id": 1}, {"id": 3}]),
        ('{"id": 1, "n": 1e999, "id": 2}', {"id": 1, "n": "1e999"}),
    ],
)
def test_of_a_json_key_that_stands_twice_the_first_counts(
    tmp_path: Path, content: str, data: object
) -> None:
    export = _export(tmp_path, "acme.json", content)
    assert export.documents[0].data == data
    assert [(one.code, one.count) for one in export.findings] == [("duplicate-column", 1)]
    assert "key 'id' stands twice" in export.findings[0].message


def test_in_broken_json_keys_that_stand_twice_are_told_too(tmp_path: Path) -> None:
    export = _export(tmp_path, "acme.json", '[{"id": 1, "id": 2}, {"id"')
    assert export.documents[0].data == [{"id": 1}]
    assert _codes(export) == [("broken-file", 2), ("duplicate-column", 0)]


def test_json_inside_of_a_json_text_is_no_second_key(tmp_path: Path) -> None:
    data = {"id": '{"id":1}', "n": [1, 2.5]}
    export = _export(tmp_path, "acme.json", json.dumps(data))
    assert export.documents[0].data == data
    assert export.findings == []


@pytest.mark.parametrize("content", ["{", "[", "nonsense", '"text', '{"result": ['])
def test_json_without_any_complete_record_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFileError, match="it is no valid JSON"):
        _export(tmp_path, "acme.json", content)


def test_blank_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="it is empty"):
        _export(tmp_path, "acme.json", " \n")


@pytest.mark.parametrize("content", ["[" * 65 + "]" * 65, "[" * 5000, '[{"a":' * 3000 + "x"])
def test_deep_json_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(LimitExceededError, match=r"deeper than 64 levels \(depth\)"):
        _export(tmp_path, "acme.json", content)


def test_yaml_keeps_as_text_what_is_no_plain_number_or_flag(tmp_path: Path) -> None:
    text = (
        "a: 2026-01-01\nb: no\nc: 012\nd: 12\ne: 0.9995\nf: true\ng: ~\nh: '5'\ni: 1:30\n? \n: 1\n"
    )
    export = _export(tmp_path, "acme.yaml", text + "j: !!str 7\nk: [x, {y: z}]\n")
    assert export.documents[0].data == {
        "a": "2026-01-01", "b": "no", "c": "012", "d": 12, "e": 0.9995, "f": True, "g": None,
        "h": "5", "i": "1:30", "": 1, "j": "7", "k": ["x", {"y": "z"}],
    }  # fmt: skip


def test_yaml_of_several_documents_gives_each_with_its_number(tmp_path: Path) -> None:
    export = _export(tmp_path, "acme.yml", "a: 1\n---\nb: 2\n")
    assert [(one.file, one.data) for one in export.documents] == [
        ("acme.yml", {"a": 1}),
        ("acme.yml#2", {"b": 2}),
    ]


def test_yaml_key_that_stands_twice_is_told(tmp_path: Path) -> None:
    export = _export(tmp_path, "acme.yaml", "a: 1\na: 2\n")
    assert export.documents[0].data == {"a": 1}
    assert [one.code for one in export.findings] == ["duplicate-column"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x 1\nb: *x\n", r"line 2 holds an alias \(\*x\)"),
        ("a: !!python/name:os.system x\n", "line 1 holds the tag"),
        ("a: !thing [1]\n", "line 1 holds the tag !thing"),
        ("[1]: 2\n", "line 1 holds a key that is no text"),
        ("a: 'open\n", "it is no valid YAML"),
        ("a: \x07\n", "it is no valid YAML"),
        ("# nothing\n", "it is empty"),
    ],
)
def test_yaml_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        _export(tmp_path, "acme.yaml", text)


def test_documents_before_broken_yaml_are_read(tmp_path: Path) -> None:
    export = _export(tmp_path, "acme.yaml", "a: 1\n---\n'b\n")
    assert [one.data for one in export.documents] == [{"a": 1}]
    assert _codes(export) == [("broken-file", 0)]


@pytest.mark.parametrize(
    ("limits", "text"),
    [(ReadLimits(yaml_bytes=5), "yaml_bytes"), (ReadLimits(depth=2), r"\(depth\)")],
)
def test_yaml_over_a_limit_is_refused(tmp_path: Path, limits: ReadLimits, text: str) -> None:
    (tmp_path / "acme.yaml").write_text("a: [[[1]]]\n")
    with pytest.raises(LimitExceededError, match=text):
        read_export([tmp_path / "acme.yaml"], limits=limits)


UNLOAD = """<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2026-01-01 00:00:00">
<cmdb_ci action="INSERT_OR_UPDATE"><sys_id>1</sys_id><name>a &amp; b</name>
<x><y>z</y></x></cmdb_ci>
<cmdb_rel_ci action="INSERT_OR_UPDATE"><type display_value="Runs on::Runs">9</type></cmdb_rel_ci>
<!-- a comment --><cmdb_ci action="DELETE"><sys_id>2</sys_id></cmdb_ci>
</unload>"""


def test_xml_gives_a_table_per_record_tag(tmp_path: Path) -> None:
    cis, relations = _export(tmp_path, "u.xml", UNLOAD).tables
    assert (cis.name, cis.file, list(cis.rows)) == ("cmdb_ci", "u.xml#cmdb_ci", [1, 2])
    assert cis.columns == {
        "@action": ["INSERT_OR_UPDATE", "DELETE"],
        "sys_id": ["1", "2"],
        "name": ["a & b", ""],
        "x.y": ["z", ""],
    }
    assert relations.columns["type"] == ["9"]
    assert relations.columns["type.display_value"] == ["Runs on::Runs"]


def test_xml_with_anonymous_records_is_named_by_its_file(tmp_path: Path) -> None:
    text = "<response><result><sys_id>1</sys_id></result></response>"
    (table,) = _export(tmp_path, "cmdb_ci.xml", text).tables
    assert (table.name, table.file) == ("cmdb_ci", "cmdb_ci.xml")


def test_xml_record_of_plain_text_is_a_cell(tmp_path: Path) -> None:
    (table,) = _export(tmp_path, "a.xml", "<xml><name>x</name></xml>").tables
    assert table.columns == {"name": ["x"]}


def test_of_broken_xml_the_complete_records_are_read(tmp_path: Path) -> None:
    export = _export(tmp_path, "u.xml", UNLOAD[:-30])
    assert [len(table) for table in export.tables] == [1, 1]
    assert _codes(export) == [("broken-file", 3)]


def test_xml_without_records_is_told(tmp_path: Path) -> None:
    (tmp_path / "cis.csv").write_text("id\n1\n")
    (tmp_path / "u.xml").write_text("<xml/>")
    assert _codes(read_export([tmp_path])) == [("empty-table", 0)]


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x><r><c>&a;</c></r></x>", UnreadableFileError, "DTD"),
        ("<x><r", UnreadableFileError, "no valid XML"),
        ("<a>" * 100, LimitExceededError, r"\(depth\)"),
    ],
)
def test_xml_is_refused_with_the_reason(
    tmp_path: Path, text: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        _export(tmp_path, "u.xml", text)


def test_records_become_columns_and_reference_cells_three() -> None:
    records: list[dict[str, object]] = [
        {"id": 1, "parent": {"value": "p", "display_value": "P", "link": "l"}, "ok": True},
        {"parent": {"display_value": "Q"}, "n": 1.0, "f": 0.5, "none": None, "empty": {}},
        {"parent": "", "tags": ["x", None, 2], "deep": [{"a": 1}], "o": {"p": {"q": " r\0 "}}},
        {"a": {"b": {"c": {"d": {"e": 1}}}}},
    ]
    table = table_from_records("CIs", "acme.json#cis", records)
    assert (table.name, list(table.rows)) == ("cis", [1, 2, 3, 4])
    assert table.columns == {
        "id": ["1", "", "", ""],
        "parent": ["p", "", "", ""],
        "parent.display_value": ["P", "Q", "", ""],
        "parent.link": ["l", "", "", ""],
        "ok": ["true", "", "", ""],
        "n": ["", "1", "", ""],
        "f": ["", "0.5", "", ""],
        "none": ["", "", "", ""],
        "empty": ["", "", "", ""],
        "tags": ["", "", "x;2", ""],
        "deep": ["", "", '[{"a":1}]', ""],
        "o.p.q": ["", "", "r", ""],
        "a.b.c.d": ["", "", "", '{"e":1}'],
    }


def test_record_that_is_no_mapping_gives_an_empty_row() -> None:
    records: list[dict[str, object]] = json.loads('[{"id": "a"}, "oops"]')
    table = table_from_records("cis", "f", records)
    assert table.columns == {"id": ["a", ""]}


def test_records_that_all_differ_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="3 different fields in 3 records"):
        table_from_records("cis", "f", [{str(i): i} for i in range(3)], cells=8)


def test_xml_element_that_stands_again_in_a_record_is_reported(tmp_path: Path) -> None:
    first = "<cmdb_ci><name>r</name></cmdb_ci>"
    second = "<cmdb_ci><name>s</name><name display_value='t'>t</name></cmdb_ci>"
    text = f"<unload>{first}{second}</unload>"
    export = _export(tmp_path, "u.xml", text)
    assert export.tables[0].columns["name"] == ["r", "s"]
    assert _codes(export) == [("duplicate-column", 2)]
