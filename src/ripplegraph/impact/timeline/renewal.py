"""The chance that a service overdraws its budget: failures and restorations, alternating."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log

FORECAST_METHOD = (
    "closed form: exponential times between failures and to restoration, agreed service time as "
    "the clock (Takacs 1957)"
)
_CONFIDENCE = 0.9
_TAIL = 1e-15

NO_FAILURE_UPPER = 2.302585092994046
"""Upper bound of the expected number of failures where none was seen: -ln(0.1)."""

_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePattern:
    """How often a service fails, and how long it takes to restore.

    Parameters
    ----------
    failures_per_second
        Per second of operation within agreed hours, >= 0.
    restoration_seconds
        Mean agreed seconds to restoration, > 0 unless it never fails.
    lower, upper
        Bounds of ``failures_per_second`` at 90 % confidence; both equal to it where it is
        derived and not measured.
    """

    failures_per_second: float
    restoration_seconds: float
    lower: float
    upper: float


def pattern_of(
    *, failures: int, restorations: int, operating_seconds: int, down_seconds: int
) -> FailurePattern:
    """Return the pattern that a history shows.

    Parameters
    ----------
    failures
        Number of outages, >= 1.
    restorations
        How many of them are over, >= 1: the time of one that goes on counts, its end does not.
    operating_seconds, down_seconds
        Up and down within agreed hours, > 0.

    Raises
    ------
    ValueError
        If there is no failure, no restoration, or no time.

    Notes
    -----
    The exact confidence interval of a Poisson rate (Garwood 1936).

    Examples
    --------
    >>> found = pattern_of(
    ...     failures=1, restorations=1, operating_seconds=1000, down_seconds=60
    ... )
    >>> found.restoration_seconds, round(found.lower * 1000, 3), round(found.upper * 1000, 3)
    (60.0, 0.051, 4.744)
    """
    if min(failures, restorations, operating_seconds, down_seconds) < 1:
        numbers = f"{failures}, {restorations}, {operating_seconds}, {down_seconds}"
        msg = f"need failures, restorations and time, got {numbers}"
        raise ValueError(msg)
    low, high = rate_bounds(failures)
    return FailurePattern(
        failures_per_second=failures / operating_seconds,
        restoration_seconds=down_seconds / restorations,
        lower=low / operating_seconds,
        upper=high / operating_seconds,
    )


def rate_bounds(failures: int) -> tuple[float, float]:
    """Return bounds of the expected number of failures where so many were seen, at 90 %.

    Parameters
    ----------
    failures
        Seen, >= 1.

    Notes
    -----
    The exact interval of a Poisson mean (Garwood 1936).

    Examples
    --------
    >>> [round(bound, 3) for bound in rate_bounds(3)]
    [0.818, 7.754]
    """
    tail = (1 - _CONFIDENCE) / 2
    return _mean_with(failures - 1, 1 - tail), _mean_with(failures, tail)


def _mean_with(most: int, chance: float) -> float:
    """Return the mean of a Poisson number that is at most ``most`` with a chance."""
    low, high = 0.0, 10.0 * (most + 10)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(most, middle) > chance else (low, middle)
    return (low + high) / 2


def at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson number is at most ``count``.

    Examples
    --------
    >>> round(at_most(0, 1.0), 6)
    0.367879
    """
    if count < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    return min(1.0, sum(_chance(one, mean) for one in range(count + 1)))


def _chance(count: int, mean: float) -> float:
    if mean <= 0:
        return 1.0 if count == 0 else 0.0
    return exp(count * log(mean) - mean - lgamma(count + 1))


def overrun_probability(
    *,
    failures_per_second: float,
    restoration_seconds: float,
    left_seconds: float,
    to_come_seconds: float,
    is_down: bool,
) -> float:
    """Return the chance that more than what is left of a budget is used in the time to come.

    Parameters
    ----------
    failures_per_second
        Per second of operation, >= 0.
    restoration_seconds
        Mean, > 0 if it can fail or is down.
    left_seconds
        What is left; negative is a breach already.
    to_come_seconds
        Agreed seconds to come, >= 0.
    is_down
        Whether it is down now; its restoration then takes another mean time.

    Notes
    -----
    With ``x`` left of ``t`` to come, the downtime stays within ``x`` just if the failures in
    ``t - x`` of operation take at most ``x`` to restore (Takacs 1957): a Poisson number of
    exponential times, whose sum is Erlang's.

    Examples
    --------
    Down now, nothing else can fail, and the mean restoration is as long as what is left:

    >>> chance = overrun_probability(
    ...     failures_per_second=0.0,
    ...     restoration_seconds=60.0,
    ...     left_seconds=60.0,
    ...     to_come_seconds=1000.0,
    ...     is_down=True,
    ... )
    >>> round(chance, 6)  # exp(-1)
    0.367879
    """
    if left_seconds < 0:
        return 1.0
    if left_seconds >= to_come_seconds:
        return 0.0
    expected = failures_per_second * (to_come_seconds - left_seconds)
    if not expected and not is_down:
        return 0.0
    fitting = left_seconds / restoration_seconds
    first = 1 if is_down else 0
    total, seen, count, within = 0.0, 0.0, 0, 0.0 if first == 0 else _chance(0, fitting)
    while seen < 1 - _TAIL and count < expected + 40 * (expected**0.5 + 3):
        chance = _chance(count, expected)
        # `within`: that fewer than count + first restorations fit, so that they do not
        total += chance * min(1.0, within)
        seen += chance
        count += 1
        within += _chance(count + first - 1, fitting)
    return min(1.0, total)
