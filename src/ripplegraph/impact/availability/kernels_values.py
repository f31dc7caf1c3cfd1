"""Values and slopes of compiled diagrams, module by module, in failure space.

A module's nodes are read once, children before parents; what is known of a module is one number,
so that scratch is as large as the largest module. Inputs are variables, or ``-1 - module``.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import NamedTuple

from ripplegraph.impact.availability.kernels_factoring import Floats
from ripplegraph.impact.availability.kernels_gates import Ints

LANES = 8
"""Scenarios that are worked out side by side."""


class Diagrams(NamedTuple):
    """The modules that some roots rest on, those beneath first, and the pool that holds them."""

    level: Ints
    works: Ints
    failed: Ints
    input: Ints
    first_node: Ints
    first_input: Ints
    top: Ints
    modules: Ints


def values(d: Diagrams, q: Floats, of_module: Floats, value: Floats, chance: Floats) -> None:
    """Set ``of_module``: how likely each module fails."""
    level, works, failed, inputs = d.level, d.works, d.failed, d.input
    value[0] = 0.0
    value[1] = 1.0
    for module in d.modules:
        begin = d.first_input[module]
        for at in range(begin, d.first_input[module + 1]):
            one = inputs[at]
            chance[at - begin] = q[one] if one >= 0 else of_module[-1 - one]
        to = 2
        for node in range(d.first_node[module], d.first_node[module + 1]):
            p = chance[level[node]]
            value[to] = p * value[failed[node]] + (1.0 - p) * value[works[node]]
            to += 1
        of_module[module] = value[d.top[module]]


def values_by_lane(
    d: Diagrams, q: Floats, of_module: Floats, value: Floats, chance: Floats
) -> None:
    """Do the same for LANES scenarios; number ``i`` of each stands at ``i * LANES``."""
    level, works, failed, inputs = d.level, d.works, d.failed, d.input
    for lane in range(LANES):
        value[lane] = 0.0
        value[LANES + lane] = 1.0
    for module in d.modules:
        begin = d.first_input[module]
        for at in range(begin, d.first_input[module + 1]):
            one = inputs[at]
            for lane in range(LANES):
                chance[(at - begin) * LANES + lane] = (
                    q[one * LANES + lane] if one >= 0 else of_module[(-1 - one) * LANES + lane]
                )
        to = 2 * LANES
        for node in range(d.first_node[module], d.first_node[module + 1]):
            up = works[node] * LANES
            down = failed[node] * LANES
            asked = level[node] * LANES
            for lane in range(LANES):
                p = chance[asked + lane]
                value[to + lane] = p * value[down + lane] + (1.0 - p) * value[up + lane]
            to += LANES
        for lane in range(LANES):
            of_module[module * LANES + lane] = value[d.top[module] * LANES + lane]


def slopes(
    d: Diagrams,
    q: Floats,
    of_module: Floats,
    value: Floats,
    chance: Floats,
    reached: Floats,
    slope: Floats,
) -> None:
    """Set values, and ``slope``: the derivative of each module by each of its inputs.

    One pass up for the values of nodes, one pass down for how likely each is reached.
    """
    level, works, failed, inputs = d.level, d.works, d.failed, d.input
    value[0] = 0.0
    value[1] = 1.0
    for module in d.modules:
        begin = d.first_input[module]
        for at in range(begin, d.first_input[module + 1]):
            one = inputs[at]
            chance[at - begin] = q[one] if one >= 0 else of_module[-1 - one]
            slope[at] = 0.0
        first = d.first_node[module]
        count = d.first_node[module + 1] - first
        for at in range(count):
            p = chance[level[first + at]]
            up = value[works[first + at]]
            value[at + 2] = p * value[failed[first + at]] + (1.0 - p) * up
            reached[at + 2] = 0.0
        top = d.top[module]
        of_module[module] = value[top]
        reached[top] = 1.0
        for at in range(count - 1, -1, -1):
            share = reached[at + 2]
            asked = level[first + at]
            up = works[first + at]
            down = failed[first + at]
            slope[begin + asked] += share * (value[down] - value[up])
            reached[down] += share * chance[asked]
            reached[up] += share * (1.0 - chance[asked])


def chained(
    d: Diagrams,
    slope: Floats,
    roots: Ints,
    at_root: int,
    by_module: Floats,
    by_variable: Floats,
    mark: Ints,
    found: Ints,
    waiting: Ints,
    offsets: Ints,
    variables: Ints,
    derivatives: Floats,
) -> int:
    """Append the derivative of each root by its variables, from a root on; return how far.

    Stops at a root whose variables do not fit any more. No two modules of a root share an input.
    ``by_module`` and ``mark`` are zero between calls.
    """
    filled = offsets[at_root]
    for root in range(at_root, len(roots)):
        count = _modules_beneath(d, roots[root], mark, found)
        met = 0
        if roots[root] >= 0:
            waiting[0] = roots[root]
            by_variable[roots[root]] = 1.0
            met = 1
        else:
            by_module[-1 - roots[root]] = 1.0
        for at in range(count - 1, -1, -1):
            module = found[at]
            share = by_module[module]
            by_module[module] = 0.0
            mark[module] = 0
            for to in range(d.first_input[module], d.first_input[module + 1]):
                one = d.input[to]
                if one < 0:
                    by_module[-1 - one] = share * slope[to]
                else:
                    by_variable[one] = share * slope[to]
                    waiting[met] = one
                    met += 1
        if filled + met > len(variables):
            return root
        sorted_numbers(waiting, met)
        for at in range(met):
            variables[filled + at] = waiting[at]
            derivatives[filled + at] = by_variable[waiting[at]]
        filled += met
        offsets[root + 1] = filled
    return len(roots)


def _modules_beneath(d: Diagrams, root: int, mark: Ints, found: Ints) -> int:
    """List the modules beneath an input, rising; they stay marked."""
    if root >= 0:
        return 0
    found[0] = -1 - root
    mark[-1 - root] = 1
    count = 1
    at = 0
    while at < count:
        module = found[at]
        at += 1
        for to in range(d.first_input[module], d.first_input[module + 1]):
            one = -1 - d.input[to]
            if one >= 0 and mark[one] == 0:
                mark[one] = 1
                found[count] = one
                count += 1
    sorted_numbers(found, count)
    return count


def sorted_numbers(numbers: Ints, count: int) -> None:
    """Sort the first numbers (Shell 1959)."""
    gap = count // 2
    while gap > 0:
        for at in range(gap, count):
            one = numbers[at]
            to = at
            while to >= gap and numbers[to - gap] > one:
                numbers[to] = numbers[to - gap]
                to -= gap
            numbers[to] = one
        gap //= 2


def needed(
    input_of: Ints, first_input: Ints, roots: Ints, is_needed: MutableSequence[int]
) -> None:
    """Mark the modules that roots rest on; those beneath have smaller numbers."""
    for root in roots:
        if root < 0:
            is_needed[-1 - root] = 1
    for module in range(len(is_needed) - 1, -1, -1):
        if is_needed[module]:
            for at in range(first_input[module], first_input[module + 1]):
                if input_of[at] < 0:
                    is_needed[-1 - input_of[at]] = 1
