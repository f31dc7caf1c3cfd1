"""Big tables in a zip are unpacked while they are read, not before."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ripplegraph.errors import UnreadableFileError
from ripplegraph.loaders.reading import DEFAULT_LIMITS, RawExport, ReadLimits, read_export
from ripplegraph.loaders.reading.delimited import BIG_BYTES

LINE = "{0:08d},host {0:08d}," + "x" * 40 + "\n"
ROWS = BIG_BYTES // len(LINE.format(0)) + 1
SMALL = ReadLimits(unpacked_bytes=1_000_000)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "cis.csv"
    path.write_text("id,name,note\n" + "".join(LINE.format(number) for number in range(ROWS)))
    return path


@pytest.fixture(scope="module")
def packed(table: Path) -> Path:
    path = table.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(table, "cis.csv")
    return path


def read(path: Path, limits: ReadLimits = SMALL) -> RawExport:
    return read_export([path], limits=limits)


def test_a_big_table_in_a_zip_needs_no_room_to_be_unpacked(table: Path, packed: Path) -> None:
    (plain,), (found,) = read(table).tables, read(packed).tables
    assert len(found) == ROWS
    assert found.file == "cis.zip/cis.csv"
    for name in ("id", "name", "note"):
        assert found.columns[name] == plain.columns[name]


def test_big_tables_of_a_zip_together_are_no_longer_than_one_file(packed: Path) -> None:
    with pytest.raises(UnreadableFileError, match="file_bytes"):
        read(packed, ReadLimits(file_bytes=BIG_BYTES - 1))


def test_a_big_table_that_is_damaged_within_is_refused_by_name(
    packed: Path, tmp_path: Path
) -> None:
    data = bytearray(packed.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"damaged\.zip/cis\.csv: it is damaged"):
        read(damaged, DEFAULT_LIMITS)


def test_a_big_table_in_another_encoding_is_read_from_the_zip_too(
    table: Path, tmp_path: Path
) -> None:
    path = tmp_path / "latin.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("cis.csv", table.read_bytes() + "end,Köln,\n".encode("cp1252"))
    export = read(path)
    (found,) = export.tables
    assert len(found) == ROWS + 1
    assert found.columns["name"][ROWS] == "Köln"
    assert [one.code for one in export.findings] == ["encoding-guessed"]
