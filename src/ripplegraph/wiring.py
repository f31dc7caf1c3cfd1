"""The one place that names concrete adapters: which loader, page and server are used.

Adapters are imported when they are used, so that ``--help`` stays fast.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ripplegraph.errors import (
    LimitExceededError,
    MissingExtraError,
    SettingsError,
    UnreadableFileError,
)

if TYPE_CHECKING:
    from ripplegraph.api.keys import KeyFile
    from ripplegraph.graph.model import CiId, Status
    from ripplegraph.graph.ports import EstateJournal, EstateStore, GraphSource
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.agreements.values import SlaAnswer
    from ripplegraph.impact.availability.fault_trees import FaultTrees
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.impact.timeline.status_intervals import StatusInterval
    from ripplegraph.impact.timeline.values import ReportAnswer
    from ripplegraph.loaders.context import LoadOptions
    from ripplegraph.settings import Settings

Progress = Callable[[str, int, int], None]
Application = Callable[..., Any]
"""An ASGI application."""

_NEO4J_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


class ExportSource:
    """The graph of one export, read once, when it is first asked for."""

    def __init__(self, texts: Sequence[str], options: LoadOptions) -> None:
        self._texts, self._options = tuple(texts), options
        self._graph: ServiceGraph | None = None

    def read(self) -> ServiceGraph:
        """Return the graph of the export."""
        if self._graph is None:
            from ripplegraph.loaders.load import load_export

            with _full_paths(self._texts):
                self._graph = load_export(self._texts, self._options, stdin=_stdin_of(self._texts))
        return self._graph


class StoredSource:
    """The graph of one revision in a store, read once, when it is first asked for."""

    def __init__(self, text: str, revision: str | None) -> None:
        self._text, self._revision = text, revision
        self._graph: ServiceGraph | None = None

    def read(self) -> ServiceGraph:
        """Return the graph of the revision."""
        if self._graph is None:
            estate = open_estate(self._text)
            self._graph = estate.read(revision_number(estate, self._revision))
        return self._graph


def is_estate(text: str) -> bool:
    """Return whether a source is a store rather than an export."""
    if is_server_address(text):
        return True
    path = Path(text)
    if text == "-" or not path.is_file():
        return False
    from ripplegraph.store.sqlite.sqlite_files import is_sqlite_file

    return is_sqlite_file(path)


def is_server_address(text: str) -> bool:
    """Return whether a source is the address of a Neo4j server."""
    return text.partition("://")[0] in _NEO4J_SCHEMES


def open_estate(text: str) -> EstateStore:
    """Return the store in a file or on a Neo4j server; opening reads nothing yet."""
    if is_server_address(text):
        return _open_server(text)
    from ripplegraph.store.sqlite.estate import SqliteEstate

    return SqliteEstate(Path(text))


def open_journal(text: str) -> EstateJournal:
    """Return the journal beside the revisions of a store; that of an export ends with the process.

    Opening reads nothing yet.
    """
    if is_estate(text) and not is_server_address(text):
        from ripplegraph.store.sqlite.journal import SqliteJournal

        return SqliteJournal(Path(text))
    from ripplegraph.store.memory_journal import MemoryJournal

    return MemoryJournal()


def _open_server(uri: str) -> EstateStore:
    from ripplegraph.settings import read_settings

    try:
        from ripplegraph.store.neo4j.connection import Address
        from ripplegraph.store.neo4j.estate import Neo4jEstate
    except ModuleNotFoundError as exc:
        raise _missing(exc, "a store in Neo4j", "neo4j") from exc
    if "@" in uri:
        raise SettingsError(
            setting="SOURCE",
            reason="the address holds a user or a password, which others could read",
            advice="Set RIPPLEGRAPH_NEO4J_USER and RIPPLEGRAPH_NEO4J_PASSWORD_FILE",
        )
    settings = read_settings()
    user, password = settings.neo4j_user, settings.neo4j_password
    return Neo4jEstate(Address(uri=uri, user=user, password=password))


def revision_number(estate: EstateStore, text: str | None) -> int | None:
    """Return the revision that a person means: a number, or a time; None for the newest."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as exc:
        advice = "Write a number, or a time such as 2026-11-23T03:00Z"
        raise SettingsError(
            setting="--revision", reason=f"{text!r} is neither", advice=advice
        ) from exc
    if moment.tzinfo is None:
        advice = "Write it with its zone, such as 2026-11-23T03:00Z"
        raise SettingsError(
            setting="--revision", reason=f"{text!r} has no time zone", advice=advice
        )
    return estate.revision_at(moment).number


