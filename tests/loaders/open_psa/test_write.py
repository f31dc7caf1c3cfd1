"""Writing fault trees: what is written means the same when read again, here and by SCRAM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import ripplegraph
from loaders.open_psa.scram import needs_scram, probabilities, scram_report
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.grounds import rest_on
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS
from ripplegraph.impact.availability.values import Label
from ripplegraph.loaders.open_psa import open_psa_text, read_open_psa
from ripplegraph.loaders.open_psa.names import unique_names

NAMES = ("Web & Shop", "b\x00\u202e", "c", "d", "e")
Q = np.array([0.1, 1e-13, 0.3, 0.25, 0.05])


def trees_of(
    formula: Formula, tops: Sequence[tuple[str, int]], names: Sequence[str], q: NDArray[np.float64]
) -> FaultTrees:
    return FaultTrees(
        formula=formula,
        roots=tuple(node for _, node in tops),
        root_names=tuple(name for name, _ in tops),
        root_labels=("",) * len(tops),
        variable_names=tuple(names),
        variable_labels=("",) * len(names),
        unavailability=q,
    )


def every_gate() -> tuple[Formula, list[tuple[str, int]]]:
    make = FormulaBuilder()
    a, b, c, d, e = map(make.variable, range(5))
    weighted = make.at_least(4, [a, c, d, e], [2, 2, 1, 1])
    tops = [
        ("All of it", make.any_of([make.all_of([a, c]), b, make.negation(d)])),
        ("Weighted", weighted),
        ("Odd", make.exclusive([a, c, d, weighted])),
        ("Alone", a),
        ("Never", make.false()),
        ("Always", make.true()),
    ]
    return make.build(), tops


def written(tmp_path: Path, names: list[str]) -> tuple[Path, dict[str, float]]:
    formula, tops = every_gate()
    tops = [top for top in tops if top[0] in names]
    path = tmp_path / "model.xml"
    path.write_text(open_psa_text(trees_of(formula, tops, NAMES, Q)), encoding="utf-8")
    fleet = compile_fleet(formula, [node for _, node in tops])
    values = failure_probabilities(fleet, Q)
    return path, {
        name.replace(" ", "_"): float(value) for (name, _), value in zip(tops, values, strict=True)
    }


def test_document_read_again_has_the_same_probabilities_and_names(tmp_path: Path) -> None:
    path, expected = written(
        tmp_path, ["All of it", "Weighted", "Odd", "Alone", "Never", "Always"]
    )
    again = read_open_psa([path])
    fleet = compile_fleet(again.formula, again.roots)
    values = map(float, failure_probabilities(fleet, again.unavailability))
    assert dict(zip(again.root_names, values, strict=True)) == pytest.approx(expected, rel=1e-14)
    assert again.root_labels == ("All of it", "", "", "", "", "")
    assert dict(zip(again.variable_names, again.variable_labels, strict=True)) == {
        "Web_Shop": "Web & Shop", "b": "b", "c": "", "d": "", "e": "",
    }  # fmt: skip


@needs_scram
def test_scram_reads_the_document_and_agrees(tmp_path: Path) -> None:
    path, expected = written(tmp_path, ["All of it", "Weighted", "Odd"])
    assert probabilities(scram_report([path], "-l", "1")) == pytest.approx(expected, rel=1e-5)


def test_event_of_unknown_probability_is_written_without_one(tmp_path: Path) -> None:
    make = FormulaBuilder()
    top = make.any_of([make.variable(0), make.variable(1)])
    trees = trees_of(make.build(), [("Shop", top)], ("a", "b"), np.array([0.5, np.nan]))
    path = tmp_path / "model.xml"
    path.write_text(open_psa_text(trees), encoding="utf-8")
    again = read_open_psa([path])
    assert dict(zip(again.variable_names, again.unavailability.tolist(), strict=True)) == (
        pytest.approx({"a": 0.5, "b": np.nan}, nan_ok=True)
    )


@needs_scram
def test_scram_agrees_on_every_service_of_the_example_whose_cis_are_known(tmp_path: Path) -> None:
    graph = ripplegraph.load(Path(__file__).parents[3] / "examples" / "acme")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    exact = [one for one in availability(graph, at=at).services if one.label is Label.EXACT]
    assert len(exact) > 20
    trees = rest_on(graph, [one.ci_id for one in exact], at, DEFAULT_OPTIONS).named_trees()
    path = tmp_path / "acme.xml"
    path.write_text(open_psa_text(trees), encoding="utf-8")
    names = unique_names(zip(trees.root_names, trees.root_labels, strict=True))
    assert "Online_Shop" in names
    expected = {name: one.unavailability for name, one in zip(names, exact, strict=True)}
    assert probabilities(scram_report([path], "-l", "1")) == pytest.approx(expected, rel=1e-5)


def test_a_document_written_again_keeps_names_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text(
        """<opsa-mef><define-fault-tree name="t"><define-gate name="No-power">
        <label>Nothing runs</label><and><basic-event name="mains"/><basic-event name="g1"/></and>
        </define-gate></define-fault-tree><model-data>
        <define-basic-event name="mains"><float value="0.5"/></define-basic-event>
        <define-basic-event name="g1"><label>Generator 1</label><float value="0.25"/>
        </define-basic-event></model-data></opsa-mef>""",
        encoding="utf-8",
    )
    path.write_text(open_psa_text(read_open_psa([path])), encoding="utf-8")
    again = read_open_psa([path])
    assert (again.root_names, again.root_labels) == (("No-power",), ("Nothing runs",))
    names = dict(zip(again.variable_names, again.variable_labels, strict=True))
    assert names == {"mains": "", "g1_2": "g1"}  # gates between are g0, g1, ...


def test_names_are_what_mef_allows_of_them_and_no_two_are_the_same() -> None:
    wanted = [
        ("cmdb:7f", "Online Shop"), ("cmdb:80", "Online/Shop"), ("Online_Shop", ""),
        ("cmdb:81", "2nd floor"), ("cmdb:82", "web--1-"), ("cmdb:83", "\u4e00"), (":", ""),
        ("cmdb:84", "x" * 99), ("a.b", ""), ("fine-1", "Anything"), ("cmdb:85", "g7copy2"),
    ]  # fmt: skip
    assert unique_names(wanted) == [
        "Online_Shop", "Online_Shop_2", "Online_Shop_3", "_2nd_floor", "web-1", "cmdb_83", "ci",
        "x" * 60, "a_b", "fine-1", "g7copy2_2",
    ]  # fmt: skip


@needs_scram
def test_scram_takes_names_of_every_kind(tmp_path: Path) -> None:
    make = FormulaBuilder()
    names = ("Online Shop", "Online/Shop", "2nd floor", "web--1-", "\u4e00", "-", "g1", "a.b")
    top = make.any_of(map(make.variable, range(len(names))))
    trees = trees_of(make.build(), [("and", top)], names, np.full(len(names), 0.01))
    path = tmp_path / "model.xml"
    path.write_text(open_psa_text(trees), encoding="utf-8")
    found = probabilities(scram_report([path], "-l", "1"))
    assert found == pytest.approx({"and": 1 - 0.99 ** len(names)}, rel=1e-5)
