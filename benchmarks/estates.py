"""Seeded estates: realistic CMDB exports of any size, the same bytes for the same seed.

``python -m benchmarks.estates --cis 100000 --seed 7 --out DIR`` writes ``cis.csv`` (9 columns),
``relations.csv`` and ``groups.csv``; ``estates.yaml`` is their mapping. What is in it:

- nine layers, from business services over applications, servers and storage down to sites;
- heavy-tailed sharing: 12 % of the dependencies go to a provider drawn with Zipf weights from its
  whole layer (a few switches and arrays carry thousands), the others to one nearby;
- about 3.3 relations per CI; dependencies of one kind on several providers form redundancy
  groups, of which one member is enough, or half of them;
- 0.05 % of the CIs stand on a cycle made on purpose: a dependency within a layer, both ways;
- 35 % of the relations are spelled the other way round (``Runs::Runs on``), and the mapping says
  what each type means;
- 0.2 % of the relations are dirt: an unknown id, a repeated relation, a CI that needs itself;
- ids are 32 hexadecimal digits, and rows stand in random order.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Texts = NDArray[np.bytes_]

CLASSES = ("business_service", "service", "application", "cluster", "virtual_machine",
           "esx_server", "storage_array", "network_switch", "data_center")  # fmt: skip
_SHARES = (0.002, 0.018, 0.18, 0.05, 0.55, 0.06, 0.08, 0.0585, 0.0015)
_VM_LAYER = 4
_CYCLES, _INVERSE, _DIRT, _FAR = 0.0005, 0.35, 0.002, 0.12
_RELATIONS_PER_CI = 3.0  # before every CI gets at least one of each kind
_MOST_PROVIDERS = 64
_ZIPF = 0.9
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of dependency: between which layers, how many on average, and its spelling.

    ``need`` is ``all``, or what a group of several needs: ``1`` member, or ``50%`` of them.
    """

    layer: int
    provider_layer: int
    mean: float
    spelling: str
    inverse: str
    need: str = "all"


_KINDS = (
    _Kind(0, 1, 6.0, "Depends on::Used by", "Used by::Depends on"),
    _Kind(1, 2, 7.0, "Depends on::Used by", "Used by::Depends on"),
    _Kind(1, 1, 0.8, "Depends on::Used by", "Used by::Depends on"),
    _Kind(2, 4, 2.6, "Runs on::Runs", "Runs::Runs on", "50%"),
    _Kind(2, 3, 0.7, "Depends on::Used by", "Used by::Depends on"),
    _Kind(2, 2, 0.5, "Uses::Used by", "Used by::Uses"),
    _Kind(3, 4, 3.5, "Members::Member of", "Member of::Members", "50%"),
    _Kind(4, 5, 1.15, "Hosted on::Hosts", "Hosts::Hosted on", "1"),
    _Kind(4, 6, 1.1, "Stored on::Stores", "Stores::Stored on", "1"),
    _Kind(4, 7, 0.6, "Connects to::Connected by", "Connected by::Connects to", "1"),
    _Kind(5, 6, 1.6, "Stored on::Stores", "Stores::Stored on", "1"),
    _Kind(5, 7, 2.0, "Connects to::Connected by", "Connected by::Connects to", "1"),
    _Kind(6, 7, 1.5, "Connects to::Connected by", "Connected by::Connects to", "1"),
    _Kind(7, 7, 0.9, "Connects to::Connected by", "Connected by::Connects to", "1"),
    _Kind(7, 8, 1.0, "Located in::Contains", "Contains::Located in"),
    _Kind(5, 8, 1.0, "Located in::Contains", "Contains::Located in"),
)
INVERSE_SPELLINGS = frozenset(one.inverse for one in _KINDS)
"""Relation types whose dependent stands in the column ``dependency``."""

_GROUP_KEYS = ("", "", "", "servers", "", "", "members", "hosts", "storage", "network", "storage",
               "network", "network", "network", "", "")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """The CIs of an estate by number, and who depends on whom, before any dirt.

    ``group`` is the number of the relation's redundancy group, -1 outside of groups;
    ``group_kind`` and ``group_dependent`` tell for each group what it is and whose.
    """

    seed: int
    layer: NDArray[np.int8]
    dependent: Numbers
    dependency: Numbers
    kind: Numbers
    group: Numbers
    group_kind: Numbers
    group_dependent: Numbers

    @property
    def ci_count(self) -> int:
        """How many CIs."""
        return len(self.layer)


