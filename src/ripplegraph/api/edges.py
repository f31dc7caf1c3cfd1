"""What the API needs of the adapters beside the estate: documents, and work done elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ripplegraph.graph.service_graph import ServiceGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkProgress:
    """How far a piece of work is: what is being done, how much of how much."""

    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """A piece of work for a process of its own.

    Parameters
    ----------
    folder
        Its own; it holds what was sent, and goes with the work.
    order
        What to do, as JSON.
    graph
        What a question is asked of; None for an import.
    """

    folder: Path
    order: Mapping[str, object]
    graph: ServiceGraph | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOutcome:
    """What came of it: a result (JSON text), or why there is none."""

    result: str | None = None
    code: str = ""
    reason: str = ""


class RunningWork(Protocol):
    """A piece of work that is being done."""

    @property
    def progress(self) -> WorkProgress | None:
        """How far it is, None if it did not say."""
        ...

    def wait(self, seconds: float) -> WorkOutcome | None:
        """Return what came of it, None if it is not done after these seconds."""
        ...

    def kill(self) -> None:
        """End it at once, with all that it started."""
        ...


class JobRunner(Protocol):
    """Does work in processes that can be killed and have budgets."""

    def start(self, work: WorkOrder) -> RunningWork:
        """Start a piece of work."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """What jobs may use.

    Parameters
    ----------
    at_once, waiting
        How many run, and how many more may wait.
    kept
        How many that ended are remembered.
    """

    at_once: int = 1
    waiting: int = 20
    kept: int = 200
    upload_bytes: int = 500_000_000
    upload_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """The adapters that the API uses.

    Parameters
    ----------
    native_json
        Writes a graph in the product's own format.
    runner, spool
        Who does the work of jobs, and the folder in which it lies meanwhile.
    mappings
        Names of the mappings that an import may ask for.
    is_alone
        True if no other process serves this estate: what is running at the start is not.
    """

    native_json: Callable[[ServiceGraph], str]
    runner: JobRunner
    spool: Path
    mappings: tuple[str, ...]
    limits: JobLimits = JobLimits()
    is_alone: bool = True
