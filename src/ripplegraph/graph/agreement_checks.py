"""Checks of agreements: what they cover, what they leave out, and whether they still hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from ripplegraph.graph.agreements import (
    Agreement,
    AgreementKind,
    AgreementState,
    meet_in_time,
)
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import SERVICE_KINDS, CiKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import slas_of_services
from ripplegraph.graph.wording import (
    agreement_words,
    ci_words,
    count_words,
    day_words,
    list_ci_words,
    list_words,
)

_WITH_CUSTOMERS = frozenset({AgreementKind.SLA, AgreementKind.SLR})
_CONCLUDED = frozenset({AgreementState.AGREED, AgreementState.EXPIRED})


def check_agreements(graph: ServiceGraph, found: FindingCollector, at: datetime | None) -> None:
    """Collect what is doubtful in the agreements of a graph.

    Parameters
    ----------
    at
        Aware; None leaves out ended agreements and overdue reviews that only a date shows.
    """
    _check_covers(graph, found)
    _check_dates(graph, found)
    _check_services_without_sla(graph, found, at)
    _check_services_without_dependencies(graph, found)
    pairs = _pairs_on_one_ci(graph)
    _check_overlaps(graph, pairs, found)
    _check_backing(graph, pairs, found)
    _check_ends(graph, found, at)
    if at is not None:
        _check_reviews(graph, found, at)


# --- what is covered -----------------------------------------------------------------------


def _check_covers(graph: ServiceGraph, found: FindingCollector) -> None:
    kinds = graph.cis.kind
    for agreement, numbers in zip(graph.agreements, graph.covered, strict=True):
        words = agreement_words(agreement)
        if not numbers:
            is_sla = agreement.kind is AgreementKind.SLA
            code = "sla-without-cis" if is_sla else "agreement-without-cis"
            _report(found, code, agreement, f"{words} covers no CI")
        elif agreement.kind in _WITH_CUSTOMERS:
            others = [number for number in numbers if kinds[number] not in SERVICE_KINDS]
            if others:
                names = list_words([_class_words(graph, number) for number in others])
                text = f"{words} covers what is no service: {names}"
                _report(found, "sla-not-on-service", agreement, text, count=len(others))


def _class_words(graph: ServiceGraph, number: int) -> str:
    return f"{ci_words(graph.cis, number)} of class {graph.cis.class_name[number]!r}"


def _check_services_without_sla(
    graph: ServiceGraph, found: FindingCollector, at: datetime | None
) -> None:
    """Report live services without an SLA in force: on them, or on an offering of theirs.

    An OLA or UPC in force that names a service itself says that it is an internal one.
    """
    cis = graph.cis
    without = [number for number, sla in slas_of_services(graph, at).items() if not sla]
    if not without:
        return
    if not any(agreement.kind is AgreementKind.SLA for agreement in graph.agreements):
        names = list_ci_words(graph.cis, without)
        count = count_words(len(without), "service has", "services have")
        text = f"the export holds no SLA, so {count} none: {names}"
        file, row = cis.file[without[0]], cis.row[without[0]]
        found.add("service-without-sla", text, file=file, row=row, count=len(without))
        return
    not_agreed, not_in_force = _not_agreed(graph), _not_in_force(graph, at)
    for number in without:
        text = f"{cis.kind[number].replace('_', ' ')} {ci_words(graph.cis, number)} has no SLA"
        if cis.kind[number] is not CiKind.SERVICE_OFFERING:
            text += ", nor has an offering of it"
        if number in not_agreed:
            text += f"; not agreed yet: {list_words(not_agreed[number])}"
        if number in not_in_force:
            text += f"; not in force: {list_words(not_in_force[number])}"
        found.add("service-without-sla", text, file=cis.file[number], row=cis.row[number])


def _not_agreed(graph: ServiceGraph) -> dict[int, list[str]]:
    """Return for each CI the words of its SLAs and SLRs that nobody has agreed to yet."""
    words: dict[int, list[str]] = {}
    for agreement, numbers in zip(graph.agreements, graph.covered, strict=True):
        is_requirement = agreement.kind is AgreementKind.SLR
        if is_requirement or (
            agreement.kind is AgreementKind.SLA and agreement.state not in _CONCLUDED
        ):
            for number in numbers:
                words.setdefault(number, []).append(agreement_words(agreement))
    return words


def _not_in_force(graph: ServiceGraph, at: datetime | None) -> dict[int, list[str]]:
    """Return for each CI the words of its SLAs that have ended, or have not begun."""
    words: dict[int, list[str]] = {}
    for agreement, numbers in zip(graph.agreements, graph.covered, strict=True):
        is_concluded = agreement.kind is AgreementKind.SLA and agreement.state in _CONCLUDED
        if is_concluded and not agreement.is_in_force_at(at):
            for number in numbers:
                words.setdefault(number, []).append(agreement_words(agreement))
    return words


def _check_services_without_dependencies(graph: ServiceGraph, found: FindingCollector) -> None:
    """Report services under an SLA beneath which no other sort of CI lies."""
    cis, kinds = graph.cis, graph.cis.kind
    promised = {
        number
        for agreement, numbers in zip(graph.agreements, graph.covered, strict=True)
        if agreement.kind is AgreementKind.SLA
        for number in numbers
    }
    under = [number for number in graph.service_numbers if number in promised]
    if not under:
        return
    resting = _resting_on_more_than_services(graph)
    for number in under:
        if number not in resting:
            text = (
                f"{kinds[number].replace('_', ' ')} {ci_words(graph.cis, number)} has an SLA "
                "but rests on nothing that could fail"
            )
            file, row = cis.file[number], cis.row[number]
            found.add("service-without-dependencies", text, file=file, row=row)


def _resting_on_more_than_services(graph: ServiceGraph) -> set[int]:
    """Return the services with a CI beneath them, over effects, that is no service."""
    topology, kinds = graph.topology, graph.cis.kind
    effect = graph.gates.edge_effect
    services = graph.service_numbers
    needs = {
        number: [
            int(topology.edge_dependency[edge])
            for edge in graph.edges_to_dependencies(number)
            if effect[edge]
        ]
        for number in services
    }
    needed_by: dict[int, list[int]] = {}
    waiting: list[int] = []
    for number, others in needs.items():
        if any(kinds[other] not in SERVICE_KINDS for other in others):
            waiting.append(number)
        for other in others:
            needed_by.setdefault(other, []).append(number)
    resting = set(waiting)
    for number in waiting:  # grows while it is walked
        fresh = [other for other in needed_by.get(number, []) if other not in resting]
        resting.update(fresh)
        waiting.extend(fresh)
    return resting


# --- agreements on one CI --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two agreements in force at one time on ``count`` CIs, of which ``number`` is one."""

    one: Agreement
    other: Agreement
    number: int
    count: int


