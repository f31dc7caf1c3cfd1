"""What a service level manager wants beside reports: metrics, tickets, experience, design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS, AvailabilityOptions
from ripplegraph.impact.timeline.ci_history import CiHistory, failed_ci_histories
from ripplegraph.impact.timeline.design import DesignComparison, design_comparisons
from ripplegraph.impact.timeline.metrics import (
    ExperienceRow,
    LevelMetric,
    experience_rows,
    level_metrics,
)
from ripplegraph.impact.timeline.report import service_level_reports
from ripplegraph.impact.timeline.tickets import TicketClock, ticket_clocks
from ripplegraph.impact.timeline.values import LevelReport
from ripplegraph.impact.timeline.windows import AskedWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementAnswer:
    """Metrics of a window, experience beside SLAs, and tickets against their time targets."""

    metrics: tuple[LevelMetric, ...]
    experience: tuple[ExperienceRow, ...]
    tickets: tuple[TicketClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignAnswer:
    """Services by design and as measured, and the CIs that have failed by themselves."""

    services: tuple[DesignComparison, ...]
    cis: tuple[CiHistory, ...]


def management_of(
    graph: ServiceGraph,
    reports: Sequence[LevelReport],
    *,
    now: datetime,
    services: Sequence[str] | None = None,
    window: AskedWindow | None = None,
) -> ManagementAnswer:
    """Return the metrics of reports, with those of the window before, tickets and experience.

    Parameters
    ----------
    reports
        Made with the same services and window.
    now, services, window
        As for :func:`ripplegraph.impact.timeline.report.service_level_reports`, also for what
        is raised.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> now = datetime(2026, 11, 3, tzinfo=UTC)
    >>> management_of(graph_of("shop -> db"), (), now=now).metrics[0].label
    'targets met'
    """
    before = service_level_reports(
        graph, now=now, services=services, window=window, trend_windows=0, windows_back=1
    ).reports
    return ManagementAnswer(
        metrics=level_metrics(graph, reports, before, now=now),
        experience=experience_rows(graph, reports),
        tickets=ticket_clocks(graph, now=now),
    )


def design_of(
    graph: ServiceGraph,
    services: Sequence[str],
    *,
    now: datetime,
    options: AvailabilityOptions = DEFAULT_OPTIONS,
) -> DesignAnswer:
    """Return services by design and as measured, and the CIs that failed.

    Parameters
    ----------
    services
        Texts that name services.
    now, options
        As for :func:`ripplegraph.impact.timeline.design.design_comparisons`, also for what is
        raised.

    Examples
    --------
    >>> from datetime import UTC
    >>> from graph_building import graph_of
    >>> design_of(graph_of("shop -> db"), [], now=datetime(2026, 11, 3, tzinfo=UTC)).cis
    ()
    """
    return DesignAnswer(
        services=design_comparisons(graph, now=now, services=services, options=options),
        cis=failed_ci_histories(graph, now=now),
    )
