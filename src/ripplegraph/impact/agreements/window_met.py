"""How likely one window keeps a target, where failure frequencies are known."""

from __future__ import annotations

from math import lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray

WINDOW_METHOD = (
    "service as a renewal process with exponential up and down times, in its long-run state, "
    "agreed service time as its clock"
)
"""How the probability that a window keeps its target is found, in words."""

_SPREAD = 10.0
"""Standard deviations of the number of failures that are summed."""


def probability_of_window_met(
    *, unavailability: float, failures_per_minute: float, minutes: float, budget_minutes: float
) -> float:
    """Return the probability that the downtime in a window stays within a budget.

    Parameters
    ----------
    unavailability
        Long-run share of downtime, a fraction in [0, 1).
    failures_per_minute
        Long-run failures per minute of calendar time, >= 0.
    minutes
        Length of the window, > 0.
    budget_minutes
        Downtime allowed, >= 0.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    The downtime stays within ``x`` of ``t`` minutes just if the failures in the first ``t - x``
    minutes of operation take at most ``x`` to restore (Takacs 1957): a sum over their Poisson
    number of the chance that so many exponential down times fit. Of a window that begins with
    the service down, which is as likely as it is unavailable, one more.

    Examples
    --------
    >>> round(probability_of_window_met(
    ...     unavailability=0.0, failures_per_minute=0.0, minutes=43_200, budget_minutes=43.2
    ... ), 6)
    1.0
    """
    is_share = 0.0 <= unavailability < 1.0
    if not (is_share and failures_per_minute >= 0.0 and minutes > 0.0 and budget_minutes >= 0.0):
        msg = (
            "need unavailability in [0, 1), failures and budget >= 0 and minutes > 0, got "
            f"{unavailability:g}, {failures_per_minute:g}, {minutes:g}, {budget_minutes:g}"
        )
        raise ValueError(msg)
    if budget_minutes >= minutes or not unavailability or not failures_per_minute:
        return 1.0
    failure_rate = failures_per_minute / (1.0 - unavailability)  # per minute of operation
    restoring_rate = failures_per_minute / unavailability
    expected = failure_rate * (minutes - budget_minutes)
    counts = _counts(expected)
    weights = np.exp(_log_poisson(expected, counts))
    fits = _chances_to_fit(int(counts[-1]) + 2, restoring_rate * budget_minutes)
    from_up = float(weights @ fits[counts])
    from_down = float(weights @ fits[counts + 1])
    chance = (1.0 - unavailability) * from_up + unavailability * from_down
    return min(1.0, max(0.0, chance))


def _counts(expected: float) -> NDArray[np.int64]:
    spread = _SPREAD * sqrt(expected) + 40.0
    return np.arange(max(0, int(expected - spread)), int(expected + spread) + 1)


def _log_poisson(mean: float, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    logs = np.array([lgamma(count + 1.0) for count in counts.tolist()])
    chances: NDArray[np.float64] = counts * log(mean) - mean - logs
    return chances


def _chances_to_fit(count: int, mean: float) -> NDArray[np.float64]:
    """Return for 0, 1, ... down times the chance that they fit where ``mean`` are expected to.

    That ``n`` exponential times fit is that a Poisson number of this mean is at least ``n``.
    """
    if mean <= 0.0:
        return np.array([1.0] + [0.0] * (count - 1))
    most = max(count, _counts(mean)[-1] + 1)
    chances = np.exp(_log_poisson(mean, np.arange(most)))
    at_least = np.cumsum(chances[::-1])[::-1]
    at_least[0] = 1.0
    fits: NDArray[np.float64] = np.minimum(at_least[:count], 1.0)
    return fits