def _pairs_on_one_ci(graph: ServiceGraph) -> list[_Pair]:
    on_ci: dict[int, list[int]] = {}
    for position, numbers in enumerate(graph.covered):
        if graph.agreements[position].state is AgreementState.AGREED:
            for number in numbers:
                on_ci.setdefault(number, []).append(position)
    # CIs under the same agreements are counted together, else a class of 10,000 CIs under
    # 100 agreements would be walked 4,950 times
    first: dict[tuple[int, ...], int] = {}
    sizes: Counter[tuple[int, ...]] = Counter()
    for number in sorted(on_ci):
        positions = tuple(on_ci[number])
        if len(positions) > 1:
            first.setdefault(positions, number)
            sizes[positions] += 1
    counts: Counter[tuple[int, int]] = Counter()
    example: dict[tuple[int, int], int] = {}
    for positions, number in first.items():
        for pair in combinations(positions, 2):
            counts[pair] += sizes[positions]
            example.setdefault(pair, number)
    return [
        _Pair(
            one=graph.agreements[pair[0]],
            other=graph.agreements[pair[1]],
            number=example[pair],
            count=counts[pair],
        )
        for pair in sorted(counts)
        if meet_in_time(graph.agreements[pair[0]], graph.agreements[pair[1]])
    ]


