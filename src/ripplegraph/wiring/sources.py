"""Where a graph comes from: an export that is read, or a revision in a store."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ripplegraph.errors import LimitExceededError, SettingsError, UnreadableFileError
from ripplegraph.wiring.stores import (
    SERVER_SCHEMES,
    is_estate,
    newest_number,
    open_estate,
    revision_number,
)

if TYPE_CHECKING:
    from ripplegraph.graph.ports import GraphSource
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.availability.fault_trees import FaultTrees
    from ripplegraph.loaders.context import LoadOptions
    from ripplegraph.loaders.reading import ReadLimits
    from ripplegraph.settings import Settings

Progress = Callable[[str, int, int], None]


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
        self.text, self.is_pinned = text, revision is not None
        self.store = open_estate(text)
        self._revision = revision
        self._held: tuple[int, ServiceGraph] | None = None

    def read(self) -> ServiceGraph:
        """Return the graph of the revision."""
        return self.read_numbered()[1]

    def read_numbered(self) -> tuple[int, ServiceGraph]:
        """Return the number of the revision, and its graph."""
        if self._held is None:
            number = revision_number(self.store, self._revision)
            if number is None:
                number = newest_number(self.store, self.text)
            self._held = number, self.store.read(number)
        return self._held


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
        limits=_limits_of(settings),
        progress=progress,
    )


def _limits_of(settings: Settings) -> ReadLimits | None:
    """Return the limits of reading, with those that the settings change; None if they do not."""
    if not settings.limits:
        return None
    from ripplegraph.loaders.reading import limits_with

    try:
        return limits_with(dict(settings.limits))
    except ValueError as error:
        advice = "Write NAME=NUMBER, several with commas between"
        raise SettingsError(
            setting="RIPPLEGRAPH_LIMITS", reason=str(error), advice=advice
        ) from None


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


def explain_source(
    texts: Sequence[str], options: LoadOptions
) -> Counter[tuple[str, str, str, str]]:
    """Return how often which rule took which relation type, while loading an export."""
    from ripplegraph.loaders.load import load_explained

    _refuse_what_is_no_export(texts)
    with _full_paths(texts):
        return load_explained(texts, options, stdin=_stdin_of(texts))[1]


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
        if found and scheme.isalnum() and scheme not in SERVER_SCHEMES:
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
