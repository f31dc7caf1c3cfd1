"""A formula as an Open-PSA MEF document, so that other tools can check an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.formula import Formula, Op

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAGS = {Op.AND: "and", Op.OR: "or", Op.NOT: "not", Op.XOR: "xor", Op.AT_LEAST: "atleast"}


def open_psa_text(
    formula: Formula,
    tops: Sequence[tuple[str, int]],
    variable_names: Sequence[str],
    unavailability: NDArray[np.float64],
) -> str:
    """Return the document of these top events (name and node) and all beneath them.

    Basic events are named ``e0``, ``e1``, ... by their variable, gates ``g0``, ... by their node
    and tops ``t0``, ... by their place: MEF names allow no blanks or dots, so the real names are
    labels. A weight becomes as many inputs, each a gate of its own, since tools refuse an input
    given twice. An event of unknown probability has none.
    """
    from lxml import etree

    root = etree.Element("opsa-mef")
    tree = etree.SubElement(root, "define-fault-tree", name="ripplegraph")
    for place, (name, node) in enumerate(tops):
        gate = etree.SubElement(tree, "define-gate", name=f"t{place}")
        _add_label(gate, name)
        _add_formula(gate, formula, node, in_gate=False)
    beneath = _nodes_beneath(formula, [node for _, node in tops])
    for child, copy in sorted(_copies(formula, beneath)):
        gate = etree.SubElement(tree, "define-gate", name=f"g{child}copy{copy}")
        _add_reference(gate, formula, child)
    for node in beneath[::-1]:
        if formula.op[node] in _TAGS:
            gate = etree.SubElement(tree, "define-gate", name=f"g{node}")
            _add_formula(gate, formula, node, in_gate=True)
    data = etree.SubElement(root, "model-data")
    for number in sorted({int(formula.variable[n]) for n in beneath if not formula.op[n]}):
        event = etree.SubElement(data, "define-basic-event", name=f"e{number}")
        _add_label(event, variable_names[number])
        if not np.isnan(unavailability[number]):
            etree.SubElement(event, "float", value=repr(float(unavailability[number])))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + etree.tostring(root, pretty_print=True, encoding="unicode")


def _add_label(element: _Element, text: str) -> None:
    from lxml import etree

    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    if shown:
        etree.SubElement(element, "label").text = shown


def _add_formula(gate: _Element, formula: Formula, node: int, *, in_gate: bool) -> None:
    from lxml import etree

    op = Op(int(formula.op[node]))
    if not in_gate or op not in _TAGS:
        _add_reference(gate, formula, node)
        return
    inner = etree.SubElement(gate, _TAGS[op])
    if op is Op.AT_LEAST:
        inner.set("min", str(int(formula.threshold[node])))
    first, last = int(formula.child_offsets[node]), int(formula.child_offsets[node + 1])
    children = formula.children[first:last].tolist()
    weights = formula.weights[first:last].tolist()
    if op is Op.XOR:
        _add_pairs(inner, formula, children)
        return
    for child, weight in zip(children, weights, strict=True):
        _add_reference(inner, formula, child)
        for copy in range(2, weight + 1 if op is Op.AT_LEAST else 0):
            etree.SubElement(inner, "gate", name=f"g{child}copy{copy}")


def _copies(formula: Formula, nodes: Sequence[int]) -> set[tuple[int, int]]:
    """Return the further inputs that weights need: node and number of the copy."""
    copies: set[tuple[int, int]] = set()
    for node in nodes:
        if formula.op[node] == Op.AT_LEAST:
            first, last = int(formula.child_offsets[node]), int(formula.child_offsets[node + 1])
            for place in range(first, last):
                further = range(2, int(formula.weights[place]) + 1)
                copies.update((int(formula.children[place]), copy) for copy in further)
    return copies


def _add_pairs(inner: _Element, formula: Formula, children: Sequence[int]) -> None:
    """Write an XOR of several as nested pairs: other tools take two arguments."""
    from lxml import etree

    for child in children[:-2]:
        _add_reference(inner, formula, child)
        inner = etree.SubElement(inner, "xor")
    for child in children[-2:]:
        _add_reference(inner, formula, child)


def _add_reference(element: _Element, formula: Formula, node: int) -> None:
    from lxml import etree

    op = Op(int(formula.op[node]))
    if op is Op.VARIABLE:
        etree.SubElement(element, "basic-event", name=f"e{int(formula.variable[node])}")
    elif op in _TAGS:
        etree.SubElement(element, "gate", name=f"g{node}")
    else:
        etree.SubElement(element, "constant", value="true" if op is Op.TRUE else "false")


def _nodes_beneath(formula: Formula, roots: Sequence[int]) -> list[int]:
    seen, pending = set(roots), list(roots)
    while pending:
        node = pending.pop()
        first, last = int(formula.child_offsets[node]), int(formula.child_offsets[node + 1])
        fresh = set(formula.children[first:last].tolist()) - seen
        seen |= fresh
        pending.extend(fresh)
    return sorted(seen)
