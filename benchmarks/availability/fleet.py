"""A seeded fleet of services as a formula: sites, racks, hosts, clusters, applications, services.

About 30,000 CIs for 2,000 services; structure in failure space, as the engine takes it. Every CI
fails by itself or with what it needs. Placement decides how hard the fleet is:

- R1: the members of a cluster stand in one pool of hosts (90 %), 10 % of the VMs on fixed hosts;
- R2: the same, 40 % on fixed hosts;
- R3: members anywhere, 40 % on fixed hosts, applications that call many others (adversarial);
- R4: members in one pool by half, 20 % on fixed hosts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ripplegraph.impact.availability.formula import Formula, FormulaBuilder

_PLATFORMS = (
    ("directory", 6, 1), ("dns", 6, 2), ("ldap", 4, 1), ("pki", 2, 1), ("time", 4, 1),
    ("identity", 4, 2), ("bus", 5, 3), ("gateway", 4, 2), ("queue", 3, 2), ("monitoring", 2, 1),
    ("backup", 2, 1), ("secrets", 3, 2),
)  # fmt: skip
_SHAPES = {
    "database": ((1, 1), (2, 1), (2, 1), (3, 2)),
    "application": ((1, 1), (2, 1), (3, 2), (4, 2), (4, 3), (6, 4), (8, 6)),
    "middleware": ((2, 1), (3, 2), (5, 3)),
}
"""Members of a cluster, and how many of them must be up."""

_HOSTS_PER_POOL, _SITES, _ARRAYS_PER_SITE = 12, 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the members of clusters stand, and how much applications call each other."""

    in_one_pool: float
    on_fixed_hosts: float
    calls: float


