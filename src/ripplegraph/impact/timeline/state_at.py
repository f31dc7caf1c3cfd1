"""The state at a moment: services that are not up, what it costs their SLAs, what to fix first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from ripplegraph.graph.model import CiId, Status
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.propagation.fixpoint import settle
from ripplegraph.impact.timeline.counting import MeasuredHistory
from ripplegraph.impact.timeline.forecasts import sla_pairs
from ripplegraph.impact.timeline.moments import whole_second
from ripplegraph.impact.timeline.outage_rows import causes_of
from ripplegraph.impact.timeline.outlook import SlaOutlook, outlook_of
from ripplegraph.impact.timeline.own_changes import View
from ripplegraph.impact.timeline.present import Present, present_of
from ripplegraph.impact.timeline.shapley import blames_of
from ripplegraph.impact.timeline.status_intervals import StatusInterval, interval_now
from ripplegraph.impact.timeline.timeline import Timeline
from ripplegraph.impact.timeline.values import OutageCause


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """A service that is not up at the moment asked about."""

    service: CiId
    service_name: str
    interval: StatusInterval


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A CI with an outage of its own at the moment asked about, and what it costs.

    Parameters
    ----------
    status
        Its own status.
    services_down, services_impaired
        Services that it helped to bring down; those that are not up with it alone.
    slas
        Ids of SLAs whose budget it uses now, sorted.
    cost_per_minute
        By currency, exact: its share of the cost of the services that are down, and of the
        penalties of SLAs that are breached.
    budget_share_per_minute
        Its share of the budgets of SLAs that each minute uses, summed.
    breach_at
        The first breach of those SLAs if it goes on.
    """

    ci: CiId
    name: str
    status: Status
    services_down: tuple[CiId, ...]
    services_impaired: tuple[CiId, ...]
    slas: tuple[str, ...]
    cost_per_minute: Mapping[str, Decimal]
    budget_share_per_minute: float
    breach_at: datetime | None
    owner_team: str
    supplier: str
    causes: tuple[OutageCause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAnswer:
    """The state at a moment.

    Attributes
    ----------
    services
        Worst first, then by id.
    outlooks
        SLAs of those services: breached and soonest to breach first.
    incidents
        What costs most first: by cost if all costs are in one currency, then by the share of
        budgets, then by the services that are down.
    """

    moment: datetime
    services: tuple[ServiceState, ...]
    outlooks: tuple[SlaOutlook, ...]
    incidents: tuple[Incident, ...]


def state_at(graph: ServiceGraph, moment: datetime, *, with_forecast: bool = True) -> StateAnswer:
    """Return the state at a moment, past or present, as it was known by outages then open.

    Parameters
    ----------
    graph
        With every dependency and outage; those that hold at the moment count.
    moment
        Aware.
    with_forecast
        False leaves out the chance of a breach.

    Raises
    ------
    ValueError
        If the moment has no time zone.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from graph_building import graph_of
    >>> from ripplegraph.graph.outages import Outage
    >>> start = datetime(2026, 11, 3, tzinfo=UTC)
    >>> graph = replace(
    ...     graph_of("shop -> db"), outages=(Outage(ci="db", start=start),), outage_ci=(1,)
    ... )
    >>> found = state_at(graph, start)
    >>> [one.service for one in found.services], [one.ci for one in found.incidents]
    (['t:service:shop'], ['t:server:db'])
    """
    history = MeasuredHistory(graph=graph, now=whole_second(moment))
    timeline = history.timeline()
    present = present_of(timeline)
    services = tuple(_services(timeline, present))
    hurt = {graph.resolve(one.service) for one in services}
    outlooks = _outlooks(history, hurt, with_forecast=with_forecast)
    return StateAnswer(
        moment=history.now,
        services=services,
        outlooks=outlooks,
        incidents=_incidents(timeline, present, outlooks),
    )


def _services(timeline: Timeline, present: Present) -> Iterator[ServiceState]:
    graph = timeline.graph
    found = [
        ServiceState(
            service=graph.ci_ids[service], service_name=graph.cis.name[service], interval=interval
        )
        for service in timeline.services
        for interval in [interval_now(timeline, service, present)]
        if interval is not None
    ]
    yield from sorted(found, key=lambda one: (-one.interval.status, one.service))


def _outlooks(
    history: MeasuredHistory, services: Iterable[int], *, with_forecast: bool
) -> tuple[SlaOutlook, ...]:
    wanted = set(services)
    found = [
        outlook
        for agreement, service in sla_pairs(history.graph)
        if service in wanted
        for outlook in [outlook_of(history, service, agreement, with_forecast=with_forecast)]
        if outlook is not None
    ]
    return tuple(sorted(found, key=urgency))


def urgency(one: SlaOutlook) -> tuple[bool, bool, datetime, Fraction, Decimal, str, str]:
    """Return a key that puts breached SLAs first, then those soonest to breach.

    Then the least share of the budget left; of equal shares, as of two unused budgets, the
    tighter target.
    """
    never = datetime.max.replace(tzinfo=UTC)
    budget = one.budget_seconds
    left = one.budget_left_seconds / budget if budget else Fraction(0)
    return (
        not one.is_breached,
        one.breach_at is None,
        one.breach_at or never,
        left,
        -(one.agreement.target_availability or Decimal(0)),
        one.service,
        one.agreement.agreement_id,
    )


def _incidents(
    timeline: Timeline, present: Present, outlooks: Sequence[SlaOutlook]
) -> tuple[Incident, ...]:
    if not present.own:
        return ()
    graph, now = timeline.graph, timeline.now
    counting = _counting(graph, outlooks)
    shares = _shares(timeline, present, counting)
    services, costs = frozenset(timeline.services), _costs(graph)
    found = []
    for ci, status in present.own.items():
        alone = settle(present.graph, {ci: status})
        mine = shares.get(ci, {})
        hit = [one for service in mine for one in counting.get(service, ())]
        breaches = [one.breach_at for one in hit if one.breach_at is not None]
        found.append(
            Incident(
                ci=graph.ci_ids[ci],
                name=graph.cis.name[ci],
                status=status,
                services_down=tuple(sorted(graph.ci_ids[service] for service in mine)),
                services_impaired=tuple(
                    sorted(
                        graph.ci_ids[service]
                        for service in alone
                        if service in services and service not in mine
                    )
                ),
                slas=tuple(sorted({one.agreement.agreement_id for one in hit})),
                cost_per_minute=_cost(graph, mine, costs, hit),
                budget_share_per_minute=float(
                    sum(
                        (
                            mine[graph.resolve(one.service)] * 60 / one.budget_seconds
                            for one in hit
                            if one.budget_seconds
                        ),
                        Fraction(0),
                    )
                ),
                breach_at=min(breaches, default=None),
                owner_team=graph.cis.owner_team[ci],
                supplier=graph.cis.supplier[ci],
                causes=causes_of(graph, [ci], now, now + 1),
            )
        )
    currencies = {currency for one in found for currency in one.cost_per_minute}
    is_comparable = len(currencies) <= 1
    return tuple(sorted(found, key=lambda one: _rank(one, is_comparable=is_comparable)))


def _counting(graph: ServiceGraph, outlooks: Iterable[SlaOutlook]) -> dict[int, list[SlaOutlook]]:
    """Return the SLAs whose downtime counts now, by the number of their service."""
    found: dict[int, list[SlaOutlook]] = {}
    for one in outlooks:
        if one.counts_now:
            found.setdefault(graph.resolve(one.service), []).append(one)
    return found


def _shares(
    timeline: Timeline, present: Present, counting: Mapping[int, Sequence[SlaOutlook]]
) -> dict[int, dict[int, Fraction]]:
    """Return by CI the services that are down through it, each with its share of the blame.

    Planned work announced too late counts under one agreement and not under another.
    """
    failed = [ci for ci, status in present.own.items() if status is Status.DOWN]
    down = [
        service
        for service in timeline.services
        if timeline.steps_of(service)[1][-1] == Status.DOWN
        and (
            timeline.steps_of(service, View.EXCUSED)[1][-1] != Status.DOWN
            or any(one.status is Status.DOWN for one in counting.get(service, ()))
        )
    ]
    found: dict[int, dict[int, Fraction]] = {}
    for service, blame in blames_of(present.graph, down, failed):
        for ci, share in blame.shares.items():
            found.setdefault(ci, {})[service] = share
    return found


def _rank(one: Incident, *, is_comparable: bool) -> tuple[Decimal, float, int, int, str]:
    cost = sum(one.cost_per_minute.values(), Decimal(0)) if is_comparable else Decimal(0)
    return (
        -cost,
        -one.budget_share_per_minute,
        -len(one.services_down),
        -len(one.services_impaired),
        one.ci,
    )


def _costs(graph: ServiceGraph) -> dict[int, list[tuple[str, Fraction]]]:
    found: dict[int, list[tuple[str, Fraction]]] = {}
    for one in graph.service_costs:
        number = graph.find(one.service)
        if number is not None:
            found.setdefault(number, []).append((one.currency, Fraction(one.per_minute)))
    return found


def _cost(
    graph: ServiceGraph,
    shares: Mapping[int, Fraction],
    costs: Mapping[int, Sequence[tuple[str, Fraction]]],
    hit: Sequence[SlaOutlook],
) -> dict[str, Decimal]:
    total: dict[str, Fraction] = {}
    for service, share in shares.items():
        for currency, amount in costs.get(service, ()):
            total[currency] = total.get(currency, Fraction(0)) + share * amount
    for one in hit:
        due = one.agreement.penalty_per_minute
        if due is not None and one.is_breached:
            currency = one.agreement.cost_currency
            share = shares[graph.resolve(one.service)] * one.counts_now
            total[currency] = total.get(currency, Fraction(0)) + share * Fraction(due)
    return {
        currency: (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(
            Decimal("0.01")
        )
        for currency, amount in sorted(total.items())
    }
