"""Live outages and unmatched events as documents of the journal, and over the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, unquote

from pydantic import TypeAdapter

from ripplegraph.api.events.episodes import Facts, Span, episodes_of
from ripplegraph.graph.journal import Document
from ripplegraph.graph.live_outages import LiveOutage, LiveOutages
from ripplegraph.graph.outages import Outage
from ripplegraph.graph.service_graph import ServiceGraph

TAKEN = "taken-events"
_KEPT_PARSED = 20_000
_DIGESTS = 2**64
_SAFE = ":@+,;=!*'()"  # what a key shows as it is; a slash and a percent sign never


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDocument:
    """One outage by source and external id: what was said of it.

    Parameters
    ----------
    volume
        When the first episode of it began, if this holds only what is settled of an outage that
        goes on under its id; "" else.
    settled_until
        Up to when volumes tell what was said; None if there are none.
    """

    source: str
    external_id: str
    facts: Facts = field(default_factory=Facts)
    volume: str = ""
    settled_until: datetime | None = None

    @property
    def key(self) -> str:
        """Its key in the journal, which its address ends with."""
        name = f"{self.external_id}@{self.volume}" if self.volume else self.external_id
        return key_of(self.source, name)


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


class LiveLayer:
    """The live outages of documents over one graph, each laid when its document changes."""

    def __init__(self, graph: ServiceGraph) -> None:
        self._live = LiveOutages(graph)
        self._digests: dict[str, int] = {}
        self._digest = 0

    @property
    def graph(self) -> ServiceGraph:
        """The graph with the live outages."""
        return self._live.graph

    @property
    def tag(self) -> str:
        """What tells these live outages from any others; "" if there are none."""
        return f"{self._digest % _DIGESTS:016x}" if self._digests else ""

    def put(self, documents: Mapping[str, Document | None]) -> None:
        """Lay the outages of these documents in place of what their keys had."""
        outages = {
            key: () if one is None else _outages_of(one.payload) for key, one in documents.items()
        }
        self._live.put(outages)
        for key, ones in outages.items():
            self._digest -= self._digests.pop(key, 0)
            if ones:  # added up, so that the order in which they came does not count
                own = sha256(f"{key}\0{ones!r}".encode()).digest()
                self._digests[key] = int.from_bytes(own)
                self._digest += self._digests[key]

    def is_recorded(self, key: str) -> bool:
        """Return whether the graph itself tells all that the document of a key does, ended."""
        return self._live.is_recorded(key)


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
