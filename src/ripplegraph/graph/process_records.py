"""Records of the service level process: tickets, reviews, scores (semantics.md section 1).

All are optional. ``agreement`` is the id of an agreement, in any version; ``ci`` and ``service``
are references like those of outages. In a graph every reference that is not empty is known:
:meth:`ripplegraph.graph.service_graph.ServiceGraph.find` gives its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from ripplegraph.graph.agreements import AgreementState

Pause = tuple[datetime, datetime | None]
"""When the clock of a ticket stood still: from and to, UTC; no end while it still stands."""


class ImprovementState(StrEnum):
    """Where an improvement stands."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTarget:
    """How soon an agreement promises to respond to and to resolve tickets of a priority.

    Parameters
    ----------
    priority
        As tickets write it; loaders write the usual spellings as ``P1`` ... ``P9``.
    response_minutes, resolution_minutes
        Minutes of the agreement's service time, >= 0; None if not promised, at least one is.
    """

    agreement: str
    priority: str
    response_minutes: float | None = None
    resolution_minutes: float | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket; it is never an outage by itself.

    Parameters
    ----------
    ci, service
        What it is about; either or both may be "", a ticket of neither counts for no agreement.
    opened, responded, resolved
        UTC; None if that has not happened, or the export does not tell.
    pauses
        When its clock stood still, sorted.
    """

    ticket_id: str
    opened: datetime
    ci: str = ""
    service: str = ""
    priority: str = ""
    responded: datetime | None = None
    resolved: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    team: str = ""
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementStateChange:
    """An agreement came into a state at a moment (UTC), by somebody's act."""

    agreement: str
    state: AgreementState
    at: datetime
    by: str = ""
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A service review was held.

    Parameters
    ----------
    minutes
        The minutes of the meeting, or where they are kept; "" if none were taken.
    actions
        What was agreed to do.
    """

    agreement: str
    at: datetime
    minutes: str = ""
    actions: tuple[str, ...] = ()
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIssued:
    """The report of the window that starts at ``window_start`` was given to the customer."""

    agreement: str
    window_start: datetime
    at: datetime
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceScore:
    """What customers felt of a service in a window, on a scale of the user's own.

    Parameters
    ----------
    score, target
        On the same scale, more is better; no target is None.
    """

    service: str
    window_start: datetime
    score: Decimal
    customer: str = ""
    target: Decimal | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A customer complained about a service."""

    service: str
    at: datetime
    customer: str = ""
    text: str = ""
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """An action of a service improvement plan (SIP).

    Parameters
    ----------
    service
        "" if it is about no single service.
    due
        UTC; a bare date in a table counts as the end of that day.
    expected_minutes, realised_minutes
        Downtime of the service that it saves in a year; None if nobody said.
    """

    improvement_id: str
    action: str
    service: str = ""
    origin: str = ""
    owner: str = ""
    due: datetime | None = None
    state: ImprovementState = ImprovementState.PROPOSED
    expected_minutes: float | None = None
    realised_minutes: float | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCost:
    """What one minute of downtime of a service costs, exact, in a currency (``EUR``)."""

    service: str
    per_minute: Decimal
    currency: str = ""
    file: str = ""
    row: int = 0


ProcessRecord = (
    TimeTarget
    | Ticket
    | AgreementStateChange
    | Review
    | ReportIssued
    | ExperienceScore
    | Complaint
    | Improvement
    | ServiceCost
)
PROCESS_KINDS: Mapping[str, type[ProcessRecord]] = {
    "time_targets": TimeTarget,
    "tickets": Ticket,
    "agreement_states": AgreementStateChange,
    "reviews": Review,
    "reports_issued": ReportIssued,
    "experience": ExperienceScore,
    "complaints": Complaint,
    "improvements": Improvement,
    "service_costs": ServiceCost,
}
"""The record of each table of the process, by the table's name."""


@dataclass(slots=True, kw_only=True)
class ProcessLists:
    """The records of the process that one export holds, in its order."""

    time_targets: list[TimeTarget] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    agreement_states: list[AgreementStateChange] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    reports_issued: list[ReportIssued] = field(default_factory=list)
    experience: list[ExperienceScore] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    improvements: list[Improvement] = field(default_factory=list)
    service_costs: list[ServiceCost] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProcessTuples:
    """The records of the process of a graph, their references known, in the export's order."""

    time_targets: tuple[TimeTarget, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    agreement_states: tuple[AgreementStateChange, ...] = ()
    reviews: tuple[Review, ...] = ()
    reports_issued: tuple[ReportIssued, ...] = ()
    experience: tuple[ExperienceScore, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    service_costs: tuple[ServiceCost, ...] = ()


Graph = TypeVar("Graph", bound=ProcessTuples)


def process_records(of: ProcessLists | ProcessTuples) -> tuple[ProcessRecord, ...]:
    """Return the records of the process of all kinds, one after the other.

    Examples
    --------
    >>> process_records(ProcessTuples())
    ()
    """
    return (
        *of.time_targets,
        *of.tickets,
        *of.agreement_states,
        *of.reviews,
        *of.reports_issued,
        *of.experience,
        *of.complaints,
        *of.improvements,
        *of.service_costs,
    )


def copy_process_records(of: ProcessTuples, into: ProcessLists) -> None:
    """Set the lists of records to copies of those of a graph.

    Examples
    --------
    >>> lists = ProcessLists()
    >>> copy_process_records(ProcessTuples(complaints=()), lists)
    >>> lists.complaints
    []
    """
    for name in PROCESS_KINDS:
        setattr(into, name, list(getattr(of, name)))


def with_process_records(graph: Graph, kept: ProcessTuples) -> Graph:
    """Return a graph with these records of the process.

    Examples
    --------
    >>> with_process_records(ProcessTuples(), ProcessTuples()).tickets
    ()
    """
    return replace(graph, **{name: getattr(kept, name) for name in PROCESS_KINDS})
