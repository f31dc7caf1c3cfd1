"""What a person says of live outages and of unmatched events: corrected, assigned, dismissed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ripplegraph.api.events.batch import Batch
from ripplegraph.api.events.documents import LiveDocument, UnmatchedDocument, key_of
from ripplegraph.api.events.episodes import (
    Correction,
    Episode,
    Facts,
    correction_of,
    episodes_of,
)
from ripplegraph.api.events.intake import EARLIEST, Intake, Reading, matched_event
from ripplegraph.errors import (
    InvalidEventError,
    JournalConflictError,
    UnknownItemError,
)
from ripplegraph.graph.outages import OutageKind

_OUTAGE = ("outage", "/v1/outages")
_EVENT = ("unmatched event", "/v1/events/unmatched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is corrected in one episode; None leaves a field as it is.

    Parameters
    ----------
    began
        Which episode, by when it was first said to begin; None for the last one.
    reopened
        True if it has not ended after all.
    version
        The version of the outage that the person saw; None takes any.
    """

    began: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    reopened: bool = False
    ci: str | None = None
    kind: OutageKind | None = None
    cause: str | None = None
    ticket: str | None = None
    excluded: str | None = None
    version: int | None = None


def amend(intake: Intake, source: str, external_id: str, said: Amendment) -> LiveDocument:
    """Correct one episode of a live outage and return the outage."""

    def work(reading: Reading) -> LiveDocument:
        live = known_outage(reading.batch, source, external_id)
        found = reading.batch.version(live.key)
        if said.version is not None and said.version != found:
            raise JournalConflictError(live.key, said.version, found)
        facts = _amended(live.facts, _episode(live, said.began), said, reading)
        after = replace(live, facts=facts)
        reading.batch.put_live(after)
        return after

    return intake.commit(work)


def known_outage(batch: Batch, source: str, external_id: str) -> LiveDocument:
    """Return a live outage of which something was said, else an UnknownItemError."""
    live = batch.live(source, external_id)
    if not live.facts.openings:
        raise UnknownItemError(*_OUTAGE)
    return live


def _episode(live: LiveDocument, began: datetime | None) -> Episode:
    episodes = [one for one in episodes_of(live.facts) if began is None or one.began == began]
    if not episodes:
        reason = "no episode of the outage began at that moment"
        raise InvalidEventError(reason, "Take `began` from the outage as it is told")
    return episodes[-1]


def _amended(facts: Facts, episode: Episode, said: Amendment, reading: Reading) -> Facts:
    _check_times(episode, said)
    ci = None if said.ci is None else reading.graph.ci_ids[reading.graph.resolve(said.ci)]
    held = correction_of(episode, facts)
    began = episode.began if held is None else held.began
    correction = Correction(
        began=began,
        start=said.start,
        ci=ci,
        kind=said.kind,
        cause=said.cause,
        ticket=said.ticket,
        excluded=said.excluded,
    )
    if correction != Correction(began=began):
        facts = facts.corrected(correction)
    if said.reopened or said.end is not None:
        facts = facts.ended_at(episode, said.end)
    return facts


def _check_times(episode: Episode, said: Amendment) -> None:
    start = said.start or episode.start
    end = None if said.reopened else said.end or episode.end
    for is_wrong, reason, advice in (
        (
            said.reopened and said.end is not None,
            "it cannot be open and have an end",
            "Say one of the two",
        ),
        (
            end is not None and end < start,
            "it would end before it starts",
            "Correct its start or its end",
        ),
        (start < EARLIEST, "it would start before 1970", "Correct its start"),
        (
            said.end is not None and said.end < episode.began,
            "it would end before it was first said to begin",
            "Close it at a later moment, and say with excluded that it does not count",
        ),
    ):
        if is_wrong:
            raise InvalidEventError(reason, advice)


def assign(intake: Intake, source: str, external_id: str, ci: str) -> LiveDocument:
    """Say which CI an unmatched event is about; it becomes a live outage."""

    def work(reading: Reading) -> LiveDocument:
        kept = kept_event(reading.batch, source, external_id)
        number = reading.graph.resolve(ci)
        return matched_event(reading, kept, reading.graph.ci_ids[number])

    return intake.commit(work)


def dismiss(
    intake: Intake, source: str, external_id: str, reason: str, by: str
) -> UnmatchedDocument:
    """Say why an unmatched event is of no matter; it stays listed as dismissed."""

    def work(reading: Reading) -> UnmatchedDocument:
        kept = kept_event(reading.batch, source, external_id)
        dismissed = replace(kept, dismissed=reason, dismissed_by=by)
        reading.batch.put_unmatched(kept.key, dismissed)
        return dismissed

    return intake.commit(work)


def kept_event(batch: Batch, source: str, external_id: str) -> UnmatchedDocument:
    """Return an unmatched event, else an UnknownItemError."""
    key = key_of(source, external_id)
    kept = batch.unmatched(key)
    if kept is None:
        raise UnknownItemError(*_EVENT)
    return kept
