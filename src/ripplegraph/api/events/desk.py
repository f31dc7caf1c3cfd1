"""The desk: everything that events need, put together for one served estate."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event, Lock

from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.background import Chore, doing
from ripplegraph.api.events.breaches import BreachTeller
from ripplegraph.api.events.documents import unmatched_of
from ripplegraph.api.events.forgetting import forget_outages
from ripplegraph.api.events.intake import Intake, rematch
from ripplegraph.api.events.options import EventOptions
from ripplegraph.api.events.publications import tell_revision
from ripplegraph.api.events.renaming import rename_alerts
from ripplegraph.api.events.statuses import StatusTeller
from ripplegraph.api.events.tidying import tidy
from ripplegraph.api.events.webhooks.dispatch import Dispatcher, Sending
from ripplegraph.api.kept import UNMATCHED, all_documents

_SECONDS_BETWEEN_TIDYING = 3600.0
_AT_ONCE = 100  # events that are matched again with one commit


class EventDesk:
    """Takes events in, and tells what follows from them."""

    def __init__(
        self, estate: ServedEstate, clock: Callable[[], datetime], options: EventOptions
    ) -> None:
        self.estate, self.clock, self.options = estate, clock, options
        self._statuses = StatusTeller(estate, clock)
        self._breaches = BreachTeller(estate, clock, options.breach_threshold)
        self.intake = Intake(estate, clock, options.rules, self._statuses.begin)
        self._wake_breaches, self._wake_look = Event(), Event()
        self._endangered: set[str] = set()
        self._all_due = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()
        self._matched_revision: int | None = None

    def told(self) -> None:
        """Tell what follows from what was just written."""
        changed = self._statuses.tell()
        if changed:
            with self._lock:
                self._endangered.update(changed)
            self._wake_breaches.set()

    def look(self) -> None:
        """Do what a new revision or the hour makes due; what is new in the store is waited for."""
        revision = self.estate.refresh().revision
        if revision is not None:
            tell_revision(self.estate.journal, revision, self.clock(), is_new=False)
        self.match_again()
        self.told()

    def match_again(self) -> None:
        """Match the unmatched events once more if another revision is served than last time."""
        revision = self.estate.snapshot().revision
        if revision == self._matched_revision:
            return
        if sum(rematch(self.intake, page) for page in self._unmatched_pages()):
            self.told()
        self._matched_revision = revision

    def _unmatched_pages(self) -> Iterator[list[tuple[str, str]]]:
        documents = (
            unmatched_of(one.payload) for one in all_documents(self.estate.journal, UNMATCHED)
        )
        events = ((one.source, one.external_id) for one in documents if not one.dismissed)
        while page := list(islice(events, _AT_ONCE)):
            yield page

    def tell_breaches(self) -> None:
        """Look at the SLAs of services that changed; at all of them when that is due."""
        now = self.clock()
        with self._lock:
            services = None if now >= self._all_due else sorted(self._endangered)
            self._endangered = set()
            if services is None:
                self._all_due = now + timedelta(seconds=self.options.forecast_every_seconds)
        if services is None or services:
            self._breaches.tell(services)

    def tidy(self) -> None:
        """Bring to order what earlier versions kept, and forget what nobody needs any more."""
        if rename_alerts(self.estate.journal, self.clock()):
            self.told()
        tidy(self.estate.journal, self.clock())
        forget_outages(self.estate, self.clock(), self.options.keep_outages)

    def _dispatch(self) -> Iterator[Chore]:
        """Yield the chore that sends webhooks, if there is what sends them."""
        options = self.options
        if options.poster is None:
            return
        sending = Sending(
            poster=options.poster,
            secrets=options.secrets,
            rules=options.webhook_rules,
            chance=random.random,
        )
        dispatcher = Dispatcher(self.estate.journal, self.clock, sending)
        yield Chore(name="webhooks", work=dispatcher.work, every_seconds=1.0, wake=Event())

    def running(self) -> AbstractContextManager[None]:
        """Do what is due by time while the block runs."""
        options = self.options
        return doing(
            [
                Chore(
                    name="statuses",
                    work=self.look,
                    every_seconds=options.look_every_seconds,
                    wake=self._wake_look,
                ),
                Chore(
                    name="breaches",
                    work=self.tell_breaches,
                    every_seconds=options.forecast_every_seconds,
                    wake=self._wake_breaches,
                ),
                Chore(
                    name="tidying",
                    work=self.tidy,
                    every_seconds=_SECONDS_BETWEEN_TIDYING,
                    wake=Event(),
                ),
                *self._dispatch(),
            ]
        )
