"""The estate that is served: its newest graph under the live outages, and earlier revisions."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock, Thread
from time import monotonic
from typing import Protocol

from ripplegraph.api.callers import current_caller
from ripplegraph.api.kept import FEED
from ripplegraph.api.live_reading import Changed, LiveReading
from ripplegraph.api.visible import VisibleParts
from ripplegraph.errors import StoreError, UnknownRevisionError
from ripplegraph.graph.ports import EstateJournal, EstateStore, GraphSource
from ripplegraph.graph.service_graph import ServiceGraph

POLL_SECONDS = 1.0
"""How often a store is asked whether somebody published a revision."""

KEPT_REVISIONS = 2
"""How many earlier revisions stay in memory once they were asked for."""

_EXPORT = "this export"
_DIGEST_PART = 16

_LOG = logging.getLogger("ripplegraph.estates")


class Layer(Protocol):
    """The live outages over one graph; not safe between threads, but its graphs are."""

    @property
    def graph(self) -> ServiceGraph:
        """The graph with what lies over it now."""
        ...

    @property
    def tag(self) -> str:
        """What tells what lies over it from anything else, "" for nothing."""
        ...

    def put(self, documents: Changed) -> None:
        """Lay documents of the journal over it in place of what their keys had."""
        ...

    def is_recorded(self, key: str) -> bool:
        """Return whether the graph itself tells all that the document of a key does, ended."""
        ...


class NoLayer:
    """Lays nothing over a graph."""

    tag = ""

    def __init__(self, graph: ServiceGraph) -> None:
        self.graph = graph

    def put(self, documents: Changed) -> None:
        """Leave the graph as it is."""

    def is_recorded(self, key: str) -> bool:
        """Return False: nothing is compared."""
        return False


Overlay = Callable[[ServiceGraph], Layer]
"""Begins to lay live outages over a graph."""

Aside = Callable[[Callable[[], None]], None]
"""Has work done while the caller goes on."""


def in_a_thread(work: Callable[[], None]) -> None:
    """Have work done by a thread of its own."""
    Thread(target=work, name="revision", daemon=True).start()


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
    name: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class _Shown:
    base: _Base
    feed_number: int
    snapshot: Snapshot


@dataclass(kw_only=True)
class ServedEstate:
    """What every route reads; safe between threads.

    A new revision is read aside while everybody still sees the one before; nobody waits for it
    but who asks for the newest (:meth:`refresh`), and nobody sees half of one. What this process
    wrote to the journal is seen by the next read.

    Parameters
    ----------
    origin
        What tells the source from others of its kind, such as the moment when it was read; part
        of every tag where there are no revisions.
    seconds
        A clock that only runs forward.
    aside
        Reads new revisions.
    """

    source: GraphSource
    journal: EstateJournal
    keeping: Keeping | None = None
    overlay: Overlay = NoLayer
    origin: str = ""
    seconds: Callable[[], float] = monotonic
    aside: Aside = in_a_thread
    _shown: _Shown | None = field(default=None, init=False)
    _live: LiveReading = field(init=False)
    _asked_at: float = field(default=0.0, init=False)
    _trouble: StoreError | None = field(default=None, init=False)
    _earlier: OrderedDict[int, Snapshot] = field(default_factory=OrderedDict, init=False)
    _parts: VisibleParts = field(default_factory=VisibleParts, init=False)
    _reading: Lock = field(default_factory=Lock, init=False)
    _laying: Lock = field(default_factory=Lock, init=False)
    _reading_earlier: Lock = field(default_factory=Lock, init=False)
    _holding_earlier: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        """Begin to read the journal."""
        self._live = LiveReading(self.journal)

    @property
    def store(self) -> EstateStore | None:
        """The store of its revisions, None for an export."""
        return None if self.keeping is None else self.keeping.store

    @property
    def trouble(self) -> StoreError | None:
        """Why the newest revision could not be read when it was last tried; None if it was."""
        return self._trouble

    @property
    def is_newest(self) -> bool:
        """Whether the newest revision is served, as far as one knows; an export always is."""
        is_pinned = self.keeping is not None and self.keeping.is_pinned
        return not is_pinned and self._trouble is None

    def recorded(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those live outages that the served revision tells itself, with their ends."""
        with self._laying:
            layer = None if self._shown is None else self._shown.base.layer
            return frozenset(key for key in keys if layer is not None and layer.is_recorded(key))

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
        shown, number = self._current(), self.journal.last_number(FEED)
        if shown.feed_number >= number:
            return shown.snapshot
        with self._laying:
            return self._laid_over(number).snapshot

    def revision_number(self, asked: int | datetime | None) -> int | None:
        """Return the number of the revision asked about; None stands for the newest."""
        if not isinstance(asked, datetime):
            return asked
        if self.store is None:
            raise UnknownRevisionError(_EXPORT, f"revision at {asked.isoformat()}")
        return self.store.revision_at(asked).number

    def refresh(self) -> Snapshot:
        """Return the newest state: the store is asked now, and what is new there waited for."""
        self._current()
        if self._follows:
            with self._reading:
                self._follow()
        return self.snapshot()

    @property
    def _follows(self) -> bool:
        return self.keeping is not None and not self.keeping.is_pinned

    def _current(self) -> _Shown:
        if self._shown is None:
            with self._reading:
                if self._shown is None:
                    graph = self.source.read()
                    self._asked_at = self.seconds()
                    self._serve(graph, None if self.keeping is None else self.keeping.revision)
        elif self._follows and self.seconds() - self._asked_at >= POLL_SECONDS:
            self._follow_aside()
        assert self._shown is not None
        return self._shown

    def _follow_aside(self) -> None:
        if self._reading.acquire(blocking=False):  # else somebody does it already
            try:
                self.aside(self._follow_and_release)
            except BaseException:
                self._reading.release()
                raise

    def _follow_and_release(self) -> None:
        try:
            self._follow()
        except Exception:
            _LOG.exception("the newest revision could not be read; it is tried again")
        finally:
            self._reading.release()

    def _follow(self) -> None:
        """Serve the newest revision if it is another one; while the store fails, keep what is."""
        assert self.keeping is not None
        assert self._shown is not None
        store = self.keeping.store
        try:
            newest = store.newest()
            if newest is not None and newest.number != self._shown.base.revision:
                self._serve(store.read(newest.number), newest.number)
            self._trouble = None
        except StoreError as error:
            self._trouble = error
        finally:
            self._asked_at = self.seconds()

    def _serve(self, graph: ServiceGraph, revision: int | None) -> None:
        """Serve a graph from now on, once the live outages lie over it."""
        name, layer = self._name_of(revision), self.overlay(graph)
        with self._laying:
            if self._shown is None:
                self._catch_up()
            laid = dict(self._live.documents)
        layer.put(laid)  # the long part; meanwhile others read the graph before
        with self._laying:
            self._catch_up()
            layer.put(_changed(laid, self._live.documents))
            self._show(_Base(graph, revision, name, layer))

    def _laid_over(self, number: int) -> _Shown:
        """Lay what changed over the graph, up to an entry of the feed at least."""
        shown = self._shown
        assert shown is not None
        if shown.feed_number >= number:
            return shown
        self._catch_up()
        return self._show(shown.base)

    def _catch_up(self) -> None:
        """Read what changed, and lay it over the graph that is served."""
        shown = self._shown
        if shown is None:
            self._live.catch_up()
            return
        base = shown.base
        try:
            base.layer.put(self._live.catch_up())
        except BaseException:  # half may be laid: begin anew, so that nothing is left out
            self._live = LiveReading(self.journal)
            fresh = replace(base, layer=self.overlay(base.graph))
            self._shown = replace(shown, base=fresh)
            raise

    def _show(self, base: _Base) -> _Shown:
        snapshot = None if self._shown is None else self._shown.snapshot
        graph = base.layer.graph
        if snapshot is None or snapshot.graph is not graph:
            snapshot = Snapshot(graph=graph, revision=base.revision, tag=self._tag_of(base))
        self._shown = _Shown(base, self._live.number, snapshot)
        return self._shown

    def _tag_of(self, base: _Base) -> str:
        return f"{base.name}-{base.layer.tag}" if base.layer.tag else base.name

    def _name_of(self, revision: int | None) -> str:
        """Return what tells a revision from any other, also in a store put in this one's place."""
        if revision is None or self.store is None:
            return self.origin
        digests = {one.number: one.content_sha256 for one in self.store.revisions()}
        return f"{revision}-{digests.get(revision, '')[:_DIGEST_PART]}"

    def _earlier_snapshot(self, revision: int) -> Snapshot:
        if self.store is None:
            raise UnknownRevisionError(_EXPORT, f"revision {revision}")
        held = self._held(revision)
        if held is None:
            with self._reading_earlier:  # one at a time: each needs as much memory as a graph
                held = self._held(revision) or self._hold(revision, self.store)
        return held

    def _held(self, revision: int) -> Snapshot | None:
        with self._holding_earlier:
            if revision in self._earlier:
                self._earlier.move_to_end(revision)
            return self._earlier.get(revision)

    def _hold(self, revision: int, store: EstateStore) -> Snapshot:
        base = None if self._shown is None else self._shown.base
        is_served = base is not None and base.revision == revision
        graph = base.graph if base is not None and is_served else store.read(revision)
        tag = f"{self._name_of(revision)}-as-published"
        held = Snapshot(graph=graph, revision=revision, tag=tag)
        with self._holding_earlier:
            self._earlier[revision] = held
            while len(self._earlier) > KEPT_REVISIONS:
                self._earlier.popitem(last=False)
        return held


def _changed(laid: Changed, now: Changed) -> Changed:
    """Return what is to be put where some documents lie, so that others do."""
    return {key: now.get(key) for key in {*laid, *now} if now.get(key) != laid.get(key)}
