"""The chance of a breach: closed form against simulation, bounds of rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ripplegraph.impact.timeline.renewal import at_most, overrun_probability, pattern_of


def simulated(
    *, rate: float, restore: float, left: float, to_come: float, is_down: bool, samples: int
) -> float:
    """Return how often the budget is overdrawn when the service is simulated."""
    random = np.random.default_rng(7)
    over = 0
    for _ in range(samples):
        clock, down, now_down = 0.0, 0.0, is_down
        while clock < to_come and down <= left:
            step = float(random.exponential(restore if now_down else 1 / rate))
            step = min(step, to_come - clock)
            down += step if now_down else 0.0
            clock += step
            now_down = not now_down
        over += down > left
    return over / samples


@pytest.mark.parametrize("is_down", [False, True])
@pytest.mark.parametrize(("rate", "restore"), [(0.01, 20.0), (0.002, 200.0)])
def test_the_closed_form_is_what_a_simulation_gives(
    rate: float, restore: float, is_down: bool
) -> None:
    samples = 4000
    exact = overrun_probability(
        failures_per_second=rate,
        restoration_seconds=restore,
        left_seconds=150.0,
        to_come_seconds=1000.0,
        is_down=is_down,
    )
    seen = simulated(
        rate=rate, restore=restore, left=150.0, to_come=1000.0, is_down=is_down, samples=samples
    )
    spread = (exact * (1 - exact) / samples) ** 0.5
    assert abs(seen - exact) < 4 * spread


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(1e-6, 0.1),
    restore=st.floats(1.0, 1e4),
    left=st.floats(0.0, 5000.0),
    more=st.floats(0.0, 5000.0),
    is_down=st.booleans(),
)
def test_more_budget_never_makes_a_breach_likelier(
    rate: float, restore: float, left: float, more: float, is_down: bool
) -> None:
    chances = [
        overrun_probability(
            failures_per_second=rate,
            restoration_seconds=restore,
            left_seconds=amount,
            to_come_seconds=4000.0,
            is_down=is_down,
        )
        for amount in (left, left + more)
    ]
    assert 0.0 <= chances[1] <= chances[0] + 1e-9 <= 1.0 + 1e-8


def test_nothing_that_can_fail_never_breaches() -> None:
    assert (
        overrun_probability(
            failures_per_second=0.0,
            restoration_seconds=1.0,
            left_seconds=1.0,
            to_come_seconds=10.0,
            is_down=False,
        )
        == 0.0
    )


def test_rates_have_the_exact_poisson_interval() -> None:
    """Garwood (1936): 3 events, 90 %: 0.818 to 7.754."""
    found = pattern_of(failures=3, restorations=2, operating_seconds=1, down_seconds=3)
    assert found.restoration_seconds == 1.5
    assert round(found.lower, 3) == 0.818
    assert round(found.upper, 3) == 7.754
    assert at_most(-1, 1.0) == 0.0
    assert at_most(2, 0.0) == 1.0
    with pytest.raises(ValueError, match="need failures, restorations and time"):
        pattern_of(failures=1, restorations=0, operating_seconds=1, down_seconds=0)
