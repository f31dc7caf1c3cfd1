"""Gates into one formula: references resolved, circles refused, tops found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ripplegraph.impact.availability.formula import FormulaBuilder
from ripplegraph.loaders.open_psa.definitions import (
    Definition,
    Definitions,
    attribute,
    name_of,
    parts_of,
    refusal,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFERENCES = frozenset({"gate", "basic-event", "house-event", "event"})
_MEND = "Mend the formula."
_ARGUMENTS = {"not": 1, "imply": 2, "iff": 2}


@dataclass(slots=True, kw_only=True)
class GateBuilder:
    """Makes the nodes of gates; basic events become variables in the order of their use.

    ``replaced`` gives a node for a basic event that stands for several (common causes).
    """

    definitions: Definitions
    builder: FormulaBuilder = field(default_factory=FormulaBuilder)
    variables: dict[str, int] = field(default_factory=dict)
    undefined: list[str] = field(default_factory=list)
    replaced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _nodes: dict[str, int] = field(default_factory=dict)

    def tops(self) -> list[Definition]:
        """Return the gates that no gate uses, in the order of the files."""
        gates = [one for one in self.definitions.events.values() if one.kind == "gate"]
        used = {ref.ident for gate in gates for ref in self._gates_used_by(gate)}
        return [gate for gate in gates if gate.ident not in used]

    def node_of(self, top: Definition) -> int:
        """Return the node of a gate, after those of the gates beneath it."""
        pending: list[tuple[Definition, Iterator[Definition]]] = []
        on_path: dict[str, Definition] = {}
        self._open(top, pending, on_path)
        while pending:
            gate, below = pending[-1]
            following = next((one for one in below if one.ident not in self._nodes), None)
            if following is None:
                pending.pop()
                del on_path[gate.ident]
                self._nodes[gate.ident] = self._formula(gate)
            elif following.ident in on_path:
                names = [*on_path]
                circle = [*names[names.index(following.ident) :], following.ident]
                following.refuse(
                    f"rests on itself ({' -> '.join(circle)})", "A fault tree has no circles."
                )
            else:
                self._open(following, pending, on_path)
        return self._nodes[top.ident]

    def variable(self, ident: str) -> int:
        """Return the node of a basic event."""
        return self.builder.variable(self.variables.setdefault(ident, len(self.variables)))

    def _open(
        self,
        gate: Definition,
        pending: list[tuple[Definition, Iterator[Definition]]],
        on_path: dict[str, Definition],
    ) -> None:
        pending.append((gate, iter(self._gates_used_by(gate))))
        on_path[gate.ident] = gate

    def _gates_used_by(self, gate: Definition) -> list[Definition]:
        found = (self._referred(one, gate) for one in _references_in(gate))
        return [one for one in found if one is not None and one.kind == "gate"]

    def _referred(self, element: _Element, within: Definition) -> Definition | None:
        name, tag = attribute(element, "name", within.file), name_of(element)
        kind = str(element.get("type", tag)) if tag == "event" else tag
        found = self.definitions.find_event(name, within.scope, kind)
        if found is None and kind in ("gate", "house-event"):
            reason = f"{kind} {name!r}, used by {within.kind} {within.ident!r}, is not defined"
            raise refusal(within.file, element, reason, "Define it, or add its file.")
        return found

    def _formula(self, gate: Definition) -> int:
        body = gate.body()
        if len(body) != 1:
            gate.refuse(f"has {len(body)} formulas and needs one", _MEND)
        return self._node(body[0], gate)

    def _node(self, element: _Element, gate: Definition) -> int:
        tag = name_of(element)
        if tag in _REFERENCES:
            return self._event(element, gate)
        if tag == "constant":
            is_true = attribute(element, "value", gate.file) in ("true", "1")
            return self.builder.true() if is_true else self.builder.false()
        children = [self._node(one, gate) for one in parts_of(element)]
        wanted = _ARGUMENTS.get(tag)
        if not children or (wanted is not None and len(children) != wanted):
            reason = f"<{tag}> has {len(children)} arguments and needs {wanted or 'some'}"
            raise refusal(gate.file, element, reason, _MEND)
        return self._connected(tag, children, element, gate)

    def _connected(
        self, tag: str, children: Sequence[int], element: _Element, gate: Definition
    ) -> int:
        make = self.builder
        if tag == "atleast":
            return make.at_least(_count(element, "min", gate.file), children)
        if tag == "cardinality":
            least, most = (_count(element, key, gate.file) for key in ("min", "max"))
            too_many = make.at_least(most + 1, children)
            return make.all_of([make.at_least(least, children), make.negation(too_many)])
        connectives: dict[str, Callable[[], int]] = {
            "and": lambda: make.all_of(children),
            "or": lambda: make.any_of(children),
            "not": lambda: make.negation(children[0]),
            "xor": lambda: make.exclusive(children),
            "nand": lambda: make.negation(make.all_of(children)),
            "nor": lambda: make.negation(make.any_of(children)),
            "imply": lambda: make.any_of([make.negation(children[0]), children[1]]),
            "iff": lambda: make.negation(make.exclusive(children)),
        }
        if tag not in connectives:
            reason = f"<{tag}> in gate {gate.ident!r} is not supported"
            raise refusal(gate.file, element, reason, "Write it with and, or, not, atleast.")
        return connectives[tag]()

    def _event(self, element: _Element, gate: Definition) -> int:
        found = self._referred(element, gate)
        if found is None:
            ident = attribute(element, "name", gate.file)
            if ident not in self.variables:
                self.undefined.append(ident)
            return self._basic_event(ident)
        if found.kind == "gate":
            return self._nodes[found.ident]
        if found.kind == "house-event":
            return self._house_event(found)
        return self._basic_event(found.ident)

    def _basic_event(self, ident: str) -> int:
        causes = self.replaced.get(ident)
        if causes is None:
            return self.variable(ident)
        return self.builder.any_of([self.variable(cause) for cause in causes])

    def _house_event(self, house: Definition) -> int:
        body = house.body()
        if not body:
            return self.builder.false()
        if name_of(body[0]) != "constant":
            house.refuse("is no constant", "Say <constant value='true'/> or 'false'.")
        is_true = attribute(body[0], "value", house.file) in ("true", "1")
        return self.builder.true() if is_true else self.builder.false()


def _references_in(gate: Definition) -> Iterator[_Element]:
    for body in gate.body():
        for element in body.iter():
            if isinstance(element.tag, str) and name_of(element) in _REFERENCES:
                yield element


def _count(element: _Element, key: str, file: str) -> int:
    text = attribute(element, key, file)
    if not text.isdecimal():
        reason = f"{key}={text!r} is no whole number"
        raise refusal(file, element, reason, _MEND)
    return int(text)
