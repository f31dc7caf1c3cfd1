"""Long stories in volumes: what is long over leaves the document that grows with each event.

Some ids come again for years, such as the fingerprint of an alert that flaps. So the oldest
episodes move into a document of their own, a volume, as soon as there are many; there they are
settled. Outages and their episodes stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ripplegraph.api.events.documents import LiveDocument
from ripplegraph.api.events.episodes import Facts, ended_episodes
from ripplegraph.api.events.notices import Notice
from ripplegraph.api.schemas.base import time_text

SETTLED_ABOVE = 200
"""Openings and closings of one id from which on the oldest episodes are settled."""

LEFT_OPEN = 100
"""How many of them stay where events in any order still count, if so many episodes are over."""


def settled(live: LiveDocument) -> tuple[LiveDocument, LiveDocument | None]:
    """Return a live outage as it goes on, and the volume of what is settled, if anything is."""
    if live.facts.count <= SETTLED_ABOVE:
        return live, None
    until = _until(live.facts)
    if until is None:
        return live, None
    old, rest = live.facts.split_at(until)
    began = ended_episodes(old)[0].began
    volume = replace(live, volume=str(time_text(began)), facts=old, settled_until=None)
    return replace(live, facts=rest, settled_until=until), volume


def _until(facts: Facts) -> datetime | None:
    """Return the end of the last episode to be settled, None if none is over."""
    until = None
    for episode in ended_episodes(facts):
        if episode.end == episode.began:
            continue  # at this one moment it both begins and ends: facts cannot be parted there
        until = episode.end
        if until is not None and facts.split_at(until)[1].count <= LEFT_OPEN:
            break
    return until


def told_since(notice: Notice, until: datetime | None) -> Notice | None:
    """Return what a notice says of the time that is not settled; None if it says nothing of it."""
    if until is None:
        return notice
    opens = notice.opens and not (notice.start is not None and notice.start < until)
    closes = notice.closes and not (notice.end is not None and notice.end <= until)
    return replace(notice, opens=opens, closes=closes) if opens or closes else None


def whole_story(live: LiveDocument, volumes: Iterable[LiveDocument]) -> LiveDocument:
    """Return a live outage as if nothing of these volumes were settled."""
    facts = live.facts
    for one in volumes:
        facts = facts.joined_with(one.facts)
    return replace(live, facts=facts)
