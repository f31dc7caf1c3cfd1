"""What every command does first: read the export, with progress, and know the moment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from time import monotonic
from typing import TYPE_CHECKING

from ripplegraph.cli.output import write_message
from ripplegraph.errors import SettingsError, UnreadableFileError
from ripplegraph.graph.askable_moments import FIRST_YEAR, LAST_YEAR, is_askable
from ripplegraph.graph.finding_catalogue import CODES_OF_DAMAGE
from ripplegraph.graph.findings import Severity
from ripplegraph.settings import Settings, read_settings
from ripplegraph.wiring import is_estate, keep_kernels, load_options, moment_in, open_source

if TYPE_CHECKING:
    from ripplegraph.cli.options import Authorship, Loading, Moment, Outages
    from ripplegraph.graph.ports import GraphSource
    from ripplegraph.graph.revisions import Provenance
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.scenario import Scenario
    from ripplegraph.loaders.context import LoadOptions


_TOLD_EVERY_SECONDS = 10.0

WARM_UP = "`ripplegraph warm-up` does it ahead"
NO_CACHE = (
    "compiled code cannot be kept, because no cache folder can be written: each run compiles "
    "anew. Set NUMBA_CACHE_DIR to a folder that can."
)


class ProgressLine:
    """One line on stderr that says how far reading is; shown only to people, and only if slow."""

    def __init__(self, *, quiet_seconds: float = 1.0, step_seconds: float = 0.2) -> None:
        self._quiet_seconds, self._step_seconds = quiet_seconds, step_seconds
        self._started = self._shown_at = monotonic()
        self._is_shown = False

    def __call__(self, label: str, done: int, total: int) -> None:
        """Show how many bytes of a file are read."""
        now = monotonic()
        if now - self._started < self._quiet_seconds:
            return
        if now - self._shown_at < self._step_seconds:
            return
        self._shown_at, self._is_shown = now, True
        percent = 100 * done // total if total else 0
        sys.stderr.write(
            f"\r\x1b[Kreading {ascii(label)[1:-1]}: {percent} % of {total / 1e6:.0f} MB"
        )
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class CompilingLines:
    """Lines on stderr that say that code is compiled: when it begins, then every ten seconds.

    A log reads them as well as a person.
    """

    def __init__(
        self, head: str, line: ProgressLine | None = None, clock: Callable[[], float] = monotonic
    ) -> None:
        self.count = 0
        self._head, self._line, self._clock, self._said_at = head, line, clock, 0.0

    def __call__(self, kernel: str) -> None:
        """Count a kernel that is about to be compiled."""
        now = self._clock()
        if not self.count:
            self._say(self._head, now)
        self.count += 1
        if now - self._said_at >= _TOLD_EVERY_SECONDS:
            self._say(f"still compiling, {self.count} kernels so far", now)

    def _say(self, text: str, now: float) -> None:
        if self._line is not None:
            self._line.clear()
        write_message(f"ripplegraph: {text}")
        self._said_at = now


def tell_of_compiling(
    line: ProgressLine | None, *, clock: Callable[[], float] = monotonic
) -> None:
    """Keep compiled code in the user's cache folder; tell who waits for it, on stderr."""
    keep_kernels(
        on_compile=CompilingLines(f"compiling, once, for a minute or so ({WARM_UP})", line, clock),
        on_no_cache=lambda: write_message("ripplegraph: " + NO_CACHE),
    )


def options_of(loading: Loading, settings: Settings, line: ProgressLine | None) -> LoadOptions:
    """Return how to load, by the options and the settings."""
    return load_options(
        settings,
        mapping=loading.mapping,
        outage_rules=loading.outage_rules,
        time_zone=loading.timezone,
        day_first=loading.day_first,
        source_name=loading.source_name,
        strict=loading.strict,
        progress=line,
    )


def source_of(sources: Sequence[str], loading: Loading) -> GraphSource:
    """Return the source that the command line names, already read."""
    line = ProgressLine() if sys.stderr.isatty() else None
    tell_of_compiling(line)
    texts = [*sources, *loading.also]
    _refuse_reading_options_of_stores(texts, loading)
    options = options_of(loading, read_settings(), line)
    source = open_source(texts, options, revision=loading.revision)
    try:
        graph = source.read()
    finally:
        if line is not None:
            line.clear()
    _refuse_without_rows(texts, graph)
    _tell_of_damage(graph)
    return source


