"""Attributes of networkx nodes and edges: how CIs and dependencies are written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.model import (
    SERVICE_KINDS,
    CiKind,
    ConfigurationItem,
    Dependency,
    OperatingState,
    Strength,
)
from ripplegraph.graph.records import CiColumns, DependencyColumns

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)

_LOGICAL = SERVICE_KINDS | {CiKind.GROUP, CiKind.SITE}
_WANTED = {
    "availability": "an availability",
    "mtbf_hours": "a number of hours",
    "mttr_hours": "a number of hours",
    "group_weight": "a weight",
}
_CI_FIELDS = frozenset(field.name for field in fields(ConfigurationItem))
_STRENGTHS: dict[object, Strength] = {
    **{strength.word: strength for strength in Strength},
    **{strength: strength for strength in Strength},
}


def ci_cells(ci: ConfigurationItem) -> dict[str, object]:
    """Return the attributes of a CI's node; kind and state as plain text."""
    cells: dict[str, object] = {name: getattr(ci, name) for name in sorted(_CI_FIELDS)}
    return {
        **cells,
        "kind": ci.kind.value,
        "state": ci.state.value,
        "attributes": dict(ci.attributes),
    }


def dependency_cells(one: Dependency) -> dict[str, object]:
    """Return the attributes of a dependency's edge; strengths as words."""
    return {
        "relation_type": one.relation_type,
        "strength": one.strength.word,
        "effect": one.effect.word,
        "group": one.group,
        "group_weight": one.weight,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "file": one.file,
        "row": one.row,
    }


def add_ci(cis: CiColumns, node: object, cells: Mapping[str, object]) -> None:
    """Add the CI that a node's attributes describe; what is missing gets its default.

    Raises
    ------
    InvalidQuantityError
        If an attribute does not hold what its name promises.
    """
    kind = _member(cells, "kind", CiKind, CiKind.OTHER)
    more = {str(name): str(cell) for name, cell in cells.items() if name not in _CI_FIELDS}
    kept = cells.get("attributes")
    if isinstance(kept, Mapping):
        more.update((str(name), str(cell)) for name, cell in kept.items())
    cis.append(
        source=_text(cells, "source") or "networkx",
        class_name=_text(cells, "class_name") or "ci",
        native_id=_text(cells, "native_id") or str(node),
        name=_text(cells, "name"),
        kind=kind,
        is_logical=_typed(cells, "is_logical", bool, "true or false") or _is_logical(cells, kind),
        state=_member(cells, "state", OperatingState, OperatingState.LIVE),
        owner_team=_text(cells, "owner_team"),
        supplier=_text(cells, "supplier"),
        lifecycle=_text(cells, "lifecycle"),
        environment=_text(cells, "environment"),
        criticality=_text(cells, "criticality"),
        availability=_decimal(cells, "availability"),
        mtbf_hours=_hours(cells, "mtbf_hours"),
        mttr_hours=_hours(cells, "mttr_hours"),
        tags=_tags(cells),
        observed_from=_moment(cells, "observed_from"),
        observed_to=_moment(cells, "observed_to"),
        last_seen=_moment(cells, "last_seen"),
        is_stub=bool(_typed(cells, "is_stub", bool, "true or false")),
        file=_text(cells, "file"),
        row=_typed(cells, "row", int, "a row number") or 0,
        attributes=more,
    )


def add_dependency(
    columns: DependencyColumns, ends: tuple[str, str], cells: Mapping[str, object]
) -> None:
    """Add the dependency that an edge's attributes describe.

    Parameters
    ----------
    ends
        How records refer to the dependent and the dependency.

    Raises
    ------
    InvalidQuantityError
        If an attribute does not hold what its name promises.
    """
    said = cells.get("strength", Strength.HARD)
    strength = _STRENGTHS.get(said) if isinstance(said, str | Strength) else None
    if strength is None:
        raise _refusal(said, "a dependency strength", "Write hard, soft or none.")
    columns.append(
        dependent=ends[0],
        dependency=ends[1],
        relation_type=_text(cells, "relation_type"),
        strength=strength,
        group=_text(cells, "group"),
        weight=_decimal(cells, "group_weight"),
        valid_from=_moment(cells, "valid_from"),
        valid_to=_moment(cells, "valid_to"),
        file=_text(cells, "file"),
        row=_typed(cells, "row", int, "a row number") or 0,
    )


def _is_logical(cells: Mapping[str, object], kind: CiKind) -> bool:
    """Return whether a CI of this kind has no failures of its own, where nothing is said."""
    return "is_logical" not in cells and kind in _LOGICAL


def _refusal(cell: object, wanted: str, advice: str) -> InvalidQuantityError:
    return InvalidQuantityError(str(cell), wanted, advice)


def _text(cells: Mapping[str, object], name: str) -> str:
    cell = cells.get(name)
    return "" if cell is None else str(cell)


def _typed(
    cells: Mapping[str, object], name: str, wanted: type[Value], words: str
) -> Value | None:
    cell = cells.get(name)
    if cell is None or isinstance(cell, wanted):
        return cell
    raise _refusal(cell, words, f"Attribute {name!r} needs {wanted.__name__}.")


def _member(
    cells: Mapping[str, object], name: str, wanted: type[Choice], default: Choice
) -> Choice:
    cell = cells.get(name)
    if cell is None:
        return default
    members = {member.value: member for member in wanted}
    if str(cell) not in members:
        raise _refusal(cell, f"a {name} of a CI", f"Write one of {', '.join(members)}.")
    return members[str(cell)]


def _decimal(cells: Mapping[str, object], name: str) -> Decimal | None:
    cell = cells.get(name)
    if cell is None:
        return None
    try:
        amount = Decimal(str(cell))
    except InvalidOperation as exc:
        raise _refusal(cell, "a number", f"Attribute {name!r} needs one.") from exc
    if not amount.is_finite() or amount < 0:
        raise _refusal(cell, _WANTED[name], f"Attribute {name!r} needs a number >= 0.")
    if name == "availability" and amount > 1:
        raise _refusal(cell, _WANTED[name], "Write a fraction: 0.9995 for 99.95 %.")
    return amount


def _hours(cells: Mapping[str, object], name: str) -> float | None:
    amount = _decimal(cells, name)
    return None if amount is None else float(amount)


def _tags(cells: Mapping[str, object]) -> tuple[str, ...]:
    cell = cells.get("tags")
    if cell is None:
        return ()
    if isinstance(cell, list | tuple):
        return tuple(map(str, cell))
    raise _refusal(cell, "a list of tags", "Attribute 'tags' needs a list or tuple.")


def _moment(cells: Mapping[str, object], name: str) -> datetime | None:
    cell = cells.get(name)
    if cell is None or (isinstance(cell, datetime) and cell.tzinfo is not None):
        return cell
    raise _refusal(cell, "a moment", f"Attribute {name!r} needs a datetime with its time zone.")
