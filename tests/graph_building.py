"""Build small graphs from one line of text, so that a test is read at a glance.

``shop -> web & db; web -> h1 | h2; app -> 2 of (a, b, c); app -> 50% of (x, y); shop ~> mail``:
``->`` is hard, ``~>`` soft, ``.>`` none; ``|`` is "any of"; a side with ``&`` has several.
Names that start with ``svc``, or are listed in ``services``, are services.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit, Strength
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph

_ARROWS = {"->": Strength.HARD, "~>": Strength.SOFT, ".>": Strength.NONE}
_K_OF = re.compile(r"^(\S+) of \((.*)\)$")


def records_of_text(
    text: str, *, services: tuple[str, ...] = ("shop",), grounded: bool = False
) -> Records:
    """Return the records that ``text`` describes; native id = name, source ``t``."""
    records = Records()
    names: dict[str, None] = {}
    for number, statement in enumerate(part.strip() for part in text.split(";") if part.strip()):
        _add_statement(records, names, statement, number, grounded=grounded)
    for name in names:
        is_service = name in services or name.startswith("svc")
        kind = CiKind.SERVICE if is_service else CiKind.SERVER
        class_name = "service" if is_service else "server"
        records.cis.append(
            source="t", class_name=class_name, native_id=name, kind=kind, is_logical=is_service
        )
    return records


def graph_of(
    text: str, *, services: tuple[str, ...] = ("shop",), grounded: bool = False
) -> ServiceGraph:
    """Return the graph that ``text`` describes."""
    return build_service_graph(records_of_text(text, services=services, grounded=grounded)).graph


def _add_statement(
    records: Records, names: dict[str, None], statement: str, number: int, *, grounded: bool
) -> None:
    arrow = next((arrow for arrow in _ARROWS if arrow in statement), None)
    if arrow is None:
        names[statement] = None
        return
    dependent, needed = (side.strip() for side in statement.split(arrow, 1))
    names[dependent] = None
    for term in needed.split("&"):
        key, members = "", [term.strip()]
        k_of = _K_OF.match(term.strip())
        if k_of or "|" in term:
            members = [name.strip() for name in (k_of[2].split(",") if k_of else term.split("|"))]
            key = f"g{number}"
            min_up = _requirement(k_of[1]) if k_of else _requirement("1")
            records.groups.append(
                GroupRecord(dependent=dependent, key=key, min_up=min_up, grounded=grounded)
            )
        for member in members:
            name, _, weight = member.partition("*")
            names[name] = None
            records.dependencies.append(
                dependent=dependent,
                dependency=name,
                strength=_ARROWS[arrow],
                group=key,
                weight=Decimal(weight) if weight else None,
            )


def _requirement(text: str) -> Requirement:
    if text.endswith("%"):
        return Requirement(unit=RequirementUnit.PERCENT, value=Decimal(text[:-1]))
    if text.startswith("count:"):
        return Requirement(unit=RequirementUnit.COUNT, value=Decimal(text[6:]))
    return Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(text))