def build_estate(ci_count: int, *, seed: int = 7) -> Estate:
    """Return the estate of this size and seed."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum(1, np.round(np.array(_SHARES) * ci_count)).astype(np.int64)
    sizes[_VM_LAYER] += ci_count - sizes.sum()
    layer = np.repeat(np.arange(len(sizes), dtype=np.int8), sizes)
    dependent, dependency, kind = _layered(rng, sizes)
    dependent, dependency, kind = _with_cycles(rng, layer, (dependent, dependency, kind))
    order = np.argsort(dependent * len(_KINDS) + kind, kind="stable")
    dependent, dependency, kind = dependent[order], dependency[order], kind[order]
    group, firsts = _groups_of(dependent, kind)
    return Estate(
        seed=seed,
        layer=layer,
        dependent=dependent,
        dependency=dependency,
        kind=kind,
        group=group,
        group_kind=kind[firsts],
        group_dependent=dependent[firsts],
    )


def write_estate(estate: Estate, folder: Path, *, is_all_hard: bool = False) -> None:
    """Write the export of an estate: three CSV files; all hard is without any group."""
    if is_all_hard:
        estate = replace(
            estate,
            group=np.full_like(estate.group, -1),
            group_kind=estate.group_kind[:0],
            group_dependent=estate.group_dependent[:0],
        )
    folder.mkdir(parents=True, exist_ok=True)
    ids = _hex_ids(np.random.default_rng([estate.seed, 1]), estate.ci_count)
    _write_table(folder / "cis.csv", _CI_COLUMNS, _ci_rows(estate, ids))
    _write_table(folder / "relations.csv", _RELATION_COLUMNS, _relation_rows(estate, ids))
    _write_table(folder / "groups.csv", _GROUP_COLUMNS, _group_rows(estate, ids))


# --- who depends on whom ---------------------------------------------------------------------


def _layered(rng: np.random.Generator, sizes: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the dependencies of every kind, each pair of CIs once, without cycles."""
    starts = np.concatenate([[0], np.cumsum(sizes)])
    wanted = sum(sizes[one.layer] * one.mean for one in _KINDS)
    scale = _RELATIONS_PER_CI * sizes.sum() / wanted
    ends: list[tuple[Numbers, Numbers]] = []
    for one in _KINDS:
        providers = sizes[one.provider_layer]
        dependents, dependencies = _drawn(rng, one, (sizes[one.layer], providers), scale)
        ends.append((dependents + starts[one.layer], dependencies + starts[one.provider_layer]))
    dependent = np.concatenate([pair[0] for pair in ends])
    dependency = np.concatenate([pair[1] for pair in ends])
    kind = np.repeat(np.arange(len(_KINDS)), [len(pair[0]) for pair in ends])
    return _distinct(dependent, dependency, kind)


