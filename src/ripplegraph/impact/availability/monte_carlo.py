"""How often roots fail in samples, 64 samples at once as the bits of a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.compile import children_of, cone_of
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.rewriting import reaching, weights_of

Words = NDArray[np.uint64]

SAMPLES_AT_ONCE = 65_536
"""So many bound the memory: 8 KiB for each node of the cones."""

_JOINED = {Op.AND: np.bitwise_and, Op.OR: np.bitwise_or, Op.XOR: np.bitwise_xor}

_FEW = 0.05
"""Below this share it is cheaper to draw which samples have failed than to ask each of them."""


def failures_in_samples(
    formula: Formula,
    roots: Sequence[int],
    q: NDArray[np.float64],
    *,
    samples: int,
    seed: int,
    is_over: Callable[[], bool] | None = None,
) -> tuple[NDArray[np.int64], int]:
    """Return in how many samples each root has failed, and how many there were.

    Parameters
    ----------
    formula, roots
        Any gates; truth is failure. All roots see the same samples.
    q
        The probability that each variable has failed.
    samples
        How many to draw, >= 1; rounded up to a multiple of 64.
    seed
        Of the generator (PCG64); the same seed gives the same samples.
    is_over
        Asked after each 65,536 samples; when true, those drawn so far are the answer.

    Raises
    ------
    ValueError
        If fewer than one sample is asked for.

    Examples
    --------
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> pair = builder.all_of([builder.variable(0), builder.variable(1)])
    >>> q = np.array([0.5, 0.5])
    >>> failed, samples = failures_in_samples(builder.build(), [pair], q, samples=6400, seed=1)
    >>> 1500 < failed[0] < 1700, samples
    (np.True_, 6400)
    """
    if samples < 1:
        msg = f"need one sample or more, got {samples}"
        raise ValueError(msg)
    cone = sorted(set().union(*(cone_of(formula, root) for root in roots)))
    last_use = {child: node for node in cone for child in children_of(formula, node)}
    generator = np.random.Generator(np.random.PCG64(seed))
    failed = np.zeros(len(roots), np.int64)
    wanted, drawn = -(-samples // 64) * 64, 0
    while drawn < wanted:
        count = min(SAMPLES_AT_ONCE, wanted - drawn)
        values = _values(formula, cone, q, generator, count, kept=set(roots), last_use=last_use)
        failed += [int(np.bitwise_count(values[root]).sum()) for root in roots]
        drawn += count
        if is_over is not None and is_over():
            break
    return failed, drawn


def _values(  # noqa: PLR0913 - one step of the loop above
    formula: Formula,
    cone: Sequence[int],
    q: NDArray[np.float64],
    generator: np.random.Generator,
    count: int,
    *,
    kept: set[int],
    last_use: dict[int, int],
) -> dict[int, Words]:
    """Return the words of the roots; those of other nodes are given up after their last use."""
    values: dict[int, Words] = {}
    never = np.zeros(count // 64, np.uint64)
    for node in cone:
        under = children_of(formula, node)
        values[node] = (
            _drawn(generator, float(q[formula.variable[node]]), count)
            if formula.op[node] == Op.VARIABLE
            else _gate(formula, node, [values[child] for child in under], never)
        )
        for child in under:
            if last_use[child] == node and child not in kept:
                del values[child]
    return values


def _drawn(generator: np.random.Generator, chance: float, count: int) -> Words:
    """Return independent bits that are set with a chance."""
    bits = np.zeros(count, np.bool_)
    if chance < _FEW:
        failed = int(generator.binomial(count, chance))
        bits[generator.choice(count, failed, replace=False, shuffle=False)] = True
    else:
        bits[:] = generator.random(count) < chance
    return np.packbits(bits).view(np.uint64)


def _gate(formula: Formula, node: int, under: list[Words], never: Words) -> Words:
    op = Op(int(formula.op[node]))
    if op in _JOINED:
        words = under[0].copy()
        for one in under[1:]:
            _JOINED[op](words, one, out=words)
        return words
    if op is Op.AT_LEAST:
        weights = weights_of(formula, node)
        return reaching(int(formula.threshold[node]), under, weights, never, ~never)
    if op is Op.NOT:
        return ~under[0]
    return ~never if op is Op.TRUE else never
