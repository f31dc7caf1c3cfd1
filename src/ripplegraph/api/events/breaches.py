"""Breaches of SLAs that are at hand, or happened: each is told once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import floor
from urllib.parse import quote

from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.feed import FORECAST_BREACH, entry
from ripplegraph.api.schemas.base import time_text
from ripplegraph.errors import JournalConflictError
from ripplegraph.graph.agreements import WindowUnit
from ripplegraph.graph.journal import AppendEntry, PutDocument, RemoveDocument
from ripplegraph.impact.timeline.forecasts import sla_forecasts
from ripplegraph.impact.timeline.outlook import SlaOutlook

TOLD_BREACHES = "told-breaches"
BREACHED, LIKELY = "breached", "likely"


class BreachTeller:
    """Tells the feed of SLAs that are breached, or whose breach is likely enough.

    Parameters
    ----------
    threshold
        Chance of a breach by the end of the window from which on it is told.
    """

    def __init__(
        self, estate: ServedEstate, clock: Callable[[], datetime], threshold: float
    ) -> None:
        self._estate, self._clock, self._threshold = estate, clock, threshold

    def tell(self, services: Sequence[str] | None = None) -> int:
        """Look at the SLAs of services, all if None, and return how many breaches were told."""
        now, graph = self._clock(), self._estate.read()
        known = (
            None if services is None else [one for one in services if graph.find(one) is not None]
        )
        outlooks = sla_forecasts(graph, now=now, services=known)
        count = 0
        for outlook in outlooks:
            if _is_rolling(outlook) and not outlook.is_breached:
                self._forget(outlook)
            for level in self._levels(outlook):
                count += self._tell(outlook, level, now)
        return count

    def _levels(self, outlook: SlaOutlook) -> Iterator[str]:
        if outlook.is_breached:
            yield BREACHED
            return
        forecast = outlook.forecast
        chance = None if forecast is None else forecast.probability
        if chance is not None and chance >= self._threshold:
            yield LIKELY

    def _tell(self, outlook: SlaOutlook, level: str, now: datetime) -> bool:
        key = _key(outlook, level)
        if self._estate.journal.document(TOLD_BREACHES, key) is not None:
            return False
        payload = json.dumps({"at": time_text(now)})
        told = PutDocument(collection=TOLD_BREACHES, key=key, payload=payload, expected_version=0)
        try:
            self._estate.journal.commit([told, _entry(outlook, level, now)])
        except JournalConflictError:
            return False  # another process told it
        return True

    def _forget(self, outlook: SlaOutlook) -> None:
        """Let the next breach of a rolling window, which has no end, be told as a new one."""
        key = _key(outlook, BREACHED)
        if self._estate.journal.document(TOLD_BREACHES, key) is not None:
            self._estate.journal.commit([RemoveDocument(collection=TOLD_BREACHES, key=key)])


def _entry(outlook: SlaOutlook, level: str, now: datetime) -> AppendEntry:
    forecast = outlook.forecast
    return entry(
        FORECAST_BREACH,
        now,
        level=level,
        service=outlook.service,
        name=outlook.service_name,
        agreement=outlook.agreement.agreement_id,
        customer=outlook.agreement.customer,
        window_start=time_text(outlook.window_start),
        window_end=time_text(outlook.window_end),
        probability=None if forecast is None else forecast.probability,
        budget_left_seconds=floor(outlook.budget_left_seconds),
        breach_at=time_text(outlook.breach_at),
    )


def _key(outlook: SlaOutlook, level: str) -> str:
    window = "rolling" if _is_rolling(outlook) else str(time_text(outlook.window_start))
    parts = (outlook.agreement.agreement_id, outlook.service, window, level)
    return "/".join(quote(one, safe=":") for one in parts)


def _is_rolling(outlook: SlaOutlook) -> bool:
    return outlook.agreement.window.unit is WindowUnit.ROLLING
