"""How far availabilities are known, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import counted
from ripplegraph.visualize.availability_words import availability_words, interval_words

if TYPE_CHECKING:
    from ripplegraph.impact.availability.values import UncertaintyAnswer

_MOST_NAMES = 6


def uncertainty_parts(answers: Sequence[UncertaintyAnswer]) -> list[Part]:
    """Return the intervals of services, widest first; nothing where none were asked for."""
    if not answers:
        return []
    first = answers[0]
    sampled = sorted(
        (one.lower - one.upper, one.ci_id, one.name or one.native_id, one.lower, one.upper, middle)
        for one in answers
        if one.lower is not None and one.upper is not None and (middle := one.median) is not None
    )
    rows = [
        (name, interval_words(lower, upper), availability_words(median))
        for _, _, name, lower, upper, median in sampled
    ]
    title = (
        f"How far this is known: {first.confidence:.0%} of {first.samples:,} samples,"
        f" seed {first.seed}"
    )
    columns = ("service", "availability between", "median")
    table: list[Part] = [Table(columns=columns, rows=rows, title=title)] if rows else []
    return [*table, *_not_sampled(answers), first.assumptions[0]]


def _not_sampled(answers: Sequence[UncertaintyAnswer]) -> list[Part]:
    """Return which services were not sampled, and why."""
    left = sorted(
        (one.name or one.native_id, one.ci_id, one.reason) for one in answers if one.reason
    )
    if not left:
        return []
    shown = ", ".join(name for name, _, _ in left[:_MOST_NAMES])
    more = f" and {len(left) - _MOST_NAMES} more, --json names them" * (len(left) > _MOST_NAMES)
    count = counted(len(left), "service", "services")
    return [f"How far this is known is not said for {count} ({shown}{more}): {left[0][2]}."]
