"""Read one export: a file, a folder, a zip, stdin or several of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.graph.wording import writable
from ripplegraph.loaders.reading.delimited import read_delimited
from ripplegraph.loaders.reading.json_documents import read_json
from ripplegraph.loaders.reading.kinds import FileKind, kind_of
from ripplegraph.loaders.reading.limits import DEFAULT_LIMITS, ReadLimits
from ripplegraph.loaders.reading.plan import ColumnPlan, DocumentPlan, as_they_are, no_wishes
from ripplegraph.loaders.reading.raw import Progress, RawExport
from ripplegraph.loaders.reading.session import BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import (
    KNOWN_SUFFIXES,
    SourceFile,
    is_folder,
    source_of_path,
    source_of_stream,
)

_STDIN = "-"
_Opener = Callable[[], SourceFile]


def read_export(
    paths: Sequence[Path],
    *,
    limits: ReadLimits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    stdin: BinaryIO | None = None,
    plan: ColumnPlan = no_wishes,
    document_plan: DocumentPlan = as_they_are,
) -> RawExport:
    """Return the tables and documents of one export, with what was found while reading.

    A sole file that cannot be read raises UnreadableFileError or LimitExceededError; one of
    several becomes a finding. ``-`` among ``paths`` stands for ``stdin``. ``plan`` says what is
    done with the columns of big files, ``document_plan`` which big documents become columns.
    """
    session = ReadingSession(
        limits=limits, progress=progress, plan=plan, document_plan=document_plan
    )
    is_sole = len(paths) == 1 and not is_folder(paths[0])
    with _without_collector():
        for label, opener in _listed(paths, stdin, session):
            if is_sole:
                _read_source(opener(), session)
            else:
                _read_guarded(label, opener, session)
    findings = list(session.found.findings())
    if not session.tables and not session.documents:
        label = ", ".join(path.name or str(path) for path in paths[:3]) or "no path"
        first = next((f" ({one.file}: {one.message.rstrip('.')})" for one in findings), "")
        reason = f"it holds no export file that could be read{first}"
        raise UnreadableFileError(label, reason, "Give the exported CSV, XLSX, JSON, XML or YAML.")
    return RawExport(tables=session.tables, documents=session.documents, findings=findings)


def source_files(
    paths: Sequence[Path],
    *,
    limits: ReadLimits = DEFAULT_LIMITS,
    stdin: BinaryIO | None = None,
    suffixes: frozenset[str] = KNOWN_SUFFIXES,
) -> Iterator[SourceFile]:
    """Yield the files of a source as they lie there, under limits.

    Of folders and archives only files with one of ``suffixes``.
    """
    session = ReadingSession(limits=limits)
    for label, opener in _listed(paths, stdin, session):
        is_named = any(
            label in ("stdin", writable(path.name), writable(str(path))) for path in paths
        )
        if not is_named and PurePosixPath(label).suffix.lower() not in suffixes:
            continue
        source = opener()
        if source.head() and kind_of(source) is FileKind.ZIP:
            from ripplegraph.loaders.reading.archive import members_of

            for name, member in members_of(source, session):
                if PurePosixPath(name).suffix.lower() in suffixes:
                    yield member()
        else:
            yield source


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cycle collector, which looks through all cells again and again (3.6 x slower)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _listed(
    paths: Sequence[Path], stdin: BinaryIO | None, session: ReadingSession
) -> Iterator[tuple[str, _Opener]]:
    names = [path.name for path in paths]
    for path in paths:
        label = writable(path.name if names.count(path.name) == 1 and path.name else str(path))
        if str(path) == _STDIN and stdin is not None:
            yield "stdin", lambda: source_of_stream(stdin, "stdin", session.limits)
        elif is_folder(path):
            yield from _listed_folder(path, "" if len(paths) == 1 else f"{label}/", session)
        else:
            yield (
                label,
                lambda path=path, label=label: source_of_path(  # type: ignore[misc]
                    path, label, session.limits
                ),
            )


def _listed_folder(
    folder: Path, prefix: str, session: ReadingSession
) -> Iterator[tuple[str, _Opener]]:
    from ripplegraph.loaders.reading.folder import files_of_folder

    for path in files_of_folder(folder, prefix, session):
        label = prefix + writable(path.relative_to(folder).as_posix())
        yield (
            label,
            lambda path=path, label=label: source_of_path(  # type: ignore[misc]
                path, label, session.limits
            ),
        )


def _read_guarded(label: str, opener: _Opener, session: ReadingSession) -> None:
    try:
        with session.giving_back():
            _read_source(opener(), session)
    except BrokenFileError as error:
        session.found.add("broken-file", f"{error.reason}. {error.advice}", file=label)
    except UnreadableFileError as error:
        session.found.add("unreadable-file", f"{error.reason}. {error.advice}", file=error.file)
    except LimitExceededError as error:
        session.found.add("limit-exceeded", f"{error.limit}. {error.advice}", file=error.file)


def _read_source(source: SourceFile, session: ReadingSession) -> None:
    session.show(source.label, 0, source.size)
    kind = kind_of(source)
    if kind is FileKind.ZIP:
        from ripplegraph.loaders.reading.archive import members_of

        for label, opener in members_of(source, session):
            _read_guarded(label, opener, session)
    else:
        _read_single(kind, source, session)
    session.show(source.label, source.size, source.size)


def _read_single(kind: FileKind, source: SourceFile, session: ReadingSession) -> None:
    if kind is FileKind.DELIMITED:
        session.tables.append(read_delimited(source, session))
    elif kind is FileKind.JSON:
        session.documents.append(read_json(source, session))
    elif kind is FileKind.YAML:
        from ripplegraph.loaders.reading.yaml_documents import read_yaml

        session.documents.extend(read_yaml(source, session))
    elif kind is FileKind.XML:
        from ripplegraph.loaders.reading.xml_tables import read_xml

        session.tables.extend(read_xml(source, session))
    else:
        from ripplegraph.loaders.reading.converted import read_converted

        session.tables.extend(read_converted(kind, source, session))
