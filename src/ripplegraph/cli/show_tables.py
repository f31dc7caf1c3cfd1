"""The tables of ``show`` and ``services``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ripplegraph.cli.output import Part, Table
from ripplegraph.cli.words import (
    NOTHING,
    counted,
    percent_words,
    place_words,
    words_or_nothing,
)

if TYPE_CHECKING:
    from ripplegraph.api.schemas import AgreementOut, CiOut, CisOut, ServicesOut
    from ripplegraph.api.schemas.cis import DependencyOut, ServiceOut
    from ripplegraph.graph.service_graph import ServiceGraph


_KIND_ORDER = ("business_service", "service", "service_offering")


def numbers_with(text: str, graph: ServiceGraph) -> list[int]:
    """Return the CIs whose id or name holds a text, whatever its case."""
    wanted, names = text.casefold(), graph.cis.name
    return [
        number
        for number, ci_id in enumerate(graph.ci_ids)
        if wanted in ci_id.casefold() or wanted in names[number].casefold()
    ]


def cis_parts(listed: CisOut) -> list[Part]:
    """Return a list of CIs for people."""
    rows = [
        (
            one.name,
            one.ci_id,
            one.kind,
            one.state,
            one.owner_team or NOTHING,
            one.supplier or NOTHING,
        )
        for one in listed.cis
    ]
    table = Table(columns=("name", "ci_id", "kind", "state", "owner", "supplier"), rows=rows)
    count = f"{counted(len(rows), 'CI', 'CIs')}."
    return [count, table] if rows else ["No CI fits."]


def cis_csv(listed: CisOut) -> Table:
    """Return a list of CIs for programs."""
    columns = ("ci_id", "native_id", "name", "class", "kind", "state", "owner_team", "supplier")
    rows = [
        (
            one.ci_id, one.native_id, one.name, one.class_name, one.kind, one.state,
            one.owner_team, one.supplier,
        )
        for one in listed.cis
    ]  # fmt: skip
    return Table(columns=columns, rows=rows)


def ci_parts(shown: CiOut, graph: ServiceGraph, number: int) -> list[Part]:
    """Return one CI for people: only the facts that it has."""
    parts: list[Part] = [_facts_table(shown, graph, number)]
    parts.append(_neighbours("Needs", shown.dependencies, dependencies=True))
    parts.append(_neighbours("Is needed by", shown.dependents, dependencies=False))
    if shown.groups:
        rows = [
            (one.group, one.min_up or "all (none in the data)", str(len(one.members)))
            for one in shown.groups
        ]
        parts.append(Table(columns=("redundancy group", "needs", "members"), rows=rows))
    if shown.agreements:
        parts.append(_agreements_table(shown.agreements))
    if shown.outages:
        parts.append(_outages_table(shown))
    return parts


def ci_csv(shown: CiOut) -> Table:
    """Return the dependencies of one CI in both directions for programs."""
    columns = (
        "dependent", "dependency", "relation_type", "strength", "effect", "group", "weight",
        "file", "row",
    )  # fmt: skip
    rows = [
        (
            one.dependent.ci_id, one.dependency.ci_id, one.relation_type, one.strength,
            one.effect, one.group, f"{one.weight:g}", one.file, str(one.row),
        )
        for one in (*shown.dependencies, *shown.dependents)
    ]  # fmt: skip
    return Table(columns=columns, rows=rows)


def services_parts(listed: ServicesOut) -> list[Part]:
    """Return the services for people."""
    if not listed.services:
        return ["The export holds no services."]
    rows = [
        (
            one.name,
            one.kind,
            words_or_nothing([_agreement_text(sla) for sla in one.slas]),
            words_or_nothing(one.customers),
            words_or_nothing([offering.name for offering in one.offerings]),
            one.owner_team or NOTHING,
            one.state,
        )
        for one in _by_name(listed)
    ]
    columns = ("service", "kind", "SLAs", "customers", "offerings", "owner", "state")
    return [Table(columns=columns, rows=rows), f"{counted(len(rows), 'service', 'services')}."]


def services_csv(listed: ServicesOut) -> Table:
    """Return the services for programs, lists joined by ``;``."""
    columns = (
        "ci_id", "native_id", "name", "class", "kind", "state", "criticality", "owner_team",
        "supplier", "offerings", "slas", "customers", "direct_dependencies",
    )  # fmt: skip
    rows = [
        (
            one.ci_id, one.native_id, one.name, one.class_name, one.kind, one.state,
            one.criticality, one.owner_team, one.supplier,
            ";".join(offering.ci_id for offering in one.offerings),
            ";".join(sla.agreement_id for sla in one.slas),
            ";".join(one.customers),
            str(one.direct_dependencies),
        )
        for one in _by_name(listed)
    ]  # fmt: skip
    return Table(columns=columns, rows=rows)


def _by_name(listed: ServicesOut) -> list[ServiceOut]:
    """Return business services, then services, then offerings, each by name."""
    return sorted(
        listed.services,
        key=lambda one: (_KIND_ORDER.index(one.kind), one.name.casefold(), one.ci_id),
    )


def _facts_table(shown: CiOut, graph: ServiceGraph, number: int) -> Table:
    availability = graph.cis.availability[number]
    facts = {
        "name": shown.ci.name,
        "ci_id": shown.ci.ci_id,
        "kind": shown.ci.kind + (" (logical)" if shown.is_logical else ""),
        "state": shown.state + (" (stub: its own record is missing)" if shown.is_stub else ""),
        "owner team": shown.owner_team,
        "supplier": shown.supplier,
        "lifecycle": shown.lifecycle,
        "environment": shown.environment,
        "criticality": shown.criticality,
        "availability": _percent_or_nothing(availability),
        "MTBF hours": _number_or_nothing(shown.mtbf_hours),
        "MTTR hours": _number_or_nothing(shown.mttr_hours),
        "tags": ", ".join(shown.tags),
        "services above": ", ".join(one.name for one in shown.services),
        "record": place_words(shown.file, shown.row),
        **{f"column {name}": value for name, value in shown.attributes.items()},
    }
    return Table(columns=("what", "value"), rows=[(k, v) for k, v in facts.items() if v])


def _percent_or_nothing(fraction: Decimal | None) -> str:
    return "" if fraction is None else percent_words(fraction)


def _number_or_nothing(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _neighbours(title: str, edges: Sequence[DependencyOut], *, dependencies: bool) -> Part:
    if not edges:
        return f"{title}: nothing"
    rows = []
    for one in edges:
        other = one.dependency if dependencies else one.dependent
        effect = "" if one.effect == one.strength else f" (works as {one.effect})"
        rows.append(
            (
                other.name,
                other.ci_id,
                one.strength + effect,
                one.group or NOTHING,
                one.relation_type or NOTHING,
                place_words(one.file, one.row),
            )
        )
    columns = ("name", "ci_id", "strength", "group", "relation", "record")
    return Table(title=f"{title}:", columns=columns, rows=rows)


def _agreements_table(agreements: Sequence[AgreementOut]) -> Table:
    rows = [
        (
            one.kind,
            one.agreement_id,
            one.name or NOTHING,
            _target_text(one) or NOTHING,
            one.customer or one.provider or NOTHING,
            one.state,
        )
        for one in agreements
    ]
    return Table(columns=("agreement", "id", "name", "target", "with", "state"), rows=rows)


def _outages_table(shown: CiOut) -> Table:
    rows = [(one.kind, one.start, one.end or "open", one.cause) for one in shown.outages]
    return Table(columns=("outage", "from", "to", "cause"), rows=rows)


def _agreement_text(agreement: AgreementOut) -> str:
    shown = agreement.name or agreement.agreement_id
    return f"{shown} {_target_text(agreement)}".rstrip()


def _target_text(agreement: AgreementOut) -> str:
    if agreement.target_availability is None:
        return ""
    return percent_words(Decimal(repr(agreement.target_availability)))
