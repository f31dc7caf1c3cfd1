"""Design against measured: what a service should do, what it did, and where the difference is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ripplegraph.graph.agreements import Agreement, AgreementKind
from ripplegraph.graph.model import CiId
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.service_time import epoch_second, intersection_of
from ripplegraph.impact.availability.answers import explain
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.availability.values import Label
from ripplegraph.impact.timeline.attribution import Attributions
from ripplegraph.impact.timeline.counting import MeasuredHistory, measure
from ripplegraph.impact.timeline.moments import moment_of, whole_second
from ripplegraph.impact.timeline.outlook import history_start
from ripplegraph.impact.timeline.windows import WindowPart

SECONDS_PER_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignDifference:
    """What one CI was expected to cost a service, and what it did, in the time looked at.

    ``expected_seconds`` is None where the design has no exact shares.
    """

    ci_id: CiId
    name: str
    expected_seconds: float | None
    measured_seconds: int

    @property
    def difference_seconds(self) -> float:
        """Measured less expected; positive if the CI was worse than designed."""
        return self.measured_seconds - (self.expected_seconds or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignComparison:
    """One service by design and as measured, round the clock, planned outages not counted.

    Parameters
    ----------
    start, end
        The time looked at, UTC.
    derived, label
        Availability that follows from the dependencies; None if it is not one number.
    measured
        Of the time looked at; None without data.
    differences
        The CIs with the largest difference first.
    """

    service: CiId
    service_name: str
    start: datetime
    end: datetime
    derived: float | None
    label: Label
    measured: float | None
    differences: tuple[DesignDifference, ...]


def design_comparisons(
    graph: ServiceGraph,
    *,
    now: datetime,
    services: Iterable[str],
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> tuple[DesignComparison, ...]:
    """Return services by design beside what was measured, in the order asked.

    Parameters
    ----------
    now
        Aware.
    services
        Texts that name services.
    options
        Of the derived availability.

    Raises
    ------
    UnknownCiError
        If a text names no CI.
    AmbiguousCiError
        If a text names several.
    ValueError
        If ``now`` has no time zone.

    Notes
    -----
    The long-run mean of the measured shares are the shares of the design, if CIs are as good
    as designed and fail independently (semantics.md section 5).

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> found = design_comparisons(
    ...     graph_of("shop -> db"), now=datetime(2026, 11, 3, tzinfo=UTC), services=["shop"]
    ... )
    >>> found[0].measured is None, found[0].label.value
    (True, 'incomplete')
    """
    numbers = tuple(dict.fromkeys(graph.resolve(text) for text in services))
    history = MeasuredHistory(graph=graph, now=whole_second(now), services=numbers)
    attributions = Attributions(timeline=history.timeline())
    return tuple(_compared(history, attributions, number, options) for number in numbers)


_ROUND_THE_CLOCK = Agreement(agreement_id="", kind=AgreementKind.SLA)


def _compared(
    history: MeasuredHistory,
    attributions: Attributions,
    service: int,
    options: AvailabilityOptions,
) -> DesignComparison:
    graph, now = history.graph, history.now
    start = moment_of(min(history_start(history, service), epoch_second(now)))
    part = WindowPart(start=start, end=now, is_whole=False)
    found = measure(history, service, _ROUND_THE_CLOCK, part)
    down = intersection_of(found.counted.time.down, found.hours)
    measured = attributions.of(service, down).by_ci()
    answer = explain(graph, graph.ci_ids[service], at=now, options=options)
    scale = found.observed_seconds / SECONDS_PER_YEAR
    expected = {
        graph.resolve(one.ci_id): one.minutes_per_year * 60 * scale for one in answer.contributions
    }
    is_exact = answer.service.label is Label.EXACT
    ratio = found.availability()
    lost = answer.service.unavailability
    return DesignComparison(
        service=graph.ci_ids[service],
        service_name=graph.cis.name[service],
        start=start,
        end=now,
        derived=1 - lost if is_exact and lost is not None else None,
        label=answer.service.label,
        measured=None if ratio is None else float(ratio),
        differences=_differences(graph, expected if is_exact else None, measured),
    )


def _differences(
    graph: ServiceGraph, expected: Mapping[int, float] | None, measured: Mapping[int, int]
) -> tuple[DesignDifference, ...]:
    cis = {*(expected or {}), *measured}
    rows = [
        DesignDifference(
            ci_id=graph.ci_ids[ci],
            name=graph.cis.name[ci],
            expected_seconds=None if expected is None else expected.get(ci, 0.0),
            measured_seconds=measured.get(ci, 0),
        )
        for ci in cis
    ]
    return tuple(sorted(rows, key=lambda one: (-abs(one.difference_seconds), one.ci_id)))
