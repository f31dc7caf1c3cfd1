"""The definitions of a model: what each XML document defines, under which name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from ripplegraph.errors import UnreadableFileError

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFER = "Define it once, or mend the reference."
_GATE, _BASIC, _HOUSE = "gate", "basic-event", "house-event"
_EVENTS = {f"define-{kind}": kind for kind in (_GATE, _BASIC, _HOUSE)}
_CONTAINERS = frozenset({"opsa-mef", "define-fault-tree", "define-component", "model-data"})
_ASIDE = {
    "define-event-tree": "event trees",
    "define-initiating-event": "initiating events",
    "define-functional-event": "functional events",
    "define-sequence": "sequences of event trees",
    "define-rule": "rules of event trees",
    "define-alignment": "alignments (house events hold as they are defined)",
    "define-extern-library": "external libraries",
    "define-extern-function": "external functions",
}
"""What does not change the probability of a gate: passed over, and told."""
_TEXTS = frozenset({"label", "attributes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One defined gate, event or parameter: its unique id, its scope, and where it stands."""

    ident: str
    scope: str
    kind: str
    element: _Element
    file: str

    @property
    def label(self) -> str:
        """Return what the file says of it."""
        text = self.element.findtext("label") or ""
        return " ".join(text.split())

    def body(self) -> list[_Element]:
        """Return what it is defined as: its formula or expression."""
        return parts_of(self.element)

    def refuse(self, reason: str, advice: str) -> NoReturn:
        """Raise the error about this definition."""
        raise refusal(self.file, self.element, f"{self.kind} {self.ident!r} {reason}", advice)


@dataclass(slots=True, kw_only=True)
class Definitions:
    """Everything that the documents of one model define."""

    events: dict[str, Definition] = field(default_factory=dict)
    parameters: dict[str, Definition] = field(default_factory=dict)
    groups: dict[str, Definition] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    _event_paths: dict[str, Definition] = field(default_factory=dict)
    _parameter_paths: dict[str, Definition] = field(default_factory=dict)

    def add_document(self, root: _Element, file: str) -> None:
        """Add what one document defines."""
        pending = [(root, "", False)]
        while pending:
            element, scope, is_private = pending.pop()
            for child in reversed(list(_elements(element))):
                tag = name_of(child)
                if tag in _CONTAINERS:
                    pending.append((child, *_scope_of(child, tag, scope, is_private)))
            for child in _elements(element):
                self._add(child, file, scope, is_private)

    def find_event(self, name: str, scope: str, kind: str) -> Definition | None:
        """Return the event that a reference in a scope names, or None."""
        found = self._event_paths.get(f"{scope}.{name}") if scope else None
        found = found or self.events.get(name) or self._event_paths.get(name)
        return found if found is None or kind in ("event", found.kind) else None

    def find_parameter(self, name: str, scope: str) -> Definition | None:
        """Return the parameter that a reference in a scope names, or None."""
        found = self._parameter_paths.get(f"{scope}.{name}") if scope else None
        return found or self.parameters.get(name) or self._parameter_paths.get(name)

    def _add(self, element: _Element, file: str, scope: str, is_private: bool) -> None:
        tag = name_of(element)
        if tag in _EVENTS:
            kind = _EVENTS[tag]
            one = _definition(element, file, kind, scope, is_private)
            _enter(one, self.events, self._event_paths)
        elif tag == "define-parameter":
            one = _definition(element, file, "parameter", scope, is_private)
            _enter(one, self.parameters, self._parameter_paths)
        elif tag == "define-CCF-group":
            _enter(_definition(element, file, "CCF group", "", False), self.groups, {})
        elif tag in _ASIDE:
            self.passed_over[_ASIDE[tag]] = self.passed_over.get(_ASIDE[tag], 0) + 1
        elif tag not in _CONTAINERS | _TEXTS:
            _refuse_unknown(element, file)


def parts_of(element: _Element) -> list[_Element]:
    """Return the children of an element without its label and attributes."""
    return [child for child in _elements(element) if name_of(child) not in _TEXTS]


def name_of(element: _Element) -> str:
    """Return the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: _Element, key: str, file: str) -> str:
    """Return an attribute that must be there."""
    text = str(element.get(key, "")).strip()
    if not text:
        raise refusal(file, element, f"<{name_of(element)}> lacks {key!r}", "Add the attribute.")
    return text


def refusal(file: str, element: _Element, reason: str, advice: str) -> UnreadableFileError:
    """Return the error about an element, with its line."""
    return UnreadableFileError(f"{file}:{element.sourceline}", reason, advice)


def _elements(element: _Element) -> Iterator[_Element]:
    return (child for child in element if isinstance(child.tag, str))


def _scope_of(element: _Element, tag: str, scope: str, is_private: bool) -> tuple[str, bool]:
    if tag in ("opsa-mef", "model-data"):
        return "", False
    name = str(element.get("name", ""))
    inner = f"{scope}.{name}" if scope else name
    return inner, _is_private(element, is_private)


def _is_private(element: _Element, inherited: bool) -> bool:
    role = element.get("role")
    return inherited if role is None else role == "private"


def _definition(
    element: _Element, file: str, kind: str, scope: str, is_private: bool
) -> Definition:
    name = attribute(element, "name", file)
    is_own = bool(scope) and _is_private(element, is_private)
    ident = f"{scope}.{name}" if is_own else name
    return Definition(ident=ident, scope=scope, kind=kind, element=element, file=file)


def _enter(one: Definition, known: dict[str, Definition], paths: dict[str, Definition]) -> None:
    if one.ident in known:
        there = known[one.ident]
        place = f"{there.file}:{there.element.sourceline}"
        one.refuse(f"is defined twice, first at {place}", _REFER)
    known[one.ident] = one
    if one.scope:
        paths[f"{one.scope}.{one.ident.removeprefix(one.scope + '.')}"] = one


def _refuse_unknown(element: _Element, file: str) -> NoReturn:
    tag, name = name_of(element), str(element.get("name", ""))
    named = f"<{tag}> {name!r}" if name else f"<{tag}>"
    advice = "Take it out of the model, or ask a tool that knows it."
    raise refusal(file, element, f"{named} is not supported", advice)
