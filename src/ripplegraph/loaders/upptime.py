"""Upptime status repositories: sites as services, their outages, and since when they are watched.

Three sources, alone or together: ``history/summary.json`` (minutes down per day), the log of
commits as ``git log --format='%H<TAB>%cI<TAB>%s'`` (the moment of every change of status), and
``history/*.yml`` (since when a site is watched). Where the log tells of a site, its minutes per
day are not used: the log is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath

from ripplegraph.graph.model import CiKind
from ripplegraph.graph.outages import Outage, OutageKind
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.reading import RawDocument, RawTable

_SOURCE = "upptime"
_CLASS = "service"
_COMMIT = re.compile(r"[0-9a-f]{7,40}", re.ASCII)
_STATUS = re.compile(
    "^(?:\N{LARGE RED SQUARE}|\N{LARGE GREEN SQUARE}|\N{LARGE YELLOW SQUARE})\\s*"
    r"(?P<name>.{1,300}?)\s+(?:is|has|experiences)\s+(?P<word>up|down|degraded)\b"
)
_KINDS = {"down": OutageKind.UNPLANNED, "degraded": OutageKind.DEGRADATION}
_MINUTES_PER_DAY = 1440
_MOST_DAYS = 100_000


@dataclass(slots=True, kw_only=True)
class _Site:
    """What the sources tell of one site."""

    slug: str
    name: str
    url: str = ""
    events: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    days: dict[date, int] = field(default_factory=dict)
    watched_from: datetime | None = None
    watched_to: datetime | None = None
    file: str
    row: int


def upptime_claims_table(table: RawTable) -> bool:
    """Return whether a table is a log of commits: it has no header, so the first row names it."""
    names = list(table.columns)
    if [name.casefold() for name in names[:3]] == ["commit", "date", "message"]:
        return True
    is_log = len(names) == 3 and _COMMIT.fullmatch(names[0]) is not None
    return is_log and _moment(names[1]) is not None


def upptime_claims_document(document: RawDocument) -> bool:
    """Return whether a document is a summary or the history of a site."""
    data = document.data
    if isinstance(data, list):
        first = data[0] if data else None
        return isinstance(first, Mapping) and {"slug", "dailyMinutesDown"} <= first.keys()
    return isinstance(data, Mapping) and "Upptime" in str(data.get("generator", ""))


def upptime_records(
    tables: Sequence[RawTable], documents: Sequence[RawDocument], context: LoadContext
) -> None:
    """Add the sites of Upptime's files as services, with their outages."""
    sites = _Sites(context)
    for document in documents:
        if isinstance(document.data, list):
            sites.read_summary(document.file, document.data)
    for document in documents:
        if isinstance(document.data, Mapping):
            sites.read_history(document.file, document.data)
    for table in tables:
        sites.read_log(table)
    sites.finish()