def _refuse_reading_options_of_stores(texts: Sequence[str], loading: Loading) -> None:
    """Refuse what says how to read an export where a store is named: it was read long ago."""
    stores = [text for text in texts if is_estate(text)]
    if not stores:
        return
    if len(texts) > 1:
        raise UnreadableFileError(stores[0], "it is a store", "Name a store alone, or an export.")
    said = {
        "--mapping": loading.mapping,
        "--outage-rules": loading.outage_rules,
        "--day-first": loading.day_first,
        "--source-name": loading.source_name,
        "--strict": loading.strict or None,
    }
    for option, value in said.items():
        if value is not None:
            reason = f"{stores[0]} is a store, and holds what was read already"
            advice = "Say it where the export is loaded: ripplegraph load EXPORT --into STORE"
            raise SettingsError(setting=option, reason=reason, advice=advice)


def _refuse_without_rows(texts: Sequence[str], graph: ServiceGraph) -> None:
    """Refuse an export of which not one row was used: no answer about it would be true."""
    if graph.report.rows_used:
        return
    found = [one for one in graph.report.findings if one.severity is not Severity.INFO]
    said = [f"{one.file}: {one.message}" if one.file else one.message for one in found[:3]]
    raise UnreadableFileError(
        ", ".join(texts[:3]),
        "; ".join(["not one row of it could be used", *said]),
        "Give an export of CIs and relations: docs/data-model.md tells which tables are read.",
    )


def _tell_of_damage(graph: ServiceGraph) -> None:
    """Say on stderr that every answer may lack what is in damaged files, or is wrong by them."""
    lost = [one for one in graph.report.findings if one.code in CODES_OF_DAMAGE]
    if not lost:
        return
    first = lost[0]
    place = f"{first.file}:{first.row}" if first.row else first.file
    more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
    write_message(
        "ripplegraph: files of the export are damaged or were not read whole, so that answers may "
        f"be wrong: {place}: {first.message.rstrip('.')}{more} (`ripplegraph check` lists all)"
    )


def graph_of(sources: Sequence[str], loading: Loading) -> ServiceGraph:
    """Return the graph of the export that the command line names."""
    return source_of(sources, loading).read()


def provenance_of(authorship: Authorship, at: datetime, source: str = "") -> Provenance:
    """Return who changes a store, when and why."""
    from getpass import getuser

    from ripplegraph.graph.revisions import Provenance
    from ripplegraph.graph.wording import writable

    author = authorship.author if authorship.author is not None else getuser()
    return Provenance(
        author=writable(author),
        at=at,
        reason=writable(authorship.reason),
        source=writable(source),
    )


def graph_then(sources: Sequence[str], loading: Loading, moment: datetime) -> ServiceGraph:
    """Return the graph with the dependencies that hold at a moment in effect."""
    from ripplegraph.graph.build import graph_at

    return graph_at(graph_of(sources, loading), moment)


def moment_of(moment: Moment, loading: Loading) -> datetime:
    """Return the moment asked about, in UTC: ``--at``, else now."""
    if moment.at is None:
        return datetime.now(UTC)
    zone = _zone(loading.timezone or read_settings().time_zone)
    advice = "Write ISO 8601, e.g. 2026-11-23T03:00Z"
    asked = moment_in(moment.at, "--at", zone=zone, advice=advice)
    if not is_askable(asked):
        reason = f"{moment.at!r} lies outside the years {FIRST_YEAR} to {LAST_YEAR}"
        raise SettingsError(setting="--at", reason=reason, advice=advice)
    return asked


def scenario_then(
    graph: ServiceGraph, down: Sequence[str], outages: Outages, moment: datetime
) -> Scenario:
    """Return the scenario that the command line describes."""
    from ripplegraph.impact.propagation.scenario import scenario_of

    return scenario_of(
        graph,
        down=down,
        maintenance=outages.maintenance,
        degraded=outages.degraded,
        open_outages_at=moment if outages.with_open_outages else None,
    )


def _zone(name: str | None) -> tzinfo:
    """Return the zone of a time without one: the one said, else UTC."""
    from ripplegraph.graph.zone_offsets import zone_named

    if name is None:
        return UTC
    try:
        return zone_named(name)
    except ValueError as exc:
        advice = "Write an IANA name such as Europe/Berlin"
        raise SettingsError(
            setting="--timezone", reason=f"{name!r} is no time zone", advice=advice
        ) from exc
