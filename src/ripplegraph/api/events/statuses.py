"""Services whose status changed: told once, with what it was, what it is, and because of what.

What was told last is a document of the journal, so nothing is told twice, by whichever process,
and nothing is lost if one dies: whoever looks next sees the difference. A process that serves an
older revision than the one told of tells nothing: it would take back what is true by now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.feed import SERVICE_STATUS, entry
from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.build import graph_at
from ripplegraph.graph.journal import AppendEntry, JournalWrite, PutDocument
from ripplegraph.graph.model import Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.propagation.reasons import reasons_of
from ripplegraph.impact.propagation.scenario import actual_of, scenario_of

STATUSES, NOW_KEY = "service-statuses", "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A service that is not up: its status, and the chain of CIs to the outage behind it."""

    status: str
    because: tuple[str, ...]


class StatusTeller:
    """Tells the feed when the status of a service has changed."""

    def __init__(self, estate: ServedEstate, clock: Callable[[], datetime]) -> None:
        self._estate, self._clock = estate, clock

    def begin(self) -> None:
        """Take the statuses as they are for known, where nothing was told before."""
        if self._estate.journal.document(STATUSES, NOW_KEY) is None:
            self.tell()

    def tell(self) -> tuple[str, ...]:
        """Tell every change since the last look; return the ids of the services that changed."""
        while True:
            held = self._estate.journal.document(STATUSES, NOW_KEY)
            now, snapshot = self._clock(), self._estate.snapshot()
            graph, revision = snapshot.graph, snapshot.revision or 0
            told_revision, before = (0, {}) if held is None else _told_of(held.payload)
            if revision < told_revision:
                return ()
            found = services_not_up(graph, now, before)
            if held is None:
                before = found
            elif (told_revision, before) == (revision, found):
                return ()
            changes = list(_changes(before, found, graph, now))
            document = PutDocument(
                collection=STATUSES,
                key=NOW_KEY,
                payload=_text_of(revision, found),
                expected_version=0 if held is None else held.version,
            )
            writes: list[JournalWrite] = [document, *(change for _, change in changes)]
            try:
                self._estate.journal.commit(writes)
            except JournalConflictError:
                continue  # somebody else told meanwhile
            return tuple(service for service, _ in changes)


def services_not_up(
    graph: ServiceGraph, now: datetime, before: Mapping[str, Told]
) -> dict[str, Told]:
    """Return the services that are not up at a moment, by id.

    One whose status is as it was before keeps the reason that was told: reasons cost time.
    """
    then = graph_at(graph, now)
    own = actual_of(then, scenario_of(then, open_outages_at=now))
    statuses = settle(then, own)
    ids = then.ci_ids
    services = {ids[ci]: ci for ci in graph.service_numbers if ci in statuses}
    found: dict[str, Told] = {
        service: before[service]
        for service, ci in services.items()
        if service in before and before[service].status == statuses[ci].word
    }
    if len(found) < len(services):
        reasons = reasons_of(then, own, statuses)
        for service in services.keys() - found.keys():
            ci = services[service]
            because = tuple(ids[step] for step in reasons.chain_of(ci))
            found[service] = Told(status=statuses[ci].word, because=because)
    return found


def _changes(
    before: Mapping[str, Told], after: Mapping[str, Told], graph: ServiceGraph, now: datetime
) -> Iterator[tuple[str, AppendEntry]]:
    up = Told(status=Status.UP.word, because=())
    for service in sorted({*before, *after}):
        was, is_now = before.get(service, up), after.get(service, up)
        if was.status == is_now.status:
            continue
        number = graph.find(service)
        yield (
            service,
            entry(
                SERVICE_STATUS,
                now,
                service=service,
                name=service if number is None else graph.cis.name[number],
                before=was.status,
                after=is_now.status,
                because=list(is_now.because),
                was_because=list(was.because),
            ),
        )


def _text_of(revision: int, statuses: Mapping[str, Told]) -> str:
    shown = {name: [one.status, list(one.because)] for name, one in sorted(statuses.items())}
    return json.dumps({"revision": revision, "services": shown}, ensure_ascii=False)


def _told_of(payload: str) -> tuple[int, dict[str, Told]]:
    """Return the revision that was told of, and the services that were not up."""
    held: dict[str, Any] = json.loads(payload)
    services = {
        name: Told(status=status, because=tuple(because))
        for name, (status, because) in held["services"].items()
    }
    return held["revision"], services