class _Sites:
    """Collects the sites; a site is known by its slug, in the log by its name."""

    def __init__(self, context: LoadContext) -> None:
        self._context = context
        self._sites: dict[str, _Site] = {}
        self._slugs: dict[str, str] = {}
        self._log: tuple[str, datetime] | None = None

    def read_summary(self, file: str, entries: Sequence[object]) -> None:
        """Read the list of sites with their minutes down per day."""
        context = self._context
        context.ledger.register(file, range(1, len(entries) + 1))
        for row, entry in enumerate(entries, start=1):
            slug = str(entry.get("slug") or "") if isinstance(entry, Mapping) else ""
            if not isinstance(entry, Mapping) or not slug:
                context.found.add("missing-id", "a site has no slug", file=file, row=row)
                context.ledger.refuse(file, row)
                continue
            if slug in self._sites:
                text = f"site {slug!r} stands already"
                context.found.add("duplicate-id", text, file=file, row=row)
                context.ledger.refuse(file, row)
                continue
            site = self._site(slug, str(entry.get("name") or slug), file, row)
            site.url = str(entry.get("url") or "")
            site.days = self._days_of(entry.get("dailyMinutesDown"), slug, file, row)
            context.ledger.use(file, row)

    def read_history(self, file: str, entry: Mapping[object, object]) -> None:
        """Read since when a site is watched, and until when."""
        slug = PurePosixPath(file.partition("#")[0]).stem
        self._context.ledger.register(file, (1,))
        self._context.ledger.use(file, 1)
        site = self._site(slug, slug, file, 1)
        site.url = site.url or str(entry.get("url") or "")
        site.watched_from = _moment(str(entry.get("startTime") or ""))
        site.watched_to = _moment(str(entry.get("lastUpdated") or ""))

    def read_log(self, table: RawTable) -> None:
        """Read the changes of status; other commits tell that the site was still watched."""
        context = self._context
        others: list[int] = []
        for order, (row, at, message) in enumerate(_commits(table, context)):
            match = _STATUS.match(message)
            moment = _moment(at)
            if moment is not None and (self._log is None or moment > self._log[1]):
                self._log = (table.file, moment)
            if match is None or moment is None:
                others.append(row)
                context.ledger.refuse(table.file, row)
                continue
            name = match["name"].strip()
            slug = self._slugs.get(name) or slug_of(name)
            site = self._site(slug, name, table.file, row)
            site.events.append((moment, -order, match["word"], row))
            context.ledger.use(table.file, row)
        if others:
            text = "commits that tell no change of status"
            count = len(others)
            context.found.add(
                "commit-without-status", text, file=table.file, row=others[0], count=count
            )

    def finish(self) -> None:
        """Add the sites as services, and their outages."""
        for slug, site in sorted(self._sites.items()):
            site.events.sort()
            observed = self._observed(site)
            self._context.records.cis.append(
                source=self._context.options.source or _SOURCE,
                class_name=_CLASS,
                native_id=slug,
                name=site.name,
                kind=CiKind.SERVICE,
                is_logical=True,
                observed_from=observed[0],
                observed_to=observed[1],
                file=site.file,
                row=site.row,
                attributes={"url": site.url},
            )
            if site.events:
                self._add_outages_of_log(site)
            elif site.days:
                self._add_outages_of_days(site)

    def _observed(self, site: _Site) -> tuple[datetime | None, datetime | None]:
        first = site.events[0][0] if site.events else site.watched_from
        last = self._log[1] if site.events and self._log else site.watched_to
        return first, last

    def _add_outages_of_log(self, site: _Site) -> None:
        file = self._log[0] if self._log else site.file
        since: tuple[datetime, str, int] | None = None
        for moment, _, word, row in site.events:
            if since is not None and since[1] != word:
                self._add_outage(site, since, moment, file)
            if since is None or since[1] != word:
                since = (moment, word, row)
        if since is not None:
            self._add_outage(site, since, None, file)

    def _add_outage(
        self, site: _Site, since: tuple[datetime, str, int], end: datetime | None, file: str
    ) -> None:
        start, word, row = since
        if word in _KINDS and (end is None or start < end):
            self._context.records.outages.append(
                Outage(
                    ci=site.slug,
                    start=start,
                    end=end,
                    kind=_KINDS[word],
                    source=_SOURCE,
                    file=file,
                    row=row,
                )
            )

    def _add_outages_of_days(self, site: _Site) -> None:
        """Add an outage for each run of days: the summary tells minutes, not when they were."""
        for start, end in _placed(site.days):
            self._context.records.outages.append(
                Outage(
                    ci=site.slug,
                    start=start,
                    end=end,
                    source=_SOURCE,
                    file=site.file,
                    row=site.row,
                )
            )
        text = f"site {site.slug!r}: the summary tells minutes down per day, not when they were"
        self._context.found.add("outage-placed", text, file=site.file, row=site.row)

    def _site(self, slug: str, name: str, file: str, row: int) -> _Site:
        self._slugs.setdefault(name, slug)
        return self._sites.setdefault(slug, _Site(slug=slug, name=name, file=file, row=row))

    def _days_of(self, days: object, slug: str, file: str, row: int) -> dict[date, int]:
        kept: dict[date, int] = {}
        entries = list(days.items())[:_MOST_DAYS] if isinstance(days, Mapping) else []
        for day, minutes in entries:
            try:
                parsed = date.fromisoformat(str(day))
            except ValueError:
                parsed = None
            if parsed is None or type(minutes) is not int or not 0 <= minutes <= _MINUTES_PER_DAY:
                text = f"site {slug!r}: {str(day)[:20]!r} has no minutes from 0 to 1440"
                self._context.found.add("invalid-value", text, file=file, row=row)
            elif minutes:
                kept[parsed] = minutes
        return kept


def slug_of(name: str) -> str:
    """Return the slug that Upptime makes of a name.

    Examples
    --------
    >>> slug_of("https://shop.example/")
    'https-shop-example'
    """
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))


def _commits(table: RawTable, context: LoadContext) -> Iterator[tuple[int, str, str]]:
    """Yield row, time and message of every commit; without a header the first row is one too."""
    names = list(table.columns)
    if names[0].casefold() != "commit":
        context.ledger.register(table.file, (1,))
        yield 1, names[1], names[2]
    columns = [table.columns[name] for name in names[1:3]]
    for at, row in enumerate(table.rows):
        yield row, columns[0][at], columns[1][at]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _placed(days: Mapping[date, int]) -> Iterator[tuple[datetime, datetime]]:
    """Yield spans: a part of a day before a whole one at its end, else at its start."""
    spans: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        length = timedelta(minutes=days[day])
        tomorrow_is_whole = days.get(day + timedelta(days=1)) == _MINUTES_PER_DAY
        start = midnight + timedelta(days=1) - length if tomorrow_is_whole else midnight
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + length)
        else:
            spans.append((start, start + length))
    yield from spans
