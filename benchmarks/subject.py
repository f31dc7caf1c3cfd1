"""The estate under test: its files, ripplegraph's graph, and the peers' graphs, built once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

import ripplegraph
from benchmarks.estates import build_estate, write_estate
from benchmarks.peers import (
    MAPPING,
    TABLES,
    NetworkxEstate,
    build_rustworkx,
    load_networkx,
)
from ripplegraph.graph.service_graph import ServiceGraph

ESTATES = Path("build/estates")
SEED = 7


def estate_folder(ci_count: int, *, is_all_hard: bool = False, estates: Path = ESTATES) -> Path:
    """Return the folder of an estate; written if it is not there yet."""
    folder = estates / f"{ci_count}-{SEED}{'-hard' if is_all_hard else ''}"
    if not (folder / "complete").exists():
        print(f"writing {folder}", file=sys.stderr)
        write_estate(build_estate(ci_count, seed=SEED), folder, is_all_hard=is_all_hard)
        (folder / "complete").touch()
    return folder


def load_ours(folder: Path) -> ServiceGraph:
    """Load an estate with ripplegraph."""
    return ripplegraph.load(*(folder / name for name in TABLES), mapping=MAPPING)


def load_and_validate(folder: Path) -> tuple[ServiceGraph, Any]:
    """Load an estate and list every finding."""
    graph = load_ours(folder)
    return graph, ripplegraph.validate(graph)


def alone(folder: Path, question: str) -> dict[str, float]:
    """Return what a process measures that does nothing but this; see ``benchmarks.alone``."""
    command = [sys.executable, "-m", "benchmarks.alone", str(folder), question]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


@cache
def peak_rss_mb(folder: Path, question: str) -> float:
    """Return the peak memory of such a process."""
    return alone(folder, question)["peak_rss_mb"]


@dataclass
class Subject:
    """One estate and what the rows about it share."""

    ci_count: int
    estates: Path = ESTATES

    @cached_property
    def folder(self) -> Path:
        """The estate's folder."""
        return estate_folder(self.ci_count, estates=self.estates)

    @cached_property
    def graph(self) -> ServiceGraph:
        """Ours."""
        return load_ours(self.folder)

    @cached_property
    def all_hard(self) -> ServiceGraph:
        """Ours, of the same estate without redundancy groups."""
        folder = estate_folder(self.ci_count, is_all_hard=True, estates=self.estates)
        return load_ours(folder)

    @cached_property
    def named(self) -> NetworkxEstate:
        """The networkx user's graph, by native id."""
        return load_networkx(self.folder)

    @cached_property
    def networkx(self) -> nx.DiGraph[int]:
        """The plain graph in networkx, nodes numbered as our CIs."""
        plain: nx.DiGraph[int] = nx.DiGraph()
        plain.add_nodes_from(range(self.graph.ci_count))
        topology = self.graph.topology
        ends = (topology.edge_dependent.tolist(), topology.edge_dependency.tolist())
        plain.add_edges_from(zip(*ends, strict=True))
        return plain

    @cached_property
    def rustworkx(self) -> Any:
        """The plain graph in rustworkx, nodes numbered as our CIs."""
        topology = self.graph.topology
        return build_rustworkx(
            self.graph.ci_count, topology.edge_dependent, topology.edge_dependency
        )

    @cached_property
    def native_ids(self) -> list[str]:
        """The native id of each CI, by number."""
        return list(self.graph.cis.native_id)

    def cis_of_class(self, class_name: str, count: int) -> list[int]:
        """Return the numbers of some CIs of a class, seeded."""
        numbers = [at for at, name in enumerate(self.graph.cis.class_name) if name == class_name]
        rng = np.random.default_rng([SEED, 11])
        chosen: list[int] = rng.permutation(numbers)[:count].tolist()
        return chosen
