"""The estate that is served: its newest graph under the live outages, and earlier revisions."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from time import monotonic

from ripplegraph.api.callers import current_caller
from ripplegraph.api.kept import FEED, LIVE_OUTAGES, all_documents
from ripplegraph.api.visible import VisibleParts
from ripplegraph.errors import StoreError, UnknownRevisionError
from ripplegraph.graph.journal import Document
from ripplegraph.graph.ports import EstateJournal, EstateStore, GraphSource
from ripplegraph.graph.service_graph import ServiceGraph

POLL_SECONDS = 1.0
"""How often a store is asked whether somebody published a revision."""

KEPT_REVISIONS = 2
"""How many earlier revisions stay in memory once they were asked for."""

_EXPORT = "this export"

Overlay = Callable[[ServiceGraph, tuple[Document, ...]], ServiceGraph]
"""Lays the live outages (documents of the journal) over a graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One state of an estate, whole and unchanging.

    Parameters
    ----------
    revision
        Its number in the store; None for an export.
    tag
        What tells this state from any other: equal states have equal tags.
    """

    graph: ServiceGraph
    revision: int | None
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where the revisions of a served estate are kept.

    Parameters
    ----------
    revision
        The one that the source holds.
    is_pinned
        True to serve that one even if there are newer ones.
    """

    store: EstateStore
    revision: int
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class _Base:
    graph: ServiceGraph
    revision: int | None


@dataclass(frozen=True, slots=True)
class _Shown:
    base: _Base
    feed_number: int
    documents: tuple[Document, ...]
    snapshot: Snapshot


def _no_overlay(graph: ServiceGraph, _documents: tuple[Document, ...]) -> ServiceGraph:
    return graph


@dataclass(kw_only=True)
class ServedEstate:
    """What every route reads; safe between threads.

    A new revision is read by one thread while the others still see the one before; nobody sees
    half of one. What this process wrote to the journal is seen by the next read.

    Parameters
    ----------
    origin
        What tells the source from others of its kind, such as the moment when it was read; part
        of every tag where there are no revisions.
    seconds
        A clock that only runs forward.
    """

    source: GraphSource
    journal: EstateJournal
    keeping: Keeping | None = None
    overlay: Overlay = _no_overlay
    origin: str = ""
    seconds: Callable[[], float] = monotonic
    _base: _Base | None = field(default=None, init=False)
    _shown: _Shown | None = field(default=None, init=False)
    _asked_at: float = field(default=0.0, init=False)
    _trouble: StoreError | None = field(default=None, init=False)
    _earlier: OrderedDict[int, Snapshot] = field(default_factory=OrderedDict, init=False)
    _parts: VisibleParts = field(default_factory=VisibleParts, init=False)
    _reading: Lock = field(default_factory=Lock, init=False)
    _laying: Lock = field(default_factory=Lock, init=False)
    _reading_earlier: Lock = field(default_factory=Lock, init=False)

    @property
    def store(self) -> EstateStore | None:
        """The store of its revisions, None for an export."""
        return None if self.keeping is None else self.keeping.store

    @property
    def trouble(self) -> StoreError | None:
        """Why the newest revision could not be read when it was last tried; None if it was."""
        return self._trouble

    def read(self) -> ServiceGraph:
        """Return the newest graph under the live outages, as far as the caller may see it."""
        return self.snapshot().graph

    def snapshot(self, revision: int | None = None) -> Snapshot:
        """Return the newest state under the live outages, or a revision as it was published.

        A caller who is limited to tags gets the part that it may see, under a tag of its own.
        """
        whole, tags = self._whole(revision), current_caller().tags
        if tags is None:
            return whole
        digest = hashlib.sha256("\0".join(sorted(tags)).encode()).hexdigest()[:16]
        part = self._parts.of(whole.graph, tags)
        return replace(whole, graph=part, tag=f"{whole.tag}-for-{digest}")

    def _whole(self, revision: int | None) -> Snapshot:
        if revision is not None:
            return self._earlier_snapshot(revision)
        base, number = self._current_base(), self.journal.last_number(FEED)
        shown = self._shown
        if shown is not None and shown.base is base and shown.feed_number == number:
            return shown.snapshot
        with self._laying:
            return self._laid_over(base, number).snapshot

    def revision_number(self, asked: int | datetime | None) -> int | None:
        """Return the number of the revision asked about; None stands for the newest."""
        if not isinstance(asked, datetime):
            return asked
        if self.store is None:
            raise UnknownRevisionError(_EXPORT, f"revision at {asked.isoformat()}")
        return self.store.revision_at(asked).number

    def refresh(self) -> Snapshot:
        """Return the newest state; the store is asked now, whenever that was done last."""
        self._asked_at = self.seconds() - POLL_SECONDS
        return self.snapshot()

    def _current_base(self) -> _Base:
        if self._base is None:
            with self._reading:
                if self._base is None:
                    self._base = self._first_base()
            return self._base
        if self._is_to_ask() and self._reading.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._reading.release()
        return self._base

    def _first_base(self) -> _Base:
        graph = self.source.read()
        self._asked_at = self.seconds()
        return _Base(graph, None if self.keeping is None else self.keeping.revision)

    def _is_to_ask(self) -> bool:
        follows = self.keeping is not None and not self.keeping.is_pinned
        return follows and self.seconds() - self._asked_at >= POLL_SECONDS

    def _follow(self) -> None:
        """Read the newest revision if it is another one; while the store fails, keep what is."""
        assert self.keeping is not None
        assert self._base is not None
        store = self.keeping.store
        try:
            newest = store.newest()
            if newest is not None and newest.number != self._base.revision:
                self._base = _Base(store.read(newest.number), newest.number)
            self._trouble = None
        except StoreError as error:
            self._trouble = error
        finally:
            self._asked_at = self.seconds()

    def _laid_over(self, base: _Base, number: int) -> _Shown:
        """Lay the live outages over a graph, unless they are those that lie there."""
        shown = self._shown
        if shown is not None and shown.base is base and shown.feed_number >= number:
            return shown
        documents = tuple(all_documents(self.journal, LIVE_OUTAGES))  # never older than the number
        if shown is not None and shown.base is base and shown.documents == documents:
            snapshot = shown.snapshot
        else:
            snapshot = Snapshot(
                graph=self.overlay(base.graph, documents) if documents else base.graph,
                revision=base.revision,
                tag=self._tag_of(base.revision, documents),
            )
        self._shown = _Shown(base, number, documents, snapshot)
        return self._shown

    def _tag_of(self, revision: int | None, documents: tuple[Document, ...]) -> str:
        name = self.origin if revision is None else str(revision)
        if not documents:
            return name
        digest = hashlib.sha256()
        for one in documents:
            digest.update(f"{one.key}\0{one.version}\0{one.payload}\0".encode())
        return f"{name}-{digest.hexdigest()[:16]}"

    def _earlier_snapshot(self, revision: int) -> Snapshot:
        if self.store is None:
            raise UnknownRevisionError(_EXPORT, f"revision {revision}")
        with self._reading_earlier:
            held = self._earlier.get(revision)
            if held is None:
                graph = self._graph_of(revision, self.store)
                held = Snapshot(graph=graph, revision=revision, tag=f"{revision}-as-published")
                self._earlier[revision] = held
            self._earlier.move_to_end(revision)
            while len(self._earlier) > KEPT_REVISIONS:
                self._earlier.popitem(last=False)
        return held

    def _graph_of(self, revision: int, store: EstateStore) -> ServiceGraph:
        base = self._base
        return base.graph if base and base.revision == revision else store.read(revision)