PLACEMENTS = {
    "R1": Placement(in_one_pool=0.9, on_fixed_hosts=0.1, calls=0.6),
    "R2": Placement(in_one_pool=0.9, on_fixed_hosts=0.4, calls=0.6),
    "R3": Placement(in_one_pool=0.0, on_fixed_hosts=0.4, calls=1.2),
    "R4": Placement(in_one_pool=0.5, on_fixed_hosts=0.2, calls=0.6),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """The structure functions of a fleet, with the unavailability of each CI."""

    formula: Formula
    services: tuple[int, ...]
    unavailability: NDArray[np.float64]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Hosts of one virtualisation cluster with its storage; nodes of the formula."""

    site: int
    hosts: tuple[int, ...]
    cluster: int
    storage: int


@dataclass(frozen=True, slots=True)
class _Site:
    """What a site offers; nodes of the formula."""

    network: int
    firewall: int
    balancer: int
    wide_area: int


def build_fleet(
    placement: str = "R1", *, services: int = 2_000, machines: int = 10_500, seed: int = 1
) -> Fleet:
    """Return a fleet; the same arguments give the same fleet."""
    return _FleetBuilder(PLACEMENTS[placement], machines, seed).fleet(services)


class _FleetBuilder:
    """Lays the fleet from the ground up."""

    def __init__(self, placement: Placement, machines: int, seed: int) -> None:
        self._placement, self._count = placement, machines
        self._random = random.Random(seed)
        self._make = FormulaBuilder()
        self._q: list[float] = []
        self._names: list[str] = []
        self._sites: list[_Site] = []
        self._pools: list[_Pool] = []
        self._machines: list[int] = []
        self._of_pool: dict[int, list[int]] = {}
        self._of_site: dict[int, list[int]] = {}
        self._free: dict[int, list[int]] = {}

    def fleet(self, services: int) -> Fleet:
        """Return the whole fleet."""
        for number in range(_SITES):
            self._add_site(number)
        self._add_machines()
        platforms = [
            self._cluster_of(name, self._sample(count), needed)
            for name, count, needed in _PLATFORMS
        ]
        databases = [self._database(number) for number in range(self._count // 10)]
        middleware = [self._middleware(number) for number in range(self._count // 60)]
        applications: list[int] = []
        for number in range(self._count // 4):
            applications.append(
                self._application(number, platforms, databases, middleware, applications)
            )
        roots: list[int] = []
        for number in range(services):
            roots.append(self._service(number, applications, roots))
        return Fleet(
            formula=self._make.build(),
            services=tuple(roots),
            unavailability=np.array(self._q),
            names=tuple(self._names),
        )

    def _ci(self, name: str, least: float, most: float, needs: Iterable[int] = ()) -> int:
        """Return a CI whose availability is log-uniform, and that fails with what it needs."""
        exponent = self._random.uniform(math.log10(1 - most), math.log10(1 - least))
        own = self._make.variable(len(self._q))
        self._q.append(10**exponent)
        self._names.append(name)
        return self._make.any_of([own, *needs])

    def _needed(self, members: Sequence[int], needed: int) -> int:
        """Return what fails when fewer than ``needed`` members are up."""
        return self._make.at_least(len(members) - needed + 1, members)

    def _pair(self, name: str, least: float, most: float, needs: Iterable[int] = ()) -> int:
        needs = tuple(needs)
        return self._make.all_of([self._ci(f"{name}{one}", least, most, needs) for one in "ab"])

    def _add_site(self, number: int) -> None:
        make, name = self._make, f"site{number}"
        power = self._pair(f"{name}-power-", 0.999, 0.9999)
        cooling = [self._ci(f"{name}-cooling-{one}", 0.999, 0.9999) for one in "abc"]
        site = self._ci(name, 0.9999, 0.99999, [power, self._needed(cooling, 2)])
        network = self._pair(f"{name}-core-", 0.999, 0.9999, [site])
        self._sites.append(
            _Site(
                network=network,
                firewall=self._pair(f"{name}-firewall-", 0.999, 0.9999, [network]),
                balancer=self._pair(f"{name}-balancer-", 0.999, 0.9999, [network]),
                wide_area=self._pair(f"{name}-wan-", 0.995, 0.9995),
            )
        )
        arrays = [self._array(f"{name}-array{one}", site) for one in range(_ARRAYS_PER_SITE)]
        racks = [
            make.any_of([
                self._pair(f"{name}-rack{one}-switch-", 0.998, 0.9998, [network]),
                self._pair(f"{name}-rack{one}-pdu-", 0.999, 0.9999),
            ])
            for one in range(max(4, self._count // (_SITES * 350)))
        ]  # fmt: skip
        count = max(24, self._count // (_SITES * 12))
        hosts = [
            self._ci(f"{name}-host{one}", 0.99, 0.999, [racks[one * len(racks) // count]])
            for one in range(count)
        ]
        for first in range(0, count - _HOSTS_PER_POOL + 1, _HOSTS_PER_POOL):
            members = tuple(hosts[first : first + _HOSTS_PER_POOL])
            storage = self._random.choice(arrays)
            manager = self._ci(f"{name}-pool{first}", 0.999, 0.9999)
            up = make.any_of([manager, self._needed(members, len(members) - 2), storage])
            self._pools.append(_Pool(number, members, up, storage))

    def _array(self, name: str, site: int) -> int:
        fabric = self._pair(f"{name}-fabric-", 0.999, 0.9999, [site])
        controller = self._pair(f"{name}-controller-", 0.999, 0.9999, [site])
        return self._ci(name, 0.9999, 0.99999, [fabric, controller])

    def _add_machines(self) -> None:
        by_site = [
            [p for p, one in enumerate(self._pools) if one.site == s] for s in range(_SITES)
        ]
        for number in range(self._count):
            site = min(int(self._random.expovariate(1.2)), _SITES - 1)
            place = self._random.choice(by_site[site])
            pool = self._pools[place]
            needs = [pool.cluster]
            if self._random.random() < self._placement.on_fixed_hosts:
                needs = [self._random.choice(pool.hosts), pool.storage]
            machine = self._ci(f"vm{number}", 0.995, 0.9998, needs)
            self._machines.append(machine)
            self._of_pool.setdefault(place, []).append(machine)
            self._of_site.setdefault(site, []).append(machine)

    def _sample(self, count: int, site: int | None = None) -> list[int]:
        here = self._machines if site is None else self._of_site.get(site, [])
        return self._random.sample(here if len(here) >= count else self._machines, count)

    def _members(self, count: int, site: int) -> list[int]:
        """Return machines for the members of a cluster, as the placement has it."""
        if self._random.random() >= self._placement.in_one_pool:
            return self._sample(count, site if self._random.random() < 0.8 else None)
        held = [place for place in self._of_pool if self._pools[place].site == site]
        place = self._random.choice(held)
        if len(self._free.get(place, ())) < count:
            self._free[place] = self._random.sample(
                self._of_pool[place], len(self._of_pool[place])
            )
        free = self._free[place]
        return [free.pop() for _ in range(min(count, len(free)))]

    def _cluster_of(self, name: str, machines: Sequence[int], needed: int) -> int:
        members = [
            self._ci(f"{name}-{number}", 0.997, 0.9999, [machine])
            for number, machine in enumerate(machines)
        ]
        return self._needed(members, min(needed, len(members)))

    def _cluster(self, kind: str, number: int, site: int) -> int:
        count, needed = self._random.choice(_SHAPES[kind])
        return self._cluster_of(f"{kind}{number}-member", self._members(count, site), needed)

    def _near_site(self) -> int:
        first = self._random.random() < 0.8
        return self._random.randrange(2) if first else self._random.randrange(_SITES)

    def _database(self, number: int) -> tuple[int, int]:
        site = self._near_site()
        needs = [self._cluster("database", number, site)]
        return self._ci(f"database{number}", 0.999, 0.9999, needs), site

    def _middleware(self, number: int) -> int:
        return self._cluster("middleware", number, self._random.randrange(2))

    def _application(
        self,
        number: int,
        platforms: Sequence[int],
        databases: Sequence[tuple[int, int]],
        middleware: Sequence[int],
        others: Sequence[int],
    ) -> int:
        draw, site = self._random, self._near_site()
        there = self._sites[site]
        needs = [self._cluster("application", number, site)]
        needs.append(there.balancer if draw.random() < 0.6 else there.network)
        needs += draw.sample(platforms[:4], draw.randint(1, 3))
        if draw.random() < 0.5:
            needs += draw.sample(platforms[4:], draw.randint(1, 2))
        local = [one for one, where in databases if where == site]
        needs += draw.sample(local, draw.choice((0, 1, 1, 1, 2, 2, 3)))
        if draw.random() < 0.35:
            needs.append(draw.choice(middleware))
        if others:
            for _ in range(int(draw.expovariate(1 / self._placement.calls))):
                needs.append(draw.choice(others[-400:] if draw.random() < 0.5 else others[:200]))
        if draw.random() < 0.25:
            needs.append(there.firewall)
        return self._ci(f"application{number}", 0.998, 0.9999, needs)

    def _service(self, number: int, applications: Sequence[int], services: Sequence[int]) -> int:
        draw = self._random
        needs = draw.sample(applications, min(1 + int(draw.expovariate(0.5)), 8))
        if draw.random() < 0.2:
            needs.append(self._make.all_of(draw.sample(applications, 2)))
        if draw.random() < 0.5:
            needs.append(draw.choice(self._sites).wide_area)
        if services and draw.random() < 0.25:
            needs.append(draw.choice(services))
        return self._ci(f"service{number}", 0.9995, 0.99999, needs)
