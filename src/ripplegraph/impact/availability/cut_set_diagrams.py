"""Minimal cut sets as zero-suppressed diagrams: counted, and used, without being listed.

A diagram of a module's minimal cut sets has the module's inputs in the order of its binary
decision diagram (Rauzy 1993). Inputs that are modules themselves share no variable with the
others, so their cut sets multiply in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ripplegraph.impact.availability.compile import FAILED, WORKS, CompiledFleet, nodes_of

NONE, EMPTY = 0, 1
"""The family without a set, and the one whose only set is empty."""

MOST_NODES = 100_000
"""Nodes that the diagrams of one fleet may have together."""


class TooManyCutSetsError(Exception):
    """The diagrams of the minimal cut sets would grow beyond their limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The diagram of one module: node ``n`` is step ``n - 2``, and asks an input of the module.

    Attributes
    ----------
    steps
        The input that each node asks, and where it goes on to if that works or has failed.
    top
        Where the diagram starts.
    level
        The place of each input in the order of the diagram.
    """

    steps: list[tuple[int, int, int]]
    top: int
    level: dict[int, int]

    def inner(self) -> set[int]:
        """Return the modules that it asks."""
        return {-1 - one for one, _, _ in self.steps if one < 0}


@dataclass(slots=True, kw_only=True, eq=False)
class CutSetDiagrams:
    """Families of sets of inputs; nodes 0 and 1 are ``NONE`` and ``EMPTY``.

    The sets of node ``n`` are those of ``without[n]``, and those of ``with_[n]`` with input
    ``inputs[n]`` added. An input is a variable, or ``-1 - module``. Only for roots without NOT
    and XOR. ``is_dual`` makes them minimal path sets.
    """

    fleet: CompiledFleet
    is_dual: bool = False
    most_nodes: int = MOST_NODES
    inputs: list[int] = field(default_factory=lambda: [-1, -1])
    without: list[int] = field(default_factory=lambda: [NONE, NONE])
    with_: list[int] = field(default_factory=lambda: [NONE, NONE])
    families: dict[int, int] = field(default_factory=dict)
    _numbers: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _steps: dict[int, Steps] = field(default_factory=dict)

    def modules_of(self, top: int) -> list[int]:
        """Return the modules that an input rests on, itself included, inner ones first."""
        found = {-1 - top} if top < 0 else set[int]()
        waiting = list(found)
        while waiting:
            fresh = self.steps_of(waiting.pop()).inner() - found
            found |= fresh
            waiting.extend(fresh)
        return [module for module in self.fleet.modules.tolist() if module in found]

    def steps_of(self, module: int) -> Steps:
        """Return the diagram of a module."""
        found = self._steps.get(module)
        if found is None:
            found = self._steps[module] = self._read(module)
        return found

    def _read(self, module: int) -> Steps:
        nodes, top = nodes_of(self.fleet, module), int(self.fleet.module_top[module])
        first, end = self.fleet.module_first_node[module : module + 2].tolist()
        levels: list[int] = self.fleet.node_level[first:end].tolist()
        level = {one: at for (one, _, _), at in zip(nodes, levels, strict=True)}
        if self.is_dual:  # what works where failures fail
            nodes = [(one, _swapped(down), _swapped(up)) for one, up, down in nodes]
            top = _swapped(top)
        return Steps(steps=nodes, top=top, level=level)

    def family_of(self, module: int) -> int:
        """Return the node of the minimal cut sets of a module, over its inputs.

        Raises
        ------
        TooManyCutSetsError
            If the diagrams would grow beyond their limit.
        """
        found = self.families.get(module)
        if found is None:
            found = self.families[module] = self._minimal(self.steps_of(module))
        return found

    def _minimal(self, module: Steps) -> int:
        remover = _Remover(diagrams=self, module=module)
        family = [NONE, EMPTY]
        for one, if_works, if_failed in module.steps:
            # sets that fail it without the input are no longer minimal with it (Rauzy 1993)
            with_it = remover.removed(family[if_failed], if_works)
            family.append(self.node(one, family[if_works], with_it))
        return family[module.top]

    def node(self, one: int, without: int, with_: int) -> int:
        """Return the node of a family: these sets, and those with an input added."""
        if with_ == NONE:
            return without
        key = (one, without, with_)
        node = self._numbers.setdefault(key, len(self.inputs))
        if node == len(self.inputs):
            if node >= self.most_nodes:
                raise TooManyCutSetsError
            self.inputs.append(one)
            self.without.append(without)
            self.with_.append(with_)
        return node

    def beneath(self, family: int) -> list[int]:
        """Return the nodes that a family rests on, itself included, those it needs first."""
        seen, waiting = {family}, [family]
        while waiting:
            node = waiting.pop()
            fresh = {self.without[node], self.with_[node]} - seen
            seen |= fresh
            waiting.extend(fresh)
        return sorted(seen)


@dataclass(slots=True, kw_only=True, eq=False)
class _Remover:
    """Takes those sets out of a family that bring a pool node about."""

    diagrams: CutSetDiagrams
    module: Steps
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    def removed(self, family: int, node: int) -> int:
        """Return the family without the sets that bring the pool node about."""
        waiting = [(family, node)]
        while waiting:
            pair = waiting[-1]
            if pair in self.known:
                waiting.pop()
                continue
            parts = list(self._parts(*pair))
            missing = [one for one in parts if one not in self.known]
            if missing:
                waiting.extend(missing)
                continue
            self.known[pair] = self._joined(*pair, [self.known[one] for one in parts])
            waiting.pop()
        return self.known[family, node]

    def _parts(self, family: int, node: int) -> Iterator[tuple[int, int]]:
        """Yield what the result is made of: one pair, or one for each half of the family."""
        if family == NONE or node in (WORKS, FAILED):
            return
        diagrams, level = self.diagrams, self.module.level
        one, if_works, if_failed = self.module.steps[node - 2]
        at, asked = level[diagrams.inputs[family]] if family > EMPTY else None, level[one]
        if at is None or asked < at:
            yield family, if_works
            return
        yield diagrams.without[family], if_works if asked == at else node
        yield diagrams.with_[family], if_failed if asked == at else node

    def _joined(self, family: int, node: int, parts: list[int]) -> int:
        if not parts:
            return NONE if node == FAILED else family
        if len(parts) == 1:
            return parts[0]
        return self.diagrams.node(self.diagrams.inputs[family], *parts)


def _swapped(node: int) -> int:
    return {WORKS: FAILED, FAILED: WORKS}.get(node, node)


def counts_by_order(diagrams: CutSetDiagrams, place: int) -> tuple[int, ...]:
    """Return how many minimal cut sets of each size a root has, from size 0 up.

    Parameters
    ----------
    diagrams
        Of the fleet that the root is compiled in, exact and without NOT and XOR.
    place
        Which of the fleet's roots, counted from 0.

    Raises
    ------
    TooManyCutSetsError
        If the diagrams would grow beyond their limit.

    Examples
    --------
    >>> from ripplegraph.impact.availability.compile import compile_fleet
    >>> from ripplegraph.impact.availability.formula import FormulaBuilder
    >>> builder = FormulaBuilder()
    >>> a, b, c = map(builder.variable, range(3))
    >>> top = builder.any_of([a, builder.all_of([b, c])])
    >>> fleet = compile_fleet(builder.build(), [top])
    >>> counts_by_order(CutSetDiagrams(fleet=fleet), 0)
    (0, 1, 1)
    """
    top = int(diagrams.fleet.root_input[place])
    counted: dict[int, list[int]] = {}
    for module in diagrams.modules_of(top):
        family = diagrams.family_of(module)
        by_node: dict[int, list[int]] = {NONE: [], EMPTY: [1]}
        for node in diagrams.beneath(family):
            if node > EMPTY:
                asked = diagrams.inputs[node]
                one = [0, 1] if asked >= 0 else counted[-1 - asked]
                with_it = _multiplied(one, by_node[diagrams.with_[node]])
                by_node[node] = _added(by_node[diagrams.without[node]], with_it)
        counted[module] = by_node[family]
    return (0, 1) if top >= 0 else tuple(counted[-1 - top])


def _added(one: list[int], other: list[int]) -> list[int]:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    return [n + shorter[at] if at < len(shorter) else n for at, n in enumerate(longer)]


def _multiplied(one: list[int], other: list[int]) -> list[int]:
    result = [0] * max(0, len(one) + len(other) - 1)
    for at, n in enumerate(one):
        if n:
            for further, m in enumerate(other):
                result[at + further] += n * m
    return result
