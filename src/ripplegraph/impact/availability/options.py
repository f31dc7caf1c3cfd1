"""What a question on availability can say besides: bases, defaults, budgets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from ripplegraph.impact.availability.kept_diagrams import KeptDiagrams
from ripplegraph.impact.availability.values import Basis, Level

DEFAULT_BASES = (
    Basis.AGREEMENT,
    Basis.MEASURED,
    Basis.AGREEMENT_TIME,
    Basis.DECLARED,
    Basis.CLASS_DEFAULT,
)
"""Order in which the own availability of a CI is looked for (semantics.md section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A stated reliability: an availability, or times between failures and to restoration.

    Parameters
    ----------
    unavailability
        A fraction in [0, 1]; None if only times are stated.
    mtbf_hours
        Mean operating time between failures, > 0.
    mttr_hours
        Mean time to restoration, >= 0.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    unavailability: float | None = None
    mtbf_hours: float | None = None
    mttr_hours: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers outside their range."""
        is_fraction = self.unavailability is None or 0 <= self.unavailability <= 1
        is_operating = self.mtbf_hours is None or self.mtbf_hours > 0
        is_restoring = self.mttr_hours is None or self.mttr_hours >= 0
        if not (is_fraction and is_operating and is_restoring):
            numbers = f"{self.unavailability}, {self.mtbf_hours}, {self.mttr_hours}"
            msg = f"need 0 <= unavailability <= 1, mtbf_hours > 0, mttr_hours >= 0, got {numbers}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonCauses:
    """CIs with the same value of an attribute fail together now and then (beta factor).

    Parameters
    ----------
    attribute
        The column that says which CIs share a cause.
    beta
        Share of the failures that are shared, a fraction in [0, 1].
    betas
        Other shares for single groups, by the value of the column.

    Raises
    ------
    ValueError
        If a share is outside [0, 1].
    """

    attribute: str = "failure_group"
    beta: float = 0.1
    betas: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse shares outside [0, 1]."""
        if not all(0 <= beta <= 1 for beta in (self.beta, *self.betas.values())):
            msg = f"a beta factor lies in [0, 1], got {self.beta:g} and {dict(self.betas)}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityOptions:
    """What a question on availability can say besides the services.

    Parameters
    ----------
    level
        What counts as failed: ``down``, or ``degraded`` and worse.
    bases
        Where the own availability of a CI is looked for, first to last.
    class_defaults
        Reliability by class name, for CIs without one.
    promised_restoration_hours
        Time to restore that an agreement promises, calendar hours, by CI number; none takes
        what the agreements say (:func:`promised_restoration_hours`).
    own
        Stated reliability by CI number, in place of what the data says (what-if).
    cut_points
        Numbers of CIs that count with all beneath them (agreements of inclusive scope): what is
        needed only through them is left out, what is needed otherwise too stays, shared, and they
        keep the rest of their unavailability.
    common_causes
        Columns of CIs whose equal values mean a shared cause; none: failures are independent.
    window_minutes
        Length of the window asked for; None for none.
    nodes_per_module
        Limits of the exact method, diagram nodes per module; see ``NodeBudget``.
    is_estimate
        True: every service by Monte Carlo. False: only where a diagram is too large and the
        bounds lie wide apart.
    steps_per_circle
        Dependencies written for one circle of redundant CIs, over all rounds.
    samples, seed
        Of the Monte Carlo estimate.
    is_over
        Asked before each larger step; when true, what is not computed yet is only bounded. A
        budget of time or memory, which only the caller can know. None for none, the default:
        budgets that count nodes give the same answer each time.
    compiled
        Whether kernels run compiled; None lets the size decide.
    kept
        Diagrams of earlier questions, to be used again and added to; None for none.
    """

    level: Level = Level.DOWN
    bases: tuple[Basis, ...] = DEFAULT_BASES
    class_defaults: Mapping[str, Reliability] = field(default_factory=dict)
    promised_restoration_hours: Mapping[int, float] = field(default_factory=dict)
    own: Mapping[int, Reliability] = field(default_factory=dict)
    cut_points: Collection[int] = frozenset()
    common_causes: tuple[CommonCauses, ...] = ()
    window_minutes: float | None = None
    nodes_per_module: tuple[int, ...] = (8_192, 65_536, 131_072)
    steps_per_circle: int = 1_000_000
    is_estimate: bool = False
    samples: int = 1_048_576
    seed: int = 1
    is_over: Callable[[], bool] | None = None
    compiled: bool | None = None
    kept: KeptDiagrams | None = None


DEFAULT_OPTIONS = AvailabilityOptions()