def _drawn(
    rng: np.random.Generator, kind: _Kind, counts: tuple[int, int], scale: float
) -> tuple[Numbers, Numbers]:
    """Draw the dependencies of one kind, numbered within their layers."""
    count, providers = counts
    is_same = kind.layer == kind.provider_layer
    least = 0 if is_same else 1
    degrees = least + rng.poisson(max(kind.mean * scale - least, 0.05), count)
    dependent = np.repeat(np.arange(count), np.minimum(degrees, _MOST_PROVIDERS))
    drawn = len(dependent)
    rank = (providers * rng.random(drawn) ** (1 / (1 - _ZIPF))).astype(np.int64)
    far = rng.permutation(providers)[np.minimum(rank, providers - 1)]
    window = max(2, int(providers * 0.002))
    near = (dependent * providers // count + rng.integers(-window, window + 1, drawn)) % providers
    dependency = np.where(rng.random(drawn) < _FAR, far, near)
    if is_same:  # whom one needs has the higher number: no cycle comes about by chance
        low, high = np.minimum(dependent, dependency), np.maximum(dependent, dependency)
        return low[low != high], high[low != high]
    return dependent, dependency


def _with_cycles(
    rng: np.random.Generator, layer: NDArray[np.int8], edges: tuple[Numbers, Numbers, Numbers]
) -> tuple[Numbers, Numbers, Numbers]:
    """Let some dependencies within a layer run both ways."""
    dependent, dependency, kind = edges
    within = np.flatnonzero(layer[dependent] == layer[dependency])
    count = min(int(_CYCLES * len(layer)), len(within))
    chosen = rng.choice(within, count, replace=False)
    return _distinct(
        np.concatenate([dependent, dependency[chosen]]),
        np.concatenate([dependency, dependent[chosen]]),
        np.concatenate([kind, kind[chosen]]),
    )


def _distinct(
    dependent: Numbers, dependency: Numbers, kind: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Keep one dependency of each pair of CIs, the first."""
    pair = dependent << 32 | dependency
    order = np.argsort(pair, kind="stable")
    ordered = pair[order]
    kept = order[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return dependent[kept], dependency[kept], kind[kept]


def _groups_of(dependent: Numbers, kind: Numbers) -> tuple[Numbers, Numbers]:
    """Return the group of each dependency (-1: none), and the first member of each group.

    The dependencies are sorted by dependent and kind; one provider alone is no group.
    """
    key = dependent * len(_KINDS) + kind
    is_first = np.concatenate([[True], key[1:] != key[:-1]])
    firsts = np.flatnonzero(is_first)
    sizes = np.diff(np.append(firsts, len(key)))
    is_group = (sizes > 1) & np.array([one.need != "all" for one in _KINDS])[kind[firsts]]
    number = np.where(is_group, np.cumsum(is_group) - 1, -1)
    return np.repeat(number, sizes), firsts[is_group]


# --- rows of text ----------------------------------------------------------------------------

_CI_COLUMNS = ("id", "name", "class", "environment", "lifecycle", "owner_team", "location",
               "criticality", "updated_on")  # fmt: skip
_RELATION_COLUMNS = ("id", "dependent", "dependency", "type", "group")
_GROUP_COLUMNS = ("dependent", "group", "min_up")
_LIFECYCLES = ("operational", "operational", "operational", "operational", "in maintenance")
_CRITICALITIES = ("1 - most critical", "2 - critical", "3 - less critical", "4 - not critical")
_ENVIRONMENTS = ("production", "production", "production", "disaster recovery")


def _ci_rows(estate: Estate, ids: Texts) -> Iterator[Sequence[Texts]]:
    rng = np.random.default_rng([estate.seed, 2])
    order = rng.permutation(estate.ci_count)
    for at in range(0, len(order), _ROWS_AT_ONCE):
        numbers = order[at : at + _ROWS_AT_ONCE]
        size, classes = len(numbers), _bytes(CLASSES)[estate.layer[numbers]]
        seconds = 1_700_000_000 + rng.integers(0, 90_000_000, size)
        moments = np.datetime_as_string(seconds.astype("datetime64[s]")).astype("S")
        yield (
            ids[numbers],
            _joined(classes, b"-", _digits(numbers, 7), b".corp.example"),
            classes,
            _bytes(_ENVIRONMENTS)[rng.integers(0, len(_ENVIRONMENTS), size)],
            _bytes(_LIFECYCLES)[rng.integers(0, len(_LIFECYCLES), size)],
            _joined(b"Group ", _digits(rng.integers(0, 400, size), 3)),
            _joined(b"SITE-", _digits(rng.integers(0, 60, size), 2)),
            _bytes(_CRITICALITIES)[rng.integers(0, len(_CRITICALITIES), size)],
            _joined(moments, b"Z"),
        )


def _relation_rows(estate: Estate, ids: Texts) -> Iterator[Sequence[Texts]]:
    """Yield the relations in random order, some spelled the other way round, some of them dirt."""
    rng = np.random.default_rng([estate.seed, 3])
    relations = len(estate.dependent)
    dirt = int(_DIRT * relations)
    order = rng.permutation(relations + dirt)
    edge_of = np.concatenate([np.arange(relations), rng.integers(0, relations, dirt)])
    spellings = _bytes([one.spelling for one in _KINDS])
    inverses = _bytes([one.inverse for one in _KINDS])
    group_keys = _bytes(_GROUP_KEYS)
    for at in range(0, len(order), _ROWS_AT_ONCE):
        rows = order[at : at + _ROWS_AT_ONCE]
        flaw = np.where(rows < relations, -1, rows % 3)  # 0 unknown, 1 repeated, 2 needs itself
        edges = edge_of[rows]
        dependent, dependency = ids[estate.dependent[edges]], ids[estate.dependency[edges]]
        dependency = np.where(flaw == 2, dependent, dependency)
        stranger = _joined(b"f" * 24, _digits(rows, 8))
        dependency = np.where(flaw == 0, stranger, dependency)
        kind, is_inverse = estate.kind[edges], rng.random(len(rows)) < _INVERSE
        yield (
            _hex_ids(rng, len(rows)),
            np.where(is_inverse, dependency, dependent),
            np.where(is_inverse, dependent, dependency),
            np.where(is_inverse, inverses[kind], spellings[kind]),
            np.where((estate.group[edges] >= 0) & (flaw < 2), group_keys[kind], b""),
        )


def _group_rows(estate: Estate, ids: Texts) -> Iterator[Sequence[Texts]]:
    needs, group_keys = _bytes([one.need for one in _KINDS]), _bytes(_GROUP_KEYS)
    for at in range(0, len(estate.group_kind), _ROWS_AT_ONCE):
        kind = estate.group_kind[at : at + _ROWS_AT_ONCE]
        dependent = estate.group_dependent[at : at + _ROWS_AT_ONCE]
        yield ids[dependent], group_keys[kind], needs[kind]


def _write_table(path: Path, columns: Sequence[str], rows: Iterator[Sequence[Texts]]) -> None:
    """Write rows that come as columns of bytes: laid side by side, their padding dropped."""
    with path.open("wb") as stream:
        stream.write(",".join(columns).encode() + b"\n")
        for cells in rows:
            ends = [b","] * (len(cells) - 1) + [b"\n"]
            parts = [part for pair in zip(cells, ends, strict=True) for part in pair]
            padded = _laid_side_by_side(parts, len(cells[0]))
            stream.write(padded[padded != 0].tobytes())


def _laid_side_by_side(parts: Sequence[Texts | bytes], count: int) -> NDArray[np.uint8]:
    """Return texts and constants as one matrix of bytes, a row each, padded with zeros."""
    widths = [len(part) if isinstance(part, bytes) else part.dtype.itemsize for part in parts]
    matrix = np.empty((count, sum(widths)), dtype=np.uint8)
    at = 0
    for part, width in zip(parts, widths, strict=True):
        if isinstance(part, bytes):
            matrix[:, at : at + width] = np.frombuffer(part, dtype=np.uint8)
        else:
            cells = np.ascontiguousarray(part).view(np.uint8).reshape(count, width)
            matrix[:, at : at + width] = cells
        at += width
    return matrix


def _joined(*parts: Texts | bytes) -> Texts:
    """Return texts joined cell by cell; every text but the last has one length or is padded."""
    count = next(len(part) for part in parts if not isinstance(part, bytes))
    matrix = _laid_side_by_side(parts, count)
    joined: Texts = matrix.view(f"S{matrix.shape[1]}").reshape(count)
    return joined


def _bytes(texts: Sequence[str]) -> Texts:
    return np.array([text.encode() for text in texts])


_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype="S2")


def _hex_ids(rng: np.random.Generator, count: int) -> Texts:
    return _HEX[rng.integers(0, 256, (count, 16), dtype=np.uint8)].view("S32").reshape(count)


def _digits(numbers: Numbers, width: int) -> Texts:
    """Return numbers with leading zeros."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits = (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    return digits.view(f"S{width}").reshape(len(numbers))


def main() -> None:
    """Write the estate that the command line asks for."""
    parser = argparse.ArgumentParser(description="Write a seeded CMDB export.")
    parser.add_argument("--cis", type=int, default=100_000, help="how many CIs: 10,000 to 5 M")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--all-hard", action="store_true", help="without redundancy groups")
    asked = parser.parse_args()
    estate = build_estate(asked.cis, seed=asked.seed)
    write_estate(estate, asked.out, is_all_hard=asked.all_hard)
    print(
        f"{asked.out}: {estate.ci_count:,} CIs, {len(estate.dependent):,} relations, "
        f"{len(estate.group_kind):,} redundancy groups"
    )


if __name__ == "__main__":
    main()