def _check_overlaps(graph: ServiceGraph, pairs: Iterable[_Pair], found: FindingCollector) -> None:
    for pair in pairs:
        if pair.one.kind is not pair.other.kind or pair.one.level != pair.other.level:
            continue  # levels of a multi-level SLA are meant to hold side by side
        cis = ci_words(graph.cis, pair.number)
        if pair.count > 1:
            cis = f"{count_words(pair.count, 'CI', 'CIs')}, for one {cis}"
        both = f"{agreement_words(pair.one)} and {agreement_words(pair.other)} both cover {cis}"
        customers = (pair.one.customer, pair.other.customer)
        apart = (
            pair.one.kind in _WITH_CUSTOMERS and all(customers) and customers[0] != customers[1]
        )
        if apart:
            text = f"{both}, for the customers {customers[0]!r} and {customers[1]!r}"
            _report(found, "several-customers", pair.other, text, count=pair.count)
        else:
            _report(found, "agreement-overlap", pair.other, both, count=pair.count)


def _check_backing(graph: ServiceGraph, pairs: Iterable[_Pair], found: FindingCollector) -> None:
    """Report OLAs that promise more than the underpinning contract behind them."""
    for pair in pairs:
        by_kind = {pair.one.kind: pair.one, pair.other.kind: pair.other}
        ola, upc = by_kind.get(AgreementKind.OLA), by_kind.get(AgreementKind.UPC)
        if ola is None or upc is None:
            continue
        if ola.target_availability is None or upc.target_availability is None:
            continue
        if ola.target_availability > upc.target_availability:
            text = (
                f"{agreement_words(ola)} promises {ola.target_availability} on "
                f"{ci_words(graph.cis, pair.number)}, {agreement_words(upc)} behind it only "
                f"{upc.target_availability}"
            )
            _report(found, "ola-not-backed", ola, text, count=pair.count)


# --- ends and reviews ------------------------------------------------------------------------


def _check_dates(graph: ServiceGraph, found: FindingCollector) -> None:
    for one in graph.agreements:
        if one.valid_from is not None and one.valid_to is not None:
            if one.valid_to > one.valid_from:
                continue
            text = (
                f"{agreement_words(one)} ends on {day_words(one.valid_to)}, not after it begins "
                f"on {day_words(one.valid_from)}: it is never in force"
            )
            _report(found, "agreement-dates", one, text)


def _check_ends(graph: ServiceGraph, found: FindingCollector, at: datetime | None) -> None:
    for position, agreement in _ended(graph, at):
        if _is_renewed(graph, position, at):
            continue
        covers = list_ci_words(graph.cis, graph.covered[position])
        on = f"; it covers {covers}" if covers else ""
        when = f" on {day_words(agreement.valid_to)}" if agreement.valid_to else ""
        has = "is marked as expired" if agreement.state is AgreementState.EXPIRED else "ended"
        _report(
            found, "agreement-expired", agreement, f"{agreement_words(agreement)} {has}{when}{on}"
        )


def _ended(graph: ServiceGraph, at: datetime | None) -> Iterator[tuple[int, Agreement]]:
    for position, agreement in enumerate(graph.agreements):
        is_over = at is not None and agreement.valid_to is not None and agreement.valid_to <= at
        if is_over or agreement.state is AgreementState.EXPIRED:
            yield position, agreement


def _is_renewed(graph: ServiceGraph, position: int, at: datetime | None) -> bool:
    """Return whether a later version in force covers all that an ended agreement covered."""
    old, covered = graph.agreements[position], set(graph.covered[position])
    for new, numbers in zip(graph.agreements, graph.covered, strict=True):
        is_later = (
            new.valid_from is not None
            and old.valid_to is not None
            and new.valid_from >= old.valid_to
        )
        in_force = at is None or new.valid_to is None or at < new.valid_to
        same = (new.kind, new.customer, new.state) == (
            old.kind,
            old.customer,
            AgreementState.AGREED,
        )
        if is_later and in_force and same and covered.issubset(numbers):
            return True
    return False


def _check_reviews(graph: ServiceGraph, found: FindingCollector, at: datetime) -> None:
    ended = {position for position, _ in _ended(graph, at)}
    for position, agreement in enumerate(graph.agreements):
        due = agreement.next_review
        if due is not None and due < at and position not in ended:
            days = count_words((at - due).days, "day", "days")
            text = f"{agreement_words(agreement)}: review due on {day_words(due)}, {days} ago"
            _report(found, "agreement-review-overdue", agreement, text)


def _report(
    found: FindingCollector, code: str, agreement: Agreement, text: str, *, count: int = 1
) -> None:
    found.add(code, text, file=agreement.file, row=agreement.row, count=count)
