"""A formula as an Open-PSA MEF document, so that other tools can check an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

from ripplegraph.impact.availability.compile import children_of
from ripplegraph.impact.availability.formula import Formula, Op
from ripplegraph.impact.availability.rewriting import weights_of
from ripplegraph.loaders.open_psa.names import unique_names

if TYPE_CHECKING:
    from lxml.etree import _Element

    from ripplegraph.impact.availability.fault_trees import FaultTrees

_TAGS = {Op.AND: "and", Op.OR: "or", Op.NOT: "not", Op.XOR: "xor", Op.AT_LEAST: "atleast"}


def open_psa_text(trees: FaultTrees) -> str:
    """Return the document of some top events and all beneath them.

    MEF names allow no blanks or dots. Tops and basic events are named as their CIs are, as far as
    it allows (see :func:`unique_names`), and carry the whole name as label; gates between are
    ``g0``, ``g1``, ... by their node. A weight becomes as many inputs, each a gate of its own,
    since tools refuse an input given twice. An event of unknown probability has none.
    """
    from lxml import etree

    formula = trees.formula
    beneath = _nodes_beneath(formula, trees.roots)
    numbers = sorted({int(formula.variable[n]) for n in beneath if formula.op[n] == Op.VARIABLE})
    tops = list(zip(trees.root_names, trees.root_labels, strict=True))
    events = [(trees.variable_names[one], trees.variable_labels[one]) for one in numbers]
    names = unique_names([*tops, *events])
    event_names = dict(zip(numbers, names[len(tops) :], strict=True))
    root = etree.Element("opsa-mef")
    tree = etree.SubElement(root, "define-fault-tree", name="ripplegraph")
    write = _Writer(formula, event_names)
    for name, top, node in zip(names, tops, trees.roots, strict=False):
        gate = etree.SubElement(tree, "define-gate", name=name)
        _add_label(gate, name, top)
        write.reference(gate, node)
    write.gates(tree, beneath)
    data = etree.SubElement(root, "model-data")
    for number, event_of in zip(numbers, events, strict=True):
        event = etree.SubElement(data, "define-basic-event", name=event_names[number])
        _add_label(event, event_names[number], event_of)
        value = float(trees.unavailability[number])
        if not isnan(value):
            etree.SubElement(event, "float", value=repr(value))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + etree.tostring(root, pretty_print=True, encoding="unicode")


def _add_label(element: _Element, name: str, names: tuple[str, str]) -> None:
    """Tell how a CI is known; where its name says that already, what else is said of it."""
    from lxml import etree

    known_as, called = names
    text = known_as if known_as != name else called
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if shown:
        etree.SubElement(element, "label").text = shown


class _Writer:
    """Writes the gates of a formula, given the names of its variables."""

    def __init__(self, formula: Formula, event_names: Mapping[int, str]) -> None:
        self._formula, self._event_names = formula, event_names

    def gates(self, tree: _Element, nodes: Sequence[int]) -> None:
        """Write a gate for each of these nodes that is one, those that use others first."""
        from lxml import etree

        for child, copy in sorted(_copies(self._formula, nodes)):
            gate = etree.SubElement(tree, "define-gate", name=f"g{child}copy{copy}")
            self.reference(gate, child)
        for node in nodes[::-1]:
            if self._formula.op[node] in _TAGS:
                gate = etree.SubElement(tree, "define-gate", name=f"g{node}")
                self._gate(gate, node)

    def reference(self, element: _Element, node: int) -> None:
        """Name a node as an argument."""
        from lxml import etree

        op = Op(int(self._formula.op[node]))
        if op is Op.VARIABLE:
            name = self._event_names[int(self._formula.variable[node])]
            etree.SubElement(element, "basic-event", name=name)
        elif op in _TAGS:
            etree.SubElement(element, "gate", name=f"g{node}")
        else:
            etree.SubElement(element, "constant", value="true" if op is Op.TRUE else "false")

    def _gate(self, gate: _Element, node: int) -> None:
        from lxml import etree

        formula, op = self._formula, Op(int(self._formula.op[node]))
        inner = etree.SubElement(gate, _TAGS[op])
        if op is Op.AT_LEAST:
            inner.set("min", str(int(formula.threshold[node])))
        children, weights = children_of(formula, node), weights_of(formula, node)
        if op is Op.XOR:
            self._pairs(inner, children)
            return
        for child, weight in zip(children, weights, strict=True):
            self.reference(inner, child)
            for copy in range(2, weight + 1 if op is Op.AT_LEAST else 0):
                etree.SubElement(inner, "gate", name=f"g{child}copy{copy}")

    def _pairs(self, inner: _Element, children: Sequence[int]) -> None:
        """Write an XOR of several as nested pairs: other tools take two arguments."""
        from lxml import etree

        for child in children[:-2]:
            self.reference(inner, child)
            inner = etree.SubElement(inner, "xor")
        for child in children[-2:]:
            self.reference(inner, child)


def _copies(formula: Formula, nodes: Sequence[int]) -> set[tuple[int, int]]:
    """Return the further inputs that weights need: node and number of the copy."""
    return {
        (child, copy)
        for node in nodes
        if formula.op[node] == Op.AT_LEAST
        for child, weight in zip(
            children_of(formula, node), weights_of(formula, node), strict=True
        )
        for copy in range(2, weight + 1)
    }


def _nodes_beneath(formula: Formula, roots: Sequence[int]) -> list[int]:
    seen, waiting = set(roots), list(roots)
    while waiting:
        fresh = set(children_of(formula, waiting.pop())) - seen
        seen |= fresh
        waiting.extend(fresh)
    return sorted(seen)
