"""Big JSON files: read in pieces they give what the plain reader gives, or are left to it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading import (
    DocumentPlan,
    Kept,
    PackedRecords,
    RawTable,
    ReadLimits,
    RecordColumns,
    table_from_records,
)
from ripplegraph.loaders.reading.big_json import read_big_json
from ripplegraph.loaders.reading.chunk_reading import ChunkReading
from ripplegraph.loaders.reading.json_documents import read_json
from ripplegraph.loaders.reading.session import ReadingSession
from ripplegraph.loaders.reading.sources import source_of_bytes


def _all_tables(_key: str, _value: object) -> Kept:
    return Kept.COLUMNS


def _all_packed(_key: str, _value: object) -> Kept:
    return Kept.RECORDS


def _read_both(
    data: bytes, chunk_bytes: int, *, is_compiled: bool = False
) -> tuple[object, object]:
    """Return what both readers say; None where the one in pieces leaves the file to the other."""
    source, limits = source_of_bytes(data, "cmdb_ci.json"), ReadLimits(depth=8)
    plain = ReadingSession(limits=limits)
    big = ReadingSession(limits=limits, document_plan=_all_tables)
    try:
        expected: object = _told(read_json(source, plain).data), plain.found.findings()
    except (UnreadableFileError, LimitExceededError) as error:
        expected = str(error)
    reading = ChunkReading(chunk_bytes=chunk_bytes, is_compiled=is_compiled)
    try:
        document = read_big_json(source, big, reading=reading)
    except (UnreadableFileError, LimitExceededError) as error:
        return expected, str(error)
    if document is None:
        assert big.memory_used == big.arrays_used == 0
        assert big.found.findings() == ()
        return expected, None
    return expected, (_told(document.data), big.found.findings())


def _told(data: object) -> object:
    """Return a document, each list in it as the table that loaders make of it."""
    if isinstance(data, Mapping):
        return [(key, _told_value(value)) for key, value in data.items()]
    return _told_value(data)


def _told_value(value: object) -> object:
    if isinstance(value, RecordColumns):
        return _told_table(value.table("Of", "file"), len(value))
    if isinstance(value, list):
        records = [one if isinstance(one, dict) else {} for one in value]
        return _told_table(table_from_records("Of", "file", records), len(value))
    return value


def _told_table(table: RawTable, count: int) -> object:
    cells = [(name, list(column)) for name, column in table.columns.items()]
    return cells, list(table.rows), (table.name, table.file, table.is_list_export), count


_WORDS = st.sampled_from(
    ["", "a", " b ", "ü€", 'say "x": 1', "back\\slash", "\0", "[{", "}]", "\n", "😀", "true"]
)
_KEYS = st.sampled_from(["id", "name", " name", "ref", "ref.link", "é", "x"])
_SCALARS = st.one_of(
    _WORDS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
_REFERENCES = st.fixed_dictionaries({}, optional={"value": _WORDS, "link": _WORDS})
_VALUES = st.one_of(
    _SCALARS,
    _REFERENCES,
    st.lists(_SCALARS, max_size=2),
    st.dictionaries(_KEYS, st.one_of(_SCALARS, _REFERENCES), max_size=2),
)
_ALIKE = st.lists(
    st.fixed_dictionaries({"id": _WORDS, "ref": _VALUES, "n": _SCALARS}), min_size=3, max_size=9
)
_RECORDS = st.one_of(
    _ALIKE, st.lists(st.one_of(st.dictionaries(_KEYS, _VALUES, max_size=3), _SCALARS), max_size=9)
)
_DOCUMENTS = st.one_of(
    _RECORDS,
    st.dictionaries(
        st.sampled_from(["result", "cis", "status", "error", "x"]),
        st.one_of(_RECORDS, _SCALARS, st.dictionaries(_KEYS, _VALUES, max_size=2)),
        min_size=1,
        max_size=3,
    ),
)
_SIZES = st.sampled_from([7, 32, 100, 5000])
_INDENTS = st.sampled_from([None, 1])


@given(_DOCUMENTS, _SIZES, _INDENTS, st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_document_gives_the_tables_of_the_plain_reader(
    data: object, chunk_bytes: int, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=is_ascii)
    expected, got = _read_both(text.encode(), chunk_bytes)
    assert got in (None, expected)


_BREAKS = st.sampled_from(
    [b"", b",", b"]", b"}", b"{", b'"', b"\\", b"NaN", b"1e999", b"\xff", b"\0", b" ", b".5", b"5",
     b'"id": 1, "id": 2', b'"error": {"message": "m"}', b"[" * 9, b"\\ud800", b":"]
)  # fmt: skip


@given(_DOCUMENTS, _SIZES, _BREAKS, st.integers(0, 10_000), st.booleans())
@settings(max_examples=250, deadline=None, derandomize=True)
def test_any_broken_document_gives_the_tables_and_findings_of_the_plain_reader(
    data: object, chunk_bytes: int, inserted: bytes, place: int, is_cut: bool
) -> None:
    text = json.dumps(data, ensure_ascii=False).encode()
    at = place % (len(text) + 1)
    broken = text[:at] + inserted + (b"" if is_cut else text[at:])
    expected, got = _read_both(broken, chunk_bytes)
    assert got in (None, expected)


_PLAIN_RECORDS = [
    {"id": f"a{number}", "ref": {"link": "l", "value": "v"} if number % 2 else "", "n": number}
    for number in range(30)
]
_ANSWER = json.dumps({"result": _PLAIN_RECORDS})


@pytest.mark.parametrize(
    "text",
    [
        _ANSWER,
        json.dumps(_PLAIN_RECORDS),
        json.dumps({"status": "ok", "cis": _PLAIN_RECORDS, "relations": _PLAIN_RECORDS}, indent=2),
        "\ufeff" + _ANSWER,
        "\r\n".join(map(json.dumps, _PLAIN_RECORDS)),
        _ANSWER[:700],
        '{"cis": [{"id": "a"}, {"id": "b"}, f]',
        _ANSWER.replace('"n": 17', '"n": NaN'),
        _ANSWER.replace('"n": 17', '"n": 1, "n": 2'),
        _ANSWER.replace('"n": 3,', '"n": 3, "n": 4,')[:1000],
        _ANSWER.replace('"n": 17', '"n": 1e999'),
        _ANSWER.replace('"n": 17', '"n": ' + "[" * 9 + "]" * 9),
        _ANSWER.replace('"id": "a9"', ',"id": "a9"'),
        _ANSWER.replace("a17", "\\ud800"),
        _ANSWER.replace("a17", r'\u0000\\ \"}]'),
    ],
    ids=["answer", "list", "tables", "mark", "lines", "cut", "word", "nan", "twice", "twice, cut",
         "large", "deep", "comma", "surrogate", "escapes"],
)  # fmt: skip
def test_the_ways_of_json_are_read_in_pieces_with_the_findings_of_the_plain_reader(
    text: str,
) -> None:
    expected, got = _read_both(text.encode(), 24)
    assert got == expected
    assert got is not None


def test_compiled_kernels_make_the_same_columns() -> None:
    expected, got = _read_both(_ANSWER.encode(), 100, is_compiled=True)
    assert got == expected


@pytest.mark.parametrize(
    "data",
    [
        _ANSWER.encode("utf-16"),
        _ANSWER.replace("a17", "caf\xe9").encode("latin-1"),
        _ANSWER.encode() + b"x",
        _ANSWER[:1000].encode() + b' , "error": {"message": "timed out"}}',
        _ANSWER.replace('"result"', '"result": [], "result"').encode(),
        b'"a text"',
    ],
    ids=["utf-16", "latin-1", "more behind", "error behind a break", "key twice", "no list"],
)
def test_what_is_odd_outside_of_lists_is_left_to_the_plain_reader(data: bytes) -> None:
    assert _read_both(data, 100)[1] is None


def test_what_a_loader_has_to_see_as_it_is_is_left_to_the_plain_reader() -> None:
    source = source_of_bytes(_ANSWER.encode(), "cmdb_ci.json")
    session = ReadingSession(
        limits=ReadLimits(),
        document_plan=lambda _, records: Kept.WHOLE if "a20" in str(records) else Kept.COLUMNS,
    )
    reading = ChunkReading(chunk_bytes=100, is_compiled=False)
    assert read_big_json(source, session, reading=reading) is None
    assert session.arrays_used == 0


def test_what_is_packed_comes_out_as_the_plain_reader_gives_it() -> None:
    odd = '[1e400, -0.0, 123456789012345678901234567890, {"c": null, "c": true}]'
    many = ", ".join(f'{{"a": {number}, "b": {odd}}}' for number in range(40))
    text = f'{{"schema": "x", "few": [1], "many": [{many}], "last": 0}}'
    source = source_of_bytes(text.encode(), "own.json")
    plain, packed = (
        ReadingSession(limits=ReadLimits()),
        ReadingSession(limits=ReadLimits(), document_plan=_all_packed),
    )
    expected = read_json(source, plain).data
    reading = ChunkReading(chunk_bytes=100, is_compiled=False)
    document = read_big_json(source, packed, reading=reading)
    assert document is not None
    assert isinstance(document.data, dict)
    assert isinstance(document.data["many"], PackedRecords)
    assert len(document.data["many"]) == 40
    assert document.data | {"many": list(document.data["many"])} == expected
    assert packed.found.findings() == plain.found.findings() != ()


def test_records_cannot_be_asked_for_once_a_list_is_columns() -> None:
    many = ", ".join(['{"a": 1}'] * 40)
    text = f'{{"many": [{many}], "schema": "own"}}'
    session = ReadingSession(
        limits=ReadLimits(),
        document_plan=lambda key, _: Kept.RECORDS if key == "schema" else Kept.COLUMNS,
    )
    reading = ChunkReading(chunk_bytes=100, is_compiled=False)
    source = source_of_bytes(text.encode(), "own.json")
    assert read_big_json(source, session, reading=reading) is None
    assert session.arrays_used == 0


@pytest.mark.parametrize("plan", [_all_tables, _all_packed])
def test_what_is_kept_of_lists_counts_as_arrays(plan: DocumentPlan) -> None:
    source = source_of_bytes(_ANSWER.encode(), "cmdb_ci.json")
    session = ReadingSession(limits=ReadLimits(array_bytes=100), document_plan=plan)
    reading = ChunkReading(chunk_bytes=100, is_compiled=False)
    with pytest.raises(LimitExceededError, match="array_bytes"):
        read_big_json(source, session, reading=reading)
