"""The most and the least downtime that agreements allow one service (semantics.md section 3).

The worst case packs minimal cut sets into the service time: each second in which a cut set is
down uses up a second of the budget of every CI in it. Parts of a service that share no CI are
packed alone, and together only where they compete for the same hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from math import fsum

from ripplegraph.impact.agreements.cut_families import MOST_LISTED, Part, with_path_sets
from ripplegraph.impact.agreements.gate_bounds import most_by_gates
from ripplegraph.impact.agreements.linear_programme import Packing, largest_packing
from ripplegraph.impact.agreements.promised_hours import Hours, Limit
from ripplegraph.impact.availability.compile import DEFAULT_BUDGET, NodeBudget

_ZERO, _ONE = Fraction(0), Fraction(1)

Row = tuple[int, int]
"""A limit: number of a CI and which of its limits, or ``_SEGMENT`` and the segment."""

Column = tuple[Row, ...]

_SEGMENT = -1

_SURELY = 1.0 - 1e-9
"""CIs whose shares add up to no more can all be down at different times, despite rounding."""

_MOST_KEPT_COLUMNS = 200

_kept_packing = lru_cache(maxsize=1_000)(largest_packing)
"""Of small programmes: who changes one promise asks of all others what was asked before."""

_FamilyKey = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
_Family = tuple[tuple[tuple[Part, ...], tuple[tuple[Limit, ...], ...]], dict[int, Fraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A CI of inclusive promise that shares what lies beneath it.

    Its promise speaks of all the time in which it is down, also by what it shares.

    Parameters
    ----------
    ci
        Its number.
    cuts
        The minimal sets of CIs that bring it down, itself alone among them.
    """

    ci: int
    cuts: tuple[frozenset[int], ...]

    def is_down(self, failed: frozenset[int]) -> bool:
        """Return whether it is down when these CIs have failed."""
        return any(cut <= failed for cut in self.cuts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """A share of downtime between two bounds, and how it was found."""

    lower: Fraction
    upper: Fraction
    method: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packings:
    """Largest packings, each computed once: many services rest on the same parts."""

    families: dict[_FamilyKey, _Family] = field(default_factory=dict)
    _known: dict[object, Packing] = field(default_factory=dict)

    def of(self, columns: Sequence[Column], limits: Mapping[Row, Fraction]) -> Packing:
        """Return the largest packing of columns that name their rows."""
        rows = {row: at for at, row in enumerate(dict.fromkeys(r for c in columns for r in c))}
        numbered = tuple(tuple(sorted({rows[row] for row in column})) for column in columns)
        bounds = tuple(limits[row] for row in rows)
        key = (numbered, bounds)
        if key not in self._known:
            is_small = len(numbered) <= _MOST_KEPT_COLUMNS
            self._known[key] = (_kept_packing if is_small else largest_packing)(numbered, bounds)
        return self._known[key]

    def priced(
        self, columns: Sequence[Column], limits: Mapping[Row, Fraction]
    ) -> tuple[Packing, dict[Row, Fraction]]:
        """Return the largest packing, and the price of each row that a column uses."""
        rows = dict.fromkeys(row for column in columns for row in column)
        found = self.of(columns, limits)
        return found, dict(zip(rows, found.prices, strict=True))


def worst_downtime(
    parts: Sequence[Part],
    hours: Hours,
    *,
    holders: Sequence[Holder] = (),
    packings: Packings | None = None,
) -> Downtime:
    """Return the largest share of service time in which a service may be down.

    Parameters
    ----------
    parts
        The parts of the service with their minimal cut sets.
    hours
        What each CI may be down.
    holders
        CIs whose promise speaks of all that brings them down.

    Returns
    -------
    Downtime
        Exact and proven by prices; bounds where a part is too large for its sets.

    Notes
    -----
    ``max sum t_ck, sum_c t_ck <= M_k, sum over the segments k of a limit and the cut sets c with
    CI i of t_ck <= b_i``. A series gives ``min(1, sum u_i)``, a pair in parallel
    ``min(u_1, u_2)``.
    """
    if not hours.total:
        return Downtime(lower=_ZERO, upper=_ZERO, method="no service time")
    case = _Worst(hours=hours, holders=tuple(holders), packings=packings or Packings())
    open_parts = [part for part in parts if part.is_open]
    closed = [part for part in parts if not part.is_open]
    seconds = case.seconds(case.simplified(closed))
    if any(part.sets is None and case.is_shared(part) for part in closed):
        # sets that bring a holder down by what it shares have no price by CI: some may be missed
        most = worst_downtime(parts, hours, packings=packings).upper
        method = "bounds: a part with shared promises has too many minimal cut sets"
        return Downtime(lower=seconds / hours.total, upper=most, method=method)
    if not open_parts:
        share = seconds / hours.total
        return Downtime(lower=share, upper=share, method="linear programme over minimal cut sets")
    more = sum((most_by_gates(part, hours) for part in open_parts), _ZERO)
    return Downtime(
        lower=seconds / hours.total,
        upper=min(_ONE, (seconds + more) / hours.total),
        method="bounds: a part has too many minimal cut sets",
    )


def best_downtime(
    parts: Sequence[Part],
    shares: Mapping[int, float],
    *,
    budget: NodeBudget = DEFAULT_BUDGET,
    most_listed: int = MOST_LISTED,
    packings: Packings | None = None,
) -> Downtime:
    """Return the least share of downtime of a service whose CIs are down for their shares.

    Parameters
    ----------
    parts
        The parts of the service.
    shares
        Unavailability by CI number.
    budget, most_listed
        As for :func:`~ripplegraph.impact.agreements.cut_families.parts_of`.

    Notes
    -----
    The parts may be down at the same time, so that the worst of them decides. A part without
    single point of failure whose CIs can all be down at different times need never be down;
    else ``1 - max sum t_p, sum over the path sets with i of t_p <= a_i, sum t_p <= 1``.
    """
    packings = packings or Packings()
    find = partial(with_path_sets, budget=budget, most_listed=most_listed)
    alone = max((shares[part.variables[0]] for part in parts if _is_single(part)), default=0.0)
    found = [
        _least_of(part, {ci: Fraction(shares[ci]) for ci in part.variables}, find, packings)
        for part in parts
        if not _is_single(part) and fsum(shares[ci] for ci in part.variables) > _SURELY
    ]
    single = Fraction(alone)
    found.append(Downtime(lower=single, upper=single, method=""))
    lower = max((one.lower for one in found), default=_ZERO)
    upper = max((one.upper for one in found), default=_ZERO)
    method = "linear programme over minimal path sets"
    if lower != upper:
        method = "bounds: a part has too many minimal path sets"
    return Downtime(lower=lower, upper=upper, method=method)


# --- worst -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Worst:
    hours: Hours
    holders: tuple[Holder, ...]
    packings: Packings

    def is_shared(self, part: Part) -> bool:
        """Return whether a part has a holder's CIs, of which a set may cost more than its CIs."""
        return any(
            not {holder.ci, *(ci for cut in holder.cuts for ci in cut)}.isdisjoint(part.variables)
            for holder in self.holders
        )

    def simplified(self, parts: Sequence[Part]) -> list[list[Part]]:
        """Return parts in families that are packed together: those that one holder joins."""
        family_of = {at: {at} for at in range(len(parts))}
        for holder in self.holders:
            concerned = {holder.ci, *(ci for cut in holder.cuts for ci in cut)}
            joined = {
                at for at, part in enumerate(parts) if not concerned.isdisjoint(part.variables)
            }
            together = set().union(*(family_of[at] for at in joined)) if joined else set()
            for at in together:
                family_of[at] = together
        families = {min(family): family for family in family_of.values()}
        return [[parts[at] for at in sorted(family)] for _, family in sorted(families.items())]

    def seconds(self, families: Sequence[Sequence[Part]]) -> Fraction:
        """Return the most seconds of downtime."""
        parts = [part for family in families for part in family]
        free = {
            segment
            for segment in range(len(self.hours.seconds))
            if any(self._is_free(part, segment) for part in parts)
        }
        certain = sum((Fraction(self.hours.seconds[k]) for k in free), _ZERO)
        open_segments = [k for k in range(len(self.hours.seconds)) if k not in free]
        if not open_segments:
            return certain
        packed = [self._alone(family, open_segments) for family in families]
        total = sum((sum(one.values(), _ZERO) for one in packed), _ZERO)
        if len(open_segments) == 1:
            return certain + min(total, Fraction(self.hours.seconds[open_segments[0]]))
        if all(
            sum((one[k] for one in packed), _ZERO) <= self.hours.seconds[k] for k in open_segments
        ):
            return certain + total
        return certain + self._packed(parts, open_segments)[0].value

    def _alone(self, family: Sequence[Part], segments: Sequence[int]) -> dict[int, Fraction]:
        """Return the seconds by segment that a family takes if it competes with none."""
        limits = [self.hours.limits[ci] for part in family for ci in part.variables]
        seconds = tuple(self.hours.seconds[k] for k in segments)
        key = (tuple(map(id, family)), tuple(map(id, limits)), tuple(segments), seconds)
        known = self.packings.families
        if self.holders:
            return self._taken(family, segments)
        if key not in known:
            found = self._taken(family, segments)
            # what the ids belong to is kept, so that no other object gets them
            known[key] = ((tuple(family), tuple(limits)), found)
        return known[key][1]

    def _taken(self, family: Sequence[Part], segments: Sequence[int]) -> dict[int, Fraction]:
        used = dict.fromkeys(segments, _ZERO)
        if not self.holders and len(family) == 1 and len(family[0].variables) == 1:
            for inside, most in self.hours.limits[family[0].variables[0]]:
                seconds = {k: self.hours.seconds[k] for k in segments if k in inside}
                total = sum(seconds.values())
                for k, length in seconds.items():  # spread evenly: least in the way of others
                    used[k] += min(most, Fraction(total)) * length / total
            return used
        packing, columns = self._packed(family, segments)
        for amount, column in zip(packing.amounts, columns, strict=True):
            (_, segment), *_ = column
            used[segment] += amount
        return used

    def _packed(
        self, family: Sequence[Part], segments: Sequence[int]
    ) -> tuple[Packing, list[Column]]:
        """Return the largest packing of some parts: columns are added until none pays."""
        columns = list(dict.fromkeys(self._first_columns(family, segments)))
        while True:
            packing, prices = self.packings.priced(columns, self._limits(columns))
            more = [
                column
                for part in family
                if part.sets is None
                for k in segments
                if (column := self._paying(part, k, prices)) is not None
            ]
            if not more:
                return packing, columns
            columns.extend(dict.fromkeys(more))

    def _first_columns(self, family: Sequence[Part], segments: Sequence[int]) -> Iterable[Column]:
        for part in family:
            some = part.sets
            if some is None:
                some = (part.lightest(lambda _: _ONE)[1],)
            for cut in some:
                for segment in segments:
                    yield self._column(frozenset(cut), segment)

    def _column(self, cut: frozenset[int], segment: int) -> Column:
        """Return the limits that a second of this cut set in a segment uses up."""
        held = {holder.ci for holder in self.holders}
        rows: list[Row] = [(_SEGMENT, segment)]
        concerned = [ci for ci in cut if ci not in held]
        concerned += [holder.ci for holder in self.holders if holder.is_down(cut)]
        for ci in sorted(concerned):
            for at, (segments, _) in enumerate(self.hours.limits[ci]):
                if segment in segments:
                    rows.append((ci, at))
        return tuple(rows)

    def _paying(self, part: Part, segment: int, prices: Mapping[Row, Fraction]) -> Column | None:
        """Return a column whose rows cost less than the second of downtime that it brings."""

        def price_of(ci: int) -> Fraction:
            return sum(
                (
                    prices.get((ci, at), _ZERO)
                    for at, (segments, _) in enumerate(self.hours.limits[ci])
                    if segment in segments
                ),
                _ZERO,
            )

        def price(ci: int) -> Fraction:
            # with the whole price of holders that it may bring down: never too little
            held = (one.ci for one in self.holders if any(ci in cut for cut in one.cuts))
            return sum(map(price_of, {ci, *held}), _ZERO)

        weight, cut = part.lightest(price)
        if weight + prices.get((_SEGMENT, segment), _ZERO) >= 1:
            return None
        return self._column(frozenset(cut), segment)

    def _limits(self, columns: Sequence[Column]) -> dict[Row, Fraction]:
        return {row: self._limit(row) for column in columns for row in column}

    def _limit(self, row: Row) -> Fraction:
        ci, at = row
        return Fraction(self.hours.seconds[at]) if ci == _SEGMENT else self.hours.limits[ci][at][1]

    def _is_free(self, part: Part, segment: int) -> bool:
        """Return whether CIs that nothing limits in a segment bring a part down."""
        limits = self.hours.limits
        free = frozenset(
            ci
            for ci in part.variables
            if not any(segment in segments for segments, _ in limits[ci])
        )
        return bool(free) and part.is_cut_by(free)


# --- best ------------------------------------------------------------------------------------


def _is_single(part: Part) -> bool:
    return len(part.variables) == 1


def _least_of(
    part: Part,
    shares: Mapping[int, Fraction],
    find: Callable[[Part], Part],
    packings: Packings,
) -> Downtime:
    """Return the least share of downtime of one part."""
    dual = find(part)
    if dual.is_open:
        return Downtime(lower=_ZERO, upper=_ONE, method="")
    limits: dict[Row, Fraction] = {(ci, 0): 1 - shares[ci] for ci in part.variables}
    limits[_SEGMENT, 0] = _ONE

    def column(some: Iterable[int]) -> Column:
        return ((_SEGMENT, 0), *((ci, 0) for ci in sorted(some)))

    columns = [column(some) for some in dual.sets or (dual.lightest(lambda _: _ONE)[1],)]
    packing, prices = packings.priced(columns, limits)
    while dual.sets is None:
        weight, some = dual.lightest(partial(_price, prices))
        if weight + prices.get((_SEGMENT, 0), _ZERO) >= 1:
            break
        columns.append(column(some))
        packing, prices = packings.priced(columns, limits)
    least = 1 - packing.value
    return Downtime(lower=least, upper=least, method="")


def _price(prices: Mapping[Row, Fraction], ci: int) -> Fraction:
    return prices.get((ci, 0), _ZERO)
