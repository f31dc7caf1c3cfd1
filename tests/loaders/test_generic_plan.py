"""Big generic tables: needless columns are left out, ids are numbered while they are read."""

from pathlib import Path

import pytest

from ripplegraph.graph import numbered_texts
from ripplegraph.graph.numbered_texts import TextTable, table_of
from ripplegraph.graph.records_of import records_of
from ripplegraph.loaders.generic_plan import generic_plan
from ripplegraph.loaders.load import load_export
from ripplegraph.loaders.mapping import load_mapping
from ripplegraph.loaders.native_format import SCHEMA
from ripplegraph.loaders.reading import delimited
from ripplegraph.loaders.reading.big_delimited import read_big_delimited
from ripplegraph.loaders.reading.chunk_reading import ChunkReading
from ripplegraph.loaders.reading.limits import ReadLimits
from ripplegraph.loaders.reading.plan import ColumnWish
from ripplegraph.loaders.reading.session import ReadingSession
from ripplegraph.loaders.reading.sources import source_of_bytes

PLAN = generic_plan(load_mapping(None, default="generic"))
NUMBER, LEAVE_OUT = ColumnWish.NUMBER, ColumnWish.LEAVE_OUT


def test_relations_keep_the_columns_that_they_know() -> None:
    columns = ["id", "dependent", "dependency", "type", "'=note", "group"]
    assert PLAN("relations", columns) == {
        "id": LEAVE_OUT,
        "dependent": NUMBER,
        "dependency": NUMBER,
        "'=note": LEAVE_OUT,
    }


def test_cis_keep_every_column() -> None:
    assert PLAN("cis", ["id", "class", "room"]) == {"id": NUMBER}


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("cmdb_rel_ci", ["dependent", "dependency", "id"]),
        ("relations", ["dependent", "child", "id"]),
        ("agreements", ["id", "kind", "covers"]),
    ],
)
def test_other_tables_are_read_whole(name: str, columns: list[str]) -> None:
    assert PLAN(name, columns) == {}


def read(session: ReadingSession, label: str, text: str) -> dict[str, object]:
    source = source_of_bytes(text.encode(), label)
    reading = ChunkReading(chunk_bytes=64, is_compiled=False)
    table = read_big_delimited(source, session, delimiter=",", reading=reading)
    assert table is not None
    return dict(table.columns)


def test_ids_of_all_files_are_numbered_by_one_table_that_grows() -> None:
    session = ReadingSession(limits=ReadLimits(), plan=PLAN)
    ids = [f"ci-{number}" for number in range(2_000)]
    cis = read(session, "cis.csv", "id,class\n" + "".join(f"{one},server\n" for one in ids))
    rows = "".join(f'x,{one},"c""i"\n' for one in reversed(ids))
    relations = read(session, "relations.csv", "id,dependent,dependency\n" + rows)
    assert sorted(relations) == ["dependency", "dependent"]
    columns = [cis["id"], relations["dependent"], relations["dependency"]]
    assert columns == [ids, ids[::-1], ['c"i'] * len(ids)]
    tables = {id(table_of(column)) for column in columns}  # type: ignore[arg-type]
    assert tables == {id(session.ids)}
    assert isinstance(session.ids, TextTable)
    assert session.ids.memory_used == 8 + (8 + 8 + 12) * len(session.ids)


def test_an_export_read_so_gives_what_it_gives_read_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cis.csv").write_text(
        "id,class,room\nweb,server,r1\n'=db,database,\nweb,server,r2\n,server,\nsan,storage,r1\n"
    )
    (tmp_path / "relations.csv").write_text(
        "id,dependent,dependency,group\n1,web,'=db,pair\n2,web,san,pair\n3,web,gone,\n"
        "4,csv:storage:san,web,\n5,,web,\n6,san,san,\n7,web,san,pair\n"
    )
    (tmp_path / "groups.csv").write_text("dependent,group,min_up,x\nweb,pair,1,y\nno,pair,1,y\n")
    plain = load_export([tmp_path])
    monkeypatch.setattr(delimited, "BIG_BYTES", 1)
    monkeypatch.setattr(delimited, "ALSO_BIG_BYTES", 1)
    big = load_export([tmp_path])
    assert records_of(big) == records_of(plain)
    assert big.report == plain.report
    assert (big.ci_ids, big.group_rules == plain.group_rules) == (plain.ci_ids, True)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("cis.csv", "id,class,room\nweb,server,r1\ndb,database,\n"),
        ("own.json", f'{{"schema": "{SCHEMA}", "cis": [{{"id": "web"}}, {{"id": "db"}}]}}'),
    ],
)
def test_a_big_table_and_documents_of_other_formats_make_one_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "relations.csv").write_text("dependent,dependency\nweb,db\n")
    (tmp_path / "summary.json").write_text(
        '[{"name": "Shop", "slug": "shop", "status": "up",'
        ' "url": "https://shop", "dailyMinutesDown": {"2026-01-02": 9}}]'
    )
    plain = load_export([tmp_path])
    assert [plain.cis.name[at] for at in range(len(plain.cis))] == ["web", "db", "Shop"]
    monkeypatch.setattr(delimited, "BIG_BYTES", 1)
    monkeypatch.setattr(delimited, "ALSO_BIG_BYTES", 1)
    monkeypatch.setattr(numbered_texts, "MANY_TEXTS", 1)
    big = load_export([tmp_path])
    assert records_of(big) == records_of(plain)
    assert big.report == plain.report
