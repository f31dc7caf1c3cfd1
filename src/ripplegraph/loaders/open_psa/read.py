"""Open-PSA MEF documents into fault trees: read, resolve, evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ripplegraph.errors import ExportError, LimitExceededError, UnreadableFileError
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.loaders.open_psa.common_causes import (
    CommonCauseGroup,
    cause_name,
    read_group,
)
from ripplegraph.loaders.open_psa.definitions import Definition, Definitions, name_of
from ripplegraph.loaders.open_psa.expressions import MISSION_TIME_HOURS, Evaluator
from ripplegraph.loaders.open_psa.gates import GateBuilder
from ripplegraph.loaders.reading.export import source_files
from ripplegraph.loaders.reading.limits import DEFAULT_LIMITS, ReadLimits
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE
from ripplegraph.loaders.reading.sources import XML_SUFFIXES, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOT = b"<opsa-mef"
_EXPORT_AGAIN = "Export it again."


def is_open_psa(
    paths: Sequence[Path],
    *,
    limits: ReadLimits = DEFAULT_LIMITS,
    stdin: BinaryIO | None = None,
) -> bool:
    """Return whether any file of a source is an Open-PSA document, by its first bytes.

    Of ``stdin`` nothing is used up. A source that cannot be opened is none.
    """
    if stdin is not None and _ROOT in _head_of(stdin):
        return True
    named = [path for path in paths if stdin is None or str(path) != "-"]
    try:
        sources = source_files(named, limits=limits, suffixes=XML_SUFFIXES)
        return any(_is_document(one) for one in sources)
    except ExportError:
        return False


def _head_of(stdin: BinaryIO) -> bytes:
    """Return the first bytes that are there, and leave them to be read."""
    if isinstance(stdin, BufferedReader):
        return stdin.peek(8192)
    place = stdin.tell()
    head = stdin.read(8192)
    stdin.seek(place)
    return head


def read_open_psa(
    paths: Sequence[Path],
    *,
    mission_time_hours: float = MISSION_TIME_HOURS,
    with_common_causes: bool = False,
    limits: ReadLimits = DEFAULT_LIMITS,
    stdin: BinaryIO | None = None,
) -> FaultTrees:
    """Return the fault trees of one model: a file, a folder, a zip or several files.

    Distributions count with their mean, at the mission time; common-cause groups only if asked
    for. Raises UnreadableFileError for what cannot be read or is not supported, by name.
    """
    definitions, others = Definitions(), []
    for source in source_files(paths, limits=limits, stdin=stdin):
        if _is_document(source):
            definitions.add_document(_parsed(source, limits), source.label)
        else:
            others.append(source.label)
    evaluator = Evaluator(definitions=definitions, mission_time_hours=mission_time_hours)
    groups = {name: read_group(one, evaluator) for name, one in definitions.groups.items()}
    gates = GateBuilder(definitions=definitions)
    if with_common_causes:
        gates.replaced.update(_replaced(groups.values()))
    tops = _tops(gates, paths)
    roots = tuple(gates.node_of(top) for top in tops)
    probabilities = _probabilities(gates, evaluator, groups.values(), with_common_causes)
    unknown = [name for name in gates.variables if np.isnan(probabilities[gates.variables[name]])]
    return FaultTrees(
        formula=gates.builder.build(),
        roots=roots,
        root_names=tuple(top.ident for top in tops),
        root_labels=tuple(top.label for top in tops),
        variable_names=tuple(gates.variables),
        variable_labels=tuple(_label(definitions, name) for name in gates.variables),
        unavailability=probabilities,
        notes=(
            f"Distributions count with their mean, at a mission time of {mission_time_hours:g} h.",
            *_notes(definitions, evaluator, with_common_causes),
            *_notes_of_parts(others, unknown),
        ),
    )


def _is_document(source: SourceFile) -> bool:
    head = source.head().replace(b"\0", b"")
    return _ROOT in head or (b"<?xml" in head and _ROOT in source.head(1 << 16))


def _parsed(source: SourceFile, limits: ReadLimits) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        with source.opener() as stream:
            root = etree.parse(stream, parser).getroot()
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = f"it is no valid XML ({' '.join(str(error).split())[:300]})"
        raise UnreadableFileError(source.label, reason, _EXPORT_AGAIN) from error
    if root.getroottree().docinfo.internalDTD is not None:
        reason = "it declares a document type (DTD), which is refused"
        raise UnreadableFileError(source.label, reason, "Export it without a DTD.")
    if name_of(root) != "opsa-mef":
        reason = f"its root is <{name_of(root)}>, not <opsa-mef>"
        raise UnreadableFileError(source.label, reason, "Give the model itself.")
    _refuse_deep(root, source.label, limits.depth)
    return root


def _refuse_deep(root: _Element, label: str, most: int) -> None:
    level = [root]
    for _ in range(most):
        level = [child for element in level for child in element]
        if not level:
            return
    limit = f"it is nested deeper than {most} levels (depth)"
    raise LimitExceededError(label, limit, SPLIT_OR_RAISE)


def _tops(gates: GateBuilder, paths: Sequence[Path]) -> list[Definition]:
    tops = gates.tops()
    if tops:
        return tops
    for gate in gates.definitions.events.values():
        if gate.kind == "gate":
            gates.node_of(gate)  # names the circle
    label = ", ".join(path.name for path in paths[:3])
    reason = "it defines no gate"
    if gates.definitions.passed_over:
        reason += f"; not answered: {_listed(list(gates.definitions.passed_over))}"
    raise UnreadableFileError(label, reason, "Add the file with the fault tree.")


def _replaced(groups: Iterable[CommonCauseGroup]) -> dict[str, tuple[str, ...]]:
    causes: dict[str, list[str]] = {}
    for group in groups:
        for members in group.causes():
            for member in members:
                causes.setdefault(member, []).append(cause_name(members))
    return {member: tuple(names) for member, names in causes.items()}


def _probabilities(
    gates: GateBuilder,
    evaluator: Evaluator,
    groups: Iterable[CommonCauseGroup],
    with_common_causes: bool,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the probability of each variable; those of members are the group's."""
    shared: dict[str, float] = {}
    for group in groups:
        shared.update(dict.fromkeys(group.members, group.probability))
        if with_common_causes:
            causes = group.causes().items()
            shared.update({cause_name(members): value for members, value in causes})
    probabilities = np.full(len(gates.variables), np.nan)
    for name, number in gates.variables.items():
        definition = gates.definitions.events.get(name)
        value = shared.get(name)
        if value is None and definition is not None:
            value = evaluator.value_of(definition)
        if value is None:
            continue
        if not 0 <= value <= 1:
            _refuse_improbable(name, value, definition)
        probabilities[number] = value
    return probabilities


