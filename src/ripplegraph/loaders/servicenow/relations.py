"""ServiceNow's relations: mapped to dependencies and redundancy groups by the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from ripplegraph.graph.columns import as_list
from ripplegraph.graph.model import Strength
from ripplegraph.graph.records import GroupRecord
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.mapping.rules import GroupDecision, RelationDecision
from ripplegraph.loaders.quantities import read_strength, read_weight
from ripplegraph.loaders.servicenow.cells import (
    Reference,
    ServiceNowTable,
    refuse_without_ids,
)
from ripplegraph.loaders.servicenow.register import Register

Value = TypeVar("Value")

ASSOCIATION_TYPE = "svc_ci_assoc"
OFFERING_PARENT_TYPE = "service_offering.parent"
MEMBERS = "members"
"""Key of the group that a cluster's own requirement (``u_min_up``) speaks of."""


@dataclass(slots=True, kw_only=True)
class _Relation:
    """One relation as its table tells it."""

    parent: str
    child: str
    relation_type: str
    file: str
    row: int
    strength: Strength | None = None
    weight: Decimal | None = None


@dataclass(slots=True)
class _Members:
    """The dependencies that rules put into one group."""

    decision: GroupDecision
    first: _Relation
    positions: list[int] = field(default_factory=list)


class Relations:
    """Collects the relations of an export, and ends with its groups."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._types: dict[str, str] = dict(context.rules.relation_type_ids)
        self._told_types: dict[str, str] = {}
        self._pair_of: dict[str, tuple[str, str]] = {}
        self._unknown: dict[tuple[str, str], list[int]] = {}
        self._groups: dict[tuple[str, str], _Members] = {}

    def read_types(self, table: ServiceNowTable) -> None:
        """Read ``cmdb_rel_type``: what the ids of relation types mean."""
        ids, names = table.raw_texts("sys_id"), table.texts("name", literal=True)
        descriptors = [
            table.texts(field, literal=True) for field in ("parent_descriptor", "child_descriptor")
        ]
        if not any(ids):
            refuse_without_ids(table)
            return
        for at in table.usable_positions():
            name = names[at] or "::".join(cells[at] for cells in descriptors)
            if not name.strip(":"):
                table.refuse(at, "missing-id", "a relation type has no name; it was not used")
            elif not ids[at]:
                text = f"relation type {name!r} has no sys_id; it was not used"
                table.refuse(at, "missing-id", text)
            else:
                self._take_type(table, at, ids[at].casefold(), name)

    def _take_type(self, table: ServiceNowTable, at: int, sys_id: str, name: str) -> None:
        """Keep what the id of a relation type means; the first record of an id counts."""
        kept = self._told_types.setdefault(sys_id, name)
        if " ".join(kept.casefold().split()) == " ".join(name.casefold().split()):
            self._types[sys_id] = kept
            self._context.ledger.use(table.file, table.rows[at])
        else:
            text = f"relation type {sys_id} is {kept!r} and {name!r}: the second was not used"
            table.refuse(at, "conflicting-records", text)

    def read_relations(self, table: ServiceNowTable) -> None:
        """Read ``cmdb_rel_ci``."""
        ends = Ends(table, self._register, ("parent", "child"))
        types = [self._type_name(cell) for cell in table.references("type")]
        ids = table.raw_texts("sys_id")
        strengths = _optional(table, "strength", read_strength, "invalid-strength")
        weights = _optional(table, "weight", read_weight, "invalid-weight")
        repeated: list[int] = []
        for at in table.usable_positions():
            pair = ends.at(at)
            if pair is None:
                continue
            if self._is_repeated(ids[at], pair):
                repeated.append(at)
            else:
                relation = _Relation(
                    parent=pair[0],
                    child=pair[1],
                    relation_type=types[at],
                    file=table.file,
                    row=table.rows[at],
                    strength=strengths[at],
                    weight=weights[at],
                )
                self._add(relation)
            self._context.ledger.use(table.file, table.rows[at])
        ends.report()
        if repeated:
            text = "relations that another record tells too were merged with those"
            table.report("merged-record", text, repeated[0], count=len(repeated))

    def read_associations(self, table: ServiceNowTable) -> None:
        """Read ``svc_ci_assoc``: a service needs the CI."""
        ends = Ends(table, self._register, ("service", "ci"))
        for at in table.usable_positions():
            pair = ends.at(at)
            if pair is not None:
                self._add_reference(*pair, ASSOCIATION_TYPE, (table.file, table.rows[at]))
                self._context.ledger.use(table.file, table.rows[at])
        ends.report()

    def add_offering_parents(self) -> None:
        """Relate each offering to the service that it is an offering of."""
        for link in self._register.offering_parents:
            parent, _ = self._register.resolve(link.to)
            if parent:
                self._add_reference(parent, link.ci, OFFERING_PARENT_TYPE, (link.file, link.row))
            else:
                text = (
                    f"the parent {link.to.name or link.to.key!r} of an offering fits several CIs"
                )
                self._context.found.add("ambiguous-id", text, file=link.file, row=link.row)

    def add_groups(self) -> None:
        """Give each group its requirement: the cluster's own, else the rule's, as assumed.

        A single member without a requirement in the data makes no group: it is needed.
        """
        dependencies = self._context.records.dependencies
        for (dependent, key), members in self._groups.items():
            needed = self._register.needed_members.get(dependent) if key == MEMBERS else None
            if needed is not None:
                group = GroupRecord(
                    dependent=dependent,
                    key=key,
                    min_up=needed.min_up,
                    degraded_below=needed.degraded_below,
                    grounded=members.decision.grounded,
                    file=needed.file,
                    row=needed.row,
                )
            elif len({dependencies.dependency[at] for at in members.positions}) > 1:
                group = GroupRecord(
                    dependent=dependent,
                    key=key,
                    min_up=members.decision.min_up,
                    grounded=members.decision.grounded,
                    is_assumed=True,
                    file=members.first.file,
                    row=members.first.row,
                )
            else:
                for at in members.positions:
                    dependencies.group[at] = ""
                    dependencies.weight[at] = None
                continue
            self._context.records.groups.append(group)

    def _type_name(self, cell: Reference) -> str:
        """Return the name of a relation type: by its id, else as the cell shows it."""
        return self._types.get(cell.key.casefold()) or cell.name or cell.key

    def _is_repeated(self, sys_id: str, pair: tuple[str, str]) -> bool:
        """Return whether the relation with this id joins the same two CIs elsewhere too."""
        if not sys_id:
            return False
        if sys_id in self._pair_of:
            return self._pair_of[sys_id] == pair
        self._pair_of[sys_id] = pair
        return False

    def _add_reference(
        self, parent: str, child: str, relation_type: str, place: tuple[str, int]
    ) -> None:
        file, row = place
        self._add(
            _Relation(parent=parent, child=child, relation_type=relation_type, file=file, row=row)
        )

    def _add(self, relation: _Relation) -> None:
        """Add the dependencies that a relation means: two where impact goes both ways."""
        parent_class = self._register.class_of(relation.parent)
        child_class = self._register.class_of(relation.child)
        asked = (relation.relation_type, parent_class, child_class)
        decision = self._context.rules.relation(*asked)
        self._context.explained[decision.rule, *asked] += 1
        if not decision.known:
            asked_of = (relation.file, relation.relation_type)
            self._unknown.setdefault(asked_of, []).append(relation.row)
        needs_child = decision.impact != "parent_to_child"
        ends = (relation.parent, relation.child)
        self._append(relation, ends if needs_child else ends[::-1], decision)
        if decision.impact == "both":
            self._append(relation, ends[::-1], decision)

    def _append(
        self, relation: _Relation, ends: tuple[str, str], decision: RelationDecision
    ) -> None:
        strength = decision.strength
        if relation.strength is not None and strength is not Strength.NONE:
            strength = relation.strength
        group = decision.group
        dependencies = self._context.records.dependencies
        owner = None
        if group is not None:
            owner = relation.parent if group.on == "parent" else relation.child
        is_member = group is not None and owner == ends[0]
        dependencies.append(
            dependent=ends[0],
            dependency=ends[1],
            relation_type=relation.relation_type,
            strength=strength,
            group=group.key if group is not None and is_member else "",
            weight=relation.weight if is_member else None,
            file=relation.file,
            row=relation.row,
        )
        if group is not None and is_member:
            members = self._groups.setdefault(
                (ends[0], group.key), _Members(decision=group, first=relation)
            )
            members.positions.append(len(dependencies) - 1)

    def report_unknown_types(self) -> None:
        """Report once per file each relation type that no rule knows."""
        for (file, relation_type), rows in self._unknown.items():
            shown = repr(relation_type) if relation_type else "an empty type"
            text = f"no mapping rule knows relation type {shown}: kept, no impact"
            self._context.found.add(
                "unknown-relation-type", text, file=file, row=rows[0], count=len(rows)
            )


class Ends:
    """The two CIs of each row of a relation table, and what was wrong with them."""

    def __init__(
        self, table: ServiceNowTable, register: Register, fields: tuple[str, str]
    ) -> None:
        self._table, self._register, self._fields = table, register, fields
        self._cells = [table.references(field) for field in fields]
        self._known: dict[Reference, tuple[str, bool]] = {}
        self._by_name: list[int] = []

    def at(self, position: int) -> tuple[str, str] | None:
        """Return the ids of the two CIs; None if the row is refused, with a finding."""
        pair = (self._cells[0][position], self._cells[1][position])
        if not pair[0] or not pair[1]:
            missing = [field for field, cell in zip(self._fields, pair, strict=True) if not cell]
            text = f"a relation has no {' and no '.join(missing)}"
            self._table.refuse(position, "missing-reference", text)
            return None
        ids = (self._id_of(pair[0], position), self._id_of(pair[1], position))
        if not ids[0] or not ids[1]:
            cell = pair[0] if not ids[0] else pair[1]
            if self._by_name[-1:] == [position]:
                self._by_name.pop()
            text = f"{cell.name or cell.key!r} fits several CIs"
            self._table.refuse(position, "ambiguous-id", text)
            return None
        return ids

    def report(self) -> None:
        """Report once that names had to do."""
        if self._by_name:
            count = len(self._by_name)
            text = "references give names, no ids: each was resolved to the only CI of that name"
            self._table.report("reference-by-name", text, self._by_name[0], count=count)

    def _id_of(self, cell: Reference, position: int) -> str:
        resolved = self._known.get(cell)
        if resolved is None:
            resolved = self._known[cell] = self._register.resolve(cell)
        ci_id, by_name = resolved
        if by_name and ci_id and self._by_name[-1:] != [position]:
            self._by_name.append(position)
        return ci_id


def _optional(
    table: ServiceNowTable, field: str, read: Callable[[str], Value], code: str
) -> list[Value | None]:
    """Return what the cells of a field mean, None where they are empty or unreadable."""
    return as_list(table.values(field, read, None, code))
