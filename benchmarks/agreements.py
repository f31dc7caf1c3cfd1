"""Verdicts on all SLAs of a seeded estate, with contributions, in one run.

``python -m benchmarks.agreements [--quick]``: 2,000 services over about 30,000 CIs, 2,000 SLAs,
OLAs per team, contracts per supplier. Beside it a reference: the same verdicts asked service by
service, on a stated sample, scaled to all. Seconds of CPU.
"""

from __future__ import annotations

import argparse
import random
import resource
from datetime import UTC, datetime
from decimal import Decimal
from time import process_time

from ripplegraph.graph.agreements import Agreement, AgreementKind, Scope
from ripplegraph.graph.build import build_service_graph
from ripplegraph.graph.calendars import Calendar, WeeklyInterval
from ripplegraph.graph.model import CiKind, Requirement, RequirementUnit
from ripplegraph.graph.records import GroupRecord, Records
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.impact.agreements.values import SlaAnswer
from ripplegraph.impact.agreements.verdict import sla_verdicts
from ripplegraph.impact.availability.options import AvailabilityOptions

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
_SAMPLE = 40
_TEAMS = {
    "network": ("0.9995", ""), "storage": ("0.9995", ""), "compute": ("0.999", ""),
    "database": ("0.999", ""), "middleware": ("0.998", "extended"), "application": ("0.999", ""),
}  # fmt: skip
_CLASS_OF = {
    "switch": "network", "array": "storage", "host": "compute", "vm": "compute",
    "database": "database", "bus": "middleware", "application": "application",
}  # fmt: skip


def estate(*, services: int = 2_000, machines: int = 20_000, seed: int = 7) -> ServiceGraph:
    """Return a graph of services on clusters of machines, with agreements."""
    made = _Estate(seed)
    made.platform(machines)
    for number in range(services):
        made.service(number)
    made.agreements(services)
    return build_service_graph(made.records).graph


