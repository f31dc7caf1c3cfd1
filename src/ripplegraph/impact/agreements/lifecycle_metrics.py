"""Metrics of service level management that need no outages, each with its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from ripplegraph.graph.agreements import Agreement, AgreementKind, AgreementState
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.services_promised import offerings_or_services, slas_of_services
from ripplegraph.impact.agreements.applicable import ApplicableTargets, applicable_targets
from ripplegraph.impact.agreements.beneath import labels_beneath
from ripplegraph.impact.agreements.lifecycle import AgreementLife, LifecycleAnswer, lifecycle

_YEAR = timedelta(days=365)
_SOON_DAYS = 90.0
_WITH_CUSTOMERS = (AgreementKind.SLA, AgreementKind.SLR)
_INTERNAL = (AgreementKind.OLA, AgreementKind.UPC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleMetric:
    """One number with what it means.

    Parameters
    ----------
    name
        Stable, for programs.
    label
        For people.
    value
        A count, or days; None if there is nothing to measure.
    of
        The count that ``value`` is a part of; None if it is none.
    unit
        ``services``, ``SLAs``, ``agreements``, ``SLRs``, ``reviews`` or ``days``.
    definition
        How it is counted.
    """

    name: str
    label: str
    value: float | None
    of: int | None
    unit: str
    definition: str

    @property
    def share(self) -> float | None:
        """The part as a fraction; None where there is none."""
        return None if self.value is None or not self.of else self.value / self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """An SLR, the SLAs that answer it, and how far what they rest on is agreed.

    Parameters
    ----------
    answered_by
        SLAs for the same customer on a service of the SLR, in whatever state.
    behind
        OLAs and contracts that cover CIs beneath its services.
    behind_agreed
        How many of them are in force.
    """

    slr: AgreementLife
    answered_by: tuple[AgreementLife, ...]
    behind: tuple[AgreementLife, ...]
    behind_agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleReport:
    """All that there is to say about agreements without outages."""

    life: LifecycleAnswer
    metrics: tuple[LifecycleMetric, ...]
    requirements: tuple[Requirement, ...]
    applicable: tuple[ApplicableTargets, ...]


def lifecycle_report(graph: ServiceGraph, *, at: datetime) -> LifecycleReport:
    """Return the life of agreements, metrics, requirements and targets per customer.

    Parameters
    ----------
    at
        Aware.

    Raises
    ------
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> report = lifecycle_report(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC))
    >>> report.requirements, report.applicable
    ((), ())
    """
    return LifecycleReport(
        life=lifecycle(graph, at=at),
        metrics=lifecycle_metrics(graph, at=at),
        requirements=requirements_of(graph, at=at),
        applicable=applicable_targets(graph, at=at),
    )


def lifecycle_metrics(graph: ServiceGraph, *, at: datetime) -> tuple[LifecycleMetric, ...]:
    """Return the metrics of agreements and reviews at a moment.

    Parameters
    ----------
    at
        Aware.

    Raises
    ------
    ValueError
        If ``at`` has no time zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> metrics = lifecycle_metrics(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC))
    >>> metrics[0].label, metrics[0].value, metrics[0].of
    ('services with an SLA', 0, 1)
    """
    lives = lifecycle(graph, at=at).lives
    return (*_of_services(graph, lives, at), *_of_agreements(graph, lives, at))


def _of_services(
    graph: ServiceGraph, lives: Sequence[AgreementLife], at: datetime
) -> list[LifecycleMetric]:
    up_to_date = {life.agreement.agreement_id for life in lives if life.is_up_to_date}
    slas = slas_of_services(graph, at)
    ids = [one.agreement_id for one in graph.agreements]
    current = [any(ids[sla] in up_to_date for sla in of) for of in slas.values()]
    return [
        LifecycleMetric(
            name="services_with_sla",
            label="services with an SLA",
            value=sum(map(bool, slas.values())),
            of=len(slas),
            unit="services",
            definition="live services for customers with an SLA in force, on them or an offering",
        ),
        LifecycleMetric(
            name="services_with_up_to_date_sla",
            label="services with an up-to-date SLA",
            value=sum(current),
            of=len(slas),
            unit="services",
            definition="those among them with an SLA in force whose review is not overdue",
        ),
    ]


def _of_agreements(
    graph: ServiceGraph, lives: Sequence[AgreementLife], at: datetime
) -> list[LifecycleMetric]:
    in_force = [life for life in lives if life.is_in_force]
    slas = [life for life in in_force if life.agreement.kind is AgreementKind.SLA]
    behind = _agreements_behind(graph, lives, [life.agreement for life in slas])
    backed = [all(one.is_in_force for one in behind[life.agreement.agreement_id]) for life in slas]
    requirements = requirements_of(graph, at=at)
    answered = [any(one.is_in_force for one in of.answered_by) for of in requirements]
    soon = [
        life
        for life in in_force
        if life.days_to_end is not None and life.days_to_end <= _SOON_DAYS
    ]
    planned = [life for life in in_force if life.review_due is not None]
    overdue = [life for life in in_force if life.is_review_overdue]
    held = [one for one in graph.reviews if at - _YEAR < one.at <= at]
    signed = [life.days_to_agree for life in lives if life.days_to_agree is not None]
    opened = [life.days_open for life in lives if life.days_open is not None]
    count = len(in_force)
    return [
        _counted("slas_backed", "SLAs with all behind them agreed", sum(backed), len(slas), "SLAs",
                 "SLAs in force beneath which every OLA and contract is in force, none in draft"),
        _counted("slrs_answered", "SLRs answered by an SLA", sum(answered), len(requirements),
                 "SLRs", "requirements with an SLA in force for the customer and a service of it"),
        _counted("agreements_reviewable", "agreements with a review planned", len(planned), count,
                 "agreements", "agreements in force that have a next review date"),
        _counted("reviews_overdue", "reviews overdue", len(overdue), len(planned), "agreements",
                 "agreements in force whose review date has passed with no review held since"),
        _counted("reviews_held", "reviews held in a year", len(held), None, "reviews",
                 "reviews in the 365 days before"),
        _counted("agreements_ending", "agreements ending within 90 days", len(soon), count,
                 "agreements", "agreements in force that end within 90 days"),
        _counted("agreements_under_way", "agreements in draft or negotiation",
                 sum(_is_under_way(life) for life in lives), len(lives), "agreements",
                 "agreements whose last state is draft or negotiating"),
        _counted("days_to_agree", "time to agree", _mean(signed), None, "days",
                 f"mean from first draft to signature, of {len(signed)} agreements signed"),
        _counted("days_open", "time open of those not agreed", _mean(opened), None, "days",
                 f"mean since their first draft, of {len(opened)} agreements not signed yet"),
    ]  # fmt: skip


def _counted(
    name: str, label: str, value: float | None, of: int | None, unit: str, definition: str
) -> LifecycleMetric:
    return LifecycleMetric(
        name=name, label=label, value=value, of=of, unit=unit, definition=definition
    )


def _mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None


def _is_under_way(life: AgreementLife) -> bool:
    return life.state in (AgreementState.DRAFT, AgreementState.NEGOTIATING)


# --- from requirement to contract ----------------------------------------------------------------


def requirements_of(graph: ServiceGraph, *, at: datetime) -> tuple[Requirement, ...]:
    """Return each SLR with the SLAs that answer it and what they rest on.

    Parameters
    ----------
    at
        Aware.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> requirements_of(graph_of("shop -> db"), at=datetime(2026, 11, 20, tzinfo=UTC))
    ()
    """
    lives = lifecycle(graph, at=at).lives
    covered = _covered(graph)
    reach = {
        life.agreement.agreement_id: {
            one
            for ci in covered[id(life.agreement)]
            for one in (ci, *offerings_or_services(graph, ci))
        }
        for life in lives
        if life.agreement.kind in _WITH_CUSTOMERS
    }
    slrs = [life for life in lives if life.agreement.kind is AgreementKind.SLR]
    behind = _agreements_behind(graph, lives, [life.agreement for life in slrs])
    found = []
    for slr in slrs:
        services = reach[slr.agreement.agreement_id]
        answering = tuple(
            life
            for life in lives
            if life.agreement.kind is AgreementKind.SLA
            and slr.agreement.customer in ("", life.agreement.customer)
            and not services.isdisjoint(reach[life.agreement.agreement_id])
        )
        of = behind[slr.agreement.agreement_id]
        agreed = sum(one.is_in_force for one in of)
        found.append(Requirement(slr=slr, answered_by=answering, behind=of, behind_agreed=agreed))
    return tuple(found)


def _covered(graph: ServiceGraph) -> Mapping[int, tuple[int, ...]]:
    """Return what each agreement covers, by its identity: versions share their id."""
    return {id(one): covered for one, covered in zip(graph.agreements, graph.covered, strict=True)}


def _agreements_behind(
    graph: ServiceGraph, lives: Sequence[AgreementLife], promised: Sequence[Agreement]
) -> Mapping[str, tuple[AgreementLife, ...]]:
    """Return by agreement id the OLAs and contracts, in whatever state, on CIs beneath."""
    covered = _covered(graph)
    labels: dict[int, list[int]] = {}
    for place, life in enumerate(lives):
        is_over = life.state is AgreementState.EXPIRED
        if life.agreement.kind in _INTERNAL and not is_over:
            for ci in covered[id(life.agreement)]:
                labels.setdefault(ci, []).append(place)
    services = sorted({ci for agreement in promised for ci in covered[id(agreement)]})
    beneath = labels_beneath(graph, services, labels)
    return {
        agreement.agreement_id: tuple(
            lives[place]
            for place in sorted(frozenset().union(*(beneath[ci] for ci in covered[id(agreement)])))
        )
        for agreement in promised
    }
