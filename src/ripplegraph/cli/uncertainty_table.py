"""How far availabilities are known, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ripplegraph.cli.availability_words import availability_words, interval_words
from ripplegraph.cli.output import Part, Table

if TYPE_CHECKING:
    from ripplegraph.impact.availability.values import UncertaintyAnswer


def uncertainty_parts(answers: Sequence[UncertaintyAnswer]) -> list[Part]:
    """Return the intervals of services, widest first; nothing where none were asked for."""
    if not answers:
        return []
    first = answers[0]
    rows = [
        (
            one.name or one.native_id,
            interval_words(one.lower, one.upper),
            availability_words(one.median),
        )
        for one in sorted(answers, key=lambda one: (one.lower - one.upper, one.ci_id))
    ]
    title = (
        f"How far this is known: {first.confidence:.0%} of {first.samples:,} samples,"
        f" seed {first.seed}"
    )
    columns = ("service", "availability between", "median")
    return [Table(columns=columns, rows=rows, title=title), first.assumptions[0]]
