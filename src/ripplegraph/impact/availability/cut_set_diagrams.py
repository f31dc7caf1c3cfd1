"""Minimal cut sets as zero-suppressed diagrams: counted, and used, without being listed.

A diagram of a module's minimal cut sets has the module's inputs in the order of its binary
decision diagram (Rauzy 1993). Inputs that are modules themselves share no variable with the
others, so their cut sets multiply in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from ripplegraph.impact.availability.compile import FAILED, WORKS, CompiledFleet

NONE, EMPTY = 0, 1
"""The family without a set, and the one whose only set is empty."""

MOST_NODES = 100_000
"""Nodes that the diagrams of one fleet may have together."""


class TooManyCutSetsError(Exception):
    """The diagrams of the minimal cut sets would grow beyond their limit."""


@dataclass(slots=True, kw_only=True, eq=False)
class CutSetDiagrams:
    """Families of sets of inputs; nodes 0 and 1 are ``NONE`` and ``EMPTY``.

    The sets of node ``n`` are those of ``without[n]``, and those of ``with_[n]`` with input
    ``inputs[n]`` added. Only for roots without NOT and XOR.
    """

    fleet: CompiledFleet
    most_nodes: int = MOST_NODES
    inputs: list[int] = field(default_factory=lambda: [-1, -1])
    without: list[int] = field(default_factory=lambda: [NONE, NONE])
    with_: list[int] = field(default_factory=lambda: [NONE, NONE])
    families: dict[int, int] = field(default_factory=dict)
    _numbers: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _pool: tuple[list[int], list[int], list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the pool as lists, which are quick to index."""
        fleet = self.fleet
        self._pool = (
            fleet.node_input.tolist(),
            fleet.node_works.tolist(),
            fleet.node_failed.tolist(),
        )

    def module_of(self, one: int) -> int | None:
        """Return the module that an input is; None for a variable."""
        return one - self.fleet.variable_count if one >= self.fleet.variable_count else None

    def modules_of(self, top: int) -> list[int]:
        """Return the modules that an input rests on, itself included, inner ones first."""
        needs: dict[int, set[int]] = {}
        waiting = [self.module_of(top)]
        while waiting:
            module = waiting.pop()
            if module is not None and module not in needs:
                inner = {self.module_of(self._pool[0][n]) for n in self.nodes_of(module)}
                needs[module] = {one for one in inner if one is not None}
                waiting.extend(needs[module])
        return list(TopologicalSorter(needs).static_order())

    def nodes_of(self, module: int) -> list[int]:
        """Return the pool nodes of a module without those of inner modules, ascending."""
        _, if_works, if_failed = self._pool
        top = int(self.fleet.module_root[module])
        seen, waiting = {top}, [top]
        while waiting:
            node = waiting.pop()
            fresh = {if_works[node], if_failed[node]} - seen
            seen |= fresh
            waiting.extend(fresh)
        return sorted(seen - {WORKS, FAILED})

    def pool_node(self, node: int) -> tuple[int, int, int]:
        """Return the input of a pool node, and its successors where that works or has failed."""
        inputs, if_works, if_failed = self._pool
        return inputs[node], if_works[node], if_failed[node]

    def family_of(self, module: int) -> int:
        """Return the node of the minimal cut sets of a module, over its inputs.

        Raises
        ------
        TooManyCutSetsError
            If the diagrams would grow beyond their limit.
        """
        found = self.families.get(module)
        if found is None:
            found = self.families[module] = self._minimal(module)
        return found

    def _minimal(self, module: int) -> int:
        inputs, if_works, if_failed = self._pool
        nodes = self.nodes_of(module)
        remover = _Remover(diagrams=self, level=self._levels(nodes))
        family = {WORKS: NONE, FAILED: EMPTY}
        for node in nodes:
            # sets that fail it without the input are no longer minimal with it (Rauzy 1993)
            with_it = remover.removed(family[if_failed[node]], if_works[node])
            family[node] = self.node(inputs[node], family[if_works[node]], with_it)
        return family[int(self.fleet.module_root[module])]

    def _levels(self, nodes: list[int]) -> Mapping[int, int]:
        """Return the place of each input in the order of a module's diagram."""
        inputs, if_works, if_failed = self._pool
        before: dict[int, set[int]] = {}
        for node in nodes:
            before.setdefault(inputs[node], set())
            for following in (if_works[node], if_failed[node]):
                if following > FAILED:
                    before.setdefault(inputs[following], set()).add(inputs[node])
        order = TopologicalSorter({one: sorted(before[one]) for one in sorted(before)})
        return {one: place for place, one in enumerate(order.static_order())}

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
    level: Mapping[int, int]
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
        diagrams = self.diagrams
        one, if_works, if_failed = diagrams.pool_node(node)
        at = self.level[diagrams.inputs[family]] if family > EMPTY else len(self.level)
        asked = self.level[one]
        if asked < at:
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
                inner = diagrams.module_of(diagrams.inputs[node])
                one = [0, 1] if inner is None else counted[inner]
                with_it = _multiplied(one, by_node[diagrams.with_[node]])
                by_node[node] = _added(by_node[diagrams.without[node]], with_it)
        counted[module] = by_node[family]
    whole = diagrams.module_of(top)
    return (0, 1) if whole is None else tuple(counted[whole])


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
