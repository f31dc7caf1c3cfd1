"""Spreadsheets and Parquet: read by a child process, so that no file can take this one down."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading.archive import open_archive
from ripplegraph.loaders.reading.kinds import FileKind
from ripplegraph.loaders.reading.raw import RawTable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile
from ripplegraph.loaders.reading.table_builder import TableBuilder

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from ripplegraph.loaders.reading.child import main; main(sys.argv[2])"
)


def read_converted(kind: FileKind, source: SourceFile, session: ReadingSession) -> list[RawTable]:
    """Return the tables of a workbook or Parquet file: one per sheet that is not empty."""
    import msgspec

    if kind is FileKind.BOOK and source.head(4).startswith(b"PK"):
        _check_bomb(source, session)
    answer = msgspec.msgpack.decode(_answer_of_child(kind, source, session))
    if "refused" in answer:
        if answer["is_limit"]:
            raise LimitExceededError(source.label, answer["refused"], SPLIT_OR_RAISE)
        raise UnreadableFileError(source.label, answer["refused"], "Export it again.")
    return list(_tables(kind, answer["sheets"], source, session))


def _tables(
    kind: FileKind,
    sheets: list[tuple[str, list[list[str]]]],
    source: SourceFile,
    session: ReadingSession,
) -> Iterator[RawTable]:
    for sheet, rows in sheets:
        is_book = kind is FileKind.BOOK
        file = f"{source.label}#{sheet}" if is_book else source.label
        builder = TableBuilder(session, sheet.strip() if is_book else source.name, file)
        builder.add_all((number, row if any(row) else []) for number, row in enumerate(rows, 1))
        table = builder.finish()
        if table is None:
            session.found.add("empty-table", "the sheet is empty", file=file)
        else:
            yield table


def _check_bomb(source: SourceFile, session: ReadingSession) -> None:
    """Refuse a workbook whose members claim to unpack to more than is allowed."""
    with source.opener() as stream:
        entries = open_archive(source.label, stream, session).infolist()
    claimed = sum(entry.file_size for entry in entries)
    most = session.limits.unpacked_bytes
    if claimed > most:
        limit = f"it unpacks to {claimed:,} bytes, at most {most:,} are read (unpacked_bytes)"
        raise LimitExceededError(source.label, limit, SPLIT_OR_RAISE)


def _answer_of_child(kind: FileKind, source: SourceFile, session: ReadingSession) -> bytes:
    limits = session.limits
    order = {
        "kind": kind.value,
        "path": str(source.path.absolute()) if source.path is not None else "",
        "memory": limits.memory_bytes - session.memory_used,
        "seconds": limits.seconds,
        "columns": limits.columns,
        "rows": limits.rows,
    }
    # -P: a file such as csv.py in the working folder must not be imported
    command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path), json.dumps(order)]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        given = None if source.path is not None else source.data()
        answer, _ = child.communicate(given, timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        limit = f"reading it takes longer than {limits.seconds:g} s (seconds)"
        raise LimitExceededError(source.label, limit, SPLIT_OR_RAISE) from None
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
    if child.returncode or not answer:
        limit = "it needs more memory than is allowed, or its reader gave up (memory_bytes)"
        raise LimitExceededError(source.label, limit, SPLIT_OR_RAISE)
    return answer