class _Estate:
    """Records of an estate, layer by layer."""

    def __init__(self, seed: int) -> None:
        self.records = Records()
        self._random = random.Random(seed)
        self._groups: list[list[str]] = []  # machines that can stand in for each other

    def ci(self, name: str, class_name: str, *needs: str) -> str:
        """Add a CI with what it needs."""
        kind = CiKind.SERVICE if class_name == "service" else CiKind.SERVER
        self.records.cis.append(
            source="b",
            class_name=class_name,
            native_id=name,
            kind=kind,
            is_logical=class_name in ("service", "cluster"),
            owner_team=_CLASS_OF.get(class_name, ""),
            supplier="Hardware" if class_name in ("host", "array", "switch") else "",
        )
        for one in needs:
            self.records.dependencies.append(dependent=name, dependency=one)
        return name

    def cluster(self, name: str, members: list[str], min_up: int) -> str:
        """Add a cluster of which some members must be up."""
        self.ci(name, "cluster")
        need = Requirement(unit=RequirementUnit.WEIGHT, value=Decimal(min_up))
        self.records.groups.append(GroupRecord(dependent=name, key="members", min_up=need))
        for member in members:
            self.records.dependencies.append(dependent=name, dependency=member, group="members")
        return name

    def platform(self, machines: int) -> None:
        """Add sites with networks, arrays, hosts and virtual machines."""
        pools = max(4, machines // 400)
        for pool in range(pools):
            switches = [self.ci(f"sw-{pool}-{one}", "switch") for one in range(2)]
            network = self.cluster(f"net-{pool}", switches, 1)
            arrays = [self.ci(f"array-{pool}-{one}", "array", network) for one in range(2)]
            storage = self.cluster(f"sto-{pool}", arrays, 1)
            hosts = [self.ci(f"host-{pool}-{one}", "host", network) for one in range(12)]
            virtual = self.cluster(f"virt-{pool}", hosts, 9)
            self._groups.append(
                [
                    self.ci(f"vm-{pool}-{one}", "vm", virtual, storage)
                    for one in range(machines // pools)
                ]
            )
        self._shared = [
            self.ci(f"bus-{one}", "bus", *self._machines(self._groups[one % pools], 1))
            for one in range(8)
        ]

    def service(self, number: int) -> None:
        """Add a service with its applications and databases."""
        pick = self._random
        group = pick.choice(self._groups)
        parts = []
        for tier in range(pick.choice((1, 2, 2, 3))):
            size, enough = pick.choice(((1, 1), (2, 1), (2, 1), (3, 2)))
            cluster = self.cluster(f"c-{number}-{tier}", self._machines(group, size), enough)
            parts.append(self.ci(f"app-{number}-{tier}", "application", cluster))
        size = pick.choice((1, 2))
        database = self.cluster(f"d-{number}", self._machines(group, size), 1)
        parts.append(self.ci(f"db-{number}", "database", database))
        parts += pick.sample(self._shared, pick.choice((0, 1, 2)))
        self.ci(f"svc-{number}", "service", *parts)

    def _machines(self, group: list[str], count: int) -> list[str]:
        return self._random.sample(group, count)

    def agreements(self, services: int) -> None:
        """Add SLAs for each service, an OLA for each team, a contract."""
        week = tuple(
            WeeklyInterval(weekday=day, start_minute=360, end_minute=1320) for day in range(6)
        )
        self.records.calendars.append(Calendar(calendar_id="extended", weekly=week))
        add = self.records.agreements.append
        for class_name, team in _CLASS_OF.items():
            target, calendar = _TEAMS[team]
            add(_promise("OLA", f"ola-{class_name}", f"class:{class_name}", target, calendar))
        for class_name in ("host", "array", "switch"):
            add(_promise("UPC", f"upc-{class_name}", f"class:{class_name}", "0.9995", ""))
        for number in range(services):
            target = self._random.choice(("0.99", "0.995", "0.999"))
            calendar = self._random.choice(("", "", "extended"))
            add(_promise("SLA", f"sla-{number}", f"svc-{number}", target, calendar))


def _promise(kind: str, ident: str, covers: str, target: str, calendar: str) -> Agreement:
    return Agreement(
        agreement_id=ident,
        kind=AgreementKind(kind),
        covers=(covers,),
        scope=Scope.OWN,
        target_availability=Decimal(target),
        calendar=calendar,
    )


def check(answer: SlaAnswer, services: int) -> None:
    """Refuse an answer that is not whole, or whose shares do not add up."""
    assert len(answer.slas) == services
    for one in answer.slas:
        assert one.independent.is_known
        assert one.contractual_best.lower <= one.independent.lower + 1e-12
        assert one.independent.upper <= one.contractual_worst.upper + 1e-12
        shares = [row.minutes for row in one.contributions if row.kind == "ci"]
        expected = one.independent.upper * one.agreed_minutes
        assert abs(sum(shares) - expected) <= 1e-9 * expected


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the services")
    services = 200 if parser.parse_args().quick else 2_000
    graph = estate(services=services, machines=8 * services)
    print(f"{graph.ci_count:,} CIs, {services:,} services, {services:,} SLAs")
    compiled = AvailabilityOptions(compiled=True)
    sla_verdicts(estate(services=9, machines=400), at=AT, options=compiled)  # compiles kernels
    start = process_time()
    answer = sla_verdicts(graph, at=AT, most_proposals=0)
    ours = process_time() - start
    check(answer, services)
    start = process_time()
    for number in range(_SAMPLE):
        sla_verdicts(graph, [f"svc-{number}"], at=AT, most_proposals=0)
    alone = (process_time() - start) * services / _SAMPLE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"all verdicts with contributions in one run: {ours:.1f} s CPU, peak {peak:.0f} MB")
    print(f"asked one by one, {_SAMPLE} scaled to all: {alone:.1f} s, {alone / ours:.1f} x")
    counts = {word: sum(one.verdict == word for one in answer.slas) for word in ("met", "missed")}
    print(f"verdicts: {counts}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
