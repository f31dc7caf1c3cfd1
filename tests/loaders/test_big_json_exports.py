"""Exports of big JSON files give the graph and the findings that they give read plainly."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from ripplegraph.errors import LimitExceededError
from ripplegraph.graph.records_of import records_of
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.loaders import array_records
from ripplegraph.loaders.context import LoadOptions
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.native_format import SCHEMA
from ripplegraph.loaders.reading import ReadLimits, big_json, json_documents
from ripplegraph.loaders.reading.chunk_reading import ChunkReading

_TYPE = {"sys_id": "t" * 32, "name": "Depends on::Used by"}
_CIS = [
    {"sys_id": f"{number:032x}", "name": f"ci-{number}", "sys_class_name": "cmdb_ci_server",
     "support_group": {"link": "https://x/sys_user_group/g", "value": "g"} if number % 3 else ""}
    for number in range(40)
]  # fmt: skip
_RELATIONS = [
    {"parent": {"value": f"{number:032x}", "link": "https://x/1"},
     "child": {"value": f"{number * 2:032x}", "link": "https://x/2"},
     "type": {"value": _TYPE["sys_id"], "link": "https://x/3"}}
    for number in range(60)
]  # fmt: skip
_SERVICENOW = {
    "cmdb_ci.json": {"result": _CIS},
    "cmdb_rel_ci.json": {"records": _RELATIONS},
    "cmdb_rel_type.json": [_TYPE],
}
_GENERIC = {
    "export.json": {
        "cis": [{"id": f"c{number}", "class": "server", "rack": number} for number in range(40)],
        "relations": [{"dependent": f"c{n}", "dependency": f"c{n + 1}"} for n in range(40)],
        "notes": [{"text": "x"}] * 30,
        "made": "today",
    },
    "cis.json": [{"id": f"d{number}", "class": "database"} for number in range(40)],
}
_NESTED = {
    "instances.json": {
        "result": [
            {"attributes": ci, "outbound_relations": [{"type": "Depends on::Used by",
             "target": {"value": _CIS[0]["sys_id"]}}], "inbound_relations": []}
            for ci in _CIS
        ]
    },
    "payload.json": {
        "items": [{"className": "cmdb_ci_server", "values": {"name": f"i{n}"}} for n in range(30)],
        "relations": [{"parent": n, "child": n + 1, "type": "Depends on"} for n in range(29)],
    },
    "summary.json": [{"slug": f"s{n}", "dailyMinutesDown": {}} for n in range(30)],
}  # fmt: skip
_NATIVE = {
    "own.json": {
        "schema": SCHEMA,
        "cis": [
            {"id": f"c{n}", "class": "server", "name": f"CI {n}", "odd": n, "last_seen": "soon",
             "tags": ["a", "b"], "attributes": {"rack": n, "room": ""} if n % 7 else {"row": "r"},
             **({"file": "cmdb.csv", "row": n // 2} if n % 2 else {})}
            for n in range(40)
        ] + ["no record", {"class": "server"}, {"id": "c1"}],
        "relations": [{"dependent": f"c{n}", "dependency": f"c{n * 3 % 41}", "weight": "1.50",
                       "strength": "soft" if n % 3 else "iron", "file": "cmdb.csv", "row": n}
                      for n in range(60)],
        "groups": [{"dependent": f"c{n}", "group": "g", "min_up": 1} for n in range(30)],
        "outages": [{"ci": f"c{n}", "start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
                    for n in range(30)],
        "odd": [{"x": 1}] * 30,
    },
    "second.json": {
        "schema": SCHEMA, "source": "two",
        "cis": [{"id": f"d{n}", "attributes": {"room": "r1"}} for n in range(30)],
    },
}  # fmt: skip


def _written(folder: Path, files: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pieces have 500 bytes, and no kernels be compiled."""
    small = ChunkReading(chunk_bytes=500, is_compiled=False)
    monkeypatch.setattr(big_json, "ChunkReading", lambda: small)


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch, small_pieces: None) -> None:
    """Read every JSON file in pieces, however small it is."""
    monkeypatch.setattr(json_documents, "BIG_BYTES", 1)


def _told(graph: ServiceGraph) -> object:
    return records_of(graph), graph.report


@pytest.mark.parametrize(
    "files",
    [_SERVICENOW, _GENERIC, _NESTED, _NATIVE],
    ids=["servicenow", "generic", "nested", "native"],
)
def test_an_export_read_in_pieces_gives_what_it_gives_read_plainly(
    files: dict[str, object],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = _written(tmp_path / "export", files)
    plain = _told(load_export([folder]))
    request.getfixturevalue("in_pieces")
    monkeypatch.setattr(array_records, "BLOCK", 16)
    assert _told(load_export([folder])) == plain


def test_json_that_needs_more_memory_than_is_allowed_is_read_in_pieces(
    tmp_path: Path, small_pieces: None
) -> None:
    path = _written(tmp_path, {"cmdb_ci.json": {"result": _CIS}}) / "cmdb_ci.json"
    few = LoadOptions(limits=ReadLimits(memory_bytes=path.stat().st_size))
    assert len(load_export([path], few).cis) == len(_CIS)


def test_what_was_saved_is_read_in_pieces_too(tmp_path: Path, small_pieces: None) -> None:
    path = _written(tmp_path, {"own.json": _NATIVE["own.json"]}) / "own.json"
    few = LoadOptions(limits=ReadLimits(memory_bytes=path.stat().st_size - 1))
    assert _told(load_export([path], few)) == _told(load_export([path]))


def test_nested_json_that_needs_more_memory_than_is_allowed_is_refused(
    tmp_path: Path, in_pieces: None
) -> None:
    path = _written(tmp_path, {"instances.json": _NESTED["instances.json"]}) / "instances.json"
    few = LoadOptions(limits=ReadLimits(memory_bytes=path.stat().st_size - 1))
    with pytest.raises(LimitExceededError, match="memory_bytes"):
        load_export([path], few)


def test_big_json_in_a_zip_needs_no_room_to_be_unpacked(tmp_path: Path, in_pieces: None) -> None:
    folder = _written(tmp_path / "export", _SERVICENOW)
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    graph = load_export([packed], LoadOptions(limits=ReadLimits(unpacked_bytes=10)))
    assert graph.cis.is_stub.count(False) == len(_CIS)
    assert not [one for one in graph.report.findings if one.code == "limit-exceeded"]


def test_progress_of_a_big_json_file_is_told_as_it_is_read(
    tmp_path: Path, in_pieces: None
) -> None:
    path = _written(tmp_path, {"cmdb_ci.json": {"result": _CIS}}) / "cmdb_ci.json"
    told: list[tuple[str, int, int]] = []
    load_export([path], LoadOptions(progress=lambda *one: told.append(one)))
    size = path.stat().st_size
    done = [one[1] for one in told]
    assert done == sorted(done)
    assert len(set(done)) > size // 500 - 5
    assert {one[2] for one in told} == {size}
    assert done[-1] == size
