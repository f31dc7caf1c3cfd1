"""Every kernel of the exact engine run compiled once, ahead of the first large fleet."""

from __future__ import annotations

import numpy as np

from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.evaluate import birnbaum_all, failure_probabilities
from ripplegraph.impact.availability.formula import FormulaBuilder


def rehearse() -> None:
    """Compile a pair and work out everything about it."""
    builder = FormulaBuilder()
    pair = builder.all_of([builder.variable(0), builder.variable(1)])
    fleet = compile_fleet(builder.build(), [pair], compiled=True)
    q = np.array([0.5, 0.25])
    failure_probabilities(fleet, q)
    failure_probabilities(fleet, np.stack([q, q]))
    birnbaum_all(fleet, q)
