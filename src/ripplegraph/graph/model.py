"""The values of the domain: CIs, dependencies, redundancy groups and their requirements.

semantics.md section 1 in code. All values are frozen; a probability is a fraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import NewType

CiId = NewType("CiId", str)
"""``source:class:native id``; source and class have colons escaped, the native id not."""


class Status(IntEnum):
    """The status of a CI, ordered from best to worst."""

    UP = 0
    AT_RISK = 1
    DEGRADED = 2
    DOWN = 3

    @property
    def word(self) -> str:
        """The status as users read and write it.

        Examples
        --------
        >>> Status.AT_RISK.word
        'at_risk'
        """
        return self.name.lower()


class Strength(IntEnum):
    """How a dependency passes failure on: kept without impact, degrades, or brings down."""

    NONE = 0
    SOFT = 1
    HARD = 2

    @property
    def word(self) -> str:
        """The strength as users read and write it.

        Examples
        --------
        >>> Strength.HARD.word
        'hard'
        """
        return self.name.lower()


class CiKind(StrEnum):
    """What sort of thing a CI is; the mapping file gives each vendor class its kind."""

    BUSINESS_SERVICE = "business_service"
    SERVICE = "service"
    SERVICE_OFFERING = "service_offering"
    APPLICATION = "application"
    DATABASE = "database"
    SERVER = "server"
    VIRTUAL_MACHINE = "virtual_machine"
    CLUSTER = "cluster"
    STORAGE = "storage"
    NETWORK = "network"
    POWER = "power"
    SITE = "site"
    EXTERNAL_SERVICE = "external_service"
    GROUP = "group"
    OTHER = "other"


SERVICE_KINDS = frozenset({CiKind.BUSINESS_SERVICE, CiKind.SERVICE, CiKind.SERVICE_OFFERING})
"""Kinds that count as services: agreements with customers are made on them."""


class OperatingState(StrEnum):
    """Whether a CI carries live services: live, retired, or outside production (test)."""

    LIVE = "live"
    RETIRED = "retired"
    TEST = "test"


class RequirementUnit(StrEnum):
    """What a group requirement counts: weight, percent of the weight, or members."""

    WEIGHT = "weight"
    PERCENT = "percent"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """How much of a redundancy group must be usable.

    Parameters
    ----------
    unit
        ``weight`` (weights default to 1, so a count), ``percent`` of the group's weight, or
        ``count`` of members whatever their weight.
    value
        The amount, exact, > 0; at most 100 for ``percent``.

    Raises
    ------
    ValueError
        If the value is not finite, is <= 0, or is a percent above 100.

    Examples
    --------
    >>> str(Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50)))
    '50%'
    >>> str(Requirement(unit=RequirementUnit.COUNT, value=Decimal(2)))
    'count:2'
    """

    unit: RequirementUnit
    value: Decimal

    def __post_init__(self) -> None:
        """Refuse amounts that mean nothing."""
        if not self.value.is_finite() or self.value <= 0:
            msg = f"a requirement needs a value > 0, got {self.value}"
            raise ValueError(msg)
        if self.unit is RequirementUnit.PERCENT and self.value > 100:
            msg = f"a percent requirement needs a value <= 100, got {self.value}"
            raise ValueError(msg)

    def __str__(self) -> str:
        amount = format(self.value.normalize(), "f")
        if self.unit is RequirementUnit.PERCENT:
            return f"{amount}%"
        return f"count:{amount}" if self.unit is RequirementUnit.COUNT else amount

    def of_total(self, total: Fraction) -> Fraction:
        """Return the amount in the group's own units, given the group's total.

        Parameters
        ----------
        total
            Sum of the members' weights (their number for ``count``), >= 0.

        Examples
        --------
        >>> Requirement(unit=RequirementUnit.PERCENT, value=Decimal(50)).of_total(Fraction(3))
        Fraction(3, 2)
        """
        if self.unit is RequirementUnit.PERCENT:
            return Fraction(self.value) / 100 * total
        return Fraction(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationItem:
    """A component managed to deliver a service.

    Parameters
    ----------
    ci_id
        ``source:class:native id``.
    source, class_name, native_id
        Its three parts, as the export spells them.
    name
        What people call it; never used to join records when an id exists.
    kind
        The class as ripplegraph understands it.
    is_logical
        True if it has no failures of its own (services, groups, sites, ...).
    state
        Live, retired or test: retired and test CIs have no impact on live ones.
    availability
        Own long-run availability, a fraction in [0, 1]; None if not declared.
    mtbf_hours
        Mean operating time between failures, hours, > 0; None if unknown.
    mttr_hours
        Mean time to restoration, hours, >= 0; None if unknown.
    observed_from, observed_to
        UTC; the period in which its source observed its outages.
    last_seen
        UTC; when discovery or a person last confirmed the record.
    is_stub
        True if only a relation or agreement names it: its own record is missing.
    attributes
        Every further column of the export, as text.
    file, row
        The record that it came from; row 1 is the header.
    """

    ci_id: CiId
    source: str
    class_name: str
    native_id: str
    name: str
    kind: CiKind = CiKind.OTHER
    is_logical: bool = False
    state: OperatingState = OperatingState.LIVE
    owner_team: str = ""
    supplier: str = ""
    lifecycle: str = ""
    environment: str = ""
    criticality: str = ""
    availability: Decimal | None = None
    mtbf_hours: float | None = None
    mttr_hours: float | None = None
    tags: tuple[str, ...] = ()
    observed_from: datetime | None = None
    observed_to: datetime | None = None
    last_seen: datetime | None = None
    is_stub: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    row: int = 0

    @property
    def is_service(self) -> bool:
        """Whether it counts as a service (semantics.md section 1)."""
        return self.kind in SERVICE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One dependency: ``dependent`` needs ``dependency``; failure flows the other way.

    Parameters
    ----------
    strength
        As the export and its mapping say.
    effect
        As it works in the graph: ``none`` where the dependency is retired or a test CI under
        a live dependent, or outside its dates of validity; else the strength.
    group
        Key of the redundancy group of the dependent that it belongs to; "" for none.
    weight
        Its weight in the group, exact, >= 0.
    relation_type
        The vendor's own relation type.
    """

    dependent: CiId
    dependency: CiId
    relation_type: str = ""
    strength: Strength = Strength.HARD
    effect: Strength = Strength.HARD
    group: str = ""
    weight: Decimal = Decimal(1)
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RedundancyGroup:
    """Some dependencies of one dependent, of which only part is needed.

    Parameters
    ----------
    key
        Its name, unique per dependent.
    min_up
        What must be usable; None if the data names none (then all are needed, with a finding).
    degraded_below
        Below this usable amount the group counts as degraded; None for no such mark.
    grounded
        True for connectivity: a member counts only if its health does not rest on itself.
    members
        The dependencies in it, with their weights.
    """

    dependent: CiId
    key: str
    min_up: Requirement | None
    degraded_below: Requirement | None = None
    grounded: bool = False
    members: tuple[Dependency, ...] = ()
