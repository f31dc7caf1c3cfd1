"""One table of reduced ordered binary decision diagrams, in plain Python (Bryant 1986)."""

from __future__ import annotations

from ripplegraph.impact.availability.formula import Op

WORKS, FAILED = 0, 1
_NO_LEVEL = 1 << 62


class DiagramTooLargeError(Exception):
    """The diagram would need more nodes than its limit; the caller answers otherwise."""


class Diagram:
    """Nodes that ask one variable each, made once; successors have smaller numbers."""

    def __init__(self) -> None:
        self._level = [_NO_LEVEL, _NO_LEVEL]
        self._works = [0, 1]
        self._failed = [0, 1]
        self._number_of: dict[tuple[int, int, int], int] = {}
        self._known: dict[tuple[Op, int, int], int] = {}
        self._variables: list[int] = []
        self._level_of: dict[int, int] = {}
        self.limit = _NO_LEVEL

    @property
    def size(self) -> int:
        """Return how many nodes there are."""
        return len(self._level)

    def pool(self) -> tuple[list[int], list[int], list[int]]:
        """Return the variable of each node, and its successors where that works or has failed."""
        variables = [0, 0, *(self._variables[level] for level in self._level[2:])]
        return variables, self._works, self._failed

    def literal(self, variable: int) -> int:
        """Return the diagram of one variable, that comes after those asked for before."""
        level = self._level_of.setdefault(variable, len(self._variables))
        if level == len(self._variables):
            self._variables.append(variable)
        return self._node(level, WORKS, FAILED)

    def joined(self, op: Op, first: int, second: int) -> int:
        """Return the diagram of AND, OR or XOR of two.

        Raises
        ------
        DiagramTooLargeError
            If it would grow beyond the limit.
        """
        results: list[int] = []
        # (first, second, level): level < 0 asks for a result, else the two halves are done
        waiting = [(first, second, -1)]
        while waiting:
            one, other, level = waiting.pop()
            if level < 0:
                self._open(op, (one, other), waiting, results)
                continue
            if_failed, if_works = results.pop(), results.pop()
            result = self._node(level, if_works, if_failed)
            self._known[op, one, other] = result
            results.append(result)
        return results.pop()

    def _open(
        self,
        op: Op,
        pair: tuple[int, int],
        waiting: list[tuple[int, int, int]],
        results: list[int],
    ) -> None:
        one, other = min(pair), max(pair)
        result = _shortcut(op, one, other)
        if result is None:
            result = self._known.get((op, one, other))
        if result is not None:
            results.append(result)
            return
        level = min(self._level[one], self._level[other])
        split_one, split_other = self._level[one] == level, self._level[other] == level
        waiting.append((one, other, level))
        waiting.append(
            (
                self._failed[one] if split_one else one,
                self._failed[other] if split_other else other,
                -1,
            )
        )
        waiting.append(
            (
                self._works[one] if split_one else one,
                self._works[other] if split_other else other,
                -1,
            )
        )

    def _node(self, level: int, if_works: int, if_failed: int) -> int:
        if if_works == if_failed:
            return if_works
        key = (level, if_works, if_failed)
        node = self._number_of.get(key)
        if node is None:
            if len(self._level) >= self.limit:
                raise DiagramTooLargeError
            node = self._number_of[key] = len(self._level)
            self._level.append(level)
            self._works.append(if_works)
            self._failed.append(if_failed)
        return node


def _shortcut(op: Op, one: int, other: int) -> int | None:
    """Return the result where it needs no new node; ``one`` is the smaller number."""
    if one == WORKS:
        return WORKS if op == Op.AND else other
    if one == other:
        return WORKS if op == Op.XOR else one
    if one == FAILED and op != Op.XOR:
        return FAILED if op == Op.OR else other
    return None
