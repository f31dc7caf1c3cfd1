"""The CIs of one ServiceNow export: by id and by name, each once across its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ripplegraph.graph.model import Requirement
from ripplegraph.graph.records import CiColumns
from ripplegraph.loaders.mapping.rules import spelled
from ripplegraph.loaders.servicenow.cells import Reference, is_sys_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededMembers:
    """How many members a cluster needs, as its own record says."""

    min_up: Requirement | None
    degraded_below: Requirement | None
    file: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A reference from one CI to another record, with its place."""

    ci: str
    to: Reference
    file: str
    row: int


@dataclass(slots=True)
class Register:
    """What the tables of CIs told, for the tables that refer to them.

    ``ids_of_name`` holds one id as it is: nearly every name is that of one CI.
    """

    cis: CiColumns
    position_of: dict[str, int] = field(default_factory=dict)
    ids_of_name: dict[str, str | list[str]] = field(default_factory=dict)
    names_of_records: dict[str, str] = field(default_factory=dict)
    needed_members: dict[str, NeededMembers] = field(default_factory=dict)
    offering_parents: list[Link] = field(default_factory=list)
    agreement_links: list[Link] = field(default_factory=list)
    outages_of_id: dict[str, int] = field(default_factory=dict)
    sla_targets: dict[str, str] = field(default_factory=dict)

    def enter(self, ci_id: str, name: str, position: int) -> None:
        """Enter a CI under its id and its name."""
        self.position_of.setdefault(ci_id, position)
        kept = self.ids_of_name.setdefault(name or ci_id, ci_id)
        if isinstance(kept, list):
            if ci_id not in kept:
                kept.append(ci_id)
        elif kept != ci_id:
            self.ids_of_name[name or ci_id] = [kept, ci_id]

    def ids_named(self, name: str) -> Sequence[str]:
        """Return the ids of the CIs with a name."""
        kept = self.ids_of_name.get(name, [])
        return [kept] if isinstance(kept, str) else kept

    def class_of(self, ci_id: str) -> str:
        """Return the class of a CI, "" if the export does not hold it."""
        position = self.position_of.get(ci_id)
        return "" if position is None else self.cis.class_name[position]

    def find_like(self, name: str, class_name: str) -> str | None:
        """Return the id of the only CI with this name and class, or None."""
        wanted = class_spelling(class_name)
        alike = [
            ci_id
            for ci_id in self.ids_named(name)
            if class_spelling(self.class_of(ci_id)) == wanted
        ]
        return alike[0] if len(alike) == 1 else None

    def resolve(self, reference: Reference) -> tuple[str, bool]:
        """Return the id that a reference means, and whether a unique name had to do.

        A reference without an id, or with text in its place, goes by name if exactly one CI has
        it. The result is "" if several have it. What is not found stands for itself.
        """
        if reference.key in self.position_of:
            return reference.key, False
        if is_sys_id(reference.key):
            return reference.key, False
        name = reference.name or reference.key
        ids = self.ids_named(name)
        if len(ids) > 1:
            return "", True
        return (ids[0], True) if ids else (reference.key or name, False)


def class_spelling(class_name: str) -> str:
    """Return a class so that its name and its label are equal where they say the same."""
    return spelled(class_name).removeprefix("cmdb_ci_")