def _refuse_improbable(name: str, value: float, definition: Definition | None) -> None:
    advice = "A probability lies between 0 and 1; check units and mission time."
    if definition is not None:
        definition.refuse(f"has the probability {value:g}", advice)
    raise UnreadableFileError(name, f"it has the probability {value:g}", advice)


def _label(definitions: Definitions, name: str) -> str:
    definition = definitions.events.get(name)
    return definition.label if definition is not None else ""


def _notes(definitions: Definitions, evaluator: Evaluator, with_groups: bool) -> list[str]:
    notes = []
    if definitions.groups:
        names = _listed(list(definitions.groups))
        notes.append(
            f"Common causes count: {names}."
            if with_groups
            else f"Common causes do not count (ask for them): {names}. "
            "Their members fail independently."
        )
    if definitions.passed_over:
        notes.append(f"Not answered: {_listed(list(definitions.passed_over))}.")
    if evaluator.units:
        units = _listed(sorted(evaluator.units))
        notes.append(f"Units are not converted: {units}. Times count as hours.")
    return notes


def _notes_of_parts(others: Sequence[str], unknown: Sequence[str]) -> list[str]:
    notes = []
    if others:
        notes.append(f"No Open-PSA documents, so not read: {_listed(others)}.")
    if unknown:
        notes.append(f"Basic events without a probability: {_listed(unknown)}.")
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
