"""What was said of one outage, and the episodes that follow, in whatever order it was said.

Everything said is kept as facts: openings and closings with their moments. The episodes are
computed from the facts alone, so repeated and late deliveries change nothing that was right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ripplegraph.graph.outages import OutageKind

MOST_FACTS = 500
"""Openings and closings that are kept in one document; then those that changed nothing go."""

_RANK = {OutageKind.DEGRADATION: 0, OutageKind.UNPLANNED: 1, OutageKind.PLANNED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Somebody said that an outage holds since a moment, and what it is."""

    at: datetime
    ci: str
    kind: OutageKind = OutageKind.UNPLANNED
    cause: str = ""
    ticket: str = ""
    excluded: str = ""
    announced: datetime | None = None
    change: str = ""

    def differs_from(self, other: Opening) -> bool:
        """Return whether the outage is another thing by this: of another CI or kind."""
        return (self.ci, self.kind) != (other.ci, other.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of one episode; None leaves a field as the facts tell it."""

    began: datetime
    start: datetime | None = None
    ci: str | None = None
    kind: OutageKind | None = None
    cause: str | None = None
    ticket: str | None = None
    excluded: str | None = None

    def merged_with(self, later: Correction) -> Correction:
        """Return both corrections as one; where both say something, the later holds."""
        said = {name: getattr(later, name) for name in _CORRECTED}
        return replace(self, **{name: one for name, one in said.items() if one is not None})


_CORRECTED = ("start", "ci", "kind", "cause", "ticket", "excluded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of an episode in which it is one thing: one kind, on one CI."""

    start: datetime
    end: datetime | None
    what: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """From an opening to the closing that ends it; ``began`` is the moment first said."""

    began: datetime
    spans: tuple[Span, ...]

    @property
    def start(self) -> datetime:
        """Since when it holds, as corrected."""
        return self.spans[0].start

    @property
    def end(self) -> datetime | None:
        """When it ended, None while it is open."""
        return self.spans[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was said of one outage.

    Parameters
    ----------
    openings
        By moment, one at a moment.
    closings
        By moment.
    void_openings, void_closings
        Moments of what a person said is wrong; repeating it does not make it right.
    corrections
        One per episode, by its first opening.
    """

    openings: tuple[Opening, ...] = ()
    closings: tuple[datetime, ...] = ()
    void_openings: tuple[datetime, ...] = ()
    void_closings: tuple[datetime, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def count(self) -> int:
        """Number of openings and closings."""
        return len(self.openings) + len(self.closings)

    def with_opening(self, opening: Opening) -> Facts:
        """Return the facts with one opening more; of two at one moment the worse one counts."""
        by_moment = {one.at: one for one in self.openings}
        held = by_moment.get(opening.at)
        by_moment[opening.at] = opening if held is None else max(held, opening, key=_weight)
        return replace(self, openings=tuple(by_moment[at] for at in sorted(by_moment)))

    def with_closing(self, at: datetime) -> Facts:
        """Return the facts with one closing more."""
        return replace(self, closings=tuple(sorted({*self.closings, at})))

    def with_facts(self, other: Facts) -> Facts:
        """Return all that is said here or there."""
        both = self
        for opening in other.openings:
            both = both.with_opening(opening)
        for at in other.closings:
            both = both.with_closing(at)
        return both

    def split_at(self, end: datetime) -> tuple[Facts, Facts]:
        """Return what was said up to the end of an episode, and all that was said of later."""
        return (
            Facts(
                openings=tuple(one for one in self.openings if one.at < end),
                closings=tuple(at for at in self.closings if at <= end),
                void_openings=tuple(at for at in self.void_openings if at < end),
                void_closings=tuple(at for at in self.void_closings if at <= end),
                corrections=tuple(one for one in self.corrections if one.began < end),
            ),
            Facts(
                openings=tuple(one for one in self.openings if one.at >= end),
                closings=tuple(at for at in self.closings if at > end),
                void_openings=tuple(at for at in self.void_openings if at >= end),
                void_closings=tuple(at for at in self.void_closings if at > end),
                corrections=tuple(one for one in self.corrections if one.began >= end),
            ),
        )

    def joined_with(self, other: Facts) -> Facts:
        """Return facts of two times as one: what :meth:`split_at` gave, joined again."""
        both = self.with_facts(other)
        corrections = sorted((*self.corrections, *other.corrections), key=lambda one: one.began)
        return replace(
            both,
            void_openings=tuple(sorted({*self.void_openings, *other.void_openings})),
            void_closings=tuple(sorted({*self.void_closings, *other.void_closings})),
            corrections=tuple(corrections),
        )

    def corrected(self, said: Correction) -> Facts:
        """Return the facts with a correction of the episode that began at its moment."""
        held = {one.began: one for one in self.corrections}
        before = held.get(said.began)
        held[said.began] = said if before is None else before.merged_with(said)
        return replace(self, corrections=tuple(held[began] for began in sorted(held)))

    def ended_at(self, episode: Episode, end: datetime | None) -> Facts:
        """Return the facts with another end of an episode, None if it is open after all.

        What was said to have happened in it after that end is void, and so is every closing.
        """
        void_openings = {
            one.at
            for one in self.openings
            if end is not None and end < one.at and _is_within(one.at, episode)
        }
        void_closings = {at for at in self.closings if _is_within(at, episode)}
        last = self if end is None else self.with_closing(end)
        return replace(
            last,
            void_openings=tuple(sorted({*self.void_openings, *void_openings})),
            void_closings=tuple(sorted({*self.void_closings, *void_closings} - {end})),
        )


def _weight(one: Opening) -> tuple[int, str, str, str, str, str]:
    return _RANK[one.kind], one.ci, one.ticket, one.cause, one.excluded, one.change


def _is_within(moment: datetime, episode: Episode) -> bool:
    return episode.began <= moment and (episode.end is None or moment <= episode.end)


def episodes_of(facts: Facts) -> tuple[Episode, ...]:
    """Return the episodes that follow from the facts, in order of time.

    The first opening begins one and the next closing ends it. An opening within it repeats it,
    or makes it another thing from then on; a closing where nothing is open ends nothing.
    """
    return tuple(
        _as_corrected(episode, correction_of(episode, facts)) for episode in _from_facts(facts)
    )


def correction_of(episode: Episode, facts: Facts) -> Correction | None:
    """Return what a person said of an episode, also if by now it is known to begin earlier.

    What was said of an episode that is a part of it since an end is void is not said of it.
    """
    ends = [episode.end, *(at for at in facts.void_closings if at >= episode.began)]
    first_end = min((at for at in ends if at is not None), default=None)
    for one in facts.corrections:
        is_within = episode.began <= one.began and (first_end is None or one.began < first_end)
        if one.began == episode.began or is_within:
            return one
    return None


def open_now(facts: Facts, at: datetime | None = None) -> Opening | None:
    """Return what was last said of the episode that is open, without corrections; None if none.

    With a moment, None too if that episode began later.
    """
    *_, last = (None, *_from_facts(facts))
    if last is None or last.end is not None or (at is not None and at < last.began):
        return None
    return last.spans[-1].what


def ended_episodes(facts: Facts) -> tuple[Episode, ...]:
    """Return the episodes that are over, without corrections, in order of time."""
    return tuple(one for one in _from_facts(facts) if one.end is not None)


def thinned(facts: Facts) -> Facts:
    """Return the facts without those that changed nothing: repeated openings, idle closings.

    The episodes stay as they are; only a delivery that comes much later could have told more.
    """
    episodes = tuple(_from_facts(facts))
    began = {span.what.at for episode in episodes for span in episode.spans}
    ended = {episode.end for episode in episodes}
    return replace(
        facts,
        openings=tuple(one for one in facts.openings if one.at in began),
        closings=tuple(at for at in facts.closings if at in ended),
    )


def _from_facts(facts: Facts) -> Iterator[Episode]:
    spans: list[Span] = []
    for at, opening in _in_order(facts):
        if opening is None:
            if spans:
                spans[-1] = replace(spans[-1], end=at)
                yield Episode(began=spans[0].what.at, spans=tuple(spans))
                spans = []
        elif not spans:
            spans = [Span(start=at, end=None, what=opening)]
        elif opening.differs_from(spans[-1].what):
            spans[-1] = replace(spans[-1], end=at)
            spans.append(Span(start=at, end=None, what=opening))
    if spans:
        yield Episode(began=spans[0].what.at, spans=tuple(spans))


def _in_order(facts: Facts) -> Iterator[tuple[datetime, Opening | None]]:
    """Yield openings and closings (None) by moment.

    At one moment the closing comes first, as it ends what was open; where nothing was, it comes
    after the opening, which then lasted no time.
    """
    openings = {one.at: one for one in facts.openings if one.at not in facts.void_openings}
    closings = {at for at in facts.closings if at not in facts.void_closings}
    is_open = False
    for at in sorted({*openings, *closings}):
        closes = at in closings
        if closes and is_open:
            yield at, None
            is_open, closes = False, False
        if at in openings:
            yield at, openings[at]
            is_open = True
        if closes and is_open:
            yield at, None
            is_open = False


def _as_corrected(episode: Episode, said: Correction | None) -> Episode:
    if said is None:
        return episode
    fields = {
        name: getattr(said, name)
        for name in _CORRECTED
        if name != "start" and getattr(said, name) is not None
    }
    spans = [replace(span, what=replace(span.what, **fields)) for span in episode.spans]
    if said.start is not None:
        latest = spans[0].end or said.start
        spans[0] = replace(spans[0], start=min(said.start, latest))
    return replace(episode, spans=tuple(_joined(spans)))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with neighbours that are one thing joined."""
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span.what.differs_from(held.what):
            yield held
            held = span
        else:
            held = replace(held, end=span.end)
    if held is not None:
        yield held
