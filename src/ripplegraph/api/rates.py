"""How often callers may call: token buckets; what a server lets them ask for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from ripplegraph.api.heavy import HeavyLimits

KEPT_BUCKETS = 10_000
"""How many callers are remembered; the one that asked longest ago is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many calls a second in the long run, and so many at once after a pause; both > 0."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What a caller has left, at a moment in seconds of a clock that only runs forward."""

    tokens: float
    at: float


def after_call(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """Return the bucket after a call, and how many seconds the call came too early.

    A call may pass if that is 0; one that came too early takes nothing. None is a caller
    that never called.

    Examples
    --------
    >>> slow = Rate(per_second=0.5, burst=1)
    >>> bucket, wait = after_call(None, slow, now=10.0)
    >>> wait
    0.0
    >>> after_call(bucket, slow, now=11.0)[1]
    1.0
    """
    if bucket is None:
        held = rate.burst
    else:
        held = min(rate.burst, bucket.tokens + max(0.0, now - bucket.at) * rate.per_second)
    if held >= 1:
        return Bucket(tokens=held - 1, at=now), 0.0
    return Bucket(tokens=held, at=now), (1 - held) / rate.per_second


class RateLimiter:
    """The buckets of all callers; used from one thread, the event loop."""

    def __init__(self, rate: Rate, seconds: Callable[[], float]) -> None:
        self._rate, self._seconds = rate, seconds
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_of(self, caller: str) -> float:
        """Count a call; return how many seconds it came too early, 0 if it may pass."""
        bucket, wait = after_call(self._buckets.get(caller), self._rate, self._seconds())
        self._buckets[caller] = bucket
        self._buckets.move_to_end(caller)
        while len(self._buckets) > KEPT_BUCKETS:
            self._buckets.popitem(last=False)
        return wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What callers may ask for.

    Parameters
    ----------
    of_callers
        For each caller that is known; None for no limit.
    of_strangers
        For each address from which refused calls come.
    """

    of_callers: Rate | None = Rate(per_second=100, burst=200)
    of_strangers: Rate | None = Rate(per_second=10, burst=100)
    heavy: HeavyLimits = field(default_factory=HeavyLimits)


NO_LIMITS = Limits(
    of_callers=None,
    of_strangers=None,
    heavy=HeavyLimits(of_one=10**6, of_all=10**6, answer_seconds=inf),
)
