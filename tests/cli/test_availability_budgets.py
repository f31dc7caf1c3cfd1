"""Budgets of ``availability``: what is not exact within them is bounded or estimated."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

from cli.shop_export import ended, json_of, run_cli

RING = "".join(
    f'<define-gate name="pair{n}"><and><basic-event name="e{n}"/>'
    f'<basic-event name="e{(n + 1) % 5}"/></and></define-gate>'
    f'<define-basic-event name="e{n}"><float value="1e-3"/></define-basic-event>'
    for n in range(5)
)


@pytest.fixture
def ring(tmp_path: Path) -> str:
    path = tmp_path / "ring.xml"
    top = "".join(f'<gate name="pair{n}"/>' for n in range(5))
    top = f'<define-gate name="ring"><or>{top}</or></define-gate>'
    path.write_text(
        f'<opsa-mef><define-fault-tree name="f">{RING}{top}</define-fault-tree></opsa-mef>',
        encoding="utf-8",
    )
    return str(path)


def test_a_tree_beyond_the_budget_shows_both_bounds(ring: str) -> None:
    text = run_cli("availability", ring, "--nodes", "4").stdout
    assert text.startswith("1 service: 1 bounded.")
    (row,) = json_of("availability", ring, "--nodes", "4")["services"]
    u = Fraction(1, 1000)  # up while no two neighbours have failed
    up = (1 - u) ** 5 + 5 * u * (1 - u) ** 4 + 5 * u**2 * (1 - u) ** 3
    assert row["lower"] < 1 - up < row["upper"]
    assert row["unavailability"] == row["lower"]
    assert row["width_seconds_per_year"] > 0


def test_an_explanation_of_bounds_says_what_it_cannot_say(ring: str) -> None:
    text = ended(0, "explain", ring, "ring", "--nodes", "4").stdout
    assert "Failures a year: not said, as a fault tree gives probabilities" in text
    assert "No contributions: not exact within the budget of diagram nodes." in text


def test_budgets_of_time_and_memory_end_the_exact_work(ring: str) -> None:
    for budget in (("--seconds", "0"), ("--memory", "1")):
        assert run_cli("availability", ring, *budget).stdout.startswith("1 service: 1 bounded.")
    plenty = ("--seconds", "999", "--memory", "999999")
    assert run_cli("availability", ring, *plenty).stdout.startswith("1 service: 1 exact.")


def test_memory_that_cannot_be_measured_is_refused(
    ring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert "--memory cannot be measured" in ended(2, "availability", ring, "--memory", "9").stderr
    ended(0, "availability", ring, "--seconds", "999")


def test_an_estimate_names_its_samples_and_seed(ring: str) -> None:
    asked = ("availability", ring, "--estimate", "--samples", "6400", "--seed", "7")
    (row,) = json_of(*asked)["services"]
    assert row["label"] == "estimated"
    assert row["method"].startswith("Monte Carlo: 6,400 samples, seed 7")
    assert row["lower"] <= 4.99e-6 <= row["upper"]
