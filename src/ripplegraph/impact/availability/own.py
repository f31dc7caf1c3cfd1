"""How reliable each CI is by itself, and where that is known from (semantics.md section 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.model import Strength
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.availability.measured import OutageHistory, outage_histories
from ripplegraph.impact.availability.options import AvailabilityOptions, Reliability
from ripplegraph.impact.availability.restoration import promised_restoration_hours
from ripplegraph.impact.availability.values import HOURS_PER_YEAR, Basis, OwnReliability


def own_reliabilities(
    graph: ServiceGraph,
    cis: Iterable[int],
    options: AvailabilityOptions,
    *,
    at: datetime | None = None,
) -> dict[int, OwnReliability]:
    """Return how reliable CIs are by themselves.

    Parameters
    ----------
    cis
        Numbers of CIs.
    options
        ``bases`` says where to look, first to last; ``own`` goes before all of them.
    at
        Aware; agreements in force then count. None leaves their dates out.

    Returns
    -------
    dict[int, OwnReliability]
        By CI number. Logical CIs without data are perfect; others without data are unknown.

    Notes
    -----
    ``u = MTTR / (MTBF + MTTR)`` and ``f = 1 / (MTBF + MTTR)``, IEC 61703. An agreement of
    inclusive scope counts where nothing lies beneath its CI, or where that is cut off. ``n > 0``
    outages in ``T`` hours up and ``D`` hours down: ``MTBF = T / n``, ``MTTR = D / n``; none: the
    failure rate has the mean ``1 / (2 T)`` of its posterior with Jeffreys' prior.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> found = own_reliabilities(graph_of("shop -> db"), [0, 1], AvailabilityOptions())
    >>> [one.basis.value for one in found.values()]
    ['logical', 'unknown']
    """
    promises = _promises(graph, options, at)
    if Basis.AGREEMENT_TIME in options.bases and at is not None:
        restored = options.promised_restoration_hours or promised_restoration_hours(graph, at=at)
        options = replace(options, promised_restoration_hours=restored)
    wanted = list(cis)
    is_measured = Basis.MEASURED in options.bases
    histories = outage_histories(graph, wanted, at=at) if is_measured else {}
    case = _Case(graph=graph, options=options, promises=promises, histories=histories)
    return {ci: case.own(ci) for ci in wanted}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    graph: ServiceGraph
    options: AvailabilityOptions
    promises: Mapping[int, list[Agreement]]
    histories: Mapping[int, OutageHistory]

    def own(self, ci: int) -> OwnReliability:
        """Return how reliable one CI is, by the first basis that says so."""
        graph = self.graph
        basis, stated, detail = self._stated(ci)
        unavailability = _unavailability(stated)
        frequency = _frequency(stated, unavailability, self._times(ci))
        return OwnReliability(
            ci_id=graph.ci_ids[ci],
            native_id=graph.cis.native_id[ci],
            name=graph.cis.name[ci],
            basis=basis,
            unavailability=unavailability,
            failures_per_year=frequency,
            detail=detail,
        )

    def _stated(self, ci: int) -> tuple[Basis, Reliability, str]:
        if ci in self.options.own:
            return Basis.DECLARED, self.options.own[ci], "stated with the question"
        lookups: Mapping[Basis, Callable[[int], tuple[Reliability, str] | None]] = {
            Basis.AGREEMENT: self._by_agreement,
            Basis.MEASURED: self._measured,
            Basis.AGREEMENT_TIME: self._by_agreement_time,
            Basis.DECLARED: self._declared,
            Basis.CLASS_DEFAULT: self._class_default,
        }
        for basis in self.options.bases:
            found = lookups[basis](ci)
            if found is not None:
                return basis, *found
        if self.graph.cis.is_logical[ci]:
            nothing = Reliability(unavailability=0.0)
            return Basis.LOGICAL, nothing, "no failures of its own"
        return Basis.UNKNOWN, Reliability(), ""

    def _times(self, ci: int) -> Reliability:
        cis = self.graph.cis
        return Reliability(mtbf_hours=cis.mtbf_hours[ci], mttr_hours=cis.mttr_hours[ci])

    def _by_agreement(self, ci: int) -> tuple[Reliability, str] | None:
        answering = sorted(
            self.promises.get(ci, ()),
            key=lambda one: (one.kind is not AgreementKind.OLA, one.target_availability),
        )
        if not answering:
            return None
        first = answering[0]
        target = first.target_availability or 0  # only those with a target are promises
        alike = [one for one in answering if one.kind is first.kind]
        detail = f"{first.kind.value} {first.agreement_id}"
        if len(alike) > 1:
            detail += f", the least of {len(alike)} that cover it"
        return Reliability(unavailability=float(1 - target)), detail

    def _measured(self, ci: int) -> tuple[Reliability, str] | None:
        """Return what was observed; without an outage the posterior mean of the failure rate."""
        history = self.histories.get(ci)
        if history is None:
            return None
        hours = f"{history.observed_hours:,.0f} h observed"
        if not history.up_hours:
            return Reliability(unavailability=1.0), f"down in all of {hours}"
        if history.outage_count:
            times = Reliability(
                mtbf_hours=history.up_hours / history.outage_count,
                mttr_hours=history.down_hours / history.outage_count,
            )
            return times, f"{history.outage_count} outages in {hours}"
        mttr_hours = self.graph.cis.mttr_hours[ci]
        if not mttr_hours:
            return None  # how long an outage would last is not known
        mtbf_hours = history.observed_hours / 0.5
        times = Reliability(mtbf_hours=mtbf_hours, mttr_hours=mttr_hours)
        return times, f"no outage in {hours}, posterior mean with the MTTR in the CMDB"

    def _by_agreement_time(self, ci: int) -> tuple[Reliability, str] | None:
        promised = self.options.promised_restoration_hours.get(ci)
        mtbf_hours = self.graph.cis.mtbf_hours[ci]
        if promised is None or mtbf_hours is None:
            return None
        times = Reliability(mtbf_hours=mtbf_hours, mttr_hours=promised)
        return times, f"restored within {promised:.4g} h by the clock as promised"

    def _declared(self, ci: int) -> tuple[Reliability, str] | None:
        declared = self.graph.cis.availability[ci]
        if declared is not None:
            return Reliability(unavailability=float(1 - declared)), "availability in the CMDB"
        times = self._times(ci)
        if times.mtbf_hours is None or times.mttr_hours is None:
            return None
        return times, "MTBF and MTTR in the CMDB"

    def _class_default(self, ci: int) -> tuple[Reliability, str] | None:
        class_name = self.graph.cis.class_name[ci]
        found = self.options.class_defaults.get(class_name)
        return None if found is None else (found, f"default of class {class_name}")


def _promises(
    graph: ServiceGraph, options: AvailabilityOptions, at: datetime | None
) -> dict[int, list[Agreement]]:
    """Return by CI the OLAs and UPCs in force that promise the CI's own availability."""
    found: dict[int, list[Agreement]] = {}
    for agreement, covered in zip(graph.agreements, graph.covered, strict=True):
        if agreement.kind not in (AgreementKind.OLA, AgreementKind.UPC):
            continue
        if agreement.target_availability is None or not agreement.is_in_force_at(at):
            continue
        for ci in covered:
            is_cut = ci in options.cut_points or not _rests_on_others(graph, ci)
            if agreement.scope is Scope.OWN or is_cut:
                found.setdefault(ci, []).append(agreement)
    return found


def _rests_on_others(graph: ServiceGraph, ci: int) -> bool:
    edges = graph.edges_to_dependencies(ci)
    return any(graph.gates.edge_effect[edge] != Strength.NONE for edge in edges)


def _unavailability(stated: Reliability) -> float | None:
    if stated.unavailability is not None:
        return stated.unavailability
    if stated.mtbf_hours is None or stated.mttr_hours is None:
        return None
    return stated.mttr_hours / (stated.mtbf_hours + stated.mttr_hours)


def _frequency(
    stated: Reliability, unavailability: float | None, times: Reliability
) -> float | None:
    """Return failures in a calendar year: from the times stated, else those in the CMDB."""
    if unavailability is None:
        return None
    if unavailability == 0.0:
        return 0.0
    mtbf_hours = stated.mtbf_hours or times.mtbf_hours
    mttr_hours = stated.mttr_hours or times.mttr_hours
    if mtbf_hours is not None:
        return (1.0 - unavailability) * HOURS_PER_YEAR / mtbf_hours
    return None if not mttr_hours else unavailability * HOURS_PER_YEAR / mttr_hours
