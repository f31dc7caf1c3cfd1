"""Events in: notices become live outages, or unmatched events; each change is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.events.batch import Batch
from ripplegraph.api.events.documents import LiveDocument, UnmatchedDocument, key_of
from ripplegraph.api.events.episodes import (
    MOST_FACTS,
    Facts,
    Opening,
    episodes_of,
    open_now,
    thinned,
)
from ripplegraph.api.events.notices import Became, Notice, Outcome
from ripplegraph.api.events.volumes import settled, told_since
from ripplegraph.api.schemas.base import time_text
from ripplegraph.errors import AmbiguousCiError, JournalConflictError
from ripplegraph.graph.event_rules import CiMatch, EventRules, SourceRules, matched_ci
from ripplegraph.graph.look_up import near_misses
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph

MOST_TRIES = 20
"""Times that a commit is tried again because somebody else changed the same outage."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_NEAR_MISSES = 5  # events of a request for which near misses are looked for: they cost time
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one try of a commit rests on."""

    batch: Batch
    graph: ServiceGraph
    revision: int | None
    now: datetime
    looks: Iterator[int]


class Intake:
    """Takes notices in. Safe between threads and processes: the journal tells conflicts.

    Parameters
    ----------
    before_first
        Called before anything is written.
    """

    def __init__(
        self,
        estate: ServedEstate,
        clock: Callable[[], datetime],
        rules: EventRules,
        before_first: Callable[[], None],
    ) -> None:
        self._estate, self._clock, self._rules = estate, clock, rules
        self._before_first: Callable[[], None] | None = before_first

    @property
    def rules(self) -> EventRules:
        """The rules of every source."""
        return self._rules

    def now(self) -> datetime:
        """Return the moment that counts as now."""
        return self._clock()

    def take(self, notices: Sequence[Notice]) -> list[Outcome]:
        """Take notices in with one commit, and say what became of each."""
        revision: int | None = None

        def work(reading: Reading) -> list[Outcome]:
            nonlocal revision
            revision = reading.revision
            return [self._taken(one, reading) for one in notices]

        outcomes = self.commit(work)
        left = [(o.source, o.external_id) for o in outcomes if o.became is Became.UNMATCHED]
        if left and self._estate.snapshot().revision != revision:
            rematch(self, left)  # who matched all events on the new one may not have seen these
        return outcomes

    def commit(self, work: Callable[[Reading], Done]) -> Done:
        """Do work on a batch and commit it; tried again if somebody else was faster."""
        before_first = self._before_first  # another thread may be as far
        if before_first is not None:
            before_first()
            self._before_first = None
        tries = MOST_TRIES
        while True:
            tries -= 1
            batch, snapshot = Batch(self._estate.journal), self._estate.snapshot()
            reading = Reading(
                batch=batch,
                graph=snapshot.graph,
                revision=snapshot.revision,
                now=self._clock(),
                looks=iter(range(_MOST_NEAR_MISSES)),
            )
            done = work(reading)
            writes = reading.batch.writes(reading.now)
            try:
                if writes:
                    self._estate.journal.commit(writes)
            except JournalConflictError:
                if not tries:
                    raise
            else:
                return done

    def _taken(self, notice: Notice, reading: Reading) -> Outcome:
        rules = self._rules.of(notice.origin)
        flaw = _flaw(notice, rules)
        if flaw:
            return _outcome(notice, Became.IGNORED, flaw)
        if notice.delivery and reading.batch.is_taken(notice.source, notice.delivery):
            return _outcome(notice, Became.UNCHANGED, "this event came before")
        until = reading.batch.live(notice.source, notice.external_id).settled_until
        since = told_since(notice, until)
        if since is None:
            reason = f"what was told under this id up to {time_text(until)} is settled"
            return _outcome(notice, Became.IGNORED, reason)
        return self._applied(since, rules, reading)

    def _applied(self, notice: Notice, rules: SourceRules, reading: Reading) -> Outcome:
        if not notice.opens:
            return _closed(notice, reading)
        match = _matched(notice, rules, reading)
        if match.ci_id is None:
            return _kept(notice, match, rules, reading)
        return _opened(notice, match.ci_id, rules, reading)


def rematch(intake: Intake, events: Sequence[tuple[str, str]]) -> int:
    """Match events (source and external id) again on the graph as it is; return how many were."""

    def work(reading: Reading) -> int:
        count = 0
        for source, external_id in events:
            kept = reading.batch.unmatched(key_of(source, external_id))
            if kept is None or kept.dismissed:
                continue
            ci_id = _ci_now(intake, reading, kept)
            if ci_id is not None:
                matched_event(reading, kept, ci_id)
                count += 1
        return count

    return intake.commit(work)


def _ci_now(intake: Intake, reading: Reading, kept: UnmatchedDocument) -> str | None:
    named = kept.labels.get("ci") if set(kept.labels) == {"ci"} else None
    if named is not None:
        number = reading.graph.find(named)
        return None if number is None else reading.graph.ci_ids[number]
    rules = intake.rules.of(kept.origin).cis
    return matched_ci(reading.graph, rules, kept.labels, with_near_misses=False).ci_id


def matched_event(reading: Reading, kept: UnmatchedDocument, ci_id: str) -> LiveDocument:
    """Make an outage of an event whose CI was unknown and now is known."""
    live = reading.batch.live(kept.source, kept.external_id)
    after = replace(live, facts=live.facts.with_facts(on_ci(kept.facts, ci_id)))
    reading.batch.put_live(after)
    reading.batch.put_unmatched(kept.key, None)
    return after


def _flaw(notice: Notice, rules: SourceRules) -> str:
    """Return why a notice can say nothing of an outage, "" if it can."""
    if not notice.external_id or not notice.source:
        return "it has no id that tells it from others"
    moments = [one for one in (notice.start, notice.end) if one is not None]
    if any(one < EARLIEST for one in moments):
        return "a moment of it lies before 1970"
    if len(moments) == 2 and notice.end < notice.start:  # type: ignore[operator]  # both are set
        return "it ends before it starts"
    if notice.opens and _kind_of(notice, rules) is None:
        return f"severity {notice.severity!r} opens no outage by the rules"
    if not notice.opens and not notice.closes:
        return "it neither opens nor closes an outage"
    return ""


def _kind_of(notice: Notice, rules: SourceRules) -> OutageKind | None:
    return notice.kind or rules.kind_of(notice.severity)


def _matched(notice: Notice, rules: SourceRules, reading: Reading) -> CiMatch:
    """Return the CI of a notice: by the rules, else the one that a person gave its outage."""
    match = _named(notice, rules, reading)
    if match.ci_id is not None:
        return match
    said = reading.batch.live(notice.source, notice.external_id).facts.openings
    return CiMatch(ci_id=said[-1].ci) if said else match  # type: ignore[arg-type]  # kept as text


def _named(notice: Notice, rules: SourceRules, reading: Reading) -> CiMatch:
    graph = reading.graph
    if not notice.ci:
        match = matched_ci(graph, rules.cis, notice.labels, with_near_misses=False)
        if match.ci_id is not None or match.candidates or next(reading.looks, None) is None:
            return match
        return matched_ci(graph, rules.cis, notice.labels)
    try:
        number = graph.look_up(notice.ci)
    except AmbiguousCiError as error:
        reason = f"{notice.ci!r} names {len(error.candidates)} CIs"
        return CiMatch(ci_id=None, reason=reason, candidates=error.candidates)
    if number is not None:
        return CiMatch(ci_id=graph.ci_ids[number])
    near = near_misses(notice.ci, (graph.cis.native_id, graph.cis.name))
    return CiMatch(ci_id=None, reason=f"no CI is named {notice.ci!r}", candidates=near)


def _opened(notice: Notice, ci: str, rules: SourceRules, reading: Reading) -> Outcome:
    """Add what a notice says to its outage, with what was kept while its CI was unknown."""
    batch = reading.batch
    live = batch.live(notice.source, notice.external_id)
    kept = batch.unmatched(live.key)
    facts = live.facts
    if kept is not None:
        batch.put_unmatched(live.key, None)
        facts = facts if kept.dismissed else facts.with_facts(on_ci(kept.facts, ci))
    facts = _said(facts, notice, ci, rules, reading.now)
    return _put(notice, live, facts, reading)


def on_ci(facts: Facts, ci: str) -> Facts:
    """Return facts of an outage whose CI was unknown, now that it is known."""
    return replace(facts, openings=tuple(replace(one, ci=ci) for one in facts.openings))


def _said(facts: Facts, notice: Notice, ci: str, rules: SourceRules, now: datetime) -> Facts:
    """Return the facts with what a notice says."""
    if notice.opens:
        opening = Opening(
            at=notice.start or now,
            ci=ci,
            kind=_kind_of(notice, rules) or OutageKind.UNPLANNED,
            cause=notice.cause,
            ticket=notice.ticket,
            excluded=notice.excluded,
            announced=notice.announced,
            change=notice.change,
        )
        last = open_now(facts)
        if notice.start is not None or last is None or opening.differs_from(last):
            facts = facts.with_opening(opening)
    if notice.closes and (notice.end is not None or open_now(facts, notice.start) is not None):
        facts = facts.with_closing(notice.end or now)
    return facts


def _put(notice: Notice, live: LiveDocument, facts: Facts, reading: Reading) -> Outcome:
    after, volume = settled(replace(live, facts=facts))
    bounded = _bounded(after.facts)
    if bounded is None:
        reason = f"one outage of this id has more than {MOST_FACTS:,} changes; close it first"
        return _outcome(notice, Became.IGNORED, reason)
    after = replace(after, facts=bounded)
    if after != live:
        reading.batch.put_live(after)
    if volume is not None:
        reading.batch.put_volume(after, volume)
    became, reason = _became(live.facts, facts)
    openings = facts.openings
    return replace(_outcome(notice, became, reason), ci_id=openings[-1].ci if openings else "")


def _bounded(facts: Facts) -> Facts | None:
    """Return facts that one document may hold, without idle ones if need be; None if too many."""
    if facts.count > MOST_FACTS:
        facts = thinned(facts)
    return facts if facts.count <= MOST_FACTS else None


def _became(before: Facts, after: Facts) -> tuple[Became, str]:
    held, now = episodes_of(before), episodes_of(after)
    if held == now:
        if before == after or after.openings != before.openings:
            return Became.UNCHANGED, ""
        return Became.WAITING, "nothing is known to be open at that moment; kept until it is"
    ended = sum(one.end is not None for one in now) > sum(one.end is not None for one in held)
    if ended:
        return Became.CLOSED, ""
    return (Became.OPENED if len(now) > len(held) else Became.CORRECTED), ""


def _closed(notice: Notice, reading: Reading) -> Outcome:
    batch = reading.batch
    live = batch.live(notice.source, notice.external_id)
    kept = batch.unmatched(live.key)
    if kept is not None and not kept.dismissed:
        facts = _said(kept.facts, notice, "", SourceRules(cis=()), reading.now)
        outcome = _put_unmatched(notice, kept, facts, reading)
        if not live.facts.openings:
            return outcome
    elif kept is not None:
        return _outcome(notice, Became.IGNORED, f"dismissed: {kept.dismissed}")
    if notice.end is None and not live.facts.openings:
        return _outcome(notice, Became.UNCHANGED, "nothing is open, and it says no moment")
    facts = _said(live.facts, notice, "", SourceRules(cis=()), reading.now)
    return _put(notice, live, facts, reading)


def _kept(notice: Notice, match: CiMatch, rules: SourceRules, reading: Reading) -> Outcome:
    """Keep an event whose CI nobody knows, with what follows it."""
    batch = reading.batch
    live = batch.live(notice.source, notice.external_id)
    kept = batch.unmatched(live.key)
    if kept is None:
        kept = UnmatchedDocument(
            source=notice.source,
            external_id=notice.external_id,
            origin=notice.origin,
            labels=dict(notice.labels) if not notice.ci else {"ci": notice.ci},
            reason=match.reason,
            candidates=match.candidates,
            facts=Facts(closings=live.facts.closings),
            first_seen=reading.now,
        )
    if kept.dismissed:
        return _outcome(notice, Became.IGNORED, f"dismissed: {kept.dismissed}")
    facts = _said(kept.facts, notice, "", rules, reading.now)
    return _put_unmatched(notice, kept, facts, reading)


def _put_unmatched(
    notice: Notice, kept: UnmatchedDocument, facts: Facts, reading: Reading
) -> Outcome:
    bounded = _bounded(facts)
    if bounded is None:
        reason = (
            f"{kept.reason}; no more than {MOST_FACTS:,} changes are kept: assign or dismiss it"
        )
        return _outcome(notice, Became.IGNORED, reason)
    reading.batch.put_unmatched(kept.key, replace(kept, facts=bounded))
    outcome = _outcome(notice, Became.UNMATCHED, kept.reason)
    return replace(outcome, candidates=kept.candidates)


def _outcome(notice: Notice, became: Became, reason: str = "") -> Outcome:
    return Outcome(
        source=notice.source, external_id=notice.external_id, became=became, reason=reason
    )
