"""Whole seconds split by shares, so that the parts add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", int, str, tuple[int, str])


def split_seconds(seconds: int, shares: Mapping[Key, Fraction]) -> dict[Key, int]:
    """Return whole seconds per key that add up to all of them: largest remainder first.

    Parameters
    ----------
    seconds
        To split, >= 0.
    shares
        Amounts >= 0, not all 0 unless there is nothing to split; they need not add up to 1.

    Returns
    -------
    dict
        By key, ascending. Of equal remainders the smaller key gets the odd second.

    Raises
    ------
    ValueError
        If there are seconds and no shares.

    Examples
    --------
    >>> split_seconds(100, {"a": Fraction(1), "b": Fraction(1), "c": Fraction(1)})
    {'a': 34, 'b': 33, 'c': 33}
    """
    total = sum(shares.values(), Fraction(0))
    if not total:
        if seconds:
            msg = f"{seconds} seconds and nobody to give them to"
            raise ValueError(msg)
        return dict.fromkeys(sorted(shares), 0)
    exact = {key: seconds * shares[key] / total for key in sorted(shares)}
    whole = {key: int(amount) for key, amount in exact.items()}
    rest = seconds - sum(whole.values())
    for key in sorted(exact, key=lambda key: (whole[key] - exact[key], key))[:rest]:
        whole[key] += 1
    return whole
