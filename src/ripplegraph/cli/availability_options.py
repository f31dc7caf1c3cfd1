"""What the commands on availability assume, as options, and how they become a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.refusals import refuse_usage
from ripplegraph.cli.work_budget import over_when

if TYPE_CHECKING:
    from datetime import datetime

    from ripplegraph.graph.service_graph import ServiceGraph
    from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability


_BETA = 0.1


class LevelWord(StrEnum):
    """What counts as failed."""

    DOWN = "down"
    DEGRADED = "degraded"


class BasisWord(StrEnum):
    """Where the own availability of a CI may be looked for."""

    AGREEMENT = "agreement"
    MEASURED = "measured"
    AGREEMENT_TIME = "agreement_time"
    DECLARED = "declared"
    CLASS_DEFAULT = "class_default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the availability of CIs comes from."""

    basis: Annotated[
        list[BasisWord],
        typer.Option(
            "--basis",
            help="Where the own availability of a CI is looked for, in this order; repeatable.",
        ),
    ] = field(default_factory=list)
    class_default: Annotated[
        list[str],
        typer.Option(
            "--class-default",
            metavar="CLASS=PERCENT",
            help="Own availability of CIs of a class that have none; repeatable.",
        ),
    ] = field(default_factory=list)
    own: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="CI=PERCENT",
            help="What if this were the own availability of a CI; repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)

    def of_graph(self, graph: ServiceGraph) -> AvailabilityOptions:
        """Return the options of a question on a graph."""
        assumed = Assumptions(basis=self.basis, class_default=self.class_default, own=self.own)
        return assumed.of_graph(graph)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions(Inputs):
    """What is assumed beside the data."""

    level: Annotated[
        LevelWord, typer.Option("--level", help="What counts as failed: down, or degraded too.")
    ] = LevelWord.DOWN
    inclusive: Annotated[
        list[str],
        typer.Option(
            "--inclusive",
            metavar="CI",
            help="What lies beneath this CI counts as part of it, as its agreement promises;"
            " repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)
    common_causes: Annotated[
        bool,
        typer.Option(
            "--common-causes",
            help="Count shared causes: a fault tree's own, of CIs the column failure_group.",
        ),
    ] = False
    beta: Annotated[
        float | None,
        typer.Option(
            "--beta",
            min=0.0,
            max=1.0,
            help="Share of failures that a failure group shares (0.1 if not given).",
        ),
    ] = None
    failure_group: Annotated[
        list[str],
        typer.Option(
            "--failure-group",
            metavar="COLUMN[=BETA]",
            help="CIs with one value in this column fail together now and then; repeatable.",
        ),
    ] = field(default_factory=list)
    window: Annotated[
        str,
        typer.Option(
            "--window",
            metavar="month|quarter|year|rolling:30d",
            help="Also give downtime in the window of this kind that holds the moment.",
        ),
    ] = ""
    mission_hours: Annotated[
        float,
        typer.Option("--mission-hours", min=0.0, help="Mission time of a fault tree, in hours."),
    ] = 8760.0
    most_nodes: Annotated[
        int | None,
        typer.Option(
            "--nodes", min=1, help="Most diagram nodes per module before bounds are given."
        ),
    ] = None
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            min=0.0,
            help="Most seconds of exact work; what is not exact by then is bounded or estimated.",
        ),
    ] = None
    memory: Annotated[
        int | None,
        typer.Option("--memory", metavar="MIB", min=1, help="Most memory, in the same way."),
    ] = None
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate", help="By sampling, even where exact values or bounds can be had."
        ),
    ] = False
    samples: Annotated[int, typer.Option("--samples", min=64, help="Samples of an estimate.")] = (
        1_048_576
    )
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of an estimate.")] = 1

    def of_graph(self, graph: ServiceGraph) -> AvailabilityOptions:
        """Return the options of a question on a graph."""
        from ripplegraph.impact.availability.options import DEFAULT_BASES, CommonCauses
        from ripplegraph.impact.availability.values import Basis

        columns = self.failure_group or (["failure_group"] if self.common_causes else [])
        if self.beta is not None and all("=" in column for column in columns):
            refuse_usage(
                "--beta says something only with --common-causes, or with a --failure-group that"
                " has no share of its own"
            )
        causes = tuple(
            CommonCauses(attribute=column, beta=beta) for column, beta in map(self._beta, columns)
        )
        return self._options(
            bases=tuple(Basis(one.value) for one in self.basis) or DEFAULT_BASES,
            class_defaults=_stated("--class-default", self.class_default),
            own={graph.resolve(ci): one for ci, one in _stated("--set", self.own).items()},
            common_causes=causes,
            cut_points=frozenset(map(graph.resolve, self.inclusive)),
        )

    def of_fault_trees(self, numbers: Callable[[str], int]) -> AvailabilityOptions:
        """Return the options of a question on fault trees; what needs CIs is refused."""
        given = {
            "--level": self.level is not LevelWord.DOWN,
            "--basis": bool(self.basis),
            "--class-default": bool(self.class_default),
            "--failure-group": bool(self.failure_group),
            "--beta": self.beta is not None,
            "--inclusive": bool(self.inclusive),
            "--window": bool(self.window),
        }
        wrong = [name for name, is_given in given.items() if is_given]
        if wrong:
            refuse_usage(f"{wrong[0]} says nothing about a fault tree")
        own = {numbers(name): one for name, one in _stated("--set", self.own).items()}
        return self._options(own=own)

    def window_minutes(self, at: datetime, time_zone: str) -> float | None:
        """Return how long the window asked for is; None for none."""
        if not self.window:
            return None
        from ripplegraph.impact.timeline.windows import minutes_of_window

        try:
            return minutes_of_window(self.window, at, time_zone)
        except ValueError as exc:
            refuse_usage(f"--window: {exc}")

    def _beta(self, text: str) -> tuple[str, float]:
        """Return a column of CIs and the share of failures that its groups share."""
        column, equals, share = text.rpartition("=")
        if not equals:
            return text, _BETA if self.beta is None else self.beta
        try:
            beta = float(share)
        except ValueError:
            beta = -1.0
        if not (0 <= beta <= 1 and column.strip()):
            refuse_usage(f"--failure-group {text!r} is not COLUMN=BETA, such as site=0.1")
        return column.strip(), beta

    def _options(self, **others: object) -> AvailabilityOptions:
        from dataclasses import replace

        from ripplegraph.impact.availability.options import DEFAULT_OPTIONS
        from ripplegraph.impact.availability.values import Level

        nodes = DEFAULT_OPTIONS.nodes_per_module
        if self.most_nodes is not None:
            nodes = (*(one for one in nodes if one < self.most_nodes), self.most_nodes)
        said = {
            **others,
            "level": Level(self.level.value),
            "nodes_per_module": nodes,
            "is_over": over_when(self.seconds, self.memory),
            "is_estimate": self.estimate,
        }
        return replace(DEFAULT_OPTIONS, samples=self.samples, seed=self.seed, **said)  # type: ignore[arg-type]


