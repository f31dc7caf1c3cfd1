"""Live outages and unmatched events as documents of the journal, and over the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote

from pydantic import TypeAdapter

from ripplegraph.api.events.episodes import Facts, Span, episodes_of
from ripplegraph.graph.journal import Document
from ripplegraph.graph.live_outages import LiveOutage, with_outages
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph

TAKEN = "taken-events"
_KEPT_PARSED = 20_000
_SAFE = ":@+,;=!*'()"  # what a key shows as it is; a slash and a percent sign never


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDocument:
    """One outage by source and external id: what was said of it."""

    source: str
    external_id: str
    facts: Facts = field(default_factory=Facts)

    @property
    def key(self) -> str:
        """Its key in the journal, which its address ends with."""
        return key_of(self.source, self.external_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedDocument:
    """An event whose CI nobody knows yet, or which a person dismissed.

    Parameters
    ----------
    origin
        Kind of source, which says whose rules hold.
    labels
        The event as the rules see it.
    dismissed
        Why it is of no matter; "" while it waits.
    """

    source: str
    external_id: str
    origin: str
    labels: Mapping[str, str]
    reason: str
    first_seen: datetime
    candidates: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    dismissed: str = ""
    dismissed_by: str = ""

    @property
    def key(self) -> str:
        """Its key in the journal."""
        return key_of(self.source, self.external_id)


def key_of(source: str, external_id: str) -> str:
    """Return ``source/external id`` with slashes and percent signs of both written ``%2F``..."""
    return f"{quote(source, safe=_SAFE)}/{quote(external_id, safe=_SAFE)}"


def plain(source: str, external_id: str) -> tuple[str, str]:
    """Return source and external id of an address, where they may be written as in a key."""
    return unquote(source), unquote(external_id)


_LIVE: TypeAdapter[LiveDocument] = TypeAdapter(LiveDocument)
_UNMATCHED: TypeAdapter[UnmatchedDocument] = TypeAdapter(UnmatchedDocument)


def live_text(document: LiveDocument) -> str:
    """Return a live outage as JSON text."""
    return _LIVE.dump_json(document).decode()


@lru_cache(maxsize=_KEPT_PARSED)
def live_of(payload: str) -> LiveDocument:
    """Return the live outage that a text of :func:`live_text` holds."""
    return _LIVE.validate_json(payload)


def unmatched_text(document: UnmatchedDocument) -> str:
    """Return an unmatched event as JSON text."""
    return _UNMATCHED.dump_json(document).decode()


def unmatched_of(payload: str) -> UnmatchedDocument:
    """Return the event that a text of :func:`unmatched_text` holds."""
    return _UNMATCHED.validate_json(payload)


def overlaid(graph: ServiceGraph, documents: Sequence[Document]) -> ServiceGraph:
    """Return the graph with the live outages of these documents."""
    return with_outages(graph, [one for held in documents for one in _outages_of(held.payload)])


@lru_cache(maxsize=_KEPT_PARSED)
def _outages_of(payload: str) -> tuple[LiveOutage, ...]:
    document = live_of(payload)
    spans = (span for episode in episodes_of(document.facts) for span in episode.spans)
    return tuple(_outage_of(document, span) for span in spans)


def _outage_of(document: LiveDocument, span: Span) -> LiveOutage:
    what = span.what
    outage = Outage(
        ci=what.ci,
        start=span.start,
        end=span.end,
        kind=what.kind,
        cause=what.cause,
        source=document.source,
        external_id=document.external_id,
        excluded=what.excluded,
        announced=what.announced,
        change=what.change,
    )
    return LiveOutage(outage=outage, ticket=what.ticket)
