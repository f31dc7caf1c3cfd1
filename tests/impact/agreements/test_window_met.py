"""The chance that one window keeps its target: limits, and simulated windows."""

from __future__ import annotations

import itertools
from math import exp

import numpy as np
import pytest

from ripplegraph.impact.agreements.window_met import probability_of_window_met


def chance(u: float, f: float, minutes: float, budget: float) -> float:
    return probability_of_window_met(
        unavailability=u, failures_per_minute=f, minutes=minutes, budget_minutes=budget
    )


def test_without_budget_no_failure_may_come() -> None:
    u, f, t = 0.001, 1e-5, 43_200.0
    # up at the start, and no failure of rate f / (1 - u)
    assert chance(u, f, t, 0.0) == pytest.approx((1 - u) * exp(-f / (1 - u) * t), rel=1e-12)


def test_a_budget_of_the_whole_window_is_always_kept_and_so_is_a_perfect_service() -> None:
    assert chance(0.5, 1e-3, 100.0, 100.0) == 1.0
    assert chance(0.0, 0.0, 100.0, 0.0) == 1.0
    assert chance(0.5, 0.0, 100.0, 0.0) == 1.0


def test_more_budget_never_lowers_the_chance() -> None:
    chances = [chance(0.002, 4e-5, 43_200.0, budget) for budget in np.linspace(0, 600, 60)]
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(chances))
    assert chances[-1] > 0.99


def test_many_short_failures_keep_the_mean() -> None:
    # 4,320 failures of 6 seconds: the window sees nearly the mean of 432 minutes
    assert chance(0.01, 0.1, 43_200.0, 500.0) > 0.999
    assert chance(0.01, 0.1, 43_200.0, 380.0) < 0.001


def test_simulated_windows_agree() -> None:
    u, f, t, x = 0.004, 8e-5, 43_200.0, 172.8
    random = np.random.default_rng(7)
    kept, windows = 0, 20_000
    up, down = (1 - u) / f, u / f
    for _ in range(windows):
        now, lost, is_up = 0.0, 0.0, random.random() >= u
        while now < t:
            length = random.exponential(up if is_up else down)
            lost += 0.0 if is_up else min(length, t - now)
            now, is_up = now + length, not is_up
        kept += lost <= x
    assert chance(u, f, t, x) == pytest.approx(kept / windows, abs=0.012)


@pytest.mark.parametrize(
    "wrong", [(1.0, 1.0, 1.0, 0.0), (0.1, -1.0, 1.0, 0.0), (0.1, 1.0, 0.0, 0.0)]
)
def test_numbers_outside_their_range_are_refused(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="need unavailability in"):
        chance(*wrong)
