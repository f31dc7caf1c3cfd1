"""iTop's references and links, mapped to dependencies and redundancy groups by the rules."""

from __future__ import annotations

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.model import Requirement, Strength
from ripplegraph.graph.records import GroupRecord
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.generic_table import GenericTable
from ripplegraph.loaders.itop.register import FUNCTIONAL_CI, Register
from ripplegraph.loaders.itop.tables import RELATED
from ripplegraph.loaders.mapping.rules import GroupDecision
from ripplegraph.loaders.quantities import read_requirement

# column of a CI -> root of what it names, and whether the CI that has the column is impacted
_REFERENCES = {
    "system_id": (FUNCTIONAL_CI, True),
    "dbserver_id": (FUNCTIONAL_CI, True),
    "webserver_id": (FUNCTIONAL_CI, True),
    "middleware_id": (FUNCTIONAL_CI, True),
    "server_id": (FUNCTIONAL_CI, True),
    "virtualhost_id": (FUNCTIONAL_CI, True),
    "powerstart_id": (FUNCTIONAL_CI, True),
    "powerA_id": (FUNCTIONAL_CI, True),
    "powerB_id": (FUNCTIONAL_CI, True),
    "enclosure_id": (FUNCTIONAL_CI, True),
    "storagesystem_id": (FUNCTIONAL_CI, True),
    "nas_id": (FUNCTIONAL_CI, True),
    "tapelibrary_id": (FUNCTIONAL_CI, True),
    "farm_id": (FUNCTIONAL_CI, False),
}
# link class -> columns of what is impacted and of what fails, each with its root
_LINKS = {
    "lnkApplicationSolutionToFunctionalCI": (
        ("applicationsolution_id", FUNCTIONAL_CI), ("functionalci_id", FUNCTIONAL_CI)),
    "lnkApplicationSolutionToBusinessProcess": (
        ("businessprocess_id", FUNCTIONAL_CI), ("applicationsolution_id", FUNCTIONAL_CI)),
    "lnkServerToVolume": (("server_id", FUNCTIONAL_CI), ("volume_id", "LogicalVolume")),
    "lnkVirtualDeviceToVolume": (
        ("virtualdevice_id", FUNCTIONAL_CI), ("volume_id", "LogicalVolume")),
    "lnkSanToDatacenterDevice": (
        ("datacenterdevice_id", FUNCTIONAL_CI), ("san_id", FUNCTIONAL_CI)),
    "lnkConnectableCIToNetworkDevice": (
        ("connectableci_id", FUNCTIONAL_CI), ("networkdevice_id", FUNCTIONAL_CI)),
    "lnkFunctionalCIToService": (("service_id", "Service"), ("functionalci_id", FUNCTIONAL_CI)),
    RELATED: (("impacted", FUNCTIONAL_CI), ("source", FUNCTIONAL_CI)),
}  # fmt: skip
_NOTHING = frozenset({"", "0"})
_SOLUTION = "ApplicationSolution"
_CALLED_OFF = frozenset({"disabled", "none", ""})


class Relations:
    """Collects the relations of an export, and ends with its groups."""

    def __init__(self, register: Register, context: LoadContext) -> None:
        self._register, self._context = register, context
        self._groups: dict[tuple[str, str], GroupRecord] = {}
        self._needed: dict[str, Requirement] = {}
        self._unknown: dict[tuple[str, str], list[int]] = {}

    def read_references(self, class_name: str, table: GenericTable) -> None:
        """Read the columns of CIs that name others, and how many members a CI needs."""
        ids, classes = table.texts("id", literal=True), table.texts("class")
        redundancies = table.texts("redundancy")
        keys = [
            self._register.find(FUNCTIONAL_CI, f"{classes[at] or class_name}::{number}")
            for at, number in enumerate(ids)
        ]
        for at, text in enumerate(redundancies):
            if ids[at] and text.casefold() not in _CALLED_OFF:
                self._note_redundancy(table, at, keys[at], text)
        for column, (root, is_impacted) in _REFERENCES.items():
            if table.column_of(column) is None:
                continue
            for at, text in enumerate(table.texts(column, literal=True)):
                if text in _NOTHING or not ids[at]:
                    continue
                other = self._register.find(root, text)
                ends = (keys[at], other) if is_impacted else (other, keys[at])
                self._add(ends, column, table, at)

    def read_links(self, name: str, table: GenericTable) -> None:
        """Read a table of links: a row is a relation."""
        (impacted, impacted_root), (source, source_root) = _LINKS[name]
        if not table.has_columns(impacted, source):
            return
        impacted_cells = table.texts(impacted, literal=True)
        source_cells = table.texts(source, literal=True)
        ways = table.texts("connection_type")
        for at in range(len(table)):
            if impacted_cells[at] in _NOTHING or source_cells[at] in _NOTHING:
                text = f"{name}: a link names only one object, or none"
                table.refuse(at, "missing-reference", text)
                continue
            ends = (
                self._register.find(impacted_root, impacted_cells[at]),
                self._register.find(source_root, source_cells[at]),
            )
            self._add(ends, f"{name} {ways[at]}" if ways[at] else name, table, at)
            table.use_at([at])

    def finish(self) -> None:
        """Add the groups, and report the types that no rule knows."""
        self._context.records.groups.extend(self._groups.values())
        for (file, label), rows in self._unknown.items():
            text = f"no mapping rule knows relation type {label!r}: kept, no impact"
            count = len(rows)
            self._context.found.add(
                "unknown-relation-type", text, file=file, row=rows[0], count=count
            )

    def _note_redundancy(self, table: GenericTable, at: int, key: str, text: str) -> None:
        try:
            self._needed[key] = read_requirement(text)
        except InvalidQuantityError as error:
            table.report("invalid-requirement", f"redundancy: {error}", at)

    def _add(self, ends: tuple[str, str], label: str, table: GenericTable, at: int) -> None:
        """Add the dependencies of a relation: its parent is impacted, its child fails."""
        classes = [self._class_of(key) for key in ends]
        decision = self._context.rules.relation(label, classes[0], classes[1])
        self._context.explained[decision.rule, label, classes[0], classes[1]] += 1
        row = table.rows[at]
        if not decision.known:
            self._unknown.setdefault((table.file, label), []).append(row)
        dependent, dependency = ends
        if decision.impact == "parent_to_child":
            dependent, dependency = dependency, dependent
        strength = Strength.NONE if decision.impact == "none" else decision.strength
        group = decision.group or self._solution_group(dependent, label)
        key = group.key if group is not None and strength is not Strength.NONE else ""
        self._context.records.dependencies.append(
            dependent=dependent,
            dependency=dependency,
            relation_type=label,
            strength=strength,
            group=key,
            file=table.file,
            row=row,
        )
        if group is not None and key:
            needed = self._needed.get(dependent)
            record = GroupRecord(
                dependent=dependent,
                key=key,
                min_up=needed if needed is not None and key != "power" else group.min_up,
                grounded=group.grounded,
                is_assumed=needed is None,
                file=table.file,
                row=row,
            )
            self._groups.setdefault((dependent, key), record)

    def _solution_group(self, dependent: str, label: str) -> GroupDecision | None:
        """Return the group of an application solution that says how many of its CIs it needs."""
        needed = self._needed.get(dependent)
        is_solution = self._class_of(dependent) == _SOLUTION
        if needed is None or not is_solution or label != "lnkApplicationSolutionToFunctionalCI":
            return None
        return GroupDecision(on="parent", key="members", min_up=needed)

    def _class_of(self, key: str) -> str:
        return self._register.class_of_key.get(key, key.partition("::")[0])
