"""The exact interval of a share that was counted (Clopper and Pearson 1934)."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, log1p

_TINY = 1e-300
_STEPS = 10_000


def binomial_interval(hits: int, samples: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the shares between which the true one lies with at least a confidence.

    Parameters
    ----------
    hits, samples
        How often something was seen, and in how many independent samples; 0 <= hits <= samples.
    confidence
        A fraction in (0, 1).

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    Quantiles of the beta distributions of Clopper and Pearson (1934), by halving.

    Examples
    --------
    >>> lower, upper = binomial_interval(0, 100)
    >>> lower, round(upper, 6)
    (0.0, 0.036217)
    """
    if not (0 <= hits <= samples and samples > 0 and 0 < confidence < 1):
        numbers = f"{hits}, {samples}, {confidence}"
        msg = f"need 0 <= hits <= samples and 0 < confidence < 1, got {numbers}"
        raise ValueError(msg)
    tail = (1.0 - confidence) / 2.0
    missed = samples - hits
    lower = _root(lambda x: share_below(x, hits, missed + 1) - tail) if hits else 0.0
    upper = _root(lambda x: share_below(x, hits + 1, missed) - 1.0 + tail) if missed else 1.0
    return lower, upper


def share_below(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function: the share of Beta(a, b) below ``x``.

    Parameters
    ----------
    x
        In [0, 1].
    a, b
        > 0.

    Notes
    -----
    The continued fraction of Abramowitz and Stegun 26.5.8 by Lentz's method.

    Examples
    --------
    >>> round(share_below(0.25, 1, 2), 12)
    0.4375
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction; it converges where ``x`` is below the mean."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1.0) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1.0))
        for term in (even, odd):
            d = 1.0 / _nonzero(1.0 + term * d)
            c = _nonzero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _root(function: Callable[[float], float]) -> float:
    """Return where a rising function of a fraction is zero."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2.0
        if middle in (low, high):
            return middle
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
