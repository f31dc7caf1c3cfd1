"""Facts of one CI as label and value, for the side panel and the table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiKind, ConfigurationItem, OperatingState
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.visualize.appearance import KIND_WORDS

Fact = tuple[str, str]


def facts_of(
    graph: ServiceGraph, number: int, agreements: Iterable[Agreement] = ()
) -> tuple[Fact, ...]:
    """Return what is known of a CI; facts that the data does not give are left out."""
    ci = graph.ci(number)
    facts = [
        ("Kind", KIND_WORDS[ci.kind]),
        ("Class", ci.class_name),
        ("Record", _record_text(ci)),
        ("Owner team", ci.owner_team),
        ("Supplier", ci.supplier),
        ("Criticality", ci.criticality),
        ("Lifecycle", ci.lifecycle),
        ("Environment", ci.environment),
        ("Own availability", "" if ci.availability is None else percent(ci.availability)),
        ("MTBF", "" if ci.mtbf_hours is None else f"{ci.mtbf_hours:g} h"),
        ("MTTR", "" if ci.mttr_hours is None else f"{ci.mttr_hours:g} h"),
        ("Tags", ", ".join(ci.tags)),
        *((agreement.kind.value, _agreement_text(agreement)) for agreement in agreements),
        ("Offerings", ", ".join(_offerings(graph, number)) if ci.is_service else ""),
        ("Identifier", ci.ci_id),
        ("From", f"{ci.file}:{ci.row}" if ci.file else ""),
    ]
    return tuple((label, value) for label, value in facts if value)


def agreements_by_ci(
    graph: ServiceGraph, numbers: Iterable[int]
) -> Mapping[int, tuple[Agreement, ...]]:
    """Return the agreements that cover each of these CIs."""
    found: dict[int, tuple[Agreement, ...]] = dict.fromkeys(numbers, ())
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        for number in covered:
            if number in found:
                found[number] = (*found[number], agreement)
    return found


def percent(fraction: Decimal) -> str:
    """Return a fraction as percent without rounding, such as ``99.95%``."""
    return f"{(fraction * 100).normalize():f}%"


def _record_text(ci: ConfigurationItem) -> str:
    if ci.is_stub:
        return "missing: only a relation or agreement names this CI"
    return "" if ci.state is OperatingState.LIVE else f"{ci.state.value}: no impact on live CIs"


def _agreement_text(agreement: Agreement) -> str:
    name = agreement.name or agreement.agreement_id
    other = agreement.customer or agreement.provider
    target = agreement.target_availability
    parts = (
        name,
        f"with {other}" if other and other not in name else "",
        f"{percent(target)} per {agreement.window}" if target is not None else "",
    )
    return ", ".join(part for part in parts if part)


def _offerings(graph: ServiceGraph, number: int) -> list[str]:
    topology, cis = graph.topology, graph.cis
    dependents = {int(topology.edge_dependent[edge]) for edge in graph.edges_to_dependents(number)}
    return sorted(cis.name[one] for one in dependents if cis.kind[one] is CiKind.SERVICE_OFFERING)
