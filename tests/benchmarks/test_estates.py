"""Seeded estates: the same bytes for the same seed, and what they promise to hold."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import ripplegraph
from benchmarks.estates import INVERSE_SPELLINGS, build_estate, write_estate
from benchmarks.peers import MAPPING, TABLES

CIS = 5_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estate")
    write_estate(build_estate(CIS, seed=3), folder)
    return folder


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_one_seed_gives_the_same_bytes_and_another_gives_others(
    folder: Path, tmp_path: Path
) -> None:
    write_estate(build_estate(CIS, seed=3), tmp_path / "again")
    write_estate(build_estate(CIS, seed=4), tmp_path / "other")
    for name in TABLES:
        text = (folder / name).read_bytes()
        assert (tmp_path / "again" / name).read_bytes() == text
        assert (tmp_path / "other" / name).read_bytes() != text


def test_every_ci_has_an_id_of_its_own_and_nine_cells(folder: Path) -> None:
    rows = _rows(folder, "cis.csv")
    assert len(rows) == len({row["id"] for row in rows}) == CIS
    assert {len(row) for row in rows} == {9}
    assert all(len(row["id"]) == 32 and all(row.values()) for row in rows)


def test_a_third_of_the_relations_is_spelled_the_other_way_round(folder: Path) -> None:
    rows = _rows(folder, "relations.csv")
    inverse = sum(row["type"] in INVERSE_SPELLINGS for row in rows) / len(rows)
    assert inverse == pytest.approx(0.35, abs=0.02)
    assert 3.0 < len(rows) / CIS < 3.6


def test_one_relation_in_five_hundred_is_dirt(folder: Path) -> None:
    rows = _rows(folder, "relations.csv")
    ids = {row["id"] for row in _rows(folder, "cis.csv")}
    unknown = sum({row["dependent"], row["dependency"]} - ids != set() for row in rows)
    own = sum(row["dependent"] == row["dependency"] for row in rows)
    pairs = Counter(frozenset((row["dependent"], row["dependency"])) for row in rows)
    repeated = sum(count - 1 for pair, count in pairs.items() if len(pair) == 2)
    assert min(unknown, own, repeated) > 0
    cycles = int(0.0005 * CIS)
    assert unknown + own + repeated == pytest.approx(0.002 * len(rows), abs=cycles + 1)


def test_sharing_has_a_heavy_tail_and_some_cis_need_each_other() -> None:
    estate = build_estate(CIS, seed=3)
    dependents = np.bincount(estate.dependency, minlength=CIS)
    assert np.median(dependents) <= 2
    assert dependents.max() > 100
    ends = set(zip(estate.dependent.tolist(), estate.dependency.tolist(), strict=True))
    assert sum((other, one) in ends for one, other in ends) >= 2


def test_the_mapping_of_the_estates_knows_every_type_and_every_group_has_members(
    folder: Path,
) -> None:
    graph = ripplegraph.load(*(folder / name for name in TABLES), mapping=MAPPING)
    codes = {finding.code for finding in ripplegraph.validate(graph)}
    assert {"dangling-reference", "self-relation", "duplicate-relation", "cycle"} <= codes
    assert not codes & {"unknown-relation-type", "unknown-class", "group-without-members"}
    estate = build_estate(CIS, seed=3)
    assert len(graph.group_rules) == len(estate.group_kind)
    assert min(len(graph.group(number).members) for number in range(20)) >= 2


def test_an_estate_without_groups_has_the_same_relations(folder: Path, tmp_path: Path) -> None:
    write_estate(build_estate(CIS, seed=3), tmp_path, is_all_hard=True)
    hard, mixed = _rows(tmp_path, "relations.csv"), _rows(folder, "relations.csv")
    assert [{**row, "group": ""} for row in mixed] == hard
    assert _rows(tmp_path, "groups.csv") == []