def load_options(  # noqa: PLR0913 - one per option of the command line
    settings: Settings,
    *,
    mapping: str | None = None,
    outage_rules: str | None = None,
    time_zone: str | None = None,
    day_first: bool | None = None,
    source_name: str | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> LoadOptions:
    """Return how to load: what the caller says, else what the settings say."""
    from ripplegraph.loaders.context import LoadOptions

    return LoadOptions(
        mapping=settings.mapping if mapping is None else mapping,
        outage_rules=outage_rules,
        time_zone=settings.time_zone if time_zone is None else time_zone,
        day_first=settings.day_first if day_first is None else day_first,
        source=settings.source_name if source_name is None else source_name,
        strict=strict,
        progress=progress,
    )


def open_source(
    texts: Sequence[str], options: LoadOptions, *, revision: str | None = None
) -> GraphSource:
    """Return where the graph comes from: a store, or an export as a folder, a zip or files."""
    _refuse_what_is_no_export(texts)
    if len(texts) == 1 and is_estate(texts[0]):
        return StoredSource(texts[0], revision)
    if revision is not None:
        raise SettingsError(
            setting="--revision",
            reason="an export has no revisions",
            advice="Keep it in a store: ripplegraph load EXPORT --into estate.db",
        )
    return ExportSource(texts, options)


def find_fault_trees(
    texts: Sequence[str], *, mission_time_hours: float, with_common_causes: bool
) -> FaultTrees | None:
    """Return the fault trees of a source, None if it is no Open-PSA model but an export."""
    from ripplegraph.loaders.open_psa import is_open_psa, read_open_psa

    _refuse_what_is_no_export(texts)
    paths, stdin = [Path(text) for text in texts], _stdin_of(texts)
    if not is_open_psa(paths, stdin=stdin):
        return None
    with _full_paths(texts):
        return read_open_psa(
            paths,
            mission_time_hours=mission_time_hours,
            with_common_causes=with_common_causes,
            stdin=stdin,
        )


def open_psa_text(trees: FaultTrees) -> str:
    """Return fault trees as one Open-PSA document."""
    from ripplegraph.loaders.open_psa import open_psa_text as text_of

    tops = list(zip(trees.root_names, trees.roots, strict=True))
    return text_of(trees.formula, tops, trees.variable_names, trees.unavailability)


def explain_source(
    texts: Sequence[str], options: LoadOptions
) -> Counter[tuple[str, str, str, str]]:
    """Return how often which rule took which relation type, while loading an export."""
    from ripplegraph.loaders.load import load_explained

    _refuse_what_is_no_export(texts)
    with _full_paths(texts):
        return load_explained(texts, options, stdin=_stdin_of(texts))[1]


def build_app(
    source: GraphSource, clock: Callable[[], datetime], *, keys_file: str | None = None
) -> Application:
    """Return the HTTP API on a source; with a file of keys, for those who have one of them."""
    try:
        from ripplegraph.api.app import create_app
        from ripplegraph.api.keys import KeyRing
    except ModuleNotFoundError as exc:
        raise _missing(exc, "serve", "api") from exc
    if keys_file is None:
        return create_app(source=source, clock=clock)
    held = read_key_file(Path(keys_file))
    if not held.keys:
        advice = f"Make one: ripplegraph keys create --keys {keys_file} --name NAME"
        raise SettingsError(setting="--keys", reason="the file holds no key yet", advice=advice)
    return create_app(source=source, clock=clock, keys=KeyRing(held.keys, pepper()))


def read_key_file(path: Path, *, may_be_missing: bool = False) -> KeyFile:
    """Return the keys in a file."""
    from pydantic import ValidationError

    from ripplegraph.api.keys import KeyFile

    if may_be_missing and not path.exists():
        return KeyFile()
    try:
        return KeyFile.model_validate_json(path.read_bytes())
    except OSError as exc:
        reason = f"{path} cannot be read"
        advice = "Make it: ripplegraph keys create"
        raise SettingsError(setting="--keys", reason=reason, advice=advice) from exc
    except ValidationError as exc:
        reason = f"{path} is no file of keys"
        advice = "Make one: ripplegraph keys create"
        raise SettingsError(setting="--keys", reason=reason, advice=advice) from exc


def write_key_file(path: Path, held: KeyFile) -> None:
    """Write the keys, at once and whole, for the owner's eyes only."""
    import os

    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(held.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def pepper() -> bytes:
    """Return the pepper under which keys are hashed; without one there are no keys."""
    from ripplegraph.api.keys import SHORTEST_PEPPER
    from ripplegraph.settings import read_settings

    found = read_settings().pepper.encode()
    if len(found) < SHORTEST_PEPPER:
        raise SettingsError(
            setting="RIPPLEGRAPH_PEPPER_FILE",
            reason=f"keys need a pepper of {SHORTEST_PEPPER} characters or more",
            advice="Write random text to a file that only the server reads, and name it here",
        )
    return found


def run_app(app: Application, *, host: str, port: int) -> None:
    """Serve the API until it is stopped."""
    try:
        import uvicorn
    except ModuleNotFoundError as exc:
        raise _missing(exc, "serve", "api") from exc
    uvicorn.run(app, host=host, port=port, log_level="warning")


def render_view(
    graph: ServiceGraph,
    service: str,
    scenario: Scenario | None,
    *,
    limit: int | None = None,
    renderer: str = "svg",
    is_redacted: bool = False,
) -> str:
    """Return the HTML page of one service, coloured by a scenario if there is one."""
    try:
        from ripplegraph.visualize.pages import ViewQuestion, render_view_page
    except ModuleNotFoundError as exc:
        raise _missing(exc, "view", "html") from exc
    statuses = None if scenario is None else _statuses(graph, scenario)
    question = ViewQuestion(
        service=service,
        scenario=scenario,
        statuses=statuses,
        limit=limit,
        renderer=renderer,
        is_redacted=is_redacted,
    )
    return render_view_page(graph, question)


def render_reports(
    answer: ReportAnswer,
    graph: ServiceGraph,
    intervals: Mapping[CiId, Sequence[StatusInterval]],
) -> str:
    """Return the HTML page of reports on service levels."""
    from ripplegraph.visualize.measured_page import render_measured_page

    return render_measured_page(answer, graph, intervals)


def keep_kernels(
    *, on_compile: Callable[[str], None] | None, on_no_cache: Callable[[], None]
) -> None:
    """Keep compiled kernels in the user's cache folder, and say who hears of compiling."""
    from ripplegraph.graph.compilation import CompilePolicy, compile_with
    from ripplegraph.settings import kernel_cache_folder

    compile_with(
        CompilePolicy(
            cache_folder=kernel_cache_folder(), on_compile=on_compile, on_no_cache=on_no_cache
        )
    )


def native_text(graph: ServiceGraph, form: str) -> str:
    """Return the graph as ripplegraph's own JSON or YAML."""
    from ripplegraph.loaders.native_write import native_text as text_of

    return text_of(graph, "yaml" if form == "yaml" else "json")


def write_sla_workbook(answer: SlaAnswer, path: Path) -> None:
    """Write verdicts on SLAs as a workbook."""
    from ripplegraph.visualize.sla_workbook import write_sla_workbook as write

    write(answer, path)


def openslo_text(answer: SlaAnswer) -> str:
    """Return verdicts on SLAs as OpenSLO documents."""
    from ripplegraph.loaders.openslo_write import openslo_text as text

    return text(answer)


def write_tables(graph: ServiceGraph, path: Path) -> None:
    """Write the graph as a folder of CSV files, or as one XLSX workbook."""
    from ripplegraph.loaders.tables_out import write_tables as write

    write(graph, path)


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that ship with ripplegraph."""
    from ripplegraph.loaders.mapping import shipped_mappings as names

    return names()


def mapping_text(name: str) -> str:
    """Return the text of a shipped mapping, as it ships."""
    from ripplegraph.loaders.mapping import mapping_text as text_of

    return text_of(name)


def check_mapping(name_or_path: str) -> str:
    """Return the name of a mapping that is right; a wrong one is a MappingFileError."""
    from ripplegraph.loaders.mapping import load_mapping

    return load_mapping(name_or_path, default="generic").name


def _statuses(graph: ServiceGraph, scenario: Scenario) -> dict[int, Status]:
    from ripplegraph.graph.model import Status
    from ripplegraph.impact.propagation.fixpoint import propagate
    from ripplegraph.impact.propagation.scenario import actual_of

    return dict(enumerate(map(Status, propagate(graph, actual_of(graph, scenario)).tolist())))


def _stdin_of(texts: Sequence[str]) -> BinaryIO | None:
    if "-" not in texts:
        return None
    if sys.stdin is None:
        reason, advice = "it is closed", "Pipe an export into the command."
        raise UnreadableFileError(file="stdin", reason=reason, advice=advice)
    return sys.stdin.buffer


def _refuse_what_is_no_export(texts: Sequence[str]) -> None:
    for text in texts:
        scheme, found, _ = text.partition("://")
        if found and scheme.isalnum() and scheme not in _NEO4J_SCHEMES:
            reason = f"{scheme}:// addresses cannot be read yet"
            raise UnreadableFileError(text, reason, "Give an export: a folder, a zip or a file")
        if not text.strip():
            advice = "Give an export: a folder, a zip or a file"
            raise SettingsError(setting="SOURCE", reason="it is empty", advice=advice)


@contextmanager
def _full_paths(texts: Sequence[str]) -> Iterator[None]:
    """Let an error about a file that the user named say its whole path, not only its name."""
    try:
        yield
    except (UnreadableFileError, LimitExceededError) as exc:
        exc.file = next((text for text in texts if Path(text).name == exc.file), exc.file)
        raise


def _missing(exc: ModuleNotFoundError, feature: str, extra: str) -> Exception:
    """Return the error for a library of an extra; a missing module of our own is a bug."""
    if (exc.name or "").split(".")[0] == "ripplegraph":
        return exc
    return MissingExtraError(feature, extra)
