"""Writing fault trees: what is written means the same when read again, here and by SCRAM."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import ripplegraph
from loaders.open_psa.scram import needs_scram, probabilities, scram_report
from ripplegraph.impact.availability.answers import availability
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.grounds import rest_on
from ripplegraph.impact.availability.options import DEFAULT_OPTIONS
from ripplegraph.impact.availability.values import Label
from ripplegraph.loaders.open_psa import open_psa_text, read_open_psa

NAMES = ("Web & Shop", "b\x00\u202e", "c", "d", "e")
Q = np.array([0.1, 1e-13, 0.3, 0.25, 0.05])


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
    path.write_text(open_psa_text(formula, tops, NAMES, Q), encoding="utf-8")
    fleet = compile_fleet(formula, [node for _, node in tops])
    values = failure_probabilities(fleet, Q)
    return path, {f"t{n}": float(value) for n, value in enumerate(values)}


def test_document_read_again_has_the_same_probabilities_and_names(tmp_path: Path) -> None:
    path, expected = written(
        tmp_path, ["All of it", "Weighted", "Odd", "Alone", "Never", "Always"]
    )
    again = read_open_psa([path])
    fleet = compile_fleet(again.formula, again.roots)
    values = map(float, failure_probabilities(fleet, again.unavailability))
    assert dict(zip(again.root_names, values, strict=True)) == pytest.approx(expected, rel=1e-14)
    assert again.root_labels == ("All of it", "Weighted", "Odd", "Alone", "Never", "Always")
    assert set(again.variable_labels) == {"Web & Shop", "b", "c", "d", "e"}


@needs_scram
def test_scram_reads_the_document_and_agrees(tmp_path: Path) -> None:
    path, expected = written(tmp_path, ["All of it", "Weighted", "Odd"])
    assert probabilities(scram_report([path], "-l", "1")) == pytest.approx(expected, rel=1e-5)


def test_event_of_unknown_probability_is_written_without_one(tmp_path: Path) -> None:
    make = FormulaBuilder()
    top = make.any_of([make.variable(0), make.variable(1)])
    text = open_psa_text(make.build(), [("Shop", top)], ("a", "b"), np.array([0.5, np.nan]))
    path = tmp_path / "model.xml"
    path.write_text(text, encoding="utf-8")
    again = read_open_psa([path])
    assert dict(zip(again.variable_labels, again.unavailability.tolist(), strict=True)) == (
        pytest.approx({"a": 0.5, "b": np.nan}, nan_ok=True)
    )


@needs_scram
def test_scram_agrees_on_every_service_of_the_example_whose_cis_are_known(tmp_path: Path) -> None:
    graph = ripplegraph.load(Path(__file__).parents[3] / "examples" / "acme")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    exact = [one for one in availability(graph, at=at).services if one.label is Label.EXACT]
    assert len(exact) > 20
    trees = rest_on(graph, [one.ci_id for one in exact], at, DEFAULT_OPTIONS).trees
    tops = list(zip(trees.root_names, trees.roots, strict=True))
    path = tmp_path / "acme.xml"
    text = open_psa_text(trees.formula, tops, trees.variable_names, trees.unavailability)
    path.write_text(text, encoding="utf-8")
    expected = {f"t{place}": one.unavailability for place, one in enumerate(exact)}
    assert probabilities(scram_report([path], "-l", "1")) == pytest.approx(expected, rel=1e-5)
