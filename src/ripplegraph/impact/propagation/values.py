"""Answers of status propagation: values that the edges shape into tables, JSON and pages."""

from __future__ import annotations

from dataclasses import dataclass

from ripplegraph.graph.agreements import Agreement
from ripplegraph.graph.model import CiId, CiKind, Status, Strength
from ripplegraph.impact.propagation.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedGroup:
    """A redundancy group that is not up, and the members that made it so.

    Parameters
    ----------
    dependent
        The CI that needs the group.
    key
        The group's name, unique per dependent.
    requirement
        What must be usable, as users write it: ``2``, ``50%``, ``count:2``.
    status
        Status of the group itself, before a soft group weakens it.
    failed
        Members that are not usable (down), sorted.
    impaired
        Members that are usable but not up, sorted.
    usable_members, member_count
        Numbers of CIs, whatever their weights.
    """

    dependent: CiId
    key: str
    requirement: str
    status: Status
    failed: tuple[CiId, ...]
    impaired: tuple[CiId, ...]
    usable_members: int
    member_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingCut:
    """How many more CIs must fail to bring a service down.

    Parameters
    ----------
    count
        The smallest number if ``is_exact``, else a lower bound; 0 if no failures of CIs that
        can fail bring it down.
    is_exact
        False if the search ended at its budget.
    example
        CIs that together bring it down, sorted. Of ``count`` CIs if ``is_exact``, else the
        smallest such set that was found; empty if none was looked for, or none is enough.
    """

    count: int
    is_exact: bool
    example: tuple[CiId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactedCi:
    """A CI whose status is not up, why, and whom it concerns.

    Parameters
    ----------
    status
        The actual status: planned and unplanned outages together.
    planned_status, unplanned_status
        The status by the planned outages alone, and by the unplanned ones alone.
    in_maintenance
        True if the planned outages alone bring it down.
    grounded_status
        The status if no circle of CIs may hold itself up; None where that changes nothing.
    because
        The shortest chain from this CI to one root CI, both included.
    root_cis
        Every CI whose own outage contributes, sorted.
    failed_groups
        Groups that are not up on the way from this CI to its roots, by dependent and key.
    more_failures
        How many more failures bring it down; None if it is down, and for CIs that are no services.
    slas, sla_ids
        Agreed SLAs, in force at the moment asked about, that cover it or one of its offerings,
        sorted.
    offerings
        Its service offerings, sorted.
    customers
        Customers of those SLAs, sorted.
    root_owner_teams, root_suppliers
        Owner teams and suppliers of the root CIs, sorted.
    root_agreements, root_agreement_ids
        Agreed OLAs and underpinning contracts behind the root CIs: those that cover one, and
        those of inclusive scope that cover a CI which failed because of them; sorted.
    """

    ci_id: CiId
    native_id: str
    name: str
    class_name: str
    kind: CiKind
    status: Status
    planned_status: Status
    unplanned_status: Status
    in_maintenance: bool
    grounded_status: Status | None = None
    because: tuple[CiId, ...] = ()
    root_cis: tuple[CiId, ...] = ()
    failed_groups: tuple[FailedGroup, ...] = ()
    more_failures: RemainingCut | None = None
    slas: tuple[Agreement, ...] = ()
    offerings: tuple[CiId, ...] = ()
    customers: tuple[str, ...] = ()
    owner_team: str = ""
    root_owner_teams: tuple[str, ...] = ()
    root_suppliers: tuple[str, ...] = ()
    root_agreements: tuple[Agreement, ...] = ()

    @property
    def sla_ids(self) -> tuple[str, ...]:
        """Ids of ``slas``."""
        return tuple(agreement.agreement_id for agreement in self.slas)

    @property
    def root_agreement_ids(self) -> tuple[str, ...]:
        """Ids of ``root_agreements``."""
        return tuple(agreement.agreement_id for agreement in self.root_agreements)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactAnswer:
    """What a scenario brings down, degrades or puts at risk.

    Parameters
    ----------
    impacted
        Worst first, then by ``ci_id``.
    notes
        What a reader should know besides, one sentence each.
    cis_not_up
        Number of CIs whose actual status is not up, services included.
    """

    scenario: Scenario
    impacted: tuple[ImpactedCi, ...]
    notes: tuple[str, ...]
    cis_not_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonStep:
    """One dependency of a reason: what the dependent got from it.

    Parameters
    ----------
    status
        Status of the dependency.
    effect
        The strength that works.
    group
        Key of the redundancy group that passed it on; "" if ungrouped.
    relation_type
        The vendor's own relation type.
    file, row
        The record that the dependency came from.
    """

    dependent: CiId
    dependency: CiId
    status: Status
    effect: Strength
    group: str = ""
    relation_type: str = ""
    file: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyAnswer:
    """Why one CI is not up.

    Parameters
    ----------
    ci
        The CI with its statuses, chain, roots and groups; also if it is up.
    chain
        The dependencies along ``ci.because``, in its order.
    causes
        Every dependency that by itself or in its group gives the CI its status, sorted.
    """

    scenario: Scenario
    ci: ImpactedCi
    chain: tuple[ReasonStep, ...]
    causes: tuple[ReasonStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNotAnswer:
    """Why one CI is not down, and what would still have to fail.

    Parameters
    ----------
    ci
        The CI with its statuses; also if it is down.
    more_failures
        The smallest remaining cut; None if it is down already.
    single_failures
        Every CI whose failure alone would bring it down now, sorted.
    holding_groups
        Groups that have lost members and still hold, by dependent and key.
    """

    scenario: Scenario
    ci: ImpactedCi
    more_failures: RemainingCut | None
    single_failures: tuple[CiId, ...]
    holding_groups: tuple[FailedGroup, ...]
    notes: tuple[str, ...] = ()