def _stated(option: str, texts: Sequence[str]) -> dict[str, Reliability]:
    from ripplegraph.errors import InvalidQuantityError
    from ripplegraph.impact.availability.options import Reliability
    from ripplegraph.loaders.quantities import read_fraction

    stated = {}
    for text in texts:
        name, equals, percent = text.rpartition("=")
        if not equals or not name.strip():
            refuse_usage(f"{option} {text!r} is not NAME=PERCENT, such as server=99.9%")
        try:
            fraction = read_fraction(percent)
        except InvalidQuantityError as exc:
            refuse_usage(f"{option} {text!r}: {exc}")
        stated[name.strip()] = Reliability(unavailability=float(1 - fraction))
    return stated


def range_of(text: str) -> tuple[str, tuple[float, float]]:
    """Return a name, and the lowest and highest unavailability that a text gives it."""
    from ripplegraph.errors import InvalidQuantityError
    from ripplegraph.loaders.quantities import read_fraction

    name, equals, ends = text.rpartition("=")
    low, dots, high = ends.partition("..")
    if not (equals and dots and name.strip()):
        refuse_usage(f"--range {text!r} is not NAME=LOW..HIGH, such as db=99%..99.9%")
    try:
        worst, best = read_fraction(low), read_fraction(high)
    except InvalidQuantityError as exc:
        refuse_usage(f"--range {text!r}: {exc}")
    if worst > best:
        refuse_usage(f"--range {text!r}: the lower availability comes first")
    return name.strip(), (float(1 - best), float(1 - worst))
