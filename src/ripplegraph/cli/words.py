"""How tables name CIs, statuses, agreements and times for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ripplegraph.errors import RippleGraphError

if TYPE_CHECKING:
    from ripplegraph.graph.agreements import Agreement
    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.propagation.values import FailedGroup, ImpactedCi, RemainingCut

NOTHING = "-"


def name_words(graph: ServiceGraph, ci_id: str) -> str:
    """Return the name of a CI, with its native id where the name is not its own."""
    number = graph.resolve(ci_id)
    name, native_id = graph.cis.name[number], graph.cis.native_id[number]
    if not name:
        return native_id
    return name if _is_unique(graph, name) else f"{name} ({native_id})"


def names_words(graph: ServiceGraph, ci_ids: Iterable[str], *, most: int = 8) -> str:
    """Return the names of CIs with commas; of a long list the first few and a count."""
    names = [name_words(graph, ci_id) for ci_id in ci_ids]
    listed = ", ".join(names[:most])
    return f"{listed} and {len(names) - most} more" if len(names) > most else listed or NOTHING


def chain_words(graph: ServiceGraph, ci_ids: Iterable[str]) -> str:
    """Return a chain of CIs by name: ``Shop -> Orders DB -> SAN 1``."""
    return " -> ".join(name_words(graph, ci_id) for ci_id in ci_ids)


def words_or_nothing(words: Sequence[str]) -> str:
    """Return words with commas, or a dash."""
    return ", ".join(words) or NOTHING


def status_words(one: ImpactedCi) -> str:
    """Return the status, and what the planned outages or a circle have to do with it."""
    words = one.status.word
    if one.in_maintenance:
        words += " (in maintenance)"
    elif one.planned_status > 0 and one.planned_status is not one.status:
        words += f" (planned work alone: {one.planned_status.word})"
    if one.grounded_status is not None:
        words += f" (grounded: {one.grounded_status.word})"
    return words


def group_words(graph: ServiceGraph, group: FailedGroup) -> str:
    """Return what a group lost: ``web of Shop: 1 of 3 usable, needs 2; down: web-1, web-2``."""
    words = (
        f"{group.key} of {name_words(graph, group.dependent)}: "
        f"{group.usable_members} of {group.member_count} usable, needs {group.requirement}"
    )
    if group.failed:
        words += f"; down: {names_words(graph, group.failed)}"
    if group.impaired:
        words += f"; impaired: {names_words(graph, group.impaired)}"
    return words


def remaining_words(graph: ServiceGraph, cut: RemainingCut | None) -> str:
    """Return how many more failures bring a service down, with an example."""
    if cut is None:
        return NOTHING
    if cut.count == 0 and cut.is_exact:
        return "none possible"
    words = str(cut.count) if cut.is_exact else f"at least {cut.count}"
    return f"{words} (e.g. {names_words(graph, cut.example, most=4)})" if cut.example else words


def agreement_words(agreement: Agreement, *, with_kind: bool = False) -> str:
    """Return name and target of an agreement: ``Shop Gold 99.95%``; its id if it has no name."""
    shown, kind = agreement.name or agreement.agreement_id, agreement.kind.value
    if with_kind and not shown.casefold().startswith(kind.casefold()):
        shown = f"{kind} {shown}"
    if agreement.target_availability is None:
        return shown
    return f"{shown} {percent_words(agreement.target_availability)}"


def percent_words(fraction: Decimal) -> str:
    """Return a fraction as an exact percent: ``99.95%``."""
    return f"{(fraction * 100).normalize():f}%"


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun: ``1 service``, ``2 services``."""
    return f"{count:,} {one if count == 1 else many}"


def place_words(file: str, row: int) -> str:
    """Return the place of a record: ``cis.csv:12``."""
    return f"{file}:{row}" if file and row else file or NOTHING


def _is_unique(graph: ServiceGraph, name: str) -> bool:
    """Return whether the name alone names one CI on the command line."""
    try:
        graph.resolve(name)
    except RippleGraphError:
        return False
    return True
