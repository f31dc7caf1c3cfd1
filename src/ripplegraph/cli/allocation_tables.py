"""The tables of ``allocate`` and of ``sla --ceiling``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.sla_tables import unavailability_words
from ripplegraph.cli.words import NOTHING, counted, name_words, percent_words
from ripplegraph.visualize.availability_words import availability_words

if TYPE_CHECKING:
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.agreements.allocation import Allocation, TargetChange
    from ripplegraph.impact.agreements.ceilings import CeilingAnswer

_RULES = {
    "equal_factor": "all negotiable downtimes shrink by one factor",
    "equal_targets": "all negotiable targets below one target are raised to it",
    "proportional": "those that contribute more give more",
}


def allocation_parts(found: Allocation, graph: ServiceGraph) -> list[Part]:
    """Return whether there is a way, and the target of each agreement beneath."""
    name = name_words(graph, found.service)
    today = availability_words(found.unavailability_today)
    then = availability_words(found.unavailability_then)
    basis = found.basis.value.replace("_", " ")
    head = [f"{name}: {percent_words(found.target)} wanted, {today} today ({basis})."]
    if found.factor == 1.0:
        head.append("It is kept today; no agreement has to change.")
    elif found.is_enough:
        head.append(f"With these targets put back in: {then}. Rule: {_RULES[found.rule.value]}.")
    else:
        fixed = ", ".join(_name(one) for one in found.changes if one.is_fixed)
        limit = f"the limit is what stays: {fixed}" if fixed else "the limit is what stays"
        head.append(
            f"Not possible: with perfect negotiable agreements {then}; {limit}, CIs without "
            "agreement, and hours that no agreement covers."
        )
    rows = [
        (
            _name(one),
            one.provider or NOTHING,
            str(one.ci_count),
            percent_words(one.target_today),
            percent_words(one.target_then) if one.target_then != one.target_today else "stays",
            "fixed" if one.is_fixed else "",
        )
        for one in found.changes
    ]
    parts: list[Part] = ["\n".join(head)]
    if rows:
        columns = ("agreement", "provider", "CIs", "today", "needed", "")
        parts.append(Table(columns=columns, rows=rows))
    return parts


def _name(one: TargetChange) -> str:
    name = one.name or one.agreement_id
    return name if name.casefold().startswith(one.kind.casefold()) else f"{one.kind} {name}"


def allocation_csv(found: Allocation) -> Table:
    """Return one row per agreement."""
    columns = (
        "service", "target", "rule", "basis", "is_enough", "agreement", "kind", "name",
        "provider", "ci_count", "target_today", "target_then", "is_fixed",
    )  # fmt: skip
    rows = [
        (
            found.service,
            str(found.target),
            found.rule.value,
            found.basis.value,
            str(found.is_enough),
            one.agreement_id,
            one.kind,
            one.name,
            one.provider,
            str(one.ci_count),
            f"{one.target_today:f}",
            f"{one.target_then:f}",
            str(one.is_fixed),
        )
        for one in found.changes
    ]
    return Table(columns=columns, rows=rows)


def ceiling_parts(answer: CeilingAnswer) -> list[Part]:
    """Return the highest target of each service, on average and in every window."""
    calendar = answer.calendar or "24x7"
    head = (
        f"{counted(len(answer.ceilings), 'service', 'services')}: the highest target that each "
        f"could promise, a {answer.window}, {calendar}."
    )
    rows = [
        (
            one.name or one.native_id,
            unavailability_words(one.independent),
            unavailability_words(one.contractual_worst),
            unavailability_words(one.contractual_worst_covered),
            ", ".join(percent_words(target) for target in one.targets) or NOTHING,
            one.label.value,
        )
        for one in answer.ceilings
    ]
    columns = (
        "service", "on average", "in every window", "in every window, promises in all hours",
        "promised today", "label",
    )  # fmt: skip
    return [head, Table(columns=columns, rows=rows)] if rows else [head]


def ceiling_csv(answer: CeilingAnswer) -> Table:
    """Return one row per service."""
    columns = (
        "service", "native_id", "name", "independent_lower", "independent_upper",
        "contractual_worst_lower", "contractual_worst_upper", "label", "targets", "missing",
    )  # fmt: skip
    rows = [
        (
            one.service,
            one.native_id,
            one.name,
            repr(1.0 - one.independent.upper),
            repr(1.0 - one.independent.lower),
            repr(1.0 - one.contractual_worst.upper),
            repr(1.0 - one.contractual_worst.lower),
            one.label.value,
            ";".join(map(str, one.targets)),
            ";".join(one.missing),
        )
        for one in answer.ceilings
    ]
    return Table(columns=columns, rows=rows)
